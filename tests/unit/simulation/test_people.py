"""Synthetic people: the same for the same seed, nobody real, and somebody in every circumstance."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.unit.regions.samples import load_profile
from tongxing.core.documents import is_resident_number, normalise_document
from tongxing.core.errors import Undecidable
from tongxing.core.levels import Standing
from tongxing.core.words import RegionId
from tongxing.regions.docking import parse_dock_row
from tongxing.regions.translation import translate
from tongxing.simulation.people import CIRCUMSTANCES, PICKABLE, Circumstance, People, dock_row, make_people

AT = datetime(2020, 3, 20, 4, 0, tzinfo=UTC)
REGIONS = [RegionId(region) for region in CIRCUMSTANCES]


def people_of(region: str, count: int = 400, seed: int = 1) -> People:
    return make_people(RegionId(region), count=count, seed=seed, at=AT)


@pytest.mark.parametrize("region", REGIONS)
def test_the_same_seed_makes_the_same_people_and_another_seed_others(region: str) -> None:
    assert list(people_of(region)) == list(people_of(region))
    assert [person.name for person in people_of(region)] != [person.name for person in people_of(region, seed=2)]


def test_more_people_are_the_same_people_and_more() -> None:
    assert list(people_of("42", 300))[:100] == list(people_of("42", 100))


@pytest.mark.parametrize("region", REGIONS)
def test_nobody_is_real_and_nobody_is_there_twice(region: str) -> None:
    people = people_of(region, 5_000)
    numbers = [person.document.number for person in people]
    assert len(set(numbers)) == len(numbers) == 5_000
    assert len({person.code_content for person in people}) == 5_000
    assert all(number.startswith("99") and is_resident_number(number) for number in numbers)
    others = {person.document.number for other in set(REGIONS) - {region} for person in people_of(other, 5_000)}
    assert not set(numbers) & others
    assert not {person.person_ref for person in people} & {person.code_content for person in people}


@pytest.mark.parametrize("region", REGIONS)
def test_somebody_stands_in_every_circumstance_of_the_region(region: str) -> None:
    people = people_of(region, len(CIRCUMSTANCES[region]) * PICKABLE)
    for circumstance in CIRCUMSTANCES[region]:
        picked = {people.pick(circumstance, nth).index for nth in range(PICKABLE)}
        assert len(picked) == PICKABLE


def test_nobody_is_picked_who_is_not_there() -> None:
    with pytest.raises(LookupError):
        people_of("45").pick(Circumstance.YELLOW_CLOSE_CONTACT)
    with pytest.raises(LookupError):
        people_of("42", 0).pick(Circumstance.PENDING)
    with pytest.raises(LookupError):
        people_of("31")


def test_of_ten_thousand_people_a_few_in_a_thousand_are_not_green() -> None:
    people = people_of("42", 10_000)
    not_green = sum(person.state.status != "green" for person in people)
    assert 10 <= not_green <= 150


@pytest.mark.parametrize("region", REGIONS)
def test_every_person_can_be_docked_and_translated_by_the_profile_of_the_region(region: str) -> None:
    profile = load_profile(region)
    for person in people_of(region):
        row = parse_dock_row(dock_row(person, AT), profile)
        assert normalise_document(row.document_type, row.document_number) == person.document
        try:
            translated = translate(row.answer, profile, at=AT, revision=1)
        except Undecidable as why:
            raise AssertionError(f"{person.circumstance} is not in the profile") from why
        is_current = person.circumstance not in {
            Circumstance.YELLOW_LAPSED,
            Circumstance.PENDING,
            Circumstance.MISMATCH,
            Circumstance.UNCONFIRMED,
        }
        assert (translated.report.standing is Standing.CURRENT) is is_current
        assert translated.origin.division == (person.stay or region)
        assert row.person_ref == person.person_ref
        assert translated.report.derived_from == person.state.relayed_from


@pytest.mark.parametrize("hours", [0, 1, 12, 23, 24, 500])
def test_people_register_every_morning_so_that_their_green_goes_on(hours: int) -> None:
    now = AT + timedelta(hours=hours)
    for person in people_of("42", 50):
        refreshed_at = person.refreshed_at(now)
        if person.circumstance is Circumstance.YELLOW_LAPSED:
            assert refreshed_at == AT - timedelta(days=5)
        else:
            assert timedelta(0) <= now - refreshed_at < timedelta(days=1)


def test_a_person_does_not_show_a_document_number_by_accident() -> None:
    person = people_of("42")[0]
    assert person.document.number not in repr(person.document)
    assert person.masked_document.count("*") == 14
