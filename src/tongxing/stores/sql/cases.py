"""Cases and their steps. One writing transaction adds steps and closes, so that a closed case names nobody."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Final

from tongxing.core.cases import (
    Case,
    CaseClaim,
    CaseDecision,
    CaseKind,
    CaseOpener,
    CaseStep,
    DecisionGround,
    StepKind,
)
from tongxing.core.errors import Fault, Refused
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import SubjectKey, SubjectKeys
from tongxing.core.words import RegionId
from tongxing.services.case_ports import CaseCount, HeldCase
from tongxing.stores.rows import check_bytes, check_subject, check_text, encode_moment, parse_moment
from tongxing.stores.sql.connections import Insertion, Reader, RecordConnection, Row, Values
from tongxing.stores.sql.statements import change_in_steps
from tongxing.stores.sql.writer import GroupCommitWriter

NUMBER_MAX_CHARACTERS: Final = 32
SEALED_MAX_BYTES: Final = 4 * 1024
OPEN_KEY_BYTES: Final = 32
_CLOSING: Final = frozenset({StepKind.DECIDED, StepKind.WITHDRAWN})
_ORDER: Final = {kind: place for place, kind in enumerate(StepKind)}

_FACE: Final = "number, kind, claim, opened_by, subject, about, opener, decider, decide_by_us, limit_at_us"
_CASE: Final = Insertion(
    "cases", (*_FACE.split(", "), "opened_at_us", "sealed", "open_key", "closed"), "ON CONFLICT DO NOTHING"
)
_STEP: Final = Insertion(
    "case_steps", ("number", "kind", "at_us", "region", "decision", "ground"), "ON CONFLICT DO NOTHING"
)
_NUMBER_OF: Final = "SELECT number FROM cases WHERE open_key = ?"
_FIND: Final = f"SELECT {_FACE}, sealed FROM cases WHERE number = ?"  # noqa: S608 - our own words
_STEPS: Final = "SELECT kind, at_us, region, decision, ground FROM case_steps WHERE number = ?"
_OF: Final = "SELECT number FROM cases WHERE subject = ? ORDER BY opened_at_us DESC, number DESC"
_OPEN: Final = "SELECT number FROM cases WHERE closed = 0 AND (?1 = '' OR decider = ?1) ORDER BY decide_by_us LIMIT ?2"
_CLOSED: Final = """
    SELECT number FROM cases WHERE closed = 1 AND (?1 = '' OR decider = ?1) ORDER BY opened_at_us DESC LIMIT ?2
"""
_TO_TELL: Final = "SELECT number FROM cases WHERE told = 0 AND opener = ?1 ORDER BY told_at_us, number LIMIT ?2"
_TOLD: Final = "UPDATE cases SET told_at_us = ?1, told = ?2 WHERE number = ?3"
_CLOSE: Final = """
    UPDATE cases SET closed = 1, open_key = NULL, sealed = NULL, kept_until_us = ?1 WHERE number = ?2 AND closed = 0
"""
_COUNTS: Final = """
    SELECT c.decider, count(*), count(CASE WHEN c.closed = 0 THEN 1 END),
        count(CASE WHEN c.closed = 0 AND c.limit_at_us <= ?1 THEN 1 END),
        count(CASE WHEN d.at_us > c.decide_by_us THEN 1 END),
        count(CASE WHEN d.number IS NULL AND c.closed = 1 THEN 1 END),
        count(CASE WHEN d.decision = 'corrected' THEN 1 END),
        count(CASE WHEN d.decision = 'upheld' THEN 1 END),
        count(CASE WHEN d.decision = 'rejected' THEN 1 END)
    FROM cases c LEFT JOIN case_steps d ON d.number = c.number AND d.kind = 'decided'
    GROUP BY c.decider ORDER BY c.decider
