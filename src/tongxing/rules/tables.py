"""Rule tables: what a region demands of whom, where, read from TOML that an official can read too.

A table is total and ordered: of the rows in force on a day the first that fits a situation decides.
Registered exceptions in force stand before the rows; each has an end, so it stops by itself.

Reading checks the form only (words, days, ids, sizes, what reasons claim); what a well-formed table
*says* is checked by ``tongxing.rules.proof``. Spec: design, *Words* and law 5; docs/adr/0008.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, TypeVar

import msgspec

from tongxing.core.errors import Refused
from tongxing.core.levels import Level
from tongxing.core.problems import ProblemId
from tongxing.core.reasons import ReasonId
from tongxing.core.reports import OriginRisk
from tongxing.core.verdicts import Measure, Outcome
from tongxing.core.words import FEDERATION, PlaceKind, RegionId, Sentence
from tongxing.rules.fitting import why_impossible
from tongxing.rules.rows import (
    CLAIMS,
    CeilingRow,
    Conditions,
    Days,
    NotCheckedRow,
    RegisteredException,
    RuleRow,
)
from tongxing.rules.table_faults import tell_fault
from tongxing.rules.table_file import CeilingPart, ExceptionPart, NotCheckedPart, RowPart, TableFile, WhenPart

RULE_TABLE_MAX_BYTES: Final = 256 * 1024
YEAR_MIN: Final = 2019
YEAR_MAX: Final = 2099
DAYS_OF_CHANGE_MAX: Final = 64
"""So that every day on which a table changes can be looked at in a second or two."""

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class RuleTable:
    """One version of the rows of one region, one of its sites, or the federation (the floor and ceiling), in order."""

    region: RegionId
    id: str
    name: Sentence
    days: Days
    rows: tuple[RuleRow, ...]
    exceptions: tuple[RegisteredException, ...] = ()
    not_checked: tuple[NotCheckedRow, ...] = ()
    ceilings: tuple[CeilingRow, ...] = ()
    site: str = ""
    version: int = 1
    urgent: Sentence | None = None

    def rows_in_force(self, on: date) -> tuple[RuleRow, ...]:
        """Return the ordinary rows in force on a day, in order."""
        return tuple(row for row in self.rows if row.days.holds(on))

    def exceptions_in_force(self, on: date) -> tuple[RegisteredException, ...]:
        """Return the exceptions in force on a day, in order."""
        return tuple(entry for entry in self.exceptions if entry.row.days.holds(on))

    def ceilings_in_force(self, on: date) -> tuple[CeilingRow, ...]:
        """Return what may not be demanded on a day, in order."""
        return tuple(row for row in self.ceilings if row.days.holds(on))

    def public_name(self, row_id: str) -> str:
        """Return ``region/table/row``, as verdicts name the row that decided."""
        return f"{self.region}/{self.id}/{row_id}"


def parse_rule_table(data: bytes) -> RuleTable:
    """Return the table in a TOML file of at most ``RULE_TABLE_MAX_BYTES``.

    Raises ``Refused(RULES_REFUSED)`` naming the row and what is wrong with it: not UTF-8, not TOML,
    too large, too many rows, an unknown word or key, a missing end, an impossible day, an id used
    twice, or a reason whose sentences do not fit the row.
    """
    return _read_table(parse_table_file(data))


def parse_table_file(data: bytes) -> TableFile:
    """Return what stands in a TOML file of at most ``RULE_TABLE_MAX_BYTES``, in the shape of a table.

    Raises ``Refused(RULES_REFUSED)``: not UTF-8, not TOML, too large, too many rows, an unknown word or key. What
    the values mean together is for ``parse_rule_table``.
    """
    if len(data) > RULE_TABLE_MAX_BYTES:
        raise _refused(f"the file is too large: at most {RULE_TABLE_MAX_BYTES} bytes are allowed")
    try:
        content = tomllib.loads(data.decode())
    except UnicodeDecodeError as error:
        raise _refused(f"not UTF-8: {error}") from error
    except RecursionError as error:
        raise _refused("not a rule table: nested too deeply") from error
    except ValueError as error:  # tomllib lets an over-long number through as a plain ValueError
        raise _refused(f"not TOML: {error}") from error
    try:
        return msgspec.convert(content, TableFile, builtin_types=(date,))
    except msgspec.ValidationError as error:
        raise _refused(f"not a rule table: {tell_fault(content, str(error))}") from error


def _read_table(file: TableFile) -> RuleTable:
    head = file.table
    days = _days("table", head.first_day, head.last_day)
    table = RuleTable(
        region=RegionId(head.region),
        id=head.id,
        name=Sentence(head.name.zh, head.name.en),
        days=days,
        rows=tuple(_read_row(row, days) for row in file.row),
        exceptions=tuple(_read_exception(entry) for entry in file.exception),
        not_checked=tuple(_read_not_checked(entry) for entry in file.not_checked),
        ceilings=tuple(_read_ceiling(entry, head.region) for entry in file.ceiling),
        site=head.site,
        version=head.version,
        urgent=None if head.urgent is None else Sentence(head.urgent.zh, head.urgent.en),
    )
    if not table.rows and (table.region == FEDERATION or not (table.exceptions or table.not_checked)):
        raise _refused("the table has no row")
    if table.site and table.region == FEDERATION:
        raise _refused("the national table is no site's")
    _check_ids(table)
    _check_overrides(table.rows, "row")
    _check_overrides([entry.row for entry in table.exceptions], "exception")
    ends = {day for row in table.rows for day in (row.days.first, row.days.last)}
    ends |= {day for entry in table.exceptions for day in (entry.row.days.first, entry.row.days.last)}
    if len(ends) > DAYS_OF_CHANGE_MAX:
        raise _refused(f"the table begins and ends rows on more than {DAYS_OF_CHANGE_MAX} different days")
    return table


def _read_row(row: RowPart, table_days: Days) -> RuleRow:
    read = RuleRow(
        id=row.id,
        conditions=_read_conditions(row.id, row.when),
        outcome=row.outcome,
        measures=_read_measures(row.id, row.measures),
        reason=row.reason,
        legal_basis=row.legal_basis,
        evidence=row.evidence,
        days=_days(row.id, row.first_day or table_days.first, row.last_day or table_days.last),
        overrides=frozenset(row.overrides),
    )
    if read.reason is ReasonId.LOCAL_CONDITION:
        raise _refused(f"row {read.id!r}: {read.reason} says that an exception is registered, and a row is none")
    _check_claim(read)
    return read


def _read_exception(entry: ExceptionPart) -> RegisteredException:
    row = RuleRow(
        id=entry.id,
        conditions=_read_conditions(entry.id, entry.when),
        outcome=entry.outcome,
        measures=_read_measures(entry.id, entry.measures),
        reason=ReasonId.PROOF_ASKED if entry.outcome is Outcome.REFER else ReasonId.LOCAL_CONDITION,
        legal_basis=entry.legal_basis,
        evidence=entry.evidence,
        days=_days(entry.id, entry.first_day, entry.last_day),
        overrides=frozenset(entry.overrides),
    )
    _check_claim(row)
    return RegisteredException(
        row, Sentence(entry.why.zh, entry.why.en), Sentence(entry.registrar.zh, entry.registrar.en)
    )


def _read_not_checked(entry: NotCheckedPart) -> NotCheckedRow:
    return NotCheckedRow(
        entry.id,
        _some(entry.id, "place_kind", entry.place_kind),
        frozenset(OriginRisk) if entry.place_risk is None else _some(entry.id, "place_risk", entry.place_risk),
        entry.legal_basis,
        entry.evidence,
        _days(entry.id, entry.first_day, entry.last_day),
    )


def _read_ceiling(entry: CeilingPart, region: str) -> CeilingRow:
    if region != FEDERATION:
        raise _refused(f"ceiling {entry.id!r}: only the national table has ceilings")
    return CeilingRow(
        entry.id,
        entry.demand,
        frozenset(PlaceKind) if entry.place_kind is None else _some(entry.id, "place_kind", entry.place_kind),
        entry.legal_basis,
        entry.evidence,
        _days(entry.id, entry.first_day, entry.last_day),
    )


def _read_conditions(row_id: str, when: WhenPart) -> Conditions:
    asked: dict[str, frozenset[Any]] = {}
    for key in when.__struct_fields__:
        told = getattr(when, key)
        if isinstance(told, bool):
            asked[key] = frozenset({told})
        elif told is not None:
            asked[key] = _some(row_id, key, told)
    if "level" in asked:
        asked["level"] = frozenset(Level[word.name] for word in asked["level"])
    return Conditions(**asked)


def _read_measures(row_id: str, measures: list[Measure]) -> tuple[Measure, ...]:
    if len(set(measures)) != len(measures):
        raise _refused(f"row {row_id!r}: a measure stands twice")
    return tuple(measures)


def _some(row_id: str, key: str, values: list[_Value]) -> frozenset[_Value]:
    if not values or len(set(values)) != len(values):
        raise _refused(f"row {row_id!r}: {key} is empty or names a value twice")
    return frozenset(values)


def _days(row_id: str, first: date, last: date | None) -> Days:
    if first.year < YEAR_MIN or (last or first).year > YEAR_MAX:
        raise _refused(f"row {row_id!r}: days lie from {YEAR_MIN} to {YEAR_MAX}")
    if last is not None and last < first:
        raise _refused(f"row {row_id!r}: ends on {last.isoformat()}, before it begins on {first.isoformat()}")
    return Days(first, last)


def _check_claim(row: RuleRow) -> None:
    claim = CLAIMS.get(row.reason)
    if claim is None:
        raise _refused(f"row {row.id!r}: {row.reason} is no reason that a row can give")
    if row.outcome not in claim.outcomes:
        said = " or ".join(sorted(claim.outcomes))
        raise _refused(f"row {row.id!r}: the reason {row.reason} says {said}, the row {row.outcome}")
    _check_possible(row)
    if not claim.holds_for(row.conditions):
        raise _refused(f"row {row.id!r}: its `when` reaches further than the reason {row.reason} says")
    if bool(row.measures) is not (row.outcome is Outcome.PASS_WITH_MEASURES):
        raise _refused(f"row {row.id!r}: measures belong to PASS_WITH_MEASURES, and it to them")


def _check_possible(row: RuleRow) -> None:
    """A ``when`` that fits nobody on any day of the row is a slip of the pen, and told as one."""
    why = why_impossible(row.conditions, row.days)
    if why:
        raise _refused(f"row {row.id!r}: its `when` fits nobody: {why}")


def _check_ids(table: RuleTable) -> None:
    ids = [row.id for row in table.rows]
    ids += [entry.row.id for entry in table.exceptions]
    ids += [entry.id for entry in table.not_checked]
    ids += [entry.id for entry in table.ceilings]
    for position, row_id in enumerate(ids):
        if row_id in ids[:position]:
            raise _refused(f"the id {row_id!r} is used twice")


def _check_overrides(rows: Sequence[RuleRow], word: str) -> None:
    """A row overrides later rows of its own table, an exception later exceptions; a circle is told as what it is."""
    circle = _find_circle({row.id: row.overrides for row in rows})
    if circle:
        raise _refused(f"overrides go in a circle: {' > '.join(circle)}")
    for position, row in enumerate(rows):
        later = {other.id for other in rows[position + 1 :]}
        for name in sorted(row.overrides - later):
            raise _refused(f"{word} {row.id!r}: overrides {name!r}, which is no later {word}")


def _find_circle(overrides: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    """Return a circle of rows that override one another, its first row again at its end; empty without one."""
    settled: set[str] = set()
    for start in overrides:
        path: list[str] = [start]
        open_names = [iter(sorted(overrides[start]))]
        while open_names:
            name = next(open_names[-1], None)
            if name is None:
                settled.add(path.pop())
                open_names.pop()
            elif name in path:
                return (*path[path.index(name) :], name)
            elif name not in settled and name in overrides:
                path.append(name)
                open_names.append(iter(sorted(overrides[name])))
    return ()


def _refused(detail: str) -> Refused:
    return Refused(ProblemId.RULES_REFUSED, detail)
