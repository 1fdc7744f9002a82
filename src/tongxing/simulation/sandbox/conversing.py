"""Asks a site of the sandbox about a code as a gateway does, without a network: the same program, the same bytes."""

from datetime import datetime

import httpx

from tongxing.connectors.back_end import HttpBackEnd
from tongxing.connectors.conversing import Conversation, converse
from tongxing.simulation.sandbox.sites import Site


async def rehearse(site: Site, qr_text: str, at: datetime, query_id: str) -> Conversation:
    """Ask a site about a code, by its own family."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(site.app)) as client:
        back_end = HttpBackEnd(client, site.url)
        return await converse(back_end, site.profile, qr_text, at, query_id, site.credentials)
