"""A gateway's counts of passages, told to the hub over HTTP."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import msgspec

from tongxing.connectors.http_exchange import ExchangeFailed, SignedCaller
from tongxing.connectors.problems import raise_problem
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId

_HTTP_SUCCESS: Final = range(200, 300)
_SECONDS: Final = 10.0
_ANSWER_MAX_BYTES: Final = 16 * 1024


@dataclass(frozen=True, slots=True)
class HttpPassageCounts:
    """Implements ``services.statistics.PassageCountHub``."""

    caller: SignedCaller
    url: str

    async def tell_passages(self, day: date, origins: Mapping[str, int], reasons: Mapping[str, int]) -> None:
        """Tell the hub; durable there when it returns."""
        body = msgspec.json.encode({"day": day, "origins": origins, "reasons": reasons})
        target = f"{self.url}/v1/passage-counts"
        try:
            async with asyncio.timeout(_SECONDS):
                answer = await self.caller.call(
                    "POST", target, body=body, timeout_seconds=_SECONDS, answer_max_bytes=_ANSWER_MAX_BYTES
                )
        except TimeoutError as late:
            raise Refused(ProblemId.UPSTREAM_AWAY, f"hub: no answer in {_SECONDS} s") from late
        except ExchangeFailed as failed:
            raise Refused(ProblemId.UPSTREAM_AWAY, f"hub: {failed.kind}") from failed
        if answer.status not in _HTTP_SUCCESS:
            raise_problem(answer, "hub")
