"""A dataset's owner over HTTP: asked by subject key, signed by the hub, bounded in time and length.

The question is ``POST <address>/v1/source-queries`` with ``{"subject_keys": [hex, …]}``; the answer
``{"as_of": …, "rows": [{kind, ref, revision, since, …}, …]}`` as JSON, pieces written as in ``POST /v1/evidence``.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import msgspec

from tongxing.connectors.http_exchange import ExchangeFailed, FailureKind, SignedCaller
from tongxing.core.causes import Cause
from tongxing.core.errors import Undecidable
from tongxing.core.evidence import Evidence, EvidenceKind, ProofResult
from tongxing.core.limits import LIVE_ANSWER_MAX_BYTES, LIVE_PIECES_MAX
from tongxing.core.reasons import ReasonId
from tongxing.core.subjects import SubjectKeys
from tongxing.services.live_sources import LiveAnswer

_HTTP_OK: Final = 200
_REASONS: Final[dict[FailureKind, ReasonId]] = {
    FailureKind.AWAY: ReasonId.SOURCE_AWAY,
    FailureKind.SLOW: ReasonId.SOURCE_SLOW,
    FailureKind.TOO_LONG: ReasonId.SOURCE_UNREADABLE,
    FailureKind.REDIRECT: ReasonId.SOURCE_UNREADABLE,
    FailureKind.COMPRESSED: ReasonId.SOURCE_UNREADABLE,
}


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kind: EvidenceKind
    ref: str
    revision: int
    since: datetime
    until: datetime | None = None
    cause: Cause | None = None
    retracted: bool = False
    result: ProofResult | None = None
    division: str | None = None


class _Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    as_of: datetime
    rows: tuple[_Row, ...]


_DECODER: Final = msgspec.json.Decoder(_Answer)


@dataclass(frozen=True, slots=True)
class HttpLiveSource:
    """Implements ``services.live_sources.LiveSource``."""

    caller: SignedCaller
    url: str

    async def ask(self, keys: SubjectKeys, *, timeout_seconds: float) -> LiveAnswer:
        """Ask what the owner holds of a person."""
        body = msgspec.json.encode({"subject_keys": [key.hex() for key in keys]})
        try:
            answer = await self.caller.call(
                "POST",
                f"{self.url}/v1/source-queries",
                body=body,
                timeout_seconds=timeout_seconds,
                answer_max_bytes=LIVE_ANSWER_MAX_BYTES,
            )
        except ExchangeFailed as failed:
            raise Undecidable(_REASONS[failed.kind], failed.detail) from failed
        if answer.status != _HTTP_OK:
            raise Undecidable(ReasonId.SOURCE_AWAY, f"status {answer.status}")
        try:
            told = _DECODER.decode(answer.body)
            if len(told.rows) > LIVE_PIECES_MAX:
                raise Undecidable(ReasonId.SOURCE_UNREADABLE, f"more than {LIVE_PIECES_MAX} pieces of one person")
            return LiveAnswer(tuple(map(_piece, told.rows)), _utc(told.as_of))
        except (msgspec.MsgspecError, ValueError) as unreadable:
            raise Undecidable(ReasonId.SOURCE_UNREADABLE, "not the answer of a source") from unreadable


def _piece(row: _Row) -> Evidence:
    until = None if row.until is None else _utc(row.until)
    return Evidence(
        row.kind, row.ref, row.revision, _utc(row.since), until, row.division, row.cause, row.retracted, row.result
    )


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment has no time zone")
    return moment.astimezone(UTC)
