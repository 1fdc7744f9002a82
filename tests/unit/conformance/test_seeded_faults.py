"""An examination finds each fault that a back end of the sandbox can have, in words; without a fault it finds none."""

from collections.abc import Iterator

import pytest

from tests.unit.conformance.examined_sites import ONE_OF_EACH_FAMILY, examined, profile_of, serving_site, without_hooks
from tests.unit.regions.samples import EVERY_PACKAGED
from tongxing.conformance.catalogue import CheckId
from tongxing.conformance.findings import Examined, Verdict
from tongxing.regions.profile import FAMILY_WITHOUT_OWN_CODE
from tongxing.simulation.backends.fault_kinds import FaultKind
from tongxing.simulation.sandbox.sites import Site

WITH_CODE = {profile.region for profile in EVERY_PACKAGED if profile.family != FAMILY_WITHOUT_OWN_CODE}
FOUND_BY: dict[FaultKind, tuple[CheckId, str]] = {
    FaultKind.UNAVAILABLE: (CheckId.NO_BREAKDOWN, "45"),
    FaultKind.SLOW: (CheckId.IN_TIME, "45"),
    FaultKind.HTML: (CheckId.READABLE, "42"),
    FaultKind.GBK: (CheckId.READABLE, "11"),
    FaultKind.TRUNCATED: (CheckId.READABLE, "34"),
    FaultKind.ENDLESS: (CheckId.READABLE, "50"),
    FaultKind.HUGE: (CheckId.READABLE, "13"),
    FaultKind.REDIRECT: (CheckId.READABLE, "3301"),
    FaultKind.OTHER_PERSON: (CheckId.RIGHT_PERSON, "33"),
    FaultKind.STALE: (CheckId.TRUE_MOMENT, "45"),
    FaultKind.FORGETFUL: (CheckId.USED_CODE, "42"),
    FaultKind.DUPLICATE_KEYS: (CheckId.READABLE, "4404"),
    FaultKind.NESTED: (CheckId.READABLE, "33"),
    FaultKind.BOMB: (CheckId.READABLE, "45"),
    FaultKind.RED_FOR_YELLOW: (CheckId.TRUE_STATUS, "45"),
    FaultKind.YELLOW_FOR_EXPIRED: (CheckId.TRUE_STATUS, "50"),
    FaultKind.FAIL_OPEN: (CheckId.UNKNOWN_CODE, "34"),
    FaultKind.LATE: (CheckId.CHANGE_AT_ONCE, "34"),
    FaultKind.EMPTY: (CheckId.READABLE, "42"),
    FaultKind.BOM: (CheckId.READABLE, "11"),
    FaultKind.CHARSET: (CheckId.READABLE, "13"),
    FaultKind.LISTED: (CheckId.READABLE, "3301"),
    FaultKind.NOT_A_NUMBER: (CheckId.READABLE, "50"),
    FaultKind.TRICKLE: (CheckId.IN_TIME, "45"),
    FaultKind.CRASH: (CheckId.UNKNOWN_CODE, "42"),
    FaultKind.ANYBODY: (CheckId.UNKNOWN_CODE, "11"),
    FaultKind.LOOSE: (CheckId.NEARBY_CODE, "4404"),
    FaultKind.UNDYING: (CheckId.OLD_CODE, "42"),
    FaultKind.ADMITS_ANYONE: (CheckId.WRONG_CREDENTIALS, "3301"),
    FaultKind.TAKES_GET: (CheckId.REQUEST_BY_GET, "45"),
    FaultKind.MIXED_UP: (CheckId.MANY_AT_ONCE, "13"),
    FaultKind.NO_ECHO: (CheckId.KNOWN_WORDS, "42"),
    FaultKind.UTC: (CheckId.TRUE_MOMENT, "33"),
    FaultKind.AHEAD: (CheckId.TRUE_MOMENT, "11"),
    FaultKind.EPOCH: (CheckId.KNOWN_WORDS, "45"),
    FaultKind.TIMELESS: (CheckId.TRUE_MOMENT, "50"),
    FaultKind.NAME_IN_CLEAR: (CheckId.NAME_MASKED, "11"),
    FaultKind.CHANGING_REF: (CheckId.REF_STEADY, "42"),
    FaultKind.SHARED_REF: (CheckId.REF_OWN, "33"),
    FaultKind.LABELS: (CheckId.KNOWN_WORDS, "45"),
    FaultKind.ALL_GREEN: (CheckId.TRUE_STATUS, "3301"),
    FaultKind.NO_REASONS: (CheckId.TRUE_REASONS, "42"),
}


