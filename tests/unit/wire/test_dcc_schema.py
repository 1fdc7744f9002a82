"""The content of EU certificates: what is as its schema says, what is borne by name, and what proves nothing."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.dcc_issuer import NAME, RECOVERY, TEST, VACCINATION, content
from tongxing.core.departures import DEPARTURE_WORDS, Departure
from tongxing.core.foreign_codes import ForeignName
from tongxing.core.proofs import Proof, ProofBasis, ProofKind
from tongxing.wire.cbor import WireError
from tongxing.wire.dcc_schema import DccFacts, entry_kinds, parse_dcc_facts


def facts_of(**changes: Any) -> DccFacts:
    """Return the facts of content that is as its schema says."""
    facts, departures = parse_dcc_facts(content(**changes))
    assert departures == frozenset()
    return facts


def borne(**changes: Any) -> tuple[DccFacts, frozenset[Departure]]:
    return parse_dcc_facts(content(**changes))


def test_every_departure_has_its_words() -> None:
    assert set(DEPARTURE_WORDS) == set(Departure)
    assert len(set(DEPARTURE_WORDS.values())) == len(Departure)


def test_whom_it_is_about_is_told_in_both_writings() -> None:
    facts = facts_of()
    assert facts.name == ForeignName("Lövström", "Oscar", "LOEVSTROEM", "OSCAR")
    assert facts.birth_date == "1958-11-11"


@pytest.mark.parametrize(
    ("dose", "of", "complete", "boosted"),
    [
        (1, 2, False, False),
        (2, 2, True, False),
        (1, 1, True, False),
        (2, 1, True, True),
        (3, 3, True, True),
        (3, 2, True, True),
        (3, 4, False, False),
    ],
)
def test_a_vaccination_is_complete_with_its_last_dose(dose: int, of: int, complete: bool, boosted: bool) -> None:
    proof = facts_of(v=[VACCINATION | {"dn": dose, "sd": of}]).proof
    at = datetime(2021, 5, 18, tzinfo=UTC)
    assert proof == Proof(ProofKind.VACCINATION, at, ProofBasis.SIGNED, complete=complete, boosted=boosted)


@pytest.mark.parametrize(("kind_of_test", "kind"), [("LP6464-4", ProofKind.TEST), ("LP217198-3", ProofKind.ANTIGEN)])
@pytest.mark.parametrize(("result", "positive"), [("260415000", False), ("260373001", True)])
def test_a_test_is_of_its_kind_and_positive_where_it_says_detected(
    kind_of_test: str, kind: ProofKind, result: str, positive: bool
) -> None:
    facts = facts_of(t=[TEST | {"tt": kind_of_test, "tr": result, "sc": "2021-06-14T11:24:02+02:00"}])
    at = datetime(2021, 6, 14, 9, 24, 2, tzinfo=UTC)
    assert facts.proof == Proof(kind, at, ProofBasis.SIGNED, positive=positive)


@pytest.mark.parametrize(
    ("first_positive", "counts_from", "recovered"),
    [
        ("2021-04-01", "2021-04-12", (4, 12)),
        ("2021-04-01", "2021-04-20", (4, 20)),
        ("2021-04-01", "2021-04-01", (4, 12)),
    ],
)
def test_a_recovery_is_never_earlier_than_eleven_days_after_the_test(
    first_positive: str, counts_from: str, recovered: tuple[int, int]
) -> None:
    facts = facts_of(r=[RECOVERY | {"fr": first_positive, "df": counts_from}])
    assert facts.proof.at == datetime(2021, *recovered, tzinfo=UTC)
    assert facts.until == datetime(2021, 9, 29, tzinfo=UTC)


@pytest.mark.parametrize("told", ["1958", "1958-11", "1958-11-11"])
def test_a_birth_date_is_as_precise_as_it_was_told(told: str) -> None:
    assert facts_of(dob=told).birth_date == told


MENDED: list[tuple[dict[str, Any], set[Departure]]] = [
    ({"v": [VACCINATION], "t": None, "r": None}, {Departure.EMPTY_ENTRIES}),
    ({"v": [VACCINATION], "t": [], "r": []}, {Departure.EMPTY_ENTRIES}),
    ({"v": [VACCINATION, None]}, {Departure.EMPTY_ENTRIES}),
    ({"v": VACCINATION}, {Departure.FIELD_FORM}),
    ({"t": [TEST | {"nm": None, "ma": None, "dr": None}]}, {Departure.NULL_FIELD}),
    ({"v": [VACCINATION | {"mp": None}]}, {Departure.NULL_FIELD, Departure.FIELD_MISSING}),
    ({"v": [{key: VACCINATION[key] for key in ("tg", "dn", "sd", "dt")}]}, {Departure.FIELD_MISSING}),
    ({"v": [VACCINATION | {"dn": "2", "sd": "2"}]}, {Departure.NUMBER_AS_TEXT}),
    ({"v": [VACCINATION | {"dn": 2.0}]}, {Departure.FIELD_FORM}),
    ({"v": [VACCINATION | {"tg": 840539006}]}, {Departure.FIELD_FORM}),
    ({"v": [VACCINATION | {"dt": "2021-05-18T00:00:00"}]}, {Departure.DATE_WITH_TIME}),
    ({"v": [VACCINATION | {"dt": 1_621_296_000}]}, {Departure.FIELD_FORM}),
    ({"v": [VACCINATION | {"co": "se"}]}, {Departure.FIELD_FORM}),
    ({"v": [VACCINATION | {"ci": "X" * 200}]}, {Departure.FIELD_FORM}),
    ({"t": [TEST | {"sc": "2021-06-14T09:24:02"}]}, {Departure.TIME_WITHOUT_ZONE}),
    ({"t": [TEST | {"sc": "20210614T092402Z"}]}, {Departure.FIELD_FORM}),
    ({"t": [TEST | {"sc": 1_623_662_642}]}, {Departure.FIELD_FORM}),
    ({"r": [RECOVERY | {"df": "2021-04-12T10:00:00Z"}]}, {Departure.DATE_WITH_TIME}),
    ({"dob": "1958-11-11T00:00:00"}, {Departure.DATE_WITH_TIME}),
    ({"dob": "1958-11-11 00:00:00.000"}, {Departure.DATE_WITH_TIME}),
    ({"dob": "1958-XX-XX"}, {Departure.FIELD_FORM}),
    ({"dob": "11.11.1958"}, {Departure.FIELD_FORM, Departure.BIRTH_DATE_MISSING}),
    ({"dob": 1958}, {Departure.FIELD_FORM, Departure.BIRTH_DATE_MISSING}),
    ({"dob": ""}, {Departure.BIRTH_DATE_MISSING}),
    ({"dob": None}, {Departure.BIRTH_DATE_MISSING}),
    ({"ver": None}, {Departure.FIELD_MISSING}),
    ({"ver": "1.3"}, {Departure.FIELD_FORM}),
    ({"nam": NAME | {"fnt": "Loevstroem-Berg"}}, {Departure.FIELD_FORM}),
    ({"nam": {"fn": "Lövström", "gn": "Oscar"}}, {Departure.FIELD_MISSING}),
    ({"nam": NAME | {"gn": None}}, {Departure.NULL_FIELD}),
    ({"nam": NAME | {"fn": "L" * 200}}, {Departure.FIELD_FORM}),
]


@pytest.mark.parametrize(("changes", "departures"), MENDED, ids=[str(changes)[:60] for changes, _ in MENDED])
def test_each_departure_is_borne_and_named_alone(changes: dict[str, Any], departures: set[Departure]) -> None:
    facts, found = borne(**changes)
    assert found == departures
    right = {"v": facts_of(), "t": facts_of(t=[TEST]), "r": facts_of(r=[RECOVERY])}
    assert facts.proof == right[next(iter(changes.keys() & right), "v") if len(changes) == 1 else "v"].proof


def test_names_are_mended_to_what_passports_write() -> None:
    assert borne(nam=NAME | {"fnt": "Loevstroem-Berg"})[0].name.family_icao == "LOEVSTROEM<BERG"


def test_a_birth_date_with_time_is_its_day_and_an_unknown_part_is_left_out() -> None:
    assert borne(dob="1958-11-11T00:00:00")[0].birth_date == "1958-11-11"
    assert borne(dob="1958-XX-XX")[0].birth_date == "1958"
    assert borne(dob="1958-00-00")[0].birth_date == "1958"


PROVES_NOTHING: dict[str, dict[str, Any]] = {
    "no entry": {"v": []},
    "only nulls": {"v": None, "t": None, "r": None},
    "two of one kind": {"v": [VACCINATION, VACCINATION]},
    "one of each": {"v": [VACCINATION], "t": [TEST], "r": [RECOVERY]},
    "an entry that is a text": {"v": ["x"]},
    "no name": {"nam": {}},
    "a name that is empty": {"nam": {"fnt": "", "fn": ""}},
    "a name that is a text": {"nam": "Oscar"},
    "a name that is missing": {"nam": None},
    "no date": {"v": [VACCINATION | {"dt": None}]},
    "a date that is none": {"v": [VACCINATION | {"dt": "2021-02-30"}]},
    "a date before all vaccines": {"v": [VACCINATION | {"dt": "1021-05-18"}]},
    "a date after all times": {"r": [RECOVERY | {"fr": "9999-12-31"}]},
    "a sample before all times": {"t": [TEST | {"sc": "0001-01-01T00:00:00+23:59"}]},
    "no dose": {"v": [VACCINATION | {"dn": None}]},
    "dose nought": {"v": [VACCINATION | {"dn": 0}]},
    "dose true": {"v": [VACCINATION | {"dn": True}]},
    "dose one and a half": {"v": [VACCINATION | {"dn": 1.5}]},
    "dose not a number": {"v": [VACCINATION | {"dn": float("nan")}]},
    "no result": {"t": [TEST | {"tr": None}]},
    "another result": {"t": [TEST | {"tr": "419984006"}]},
    "another disease": {"v": [VACCINATION | {"tg": "6142004"}]},
    "another kind of test": {"t": [TEST | {"tt": "LP0000-0"}]},
    "a sample with no time": {"t": [TEST | {"sc": "yesterday"}]},
    "a recovery without end": {"r": [RECOVERY | {"du": None}]},
}


@pytest.mark.parametrize("fault", PROVES_NOTHING)
def test_what_proves_nothing_is_refused(fault: str) -> None:
    with pytest.raises(WireError):
        parse_dcc_facts(content(**PROVES_NOTHING[fault]))


def test_a_recovery_that_ends_late_can_still_be_reckoned_with() -> None:
    facts = facts_of(r=[RECOVERY | {"df": "9999-12-31", "du": "9999-12-31"}])
    assert facts.until == datetime(2200, 1, 2, tzinfo=UTC)
    assert facts.proof.at == facts.until - timedelta(days=1)


def test_kinds_are_told_whatever_the_entries_are() -> None:
    assert entry_kinds({"v": [1], "t": [], "r": None}) == ("v",)
    assert entry_kinds({"v": [{}], "t": "x"}) == ("v", "t")


_ANY: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.binary(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3) | st.integers(), inner, max_size=3),
    max_leaves=6,
)
_FIELDS = sorted(VACCINATION.keys() | TEST.keys() | RECOVERY.keys())


@given(st.sampled_from((("v", VACCINATION), ("t", TEST), ("r", RECOVERY))), st.sampled_from(_FIELDS), _ANY)
def test_any_value_in_any_field_is_read_or_refused(kind: tuple[str, dict[str, Any]], field: str, value: object) -> None:
    name, entry = kind
    try:
        facts, _ = parse_dcc_facts(content(**{name: [entry | {field: value}]}))
    except WireError:
        return
    assert facts.proof.at.tzinfo is UTC


@given(st.dictionaries(st.sampled_from(("ver", "nam", "dob", "v", "t", "r", "x")) | st.integers(), _ANY, max_size=6))
def test_any_content_is_read_or_refused(whole: dict[object, object]) -> None:
    try:
        parse_dcc_facts(whole)
    except WireError:
        return
