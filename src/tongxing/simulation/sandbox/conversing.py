"""One conversation with a back end, as a gateway holds it: the family asks, the connector carries, both are kept.

It is how the sandbox says how a region is asked, and how the samples under ``vectors/dialects`` are recorded: what
stands there was really sent and really answered.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import httpx

from tongxing.connectors.back_end import HttpBackEnd
from tongxing.core.errors import Rejected, Undecidable
from tongxing.core.reasons import ReasonId
from tongxing.regions.answers import BackEndAnswer, BackEndRequest, SourceAnswer
from tongxing.regions.families import FAMILIES
from tongxing.regions.profile import Profile
from tongxing.simulation.sandbox.sites import Site

TIMEOUT_SECONDS: Final = 1.4


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer, None where no answer came that could be taken in."""

    request: BackEndRequest
    answer: BackEndAnswer | None


@dataclass(frozen=True, slots=True)
class Conversation:
    """What was asked and answered, and what the family made of it: an answer, or the reason why there is none."""

    exchanges: tuple[Exchange, ...]
    outcome: SourceAnswer | ReasonId


async def converse(
    back_end: HttpBackEnd,
    profile: Profile,
    qr_text: str,
    at: datetime,
    query_id: str,
    credentials: Mapping[str, str],
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> Conversation:
    """Ask ``back_end`` about the code ``qr_text`` as the profile's family does."""
    asking = FAMILIES[profile.family].ask(qr_text, profile, at, query_id, credentials)
    exchanges: list[Exchange] = []
    try:
        request = next(asking)
        while True:
            exchanges.append(Exchange(request, None))
            answer = await back_end.exchange(request, timeout_seconds=timeout_seconds)
            exchanges[-1] = Exchange(request, answer)
            request = asking.send(answer)
    except StopIteration as end:
        return Conversation(tuple(exchanges), end.value)
    except (Rejected, Undecidable) as why:
        return Conversation(tuple(exchanges), why.reason)


async def rehearse(site: Site, qr_text: str, at: datetime, query_id: str) -> Conversation:
    """Ask a site about a code without a network: the same application, the same bytes."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(site.app)) as client:
        back_end = HttpBackEnd(client, site.url)
        return await converse(back_end, site.profile, qr_text, at, query_id, site.credentials)
