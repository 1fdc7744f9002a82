"""The parts of a profile file, read one by one: evidence, statuses, ways, documents, refreshes, terms of appeal.

Faults are noted at the tables, as ``toml_tables`` has it. A part is weighed against another only where
both could be read, so that no fault is told that is only the shadow of one.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from tongxing.core.causes import Cause
from tongxing.core.levels import Standing
from tongxing.core.subjects import DocumentType
from tongxing.core.ways import Way
from tongxing.core.words import Sentence
from tongxing.regions.particulars import AppealStep, AppealTerm, CodeName, DocumentInUse, Refresh, RefreshKind
from tongxing.regions.statuses import (
    Act,
    Colour,
    Evidence,
    Meaning,
    Setter,
    Status,
    StatusSetter,
    Sure,
    Validity,
    ValidUntil,
    find_gap,
    find_overlap,
)
from tongxing.regions.toml_tables import TomlTable

DAYS_MAX: Final = 366
HOURS_MAX: Final = DAYS_MAX * 24

_NO_EVIDENCE: Final = Evidence(Sure.ASSUMED, "?", date.max)


def read_evidence(table: TomlTable) -> dict[str, Evidence]:
    """Read every entry of evidence, by its name."""
    evidence = {}
    for name in table.names():
        entry = table.table(name)
        since, until = entry.day("since"), entry.find_day("until")
        evidence[name] = Evidence(entry.word("sure", Sure), entry.text("source"), since, until)
        entry.check_all_asked()
        if until is not None and until <= since and not entry.is_faulty:
            entry.refuse("until", "is not after since")
    return evidence


def read_evidence_of(table: TomlTable, evidence: Mapping[str, Evidence]) -> Evidence:
    """Read by which evidence a table's facts stand."""
    name = table.text("evidence")
    if evidence and name not in evidence and not table.is_faulty:
        table.refuse("evidence", f"names {name}, which the profile does not list")
    return evidence.get(name, _NO_EVIDENCE)


def read_sentence(table: TomlTable) -> Sentence:
    """Read a sentence in both languages."""
    sentence = Sentence(table.text("zh"), table.text("en"))
    table.check_all_asked()
    return sentence


def read_code_name(table: TomlTable, evidence: Mapping[str, Evidence]) -> CodeName:
    """Read one name of the region's code."""
    name = CodeName(read_sentence(table.table("name")), read_evidence_of(table, evidence))
    table.check_all_asked()
    return name


def read_way(table: TomlTable, evidence: Mapping[str, Evidence]) -> tuple[Way, Evidence]:
    """Read one way of recognition."""
    use = table.word("name", Way), read_evidence_of(table, evidence)
    table.check_all_asked()
    return use


def read_document(table: TomlTable, evidence: Mapping[str, Evidence]) -> DocumentInUse:
    """Read one type of document."""
    document = DocumentInUse(table.word("type", DocumentType), read_evidence_of(table, evidence))
    table.check_all_asked()
    return document


def read_refresh(table: TomlTable, evidence: Mapping[str, Evidence]) -> Refresh:
    """Read one thing that keeps statuses fresh."""
    hours = table.number("every_hours", 1, HOURS_MAX)
    refresh = Refresh(table.word("kind", RefreshKind), timedelta(hours=hours), read_evidence_of(table, evidence))
    table.check_all_asked()
    return refresh


def read_appeal_term(table: TomlTable, evidence: Mapping[str, Evidence]) -> AppealTerm:
    """Read the term of one step of an appeal."""
    hours = table.number("hours", 0, HOURS_MAX)
    term = AppealTerm(table.word("step", AppealStep), timedelta(hours=hours), read_evidence_of(table, evidence))
    table.check_all_asked()
    return term


def read_status(table: TomlTable, evidence: Mapping[str, Evidence]) -> Status:
    """Read one status with its meanings, its validity and who sets it."""
    value = table.text_or_empty("value")
    table.name = f"{table.name} ({value or 'no value'})"
    validity = _read_validity(table.table("validity"), evidence) if table.has("validity") else None
    status = Status(
        value=value,
        colour=table.word("colour", Colour),
        label=read_sentence(table.table("label")),
        standing=table.word("standing", Standing),
        meanings=tuple(_read_meaning(meaning, evidence) for meaning in table.tables("meaning")),
        validity=validity,
        evidence=read_evidence_of(table, evidence),
        setters=tuple(_read_setter(setter, evidence) for setter in table.tables("setters")),
    )
    table.check_all_asked()
    if not table.is_faulty:
        _check_meanings(table, status)
        _check_spans(table, status)
    return status


