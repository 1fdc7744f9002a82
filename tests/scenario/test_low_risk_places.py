"""Since 2020-11-24 low-risk places read no code but at traffic gates: each checkpoint goes by its own county.

A federation of its own: what is renewed for December cannot be taken back for the spring of 2020.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from tongxing.app.key_files import public_text
from tongxing.core.calendar import BEIJING
from tongxing.core.words import PlaceKind
from tongxing.simulation.callers import Device, ProblemAnswered
from tongxing.simulation.federation import PEOPLE_A_REGION_MIN, Federation, run_federation
from tongxing.simulation.founding import gateway_name
from tongxing.simulation.people import LOW_RISK_COUNTIES, MEDIUM_RISK_COUNTIES, Circumstance
from tongxing.simulation.scenes import GUANGXI, HUBEI
from tongxing.simulation.state import claim_state

pytestmark = pytest.mark.scenario

DECEMBER = datetime(2020, 12, 1, 10, 0, tzinfo=BEIJING)
LOW, MEDIUM = LOW_RISK_COUNTIES["42"][0], MEDIUM_RISK_COUNTIES["42"][0]


@pytest.fixture(scope="module")
def december(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Federation]:
    """Give Hubei and Guangxi with their hub, founded in spring, in December 2020."""
    path = tmp_path_factory.mktemp("december") / "state"
    regions = (HUBEI, GUANGXI)
    with claim_state(path) as state, run_federation(state, people=0, first_port=0, regions=regions) as federation:
        for region in regions:
            assert list(federation.dock(region, PEOPLE_A_REGION_MIN))
        federation.clock.set(DECEMBER)
        federation.begin_era("-2020-12")
        yield federation


def enrol(federation: Federation, site: str, division: str, name: str = "") -> Device:
    grounds = federation.grounds
    key = grounds.load_key(f"device of {site} {name}".strip().replace(" ", "-"))
    wanted = {
        "public": public_text(key.public),
        "role": "device",
        "label": site,
        "valid_until": (DECEMBER + timedelta(days=30)).isoformat(),
        "site": site,
        "division": division,
    }
    federation.operators[HUBEI].post("/v1/credentials", wanted)
    return Device(grounds.url(gateway_name(HUBEI)), key, federation.clock, PlaceKind.FACTORY)


def told(federation: Federation, device: Device, circumstance: Circumstance) -> tuple[str, str, str | None]:
    """Return the outcome, the reason, and from which family a code was read at the device, if any was."""
    guard = device.scan(federation.show_code(HUBEI, circumstance).qr_text).guard
    trail = federation.operators[HUBEI].get(f"/v1/verdicts/{guard['ref']}/trail")
    return trail["outcome"], trail["reason"], trail["family"]


def test_of_two_checkpoints_of_one_gateway_the_one_in_a_low_risk_county_reads_no_code(december: Federation) -> None:
    with enrol(december, "mill", LOW) as mill, enrol(december, "yard", MEDIUM) as yard:
        for circumstance in (Circumstance.GREEN_LOW_RISK_COUNTY, Circumstance.RED_CONFIRMED):
            assert told(december, mill, circumstance) == ("PASS", "not_checked_here", None)
        passed = told(december, yard, Circumstance.GREEN_LOW_RISK_COUNTY)
        stopped = told(december, yard, Circumstance.RED_CONFIRMED)
    assert (passed[0], stopped[0]) == ("PASS", "STOP")
    assert passed[2] == stopped[2] != None  # noqa: E711 - some family, the same
    held = december.operators[HUBEI].get("/v1/credentials")["credentials"]
    assert {each["site"]: each["division"] for each in held if each["site"]} == {"mill": LOW, "yard": MEDIUM}


def test_a_checkpoint_whose_division_nobody_said_goes_by_its_mixed_province_and_reads_codes(
    december: Federation,
) -> None:
    with enrol(december, "gate", "") as gate:
        assert told(december, gate, Circumstance.RED_CONFIRMED)[0] == "STOP"


def test_no_device_can_say_another_county_for_itself(december: Federation) -> None:
    with enrol(december, "store", MEDIUM) as store:
        for asked in ({"division": LOW}, {"site": "mill"}):
            body = {"qr_text": "no code", "place_kind": "factory", **asked}
            with pytest.raises(ProblemAnswered, match="400 bad-request"):
                store.post("/v1/verifications", body)
    with pytest.raises(ProblemAnswered, match=f"409 conflict: site store stands in division {MEDIUM}"):
        enrol(december, "store", LOW, "another")
    with pytest.raises(ProblemAnswered, match="400 bad-request: division: 450102 lies outside region 42"):
        enrol(december, "elsewhere", "450102")
