"""Other regions' gateways over HTTP, at the address that the directory names."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

import msgspec

from tongxing.connectors.http_exchange import ExchangeFailed, FailureKind, HttpAnswer, SignedCaller
from tongxing.connectors.problems import TOLD_BY_ISSUERS, raise_upstream_problem, told_flaw, told_reason
from tongxing.core.errors import Refused, Rejected, Undecidable
from tongxing.core.limits import STATEMENT_MAX_BYTES
from tongxing.core.problems import ProblemId
from tongxing.core.reasons import ReasonId
from tongxing.services.peers import SharedVerdict, StatementRequest
from tongxing.trust.directory import DirectoryRecord

_HTTP_OK: Final = 200
_ANSWER_MAX_BYTES: Final = 64 * 1024
_REASONS: Final[dict[FailureKind, ReasonId]] = {
    FailureKind.AWAY: ReasonId.GATEWAY_AWAY,
    FailureKind.SLOW: ReasonId.GATEWAY_SLOW,
    FailureKind.TOO_LONG: ReasonId.GATEWAY_AWAY,
    FailureKind.REDIRECT: ReasonId.GATEWAY_AWAY,
    FailureKind.COMPRESSED: ReasonId.GATEWAY_AWAY,
}
_SHARED: Final = msgspec.json.Decoder(SharedVerdict)


@dataclass(frozen=True, slots=True)
class HttpPeers:
    """Implements ``services.peers.Peers``."""

    caller: SignedCaller

    async def request_statement(
        self, issuer: DirectoryRecord, request: StatementRequest, *, timeout_seconds: float
    ) -> bytes:
        """Return the statement's bytes, or raise the issuer's own reason."""
        url = f"{issuer.url}/v1/statements"
        return await request_statement_bytes(self.caller, url, msgspec.json.encode(request), timeout_seconds)

    async def request_citizen_view(self, host: DirectoryRecord, ref: str, *, timeout_seconds: float) -> SharedVerdict:
        """Return the citizen's view that the host keeps, or raise ``Refused``."""
        try:
            answer = await self.caller.call(
                "GET",
                f"{host.url}/v1/verdicts/{quote(ref, safe='')}/citizen",
                timeout_seconds=timeout_seconds,
                answer_max_bytes=_ANSWER_MAX_BYTES,
            )
        except ExchangeFailed as failed:
            raise Refused(ProblemId.UPSTREAM_AWAY, f"region {host.region}: {failed.kind}") from failed
        if answer.status != _HTTP_OK:
            raise_upstream_problem(answer, f"region {host.region}")
        try:
            return _SHARED.decode(answer.body)
        except msgspec.MsgspecError as unreadable:
            raise Refused(ProblemId.UPSTREAM_AWAY, f"region {host.region}: unreadable answer") from unreadable


async def request_statement_bytes(caller: SignedCaller, url: str, body: bytes, timeout_seconds: float) -> bytes:
    """Ask an issuer's gateway for a signed statement; raises its own reason, ``GATEWAY_AWAY`` or ``GATEWAY_SLOW``."""
    try:
        answer = await caller.call(
            "POST", url, body=body, timeout_seconds=timeout_seconds, answer_max_bytes=_ANSWER_MAX_BYTES
        )
    except ExchangeFailed as failed:
        raise Undecidable(_REASONS[failed.kind], failed.detail) from failed
    if answer.status == _HTTP_OK and len(answer.body) <= STATEMENT_MAX_BYTES:
        return answer.body
    raise _refusal_of(answer)


def _refusal_of(answer: HttpAnswer) -> Rejected | Undecidable:
    reason = told_reason(answer)
    if reason in TOLD_BY_ISSUERS:
        flaw = told_flaw(answer)
        return Rejected(reason, f"told by the issuing region's gateway{flaw and f': {flaw}'}")
    return Undecidable(ReasonId.GATEWAY_AWAY, f"status {answer.status} without a known reason")
