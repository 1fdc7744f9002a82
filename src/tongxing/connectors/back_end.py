"""Carries a family's requests to the region's own back end."""

from dataclasses import dataclass, field
from typing import Final

import httpx

from tongxing.connectors.http_exchange import ExchangeFailed, FailureKind, exchange
from tongxing.core.errors import Undecidable
from tongxing.core.limits import BACK_END_ANSWER_MAX_BYTES
from tongxing.core.reasons import ReasonId
from tongxing.regions.answers import BackEndAnswer, BackEndRequest

_REASONS: Final[dict[FailureKind, ReasonId]] = {
    FailureKind.AWAY: ReasonId.SOURCE_AWAY,
    FailureKind.SLOW: ReasonId.SOURCE_SLOW,
    FailureKind.TOO_LONG: ReasonId.SOURCE_UNREADABLE,
    FailureKind.REDIRECT: ReasonId.SOURCE_UNREADABLE,
    FailureKind.COMPRESSED: ReasonId.SOURCE_UNREADABLE,
}


@dataclass(frozen=True, slots=True)
class HttpBackEnd:
    """The back end at ``base_url``; ``secret_headers`` are its credentials and go nowhere else."""

    client: httpx.AsyncClient
    base_url: str
    secret_headers: dict[str, str] = field(default_factory=dict, repr=False)

    async def exchange(self, request: BackEndRequest, *, timeout_seconds: float) -> BackEndAnswer:
        """Carry one request; see ``services.peers.BackEnd``."""
        try:
            answer = await exchange(
                self.client,
                request.method,
                self.base_url + request.path,
                headers={**request.headers, **self.secret_headers},
                body=request.body,
                timeout_seconds=timeout_seconds,
                answer_max_bytes=BACK_END_ANSWER_MAX_BYTES,
            )
        except ExchangeFailed as failed:
            raise Undecidable(_REASONS[failed.kind], failed.detail) from failed
        return BackEndAnswer(answer.status, answer.content_type, answer.body)
