"""Calling a node from the command line, with the key file of a device, a back end or an operator."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from tongxing.app.key_files import load_signing_key
from tongxing.app.settings import check_origin
from tongxing.app.system import SystemClock, system_entropy
from tongxing.connectors.http_exchange import SignedCaller
from tongxing.connectors.node import NodeCaller
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId


@asynccontextmanager
async def calling_node(url: str, key: Path) -> AsyncIterator[NodeCaller]:
    """Yield a caller whose requests are signed by the key file. Raises ``Refused`` where ``url`` is no address."""
    try:
        origin = check_origin(url)
    except ValueError as error:
        raise Refused(ProblemId.BAD_REQUEST, f"{url[:80]!r}: {error}") from error
    signing_key = load_signing_key(key)
    async with httpx.AsyncClient(follow_redirects=False, trust_env=False) as client:
        yield NodeCaller(SignedCaller(client, signing_key, SystemClock(), system_entropy), origin)
