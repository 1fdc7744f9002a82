"""Codes of the dialects that the demo does not speak, at a Guangxi gate, over the real gateways of their regions.

One region of each family that has a packaged profile, and region 98, of which nothing exists but a file: no
module, no table, no line of code names it.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.regions.samples import ZHEJIANG_TEXT, profile_text
from tongxing.core.words import PlaceKind, RegionId
from tongxing.regions.families import FAMILIES
from tongxing.simulation.arranging import show
from tongxing.simulation.callers import Scanned
from tongxing.simulation.federation import PEOPLE_A_REGION_MIN, Federation, run_federation
from tongxing.simulation.founding import KNOWN_BESIDE, REGIONS, gateway_name
from tongxing.simulation.people import Person
from tongxing.simulation.scenes import GUANGXI
from tongxing.simulation.state import claim_state

pytestmark = pytest.mark.scenario

NINETY_EIGHT = RegionId("98")
FURTHER = tuple(RegionId(region) for region in ("13", "33", "3301", "50", "4404"))
FLAWS = {
    "html": "a page of HTML",
    "gbk": "not UTF-8",
    "truncated": "cut short",
    "duplicate_keys": "a field twice",
    "nested": "nested too deep",
    "bomb": "a compressed answer, which nobody asked for",
    "huge": "10485782 bytes are announced",
    "redirect": "status 302",
}
LOOKS_AT_A_LOG, LOG_PAUSE_SECONDS = 100, 0.05
IN_NO_PROFILE = {"travel_card", "paper"}
JIANGXI = RegionId("36")
UNDOCKED = 8
"""Of Jiangxi so many people, the last, were never docked."""

NO_STATUS = """
[[status]]
value = ""
colour = "none"
label = { zh = "无状态", en = "no status" }
standing = "no_record"
evidence = "all"
setters = [{ who = "clerk", does = "sets", evidence = "all" }]
[[status.meaning]]
standing = "no_record"
evidence = "all"
[evidence.all]"""
PAPER_OF_36 = (
    ZHEJIANG_TEXT.replace('"33"', '"36"')
    .replace("ZJJKM.", "JXZM.")
    .replace("make_validate", "paper")
    .replace(
        'validate_code_path = "/code/validate", validate_info_path = "/health/info"',
        'query_path = "/certificates/query"',
    )
    .replace("[evidence.all]", NO_STATUS)
)
FILE_OF_98 = ZHEJIANG_TEXT.replace('"33"', '"98"').replace("ZJJKM.", "JIUBA.").replace("浙江", "九八")


@pytest.fixture(scope="module")
def federation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Federation]:
    """Give Guangxi and the further regions, each with its gateway and its system in its own dialect."""
    regions = (GUANGXI, *FURTHER, NINETY_EIGHT, JIANGXI)
    files = {"98.toml": FILE_OF_98.encode(), "36.toml": PAPER_OF_36.encode()}
    with (
        claim_state(tmp_path_factory.mktemp("families") / "state") as state,
        run_federation(state, people=0, first_port=0, regions=regions, unpackaged=files) as running,
    ):
        for region in regions:
            count = PEOPLE_A_REGION_MIN - (UNDOCKED if region == JIANGXI else 0)
            assert list(running.dock(region, count))[-1] == count
        yield running


def person_of(federation: Federation, home: RegionId, colour: str) -> Person:
    """Return the second of those who stand in the first circumstance of a colour."""
    people = federation.people[home]
    circumstance = next(each for each in people.circumstances if each.startswith(colour))
    return people.pick(circumstance, 1)


def scan(federation: Federation, person: Person) -> Scanned:
    device = federation.device(GUANGXI, PlaceKind.TRAFFIC_GATE)
    device.renew_session()
    return device.scan(show(federation, person))


def is_written(log: Path, line: str) -> bool:
    """True once a gateway's log holds ``line``: it is written after the answer, which may be read before."""
    for _ in range(LOOKS_AT_A_LOG):
        if line in log.read_text(encoding="utf-8"):
            return True
        time.sleep(LOG_PAUSE_SECONDS)
    return False


def test_with_the_demo_these_are_all_families_that_any_profile_has(federation: Federation) -> None:
    here = {federation.grounds.profile(region).family for region in FURTHER}
    assert len(here) == len(FURTHER)
    demo = {line.split('"')[1] for region in (*REGIONS, *KNOWN_BESIDE) for line in family_lines(region)}
    assert here | demo == set(FAMILIES) - IN_NO_PROFILE


def family_lines(region: RegionId) -> list[str]:
    heading, _, family = profile_text(region).partition("[family]")
    assert heading
    return [line for line in family.splitlines() if line.startswith("name = ")][:1]


@pytest.mark.parametrize(
    ("home", "colour", "outcome", "reason"),
    [
        *((home, "green", "PASS", None) for home in FURTHER),
        *((home, "red", "STOP", None) for home in (*FURTHER, NINETY_EIGHT)),
        # No list of divisions knows 98, so nobody can say what risk its people come from.
        (NINETY_EIGHT, "green", "REFER", "origin_unknown"),
    ],
)
def test_a_code_of_every_dialect_is_recognised_at_a_guangxi_gate(
    federation: Federation, home: RegionId, colour: str, outcome: str, reason: str | None
) -> None:
    scanned = scan(federation, person_of(federation, home, colour))
    trail = federation.operators[GUANGXI].get(f"/v1/verdicts/{scanned.ref}/trail")
    assert (scanned.guard["outcome"], trail["issuer"]) == (outcome, home)
    assert reason is None or trail["reason"] == reason
    assert trail["family"] == federation.grounds.profile(home).family


@pytest.mark.parametrize("home", [FURTHER[0], NINETY_EIGHT])
def test_each_way_of_spoiling_an_answer_is_told_to_both_operators_by_its_own_words(
    federation: Federation, home: RegionId
) -> None:
    log = federation.grounds.log(gateway_name(home))
    person = person_of(federation, home, "green")
    for fault, flaw in FLAWS.items():
        federation.switchboard(home, "/_switch", {"fault": fault})
        try:
            scanned = scan(federation, person)
        finally:
            federation.switchboard(home, "/_switch", {"fault": None})
        trail = federation.operators[GUANGXI].get(f"/v1/verdicts/{scanned.ref}/trail")
        assert (scanned.guard["outcome"], trail["reason"]) == ("REFER", "source_unreadable")
        assert trail["detail"] == f"told by the issuing region's gateway: {flaw}"
        assert is_written(log, f'"flaw":"{flaw}"')


@pytest.mark.parametrize(("colour", "outcome"), [("green", "PASS"), ("red", "STOP")])
def test_paper_carries_no_status_and_counts_for_what_its_region_reports_of_whom_it_names(
    federation: Federation, colour: str, outcome: str
) -> None:
    assert scan(federation, person_of(federation, JIANGXI, colour)).guard["outcome"] == outcome


def test_paper_of_somebody_whom_its_region_never_reported_is_referred(federation: Federation) -> None:
    scanned = scan(federation, federation.people[JIANGXI][PEOPLE_A_REGION_MIN - 1])
    trail = federation.operators[GUANGXI].get(f"/v1/verdicts/{scanned.ref}/trail")
    assert (scanned.guard["outcome"], trail["reason"]) == ("REFER", "no_record")
