"""Asking a hub what anybody may ask it: the level of a place at a moment. No key, no signature."""

from datetime import datetime
from typing import Final
from urllib.parse import urlencode

import httpx
import msgspec

from tongxing.connectors.http_exchange import ExchangeFailed, exchange
from tongxing.connectors.problems import raise_problem
from tongxing.core.errors import Refused
from tongxing.core.limits import REQUEST_BODY_MAX_BYTES
from tongxing.core.problems import ProblemId

_TIMEOUT_SECONDS: Final = 10.0
_HTTP_OK: Final = 200


async def fetch_risk_levels(client: httpx.AsyncClient, hub: str, place: str, at: datetime | None) -> dict[str, object]:
    """Return what the hub at the origin ``hub`` says of a place by number or name. Raises ``Refused``."""
    asked = {"place": place} | ({} if at is None else {"at": at.isoformat()})
    url = f"{hub}/v1/risk-levels?{urlencode(asked)}"
    try:
        answer = await exchange(
            client,
            "GET",
            url,
            headers={},
            body=b"",
            timeout_seconds=_TIMEOUT_SECONDS,
            answer_max_bytes=REQUEST_BODY_MAX_BYTES,
        )
    except ExchangeFailed as failed:
        raise Refused(ProblemId.UPSTREAM_AWAY, f"{hub}: {failed.kind}") from failed
    if answer.status != _HTTP_OK:
        raise_problem(answer, hub)
    try:
        return msgspec.json.decode(answer.body, type=dict[str, object])
    except msgspec.MsgspecError as unreadable:
        raise Refused(ProblemId.UPSTREAM_AWAY, f"{hub}: unreadable answer") from unreadable
