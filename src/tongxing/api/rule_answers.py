"""From rule tables, proposals, decisions and findings to the answers that tell of them."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from datetime import date, datetime

import msgspec

from tongxing.api.rule_messages import (
    ChangeAnswer,
    DecisionAnswer,
    DifferenceAnswer,
    ExceptionAnswer,
    ExceptionsAnswer,
    FindingAnswer,
    ProposalAnswer,
    RowAnswer,
    RulesAnswer,
    TableAnswer,
    TableHeadAnswer,
    WhenAnswer,
)
from tongxing.core.reasons import REASONS
from tongxing.core.reports import OriginRisk
from tongxing.core.verdicts import MEASURE_WORDS, OUTCOME_WORDS, Measure
from tongxing.core.words import PlaceKind, Sentence
from tongxing.recognition.rule_view import describe_inputs
from tongxing.recognition.view_words import Words, words_of
from tongxing.rules.book import RuleBook
from tongxing.rules.deciding import Decision
from tongxing.rules.differences import RISK_WORDS, Difference, Said
from tongxing.rules.findings import Finding
from tongxing.rules.inputs import INPUT, INPUTS, PLACE_WORDS
from tongxing.rules.nearest import Change, apply
from tongxing.rules.rows import CeilingRow, Conditions, NotCheckedRow, RegisteredException, RuleRow
from tongxing.rules.situations import Situation, encode_situation
from tongxing.rules.tables import RuleTable
from tongxing.services.rule_ports import Proposal, ProposalState

_PLACE_RISK = Words("查验点所在地风险", "risk of the checkpoint's own place")
_ANYBODY = Conditions()
_ANY = Sentence("（任一）", ", any of")
_NONE = Sentence("（均无）", ", none of")


def describe_decision(decision: Decision, situation: Situation) -> DecisionAnswer:
    """Return what the tables say of a situation."""
    return DecisionAnswer(
        row=decision.row,
        outcome=decision.outcome,
        headline=words_of(OUTCOME_WORDS[decision.outcome]),
        reason=decision.reason,
        sentence=words_of(REASONS[decision.reason].citizen.naming(None)),
        measures=_measures(decision.measures),
        legal_basis=decision.legal_basis,
        inputs_used=list(describe_inputs(decision.inputs_used, situation, with_values=True)),
        exception=None if decision.exception is None else decision.row,
    )


def describe_change(change: Change | None, situation: Situation) -> ChangeAnswer | None:
    """Return the nearest change, and whom it makes of the person; None where there is none."""
    if change is None:
        return None
    after = apply(change, situation)
    decided = change.decision_after
    return ChangeAnswer(words_of(change.sentence), change.day, encode_situation(after), decided.outcome, decided.row)


def describe_finding(finding: Finding) -> FindingAnswer:
    """Return a counter-example."""
    return FindingAnswer(
        kind=finding.kind,
        table=finding.table,
        rows=list(finding.rows),
        day=finding.day,
        sentence=words_of(finding.sentence),
        situation=encode_situation(finding.situation),
        other=None if finding.other is None else encode_situation(finding.other),
    )


def describe_difference(difference: Difference) -> DifferenceAnswer:
    """Return who is treated differently."""
    example = difference.example
    return DifferenceAnswer(
        region=difference.region,
        site=difference.site,
        day=difference.day,
        sentence=words_of(difference.sentence),
        situation=encode_situation(example) if isinstance(example, Situation) else None,
        before=_row_of(difference.before),
        after=_row_of(difference.after),
    )


def describe_proposal(proposal: Proposal, at: datetime) -> ProposalAnswer:
    """Return a proposal; one that nobody decided until its end is ``expired``."""
    decided = proposal.decided
    is_expired = proposal.state is ProposalState.OPEN and at >= proposal.expires_at
    return ProposalAnswer(
        proposal_id=proposal.proposal_id,
        file_name=proposal.file_name,
        state="expired" if is_expired else proposal.state.value,
        notice=words_of(proposal.notice),
        proposed_by=proposal.proposed_by,
        proposed_at=proposal.proposed_at,
        expires_at=proposal.expires_at,
        decided_by=None if decided is None else decided.by,
        decided_at=None if decided is None else decided.at,
        why=None if decided is None else decided.why,
        bundle_number=proposal.bundle_number,
        table=proposal.table.decode(),
    )


def list_rules(book: RuleBook, on: date) -> RulesAnswer:
    """Return the heads of the tables in force on a day and of those to come."""
    heads = (describe_head(table, book, on) for table in book.tables)
    return RulesAnswer([head for head in heads if head.in_force or head.first_day > on], on)


def describe_table(table: RuleTable, book: RuleBook, on: date, toml: str | None) -> TableAnswer:
    """Return a whole table, row by row, in the order in which rows decide."""
    rows = [_exception_row(entry, on) for entry in table.exceptions]
    rows += [_row("row", row, on) for row in table.rows]
    rows += [_not_checked_row(entry, on) for entry in table.not_checked]
    rows += [_ceiling_row(entry, on) for entry in table.ceilings]
    stack = book.stack_on(table.region, on, table.site)
    under = [f"{held.region}/{held.id}" for held in stack if held is not table]
    return TableAnswer(describe_head(table, book, on), rows, toml, under)


def describe_head(table: RuleTable, book: RuleBook, on: date) -> TableHeadAnswer:
    """Return whose a table is and when it holds; its exceptions that are in force by name."""
    return TableHeadAnswer(
        region=table.region,
        site=table.site,
        id=table.id,
        name=words_of(table.name),
        version=table.version,
        first_day=table.days.first,
        last_day=table.days.last,
        in_force=book.table_on(table.region, table.site, on) is table,
        urgent=None if table.urgent is None else words_of(table.urgent),
        exceptions=[table.public_name(entry.row.id) for entry in table.exceptions_in_force(on)],
    )


def list_exceptions(book: RuleBook, on: date) -> ExceptionsAnswer:
    """Return the whole register: what is in force on a day, what is to come and what has ended."""
    in_force = {id(entry) for _, entry in book.exceptions_on(on)}
    entries = [
        ExceptionAnswer(
            id=table.public_name(entry.row.id),
            region=table.region,
            site=table.site,
            when=describe_conditions(entry.row.conditions),
            measures=_measures(entry.row.measures),
            why=words_of(entry.why),
            legal_basis=entry.row.legal_basis,
            evidence=entry.row.evidence,
            registrar=words_of(entry.registrar),
            first_day=entry.row.days.first,
            last_day=entry.row.days.last,
            in_force=id(entry) in in_force,
        )
        for table in book.tables
        for entry in table.exceptions
    ]
    return ExceptionsAnswer(entries, on)


def describe_conditions(conditions: Conditions) -> list[WhenAnswer]:
    """Return in words what a row asks; nothing for an input that may hold anything."""
    told = []
    for entry in INPUTS:
        for key in entry.keys:
            asked = getattr(conditions, key)
            if asked == getattr(_ANYBODY, key):
                continue
            suffix = Sentence("", "") if not entry.many else _NONE if key.endswith("_none") else _ANY
            name = Words(entry.words.zh + suffix.zh, entry.words.en + suffix.en)
            values = [words_of(words) for value, words in entry.values.items() if value in asked]
            told.append(WhenAnswer(key, name, values))
    return told


def _row(kind: str, row: RuleRow, on: date) -> RowAnswer:
    return RowAnswer(
        kind=kind,
        id=row.id,
        when=describe_conditions(row.conditions),
        outcome=row.outcome,
        headline=words_of(OUTCOME_WORDS[row.outcome]),
        measures=list(row.measures),
        measure_words=_measures(row.measures),
        reason=row.reason,
        demand=None,
        legal_basis=row.legal_basis,
        evidence=row.evidence,
        first_day=row.days.first,
        last_day=row.days.last,
        in_force=row.days.holds(on),
        overrides=sorted(row.overrides),
        why=None,
        registrar=None,
    )


def _exception_row(entry: RegisteredException, on: date) -> RowAnswer:
    row = _row("exception", entry.row, on)
    return msgspec.structs.replace(row, why=words_of(entry.why), registrar=words_of(entry.registrar))


def _not_checked_row(entry: NotCheckedRow, on: date) -> RowAnswer:
    when = [*_places(entry.place_kinds), *_risks(entry.place_risks)]
    return _bare_row("not_checked", entry, on, when)


def _ceiling_row(entry: CeilingRow, on: date) -> RowAnswer:
    row = _bare_row("ceiling", entry, on, _places(entry.place_kinds))
    return msgspec.structs.replace(row, demand=entry.demand)


def _bare_row(kind: str, entry: NotCheckedRow | CeilingRow, on: date, when: list[WhenAnswer]) -> RowAnswer:
    return RowAnswer(
        kind=kind,
        id=entry.id,
        when=when,
        outcome=None,
        headline=None,
        measures=[],
        measure_words=[],
        reason=None,
        demand=None,
        legal_basis=entry.legal_basis,
        evidence=entry.evidence,
        first_day=entry.days.first,
        last_day=entry.days.last,
        in_force=entry.days.holds(on),
        overrides=[],
        why=None,
        registrar=None,
    )


def _places(kinds: AbstractSet[PlaceKind]) -> list[WhenAnswer]:
    if len(kinds) == len(PlaceKind):
        return []
    values = [words_of(PLACE_WORDS[kind]) for kind in PlaceKind if kind in kinds]
    return [WhenAnswer("place_kind", words_of(INPUT["place_kind"].words), values)]


def _risks(risks: AbstractSet[OriginRisk]) -> list[WhenAnswer]:
    if len(risks) == len(OriginRisk):
        return []
    values = [words_of(RISK_WORDS[risk]) for risk in OriginRisk if risk in risks]
    return [WhenAnswer("place_risk", _PLACE_RISK, values)]


def _measures(measures: Iterable[Measure]) -> list[Words]:
    return [words_of(MEASURE_WORDS[measure]) for measure in measures]


def _row_of(said: Said | None) -> str | None:
    return None if said is None else said.row
