"""Requests as most families make them: one JSON object, and the secrets that a scheme needs."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar

from tongxing.core.errors import Undecidable
from tongxing.core.reasons import ReasonId
from tongxing.regions.answers import BackEndRequest

Name = TypeVar("Name", bound=str)


def json_request(
    path: str, values: Mapping[Name, str], query_id: str, headers: Mapping[str, str] | None = None
) -> BackEndRequest:
    """Return a POST of ``values`` as one JSON object to ``path``; ``headers`` are those of the dialect."""
    sent = {"content-type": "application/json", "accept": "application/json", "x-request-id": query_id}
    return BackEndRequest("POST", path, {**sent, **(headers or {})}, json.dumps(values, ensure_ascii=False).encode())


def secret_of(credentials: Mapping[str, str], name: str) -> str:
    """Return the credential ``name``. Raises Undecidable(SOURCE_REFUSED) if the gateway has none."""
    secret = credentials.get(name)
    if not secret:
        raise Undecidable(ReasonId.SOURCE_REFUSED, f"this gateway has no credential {name}")
    return secret


def milliseconds(at: datetime) -> str:
    """Return a moment (aware) as milliseconds since 1970, in digits."""
    return str(int(at.timestamp() * 1000))
