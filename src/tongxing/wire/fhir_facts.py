"""Facts in a SMART Health Card: FHIR resources read as far as they prove something here.

Spec: FHIR R4 (Patient, Immunization, Observation), narrowed to what the *Vaccination & Testing* guide has: vaccines by
CVX, tests by LOINC, results by SNOMED CT. Codes that no table here has prove nothing. What cannot be read is left
out and named as a departure: a card is not refused for a resource that nobody needs.

A vaccination is complete with the doses that its first product takes, and boosted with one more; a product of an
unknown number of doses is never complete.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from types import MappingProxyType
from typing import Final

import msgspec

from tongxing.core.departures import Departure
from tongxing.core.foreign_codes import ForeignName
from tongxing.core.proofs import Proof, ProofBasis, ProofKind

ENTRIES_MAX: Final = 64
"""More resources than that are on no card: those after them are left out, and that is a departure."""

_NAMES_MAX: Final = 8
_TEXT_MAX_CHARACTERS: Final = 256
_DATE_CHARACTERS: Final = 10

CVX: Final = "http://hl7.org/fhir/sid/cvx"
LOINC: Final = "http://loinc.org"
SNOMED: Final = "http://snomed.info/sct"

DOSES_OF: Final[Mapping[str, int]] = MappingProxyType(
    {
        **dict.fromkeys(("207", "208", "210", "211", "217", "218", "219", "221", "227", "228"), 2),
        **dict.fromkeys(("213", "229", "230", "300", "301", "302"), 2),
        **dict.fromkeys(("502", "505", "506", "507", "510", "511"), 2),
        "212": 1,
        "509": 3,
    }
)
"""Vaccines against COVID-19 by CVX, with the doses of their primary series. Spec: CDC, CVX table."""

TESTS: Final[Mapping[str, ProofKind]] = MappingProxyType(
    {
        **dict.fromkeys(("94500-6", "94309-2", "94306-8", "94845-5", "94559-2", "94533-7", "94534-5"), ProofKind.TEST),
        **dict.fromkeys(("94759-8", "95406-5", "95608-6", "96986-5", "97098-8", "94565-9"), ProofKind.TEST),
        **dict.fromkeys(("94558-4", "95209-3", "96119-3", "97097-0"), ProofKind.ANTIGEN),
    }
)
"""Tests by LOINC: of nucleic acid, and of antigen."""

FINDINGS: Final[Mapping[str, bool]] = MappingProxyType(
    {
        **dict.fromkeys(("10828004", "260373001", "840533007"), True),
        **dict.fromkeys(("260385009", "260415000"), False),
    }
)
"""Results by SNOMED CT; any other, such as *inconclusive*, is none."""

_FINAL: Final = frozenset({"final", "amended", "corrected"})


class Facts(msgspec.Struct, frozen=True, gc=False):
    """What a card's resources say."""

    names: tuple[ForeignName, ...]
    birth_date: str
    proofs: tuple[Proof, ...]
    departures: frozenset[Departure]


class _Coding(msgspec.Struct, frozen=True, rename={"value": "code"}):
    system: str = ""
    value: str = ""


class _Concept(msgspec.Struct, frozen=True):
    coding: tuple[_Coding, ...] = ()


class _Typed(msgspec.Struct, frozen=True, rename={"resource_type": "resourceType"}):
    resource_type: str


class _Entry(msgspec.Struct, frozen=True):
    resource: msgspec.Raw


class _HumanName(msgspec.Struct, frozen=True):
    family: str = ""
    given: tuple[str, ...] = ()
    text: str = ""


class _Patient(msgspec.Struct, frozen=True, rename="camel"):
    name: tuple[_HumanName, ...] = ()
    birth_date: str = ""


class _DoseApplied(msgspec.Struct, frozen=True, rename={"dose_number": "doseNumberPositiveInt"}):
    dose_number: int = 0


class _Immunization(msgspec.Struct, frozen=True, rename="camel"):
    status: str
    vaccine_code: _Concept
    occurrence_date_time: str
    protocol_applied: tuple[_DoseApplied, ...] = ()


class _Observation(
    msgspec.Struct,
    frozen=True,
    rename={"tested": "code", "found": "valueCodeableConcept", "taken": "effectiveDateTime"},
):
    status: str
    tested: _Concept
    taken: str
    found: _Concept = _Concept()


class _Dose(msgspec.Struct, frozen=True):
    at: datetime
    needed: int
    number: int


