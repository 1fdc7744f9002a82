"""Opens a client of one node: as the holder of a key, as a device with a session, as a citizen, or as anybody."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from tongxing.app.settings import check_origin
from tongxing.app.system import SystemClock, system_entropy
from tongxing.client.calling import Caller, HeaderCaller, SessionCaller, citizen_caller
from tongxing.client.node_client import NodeClient
from tongxing.connectors.http_exchange import SignedCaller
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.crypto.keys import SigningKey
from tongxing.services.ports import Clock


@asynccontextmanager
async def open_client(
    url: str, key: SigningKey | None = None, *, in_session: bool = False, clock: Clock | None = None
) -> AsyncIterator[NodeClient]:
    """Yield a client of the node at ``url``, an origin.

    With a ``key`` each request is signed (RFC 9421); ``in_session`` a device's are signed once for a session. Without
    one only public calls are answered. Raises ``Refused`` where ``url`` is no origin or a session has no key.
    """
    origin = _origin(url)
    if in_session and key is None:
        raise Refused(ProblemId.BAD_REQUEST, "a session is opened with a key")
    async with _http() as client:
        caller: Caller = HeaderCaller(client)
        if key is not None:
            signed = SignedCaller(client, key, clock or SystemClock(), system_entropy)
            caller = SessionCaller(signed, origin) if in_session else signed
        yield NodeClient(caller, origin)


@asynccontextmanager
async def open_citizen_client(url: str, session: str, csrf: str = "") -> AsyncIterator[NodeClient]:
    """Yield a client of somebody who signed in with a browser: their cookie's value, and the token against forgery.

    Without ``csrf``, which ``tell_identity`` tells, only what changes nothing is answered. Raises ``Refused``.
    """
    origin = _origin(url)
    async with _http() as client:
        yield NodeClient(citizen_caller(client, origin, session, csrf), origin)


def _http() -> httpx.AsyncClient:
    return httpx.AsyncClient(follow_redirects=False, trust_env=False)


def _origin(url: str) -> str:
    try:
        return check_origin(url)
    except ValueError as error:
        raise Refused(ProblemId.BAD_REQUEST, f"{url[:80]!r}: {error}") from error
