"""Evidence: for each subject, kind and number of its source the newest piece. The database compares."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final

from tongxing.core.causes import Cause
from tongxing.core.errors import Refused
from tongxing.core.evidence import Evidence, EvidenceKind, ProofResult
from tongxing.core.limits import EVIDENCE_PER_BATCH_MAX
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import SubjectKey
from tongxing.services.ports import PutCount, SubjectEvidence
from tongxing.stores.rows import check_subject, check_text, encode_moment, parse_moment
from tongxing.stores.sql.connections import Insertion, Reader, RecordConnection
from tongxing.stores.sql.statements import change_in_steps, rows_of
from tongxing.stores.sql.writer import GroupCommitWriter

REF_MAX_CHARACTERS: Final = 64
REVISION_MAX: Final = (1 << 53) - 1
_DIVISION_DIGITS: Final = (2, 4, 6)
_NO_END: Final = -1

_COLUMNS: Final = (
    "subject",
    "kind",
    "ref",
    "revision",
    "retracted",
    "since_us",
    "until_us",
    "division",
    "cause",
    "result",
    "kept_until_us",
)
_UNLESS_OLDER: Final = """
    ON CONFLICT (subject, kind, ref) DO UPDATE
    SET revision = excluded.revision, retracted = excluded.retracted, since_us = excluded.since_us,
        until_us = excluded.until_us, division = excluded.division, cause = excluded.cause,
        result = excluded.result, kept_until_us = excluded.kept_until_us
    WHERE (excluded.revision, excluded.retracted, excluded.since_us,
           excluded.until_us, excluded.division, excluded.cause, excluded.result)
        > (evidence.revision, evidence.retracted, evidence.since_us,
           evidence.until_us, evidence.division, evidence.cause, evidence.result)
    RETURNING subject, kind, ref
"""
PUT_EVIDENCE: Final = Insertion("evidence", _COLUMNS, _UNLESS_OLDER)
_HELD: Final = """
    SELECT subject, kind, ref, revision, retracted, since_us, until_us, division, cause, result FROM evidence
    WHERE (subject, kind, ref) IN
"""
_EVIDENCE_OF: Final = """
    SELECT kind, ref, revision, retracted, since_us, until_us, division, cause, result, kept_until_us FROM evidence
    WHERE subject = ? ORDER BY kind, ref
"""
_BY: Final = """
    SELECT subject, kind, ref, revision, retracted, since_us, until_us, division, cause, result, kept_until_us
    FROM evidence WHERE subject > ? AND kind IN ({kinds}) ORDER BY subject, kind, ref LIMIT ?
"""
_FORGET: Final = """
    DELETE FROM evidence WHERE (subject, kind, ref) IN
    (SELECT subject, kind, ref FROM evidence WHERE kept_until_us <= ? LIMIT ?)
"""

_Row = tuple[bytes, str, str, int, int, int, int, str, str, str, int | None]
_Rank = tuple[int, int, int, int, str, str, str]


class SqlEvidenceStore:
    """``EvidenceStore`` on SQL."""

    def __init__(self, writer: GroupCommitWriter, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def put_evidence(self, rows: Sequence[SubjectEvidence]) -> PutCount:
        """Take in evidence; see the port."""
        if len(rows) > EVIDENCE_PER_BATCH_MAX:
            raise Refused(ProblemId.BAD_REQUEST, f"at most {EVIDENCE_PER_BATCH_MAX} pieces are taken at once")
        newest: dict[tuple[bytes, str, str], _Row] = {}
        same = 0
        for encoded in map(_encode, rows):
            known = newest.setdefault(encoded[:3], encoded)
            if known is not encoded and _rank(known) == _rank(encoded):
                same += 1
            elif _rank(encoded) > _rank(known):
                newest[encoded[:3]] = encoded
        older = len(rows) - same - len(newest)
        if not newest:
            return PutCount(0, 0, 0)
        put = await self._writer.run(partial(_put, rows=tuple(newest.values())))
        return PutCount(put.stored, put.same + same, put.older + older)

    async def evidence_of(self, subject: SubjectKey) -> tuple[SubjectEvidence, ...]:
        """Return the newest of each piece; see the port."""
        return tuple(_parse(subject, row) for row in await self._reader.rows(_EVIDENCE_OF, (subject,)))

    async def evidence_by(
        self, kinds: Collection[EvidenceKind], after: bytes, limit: int
    ) -> tuple[SubjectEvidence, ...]:
        """Return pieces of some kinds; see the port."""
        named = sorted(kind.value for kind in kinds)
        statement = _BY.format(kinds=", ".join("?" * len(named)))
        rows = await self._reader.rows(statement, (after, *named, limit))
        return tuple(_parse(SubjectKey(subject), row) for subject, *row in rows)

    async def forget_ended(self, at: datetime) -> int:
        """Erase what is kept no longer; see the port."""
        return await change_in_steps(self._writer, _FORGET, encode_moment(at))


def _encode(row: SubjectEvidence) -> _Row:
    piece = row.evidence
    check_subject(row.subject)
    check_text("the evidence's ref", piece.ref, REF_MAX_CHARACTERS)
    if not piece.ref or not 0 <= piece.revision <= REVISION_MAX:
        raise Refused(ProblemId.BAD_REQUEST, "evidence has a ref, and a revision from 0 to 2**53 - 1")
    division = piece.division
    if division is not None and (
        len(division) not in _DIVISION_DIGITS or not division.isascii() or not division.isdecimal()
    ):
        raise Refused(ProblemId.BAD_REQUEST, "a division is a number of 2, 4 or 6 digits")
    return (
        row.subject,
        piece.kind.value,
        piece.ref,
        piece.revision,
        int(piece.retracted),
        encode_moment(piece.since),
        _NO_END if piece.until is None else encode_moment(piece.until),
        division or "",
        "" if piece.cause is None else piece.cause.value,
        "" if piece.result is None else piece.result.value,
        None if row.kept_until is None else encode_moment(row.kept_until),
    )


def _rank(row: _Row) -> _Rank:
    return row[3:10]


def _parse(subject: SubjectKey, row: Sequence[Any]) -> SubjectEvidence:
    kind, ref, revision, retracted, since_us, until_us, division, cause, result, kept_until_us = row
    evidence = Evidence(
        kind=EvidenceKind(kind),
        ref=ref,
        revision=revision,
        since=parse_moment(since_us),
        until=None if until_us == _NO_END else parse_moment(until_us),
        division=division or None,
        cause=Cause(cause) if cause else None,
        retracted=bool(retracted),
        result=ProofResult(result) if result else None,
    )
    return SubjectEvidence(subject, evidence, None if kept_until_us is None else parse_moment(kept_until_us))


def _put(connection: RecordConnection, *, rows: Sequence[_Row]) -> PutCount:
    """Put rows of which no two are the same piece."""
    stored = set(connection.insert_returning(PUT_EVIDENCE, rows))
    left = [row for row in rows if row[:3] not in stored]
    held = {row[:3]: row[3:] for row in rows_of(connection, _HELD, [row[:3] for row in left])}
    same = sum(held.get(row[:3]) == _rank(row) for row in left)
    return PutCount(stored=len(stored), same=same, older=len(left) - same)