def _read_validity(table: TomlTable, evidence: Mapping[str, Evidence]) -> Validity:
    to_midnight = table.find_word("until", ValidUntil) is not None
    validity = Validity(
        lasts=None if to_midnight else timedelta(days=table.number("days", 1, DAYS_MAX)),
        needs_refresh_time=table.flag("needs_refresh_time"),
        evidence=read_evidence_of(table, evidence),
    )
    table.check_all_asked()
    return validity


def _read_meaning(table: TomlTable, evidence: Mapping[str, Evidence]) -> Meaning:
    days = table.number("lasts_days", 1, DAYS_MAX) if table.has("lasts_days") else None
    meaning = Meaning(
        told=table.find_text("told"),
        cause=table.find_word("cause", Cause),
        standing=table.find_word("standing", Standing),
        lasts=None if days is None else timedelta(days=days),
        evidence=read_evidence_of(table, evidence),
    )
    table.check_all_asked()
    if (meaning.cause is None) == (meaning.standing is None):
        table.fault("means neither a cause nor a standing, or both")
    elif meaning.standing is Standing.CURRENT:
        table.refuse("standing", "is current, which says nothing without a cause")
    return meaning


def _read_setter(table: TomlTable, evidence: Mapping[str, Evidence]) -> StatusSetter:
    setter = StatusSetter(table.word("who", Setter), table.word("does", Act), read_evidence_of(table, evidence))
    table.check_all_asked()
    return setter


def _check_meanings(table: TomlTable, status: Status) -> None:
    if status.standing is Standing.CURRENT and not status.causes:
        table.fault("is current, but no cause stands behind it")
    if status.standing is not Standing.CURRENT and status.standing not in {m.standing for m in status.meanings}:
        table.refuse("standing", "is none of its meanings")
    told = [meaning.told for meaning in status.meanings if meaning.told is not None]
    if len(set(told)) != len(told):
        table.fault("one word is told for two meanings")


def _check_spans(table: TomlTable, status: Status) -> None:
    if not all(meaning.evidence.covers(status.evidence) for meaning in status.meanings):
        table.fault("a meaning's evidence leaves a gap in the time of the status")
    if status.validity is not None and not status.validity.evidence.covers(status.evidence):
        table.fault("the validity's evidence leaves a gap in the time of the status")
    day = find_gap(status.evidence, (each.evidence for each in status.setters if each.does is Act.SETS))
    if day is not None:
        table.fault(f"nobody sets it on {day}")


def check_statuses(file: TomlTable, statuses: Sequence[Status]) -> None:
    """Note where a status overlaps another or leaves a gap in time, and days on which nobody can be well."""
    for value in dict.fromkeys(status.value for status in statuses):
        periods = sorted((s.evidence for s in statuses if s.value == value), key=lambda e: e.since)
        for earlier, later in pairwise(periods):
            if earlier.until != later.since:
                file.fault(f"status {value}: a gap or an overlap before {later.since}")
    well = [status.evidence for status in statuses if Cause.NOTHING_FOUND in status.causes]
    day = find_gap(span_of(statuses), well)
    if not well:
        file.fault("no status means that nothing was found")
    elif day is not None:
        file.fault(f"no status means that nothing was found on {day}")


def span_of(statuses: Sequence[Status]) -> Evidence:
    """Return for how long the profile speaks of people's health: from its first current status to its last's end."""
    spans = [status.evidence for status in statuses if status.standing is Standing.CURRENT]
    if not spans:
        return _NO_EVIDENCE
    ends = [span.until for span in spans if span.until is not None]
    is_over = len(ends) == len(spans)
    return Evidence(Sure.ASSUMED, "?", min(span.since for span in spans), max(ends) if is_over else None)


def check_one_at_a_time(file: TomlTable, what: str, span: Evidence, given: Iterable[Evidence]) -> None:
    """Note a day of ``span`` on which nothing of ``given`` is in force, or any on which two are."""
    known = list(given)
    gap, overlap = find_gap(span, known), find_overlap(known)
    if gap is not None:
        file.fault(f"{what}: none on {gap}")
    if overlap is not None:
        file.fault(f"{what}: two on {overlap}")


def check_appeal_terms(file: TomlTable, span: Evidence, terms: Sequence[AppealTerm]) -> None:
    """Note a step without a term or with two, and a day on which a later step would be due before an earlier one."""
    for step in AppealStep:
        check_one_at_a_time(file, f"appeals: {step}", span, (term.evidence for term in terms if term.step is step))
    for day in sorted({term.evidence.since for term in terms}):
        due = {term.step: term.within for term in terms if term.evidence.is_in_force(day)}
        in_order = [due[step] for step in AppealStep if step in due]
        if in_order != sorted(in_order):
            file.fault(f"appeals: on {day} a later step is due before an earlier one")