@pytest.fixture(scope="module")
def sites() -> Iterator[dict[str, Site]]:
    """Serve one back end of each family."""
    served: dict[str, Site] = {}
    opened = []
    try:
        for region in ONE_OF_EACH_FAMILY.values():
            opened.append(serving_site(profile_of(region)))
            served[region] = opened[-1].__enter__()
        yield served
    finally:
        for each in opened:
            each.__exit__(None, None, None)


def failed(found: Examined) -> set[str]:
    return {check for check, result in found.results.items() if result.verdict is Verdict.FAILED}


def test_every_fault_that_there_is_has_a_check_that_finds_it() -> None:
    assert set(FOUND_BY) == set(FaultKind)
    assert len({check for check, _ in FOUND_BY.values()}) >= 15


@pytest.mark.parametrize("region", ONE_OF_EACH_FAMILY.values())
def test_a_back_end_without_a_fault_conforms(sites: dict[str, Site], region: str) -> None:
    found = examined(sites[region])
    assert {check: result.failures for check, result in found.results.items() if result.failures} == {}
    assert found.conforms
    assert found.count(Verdict.PASSED) >= 16


@pytest.mark.parametrize("region", sorted(WITH_CODE - set(ONE_OF_EACH_FAMILY.values())))
def test_so_does_that_of_every_other_region_that_ships(region: str) -> None:
    with serving_site(profile_of(region)) as site:
        found = examined(site)
        assert {check: result.failures for check, result in found.results.items() if result.failures} == {}
        assert found.conforms


@pytest.mark.parametrize("fault", FaultKind)
def test_a_seeded_fault_is_found_by_the_check_that_is_there_for_it(sites: dict[str, Site], fault: FaultKind) -> None:
    check, region = FOUND_BY[fault]
    found = examined(sites[region], fault)
    assert check in failed(found)
    assert not found.conforms
    for result in found.results.values():
        for finding in result.failures:
            assert finding.saw.zh != finding.saw.en
            assert finding.saw.zh


@pytest.mark.parametrize("region", ["42", "45"])
def test_codes_written_in_the_file_will_do_where_there_are_no_addresses(sites: dict[str, Site], region: str) -> None:
    found = examined(sites[region], given=without_hooks(sites[region]))
    assert failed(found) == set()
    assert found.conforms
    assert found.results[CheckId.CHANGE_AT_ONCE].verdict is Verdict.NOT_TRIED


def test_an_examination_ends_soon_where_nothing_can_be_read(sites: dict[str, Site]) -> None:
    found = examined(sites["45"], FaultKind.HTML)
    assert failed(found) == {CheckId.READABLE}
    assert found.results[CheckId.READABLE].tried == 3
    assert found.results[CheckId.TRUE_STATUS].verdict is Verdict.NOT_TRIED


def test_findings_repeat_no_code_and_no_number(sites: dict[str, Site]) -> None:
    site = sites["45"]
    found = examined(site, FaultKind.ALL_GREEN)
    said = " ".join(str(result) for result in found.results.values())
    for person in site.premises.records.people:
        assert person.document.number not in said
        assert person.name not in said
        assert site.dialect.show(person) not in said