"""
_ENDED: Final = "SELECT number FROM cases WHERE kept_until_us <= ? ORDER BY kept_until_us, number LIMIT ?"
_FORGET_STEPS: Final = f"DELETE FROM case_steps WHERE number IN ({_ENDED})"  # noqa: S608 - our own words
_FORGET: Final = f"DELETE FROM cases WHERE number IN ({_ENDED})"  # noqa: S608 - our own words


class SqlCaseStore:
    """``CaseStore`` on SQL."""

    def __init__(self, writer: GroupCommitWriter, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def open_case(self, held: HeldCase, open_key: bytes) -> Case:
        """Keep a new case, or return the open one; see the port."""
        check_bytes("the key of what is open", open_key, OPEN_KEY_BYTES, OPEN_KEY_BYTES)
        row, steps = _encode(held, open_key)
        return await self._held(await self._writer.run(partial(_open, row=row, steps=steps, open_key=open_key)))

    async def take_in(self, held: HeldCase) -> Case:
        """Keep another region's case; see the port."""
        row, steps = _encode(held, None)
        await self._writer.run(partial(_take_in, row=row, steps=steps))
        kept = await self._held(held.case.number)
        if _face(kept) != _face(held.case):
            raise Refused(ProblemId.CONFLICT, "another case has this number")
        return kept

    async def add_steps(self, number: str, steps: Sequence[CaseStep], kept_until: datetime) -> Case:
        """Add steps; see the port."""
        rows = [_encode_step(number, step) for step in steps]
        closes = encode_moment(kept_until) if any(step.kind in _CLOSING for step in steps) else None
        await self._writer.run(partial(_add, number=number, rows=rows, closes=closes))
        return await self._held(number)

    async def find_case(self, number: str) -> HeldCase | None:
        """Return the case of that number; see the port."""
        row = await self._reader.row(_FIND, (number,))
        if row is None:
            return None
        steps = await self._reader.rows(_STEPS, (number,))
        return HeldCase(_parse(row, steps), row[-1])

    async def cases_of(self, keys: SubjectKeys) -> tuple[Case, ...]:
        """Return the cases about somebody; see the port."""
        found = await self._all(dict.fromkeys([row[0] for key in keys for row in await self._reader.rows(_OF, (key,))]))
        return tuple(
            sorted((held.case for held in found), key=lambda case: (case.opened_at, case.number), reverse=True)
        )

    async def cases_for(self, decider: RegionId | None, *, is_closed: bool, limit: int) -> tuple[Case, ...]:
        """Return the cases that a region decides; see the port."""
        rows = await self._reader.rows(_CLOSED if is_closed else _OPEN, (decider or "", limit))
        return tuple(held.case for held in await self._all([row[0] for row in rows]))

    async def cases_to_tell(self, opener: RegionId, limit: int) -> tuple[HeldCase, ...]:
        """Return the cases that others must still hear of; see the port."""
        return await self._all([row[0] for row in await self._reader.rows(_TO_TELL, (opener, limit))])

    async def mark_told(self, number: str, at: datetime, *, is_all: bool) -> None:
        """Keep when others were told; see the port."""
        await self._writer.run(partial(_mark, values=(encode_moment(at), int(is_all), number)))

    async def count_cases(self, at: datetime) -> tuple[CaseCount, ...]:
        """Count by region; see the port."""
        return tuple([_count(row) for row in await self._reader.rows(_COUNTS, (encode_moment(at),))])

    async def forget_ended(self, at: datetime) -> int:
        """Erase what is kept no longer; see the port."""
        return await change_in_steps(self._writer, _FORGET, encode_moment(at), before=(_FORGET_STEPS,))

    async def _held(self, number: str) -> Case:
        found = await self.find_case(number)
        if found is None:
            raise Fault("a case that was just kept is not there")
        return found.case

    async def _all(self, numbers: Iterable[str]) -> tuple[HeldCase, ...]:
        found = [await self.find_case(number) for number in numbers]
        return tuple(held for held in found if held is not None)