_decode_entry = msgspec.json.Decoder(_Entry).decode
_decode_typed = msgspec.json.Decoder(_Typed).decode
_decode_patient = msgspec.json.Decoder(_Patient).decode
_decode_immunization = msgspec.json.Decoder(_Immunization).decode
_decode_observation = msgspec.json.Decoder(_Observation).decode


class _Reading:
    """Collects what the resources of one card say."""

    def __init__(self) -> None:
        self.names: list[ForeignName] = []
        self.birth_date = ""
        self.doses: list[_Dose] = []
        self.tests: list[Proof] = []

    def patient(self, data: msgspec.Raw) -> None:
        patient = _decode_patient(data)
        for name in patient.name[:_NAMES_MAX]:
            family, given = name.family or ("" if name.given else name.text), " ".join(name.given)
            if max(len(family), len(given)) > _TEXT_MAX_CHARACTERS:
                raise ValueError("a name is too long")
            self.names.append(ForeignName(family, given))
        if len(patient.birth_date) > _DATE_CHARACTERS:
            raise ValueError("not a date of birth")
        self.birth_date = patient.birth_date

    def immunization(self, data: msgspec.Raw) -> None:
        given = _decode_immunization(data)
        needed = [DOSES_OF[each] for each in _values_of(given.vaccine_code, CVX) if each in DOSES_OF]
        if given.status == "completed" and needed:
            number = max((each.dose_number for each in given.protocol_applied), default=0)
            self.doses.append(_Dose(read_fhir_time(given.occurrence_date_time), max(needed), number))

    def observation(self, data: msgspec.Raw) -> None:
        seen = _decode_observation(data)
        kinds = {TESTS[each] for each in _values_of(seen.tested, LOINC) if each in TESTS}
        findings = {FINDINGS[each] for each in _values_of(seen.found, SNOMED) if each in FINDINGS}
        if seen.status in _FINAL and len(kinds) == len(findings) == 1:
            at = read_fhir_time(seen.taken)
            self.tests.append(Proof(kinds.pop(), at, ProofBasis.SIGNED, positive=findings.pop()))

    def vaccination(self) -> tuple[Proof, ...]:
        """Return one proof of all doses: rules look at how far the vaccination has come."""
        if not self.doses:
            return ()
        first, last = min(self.doses, key=lambda dose: dose.at), max(self.doses, key=lambda dose: dose.at)
        days = {dose.at.date() for dose in self.doses}
        given = max(len(days), *(dose.number for dose in self.doses))
        complete = given >= first.needed
        return (
            Proof(
                ProofKind.VACCINATION,
                last.at,
                ProofBasis.SIGNED,
                complete=complete,
                boosted=complete and given > first.needed,
            ),
        )


_READERS: Final[Mapping[str, Callable[[_Reading, msgspec.Raw], None]]] = MappingProxyType(
    {
        "Patient": _Reading.patient,
        "Immunization": _Reading.immunization,
        "Observation": _Reading.observation,
    }
)


def read_facts(entries: Sequence[msgspec.Raw]) -> Facts:
    """Return what the entries of a card's bundle say. Never raises: what is unreadable is a departure."""
    reading, is_whole = _Reading(), len(entries) <= ENTRIES_MAX
    for entry in entries[:ENTRIES_MAX]:
        try:
            data = _decode_entry(entry).resource
            reader = _READERS.get(_decode_typed(data).resource_type)
            if reader is not None:
                reader(reading, data)
        except (ValueError, OverflowError, RecursionError):
            is_whole = False
    proofs = (*reading.vaccination(), *reading.tests)
    departures = frozenset[Departure]() if is_whole else frozenset({Departure.RESOURCE_UNREADABLE})
    return Facts(tuple(reading.names), reading.birth_date, proofs, departures)


def read_fhir_time(text: str) -> datetime:
    """Return the moment of a FHIR ``date`` (its first moment in UTC) or ``dateTime``; raises ``ValueError``.

    A year or a month alone is no moment that a rule could count from. Spec: FHIR R4, *dateTime*.
    """
    if len(text) == _DATE_CHARACTERS:
        return datetime.combine(date.fromisoformat(text), time(), UTC)
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None or len(text) < _DATE_CHARACTERS:
        raise ValueError("a time without its offset")
    return moment.astimezone(UTC)


def _values_of(concept: _Concept, system: str) -> Iterable[str]:
    return [coding.value for coding in concept.coding if coding.system == system]
