"""Which states people can be in, read from any region's profile on any day."""

from datetime import UTC, date, datetime

import pytest

from tests.unit.regions.samples import load_profile
from tongxing.app.packaged import PROFILES, load_files
from tongxing.core.calendar import BEIJING
from tongxing.core.errors import Refused
from tongxing.core.levels import Level, Standing
from tongxing.core.problems import ProblemId
from tongxing.regions.docking import parse_dock_row
from tongxing.regions.translation import translate
from tongxing.simulation.backends.fault_kinds import FaultKind
from tongxing.simulation.backends.faults import Faults
from tongxing.simulation.people import CITY_PEOPLE_MAX, dock_row, make_people
from tongxing.simulation.sandbox.profile_people import circumstances_of
from tongxing.simulation.sandbox.sites import PEOPLE_OF_ALL_MAX, ShiftedClock, check_people, clock_on, parse_fault
from tongxing.simulation.sandbox.words import FAULT_WORDS

REGIONS = tuple(sorted(name.removesuffix(".toml") for name in load_files(PROFILES)))
DAYS = tuple(datetime(*day, 4, 0, tzinfo=UTC) for day in ((2020, 3, 20), (2020, 6, 1), (2021, 9, 1), (2026, 11, 23)))


@pytest.mark.parametrize("region", REGIONS)
def test_everybody_stands_in_a_state_that_the_profile_knows_and_the_first_is_well(region: str) -> None:
    profile = load_profile(region)
    for at in DAYS:
        circumstances = circumstances_of(profile, at)
        assert {state.status for state in circumstances.values()} == {each.value for each in profile.statuses_at(at)}
        people = make_people(profile.region, count=len(circumstances), seed=1, at=at, circumstances=circumstances)
        assert [person.circumstance for person in people] == list(circumstances)
        for person in people:
            row = parse_dock_row(dock_row(person, at), profile)
            report = translate(row.answer, profile, at=at, revision=1).report
            if person is people[0]:
                assert (report.standing, report.level) == (Standing.CURRENT, Level.LOW)
            if person.circumstance.endswith("_lapsed"):
                assert report.standing is Standing.EXPIRED


def test_words_for_a_cause_are_states_of_their_own() -> None:
    circumstances = circumstances_of(load_profile("42"), DAYS[0])
    assert circumstances["yellow_yellow_mqjcz"].told == ("mqjcz",)
    assert circumstances["red_red_qzbl"].told == ("qzbl",)


@pytest.mark.parametrize(
    ("region", "green", "yellow"), [("44", "green_blue", None), ("12", "green_green", "yellow_orange")]
)
def test_blue_counts_as_green_and_orange_as_yellow(region: str, green: str, yellow: str | None) -> None:
    circumstances = circumstances_of(load_profile(region), DAYS[0])
    assert next(iter(circumstances)) == green
    assert yellow is None or yellow in circumstances


def test_a_day_before_all_codes_has_no_states() -> None:
    assert circumstances_of(load_profile("42"), datetime(2019, 1, 1, tzinfo=UTC)) == {}


def test_every_fault_has_words_and_is_known_by_its_name() -> None:
    assert set(FAULT_WORDS) == set(FaultKind)
    assert [parse_fault(kind).kind for kind in FaultKind] == list(FaultKind)
    assert parse_fault(None) == Faults()
    assert parse_fault("slow").seconds > 0


@pytest.mark.parametrize(("people", "regions"), [(0, 1), (CITY_PEOPLE_MAX + 1, 1), (PEOPLE_OF_ALL_MAX // 40 + 1, 40)])
def test_more_people_than_fit_are_refused(people: int, regions: int) -> None:
    with pytest.raises(Refused) as refused:
        check_people(people, regions)
    assert refused.value.problem is ProblemId.BAD_REQUEST


def test_cities_that_end_alike_have_no_number_in_common() -> None:
    cities = [load_profile(region) for region in REGIONS if region.endswith("01") and len(region) == 4]
    assert len(cities) > 3
    numbers = [
        person.document.number
        for city in cities
        for person in make_people(
            city.region, count=2_000, seed=1, at=DAYS[0], circumstances=circumstances_of(city, DAYS[0])
        )
    ]
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("hour", [1, 7, 8, 15, 23])
def test_the_sandboxs_day_is_chinas_at_every_hour(hour: int) -> None:
    now = datetime(2026, 11, 24, hour, 30, tzinfo=BEIJING).astimezone(UTC)
    assert now + clock_on(date(2020, 3, 20), now).by == datetime(2020, 3, 20, hour, 30, tzinfo=BEIJING)
    assert clock_on(None, now) == ShiftedClock()
