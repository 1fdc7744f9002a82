"""Proposals of rule tables: one writing transaction reads and decides, so nobody can be in between."""

from functools import partial
from typing import Final

from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.words import Sentence
from tongxing.services.rule_ports import Decided, Proposal, ProposalState
from tongxing.stores.rows import check_bytes, check_text, encode_moment, parse_moment
from tongxing.stores.sql.connections import Reader, RecordConnection, Row, Values
from tongxing.stores.sql.writer import GroupCommitWriter

ID_MAX_CHARACTERS: Final = 64
FILE_NAME_MAX_CHARACTERS: Final = 128
TABLE_MAX_BYTES: Final = 256 * 1024
NOTICE_MAX_CHARACTERS: Final = 64 * 1024
PROPOSALS_PER_CALL_MAX: Final = 1_000

_GIVEN: Final = "proposal_id, file_name, body, notice_zh, notice_en, proposed_by, proposed_at_us, expires_at_us"
_COLUMNS: Final = f"{_GIVEN}, state, decided_by, decided_at_us, why, bundle_number"
_PROPOSE: Final = f"""
    INSERT INTO rule_proposals ({_GIVEN}, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'open') ON CONFLICT DO NOTHING
"""  # noqa: S608 - our own words
_GIVEN_OF: Final = f"SELECT {_GIVEN} FROM rule_proposals WHERE proposal_id = ?"  # noqa: S608 - our own words
_FIND: Final = f"SELECT {_COLUMNS} FROM rule_proposals WHERE proposal_id = ?"  # noqa: S608 - our own words
_LIST: Final = f"""
    SELECT {_COLUMNS} FROM rule_proposals ORDER BY proposed_at_us DESC, proposal_id LIMIT ?
"""  # noqa: S608 - our own words
_LIST_BARE: Final = _LIST.replace(" body,", " substr(body, 1, 0) AS body,")
_DECIDE: Final = """
    UPDATE rule_proposals SET state = ?, decided_by = ?, decided_at_us = ?, why = ?,
        notice_zh = coalesce(?, notice_zh), notice_en = coalesce(?, notice_en)
    WHERE proposal_id = ? AND state = 'open'
"""
_CARRY: Final = """
    UPDATE rule_proposals SET bundle_number = ?
    WHERE proposal_id = ? AND state = 'approved' AND bundle_number IS NULL
"""


class SqlProposalStore:
    """``ProposalStore`` on SQL."""

    def __init__(self, writer: GroupCommitWriter, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def propose(self, proposal: Proposal) -> None:
        """Keep an open proposal; see the port."""
        check_text("the proposal's id", proposal.proposal_id, ID_MAX_CHARACTERS)
        check_text("the file's name", proposal.file_name, FILE_NAME_MAX_CHARACTERS)
        check_text("the operator", proposal.proposed_by, ID_MAX_CHARACTERS)
        check_bytes("the table", proposal.table, 1, TABLE_MAX_BYTES)
        check_text("the notice", proposal.notice.zh, NOTICE_MAX_CHARACTERS)
        check_text("the notice", proposal.notice.en, NOTICE_MAX_CHARACTERS)
        row = (
            proposal.proposal_id,
            proposal.file_name,
            proposal.table,
            proposal.notice.zh,
            proposal.notice.en,
            proposal.proposed_by,
            encode_moment(proposal.proposed_at),
            encode_moment(proposal.expires_at),
        )
        await self._writer.run(partial(_propose, row=row))

    async def find(self, proposal_id: str) -> Proposal | None:
        """Return a proposal; see the port."""
        row = await self._reader.row(_FIND, (proposal_id,))
        return None if row is None else _parse_proposal(row)

    async def list(self, limit: int, *, with_tables: bool = True) -> tuple[Proposal, ...]:
        """Return the newest proposals first; see the port."""
        if not 1 <= limit <= PROPOSALS_PER_CALL_MAX:
            raise Refused(ProblemId.BAD_REQUEST, f"from 1 to {PROPOSALS_PER_CALL_MAX} proposals can be asked for")
        return tuple(
            _parse_proposal(row) for row in await self._reader.rows(_LIST if with_tables else _LIST_BARE, (limit,))
        )

    async def decide(self, proposal_id: str, decided: Decided, notice: Sentence | None = None) -> Proposal:
        """Decide an open proposal; see the port."""
        check_text("the operator", decided.by, ID_MAX_CHARACTERS)
        check_text("what was said", decided.why)
        zh, en = (None, None) if notice is None else (notice.zh, notice.en)
        for text in (zh, en):
            check_text("the notice", text or "", NOTICE_MAX_CHARACTERS)
        change = (decided.state.value, decided.by, encode_moment(decided.at), decided.why, zh, en, proposal_id)
        row = await self._writer.run(partial(_decide, change=change, decided=decided))
        return _parse_proposal(row)

    async def carry(self, proposal_id: str, bundle_number: int) -> None:
        """Keep which bundle carries it; see the port."""
        await self._writer.run(partial(_carry, proposal_id=proposal_id, bundle_number=bundle_number))


def _propose(connection: RecordConnection, *, row: Values) -> None:
    connection.execute(_PROPOSE, row)
    if connection.execute(_GIVEN_OF, (row[0],)).fetchall() != [tuple(row)]:
        raise Refused(ProblemId.CONFLICT, "another proposal has this id")


def _decide(connection: RecordConnection, *, change: Values, decided: Decided) -> Row:
    connection.execute(_DECIDE, change)
    kept = _kept(connection, str(change[-1]))
    known = _parse_proposal(kept).decided
    if known is None or (known.state, known.by, known.why) != (decided.state, decided.by, decided.why):
        raise Refused(ProblemId.CONFLICT, "another decision was made on this proposal")
    return kept


def _carry(connection: RecordConnection, *, proposal_id: str, bundle_number: int) -> None:
    connection.execute(_CARRY, (bundle_number, proposal_id))
    if _parse_proposal(_kept(connection, proposal_id)).state is not ProposalState.APPROVED:
        raise Refused(ProblemId.CONFLICT, "this proposal was not approved")


def _kept(connection: RecordConnection, proposal_id: str) -> Row:
    row: Row | None = connection.execute(_FIND, (proposal_id,)).fetchone()
    if row is None:
        raise Refused(ProblemId.NOT_FOUND, "there is no such proposal")
    return row


def _parse_proposal(row: Row) -> Proposal:
    proposal_id, file_name, table, zh, en, by, at_us, ends_us, state, decided_by, decided_at_us, why, number = row
    decided = None
    if state != ProposalState.OPEN:
        decided = Decided(ProposalState(state), decided_by, parse_moment(decided_at_us), why)
    return Proposal(
        proposal_id,
        file_name,
        table,
        Sentence(zh, en),
        by,
        parse_moment(at_us),
        parse_moment(ends_us),
        decided,
        number,
    )