def _encode(held: HeldCase, open_key: bytes | None) -> tuple[Values, list[Values]]:
    case = held.case
    check_text("the case's number", case.number, NUMBER_MAX_CHARACTERS)
    check_subject(case.subject)
    if case.about is not None:
        check_subject(case.about)
    if held.sealed is not None:
        check_bytes("the sealed content", held.sealed, 1, SEALED_MAX_BYTES)
    if not case.steps or case.steps[0].kind is not StepKind.OPENED:
        raise Refused(ProblemId.BAD_REQUEST, "a case begins with its opening")
    row = (
        case.number,
        case.kind.value,
        case.claim.value,
        case.opened_by.value,
        case.subject,
        case.about,
        case.opener,
        case.decider,
        encode_moment(case.decide_by),
        encode_moment(case.limit_at),
        encode_moment(case.opened_at),
        held.sealed,
        open_key,
        0,
    )
    return row, [_encode_step(case.number, step) for step in case.steps]


def _encode_step(number: str, step: CaseStep) -> Values:
    decision = None if step.decision is None else step.decision.value
    ground = None if step.ground is None else step.ground.value
    return number, step.kind.value, encode_moment(step.at), step.by, decision, ground


def _parse(row: Row, steps: Sequence[Row]) -> Case:
    number, kind, claim, opened_by, subject, about, opener, decider, decide_by_us, limit_at_us, _ = row
    told = sorted(map(_parse_step, steps), key=lambda step: _ORDER[step.kind])
    return Case(
        number=number,
        kind=CaseKind(kind),
        claim=CaseClaim(claim),
        opened_by=CaseOpener(opened_by),
        subject=SubjectKey(subject),
        opener=RegionId(opener),
        decider=RegionId(decider),
        decide_by=parse_moment(decide_by_us),
        limit_at=parse_moment(limit_at_us),
        steps=tuple(told),
        about=None if about is None else SubjectKey(about),
    )


def _parse_step(row: Row) -> CaseStep:
    kind, at_us, region, decision, ground = row
    return CaseStep(
        StepKind(kind),
        parse_moment(at_us),
        RegionId(region),
        None if decision is None else CaseDecision(decision),
        None if ground is None else DecisionGround(ground),
    )


def _count(row: Row) -> CaseCount:
    decider, opened, still_open, overdue, late, withdrawn, corrected, upheld, rejected = row
    decided = {CaseDecision.CORRECTED: corrected, CaseDecision.UPHELD: upheld, CaseDecision.REJECTED: rejected}
    return CaseCount(RegionId(decider), opened, still_open, overdue, late, withdrawn, decided)


def _face(case: Case) -> tuple[object, ...]:
    return case.kind, case.claim, case.subject, case.about, case.opener, case.decider


def _open(connection: RecordConnection, *, row: Values, steps: Sequence[Values], open_key: bytes) -> str:
    connection.insert(_CASE, [row])
    held = connection.execute(_NUMBER_OF, (open_key,)).fetchone()
    if held is None:
        raise Refused(ProblemId.CONFLICT, "another case has this number")
    number = str(held[0])
    if number == row[0]:
        connection.insert(_STEP, steps)
    return number


def _take_in(connection: RecordConnection, *, row: Values, steps: Sequence[Values]) -> None:
    connection.insert(_CASE, [row])
    held = connection.execute(_FIND, (row[0],)).fetchone()
    if held is not None and tuple(held[:8]) == tuple(row[:8]):
        connection.insert(_STEP, steps)


def _add(connection: RecordConnection, *, number: str, rows: Sequence[Values], closes: int | None) -> None:
    if connection.execute(_FIND, (number,)).fetchone() is None:
        raise Refused(ProblemId.NOT_FOUND, "no such case")
    connection.insert(_STEP, rows)
    if closes is not None:
        connection.execute(_CLOSE, (closes, number))


def _mark(connection: RecordConnection, *, values: Values) -> None:
    connection.execute(_TOLD, values)
