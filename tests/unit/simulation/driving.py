"""Families driven against running back ends, as a gateway drives them."""

import asyncio
import ssl

import httpx
import pytest

from tests.unit.simulation.running import RunningBackEnd
from tongxing.connectors.back_end import HttpBackEnd
from tongxing.core.errors import Rejected, Undecidable
from tongxing.core.reasons import ReasonId
from tongxing.regions.answers import BackEndAnswer, BackEndRequest, SourceAnswer
from tongxing.regions.families import FAMILIES
from tongxing.regions.translation import Translated, translate
from tongxing.simulation.backends import FAMILY_CREDENTIALS

PATIENCE_SECONDS = 10.0


_TLS = ssl.create_default_context()
"""Made once: a client makes its own in a hundredth of a second, which nobody needs on loopback."""


def carry(back_end: RunningBackEnd, request: BackEndRequest) -> BackEndAnswer:
    """Carry one request as a gateway does: by its connector."""

    async def exchange() -> BackEndAnswer:
        async with httpx.AsyncClient(trust_env=False, verify=_TLS) as client:
            return await HttpBackEnd(client, back_end.url).exchange(request, timeout_seconds=PATIENCE_SECONDS)

    return asyncio.run(exchange())


def ask(back_end: RunningBackEnd, qr_text: str) -> SourceAnswer:
    profile = back_end.profile
    family = FAMILIES[profile.family]
    assert family.recognises(qr_text, profile)
    credentials = FAMILY_CREDENTIALS.get(profile.family, {})
    asking = family.ask(qr_text, profile, back_end.clock.now(), "query", credentials)
    request = next(asking)
    while True:
        try:
            request = asking.send(carry(back_end, request))
        except StopIteration as end:
            told: SourceAnswer = end.value
            return told


def understand(back_end: RunningBackEnd, circumstance: str) -> Translated:
    return understand_code(back_end, back_end.show(circumstance))


def understand_code(back_end: RunningBackEnd, qr_text: str) -> Translated:
    told = ask(back_end, qr_text)
    return translate(told, back_end.profile, at=back_end.clock.now(), revision=1)


def reason_of(back_end: RunningBackEnd, qr_text: str) -> ReasonId:
    return refusal_of(back_end, qr_text)[0]


def refusal_of(back_end: RunningBackEnd, qr_text: str) -> tuple[ReasonId, str]:
    """Return why a code cannot be understood, for people and for the operator."""
    with pytest.raises((Rejected, Undecidable)) as why:
        understand_code(back_end, qr_text)
    return why.value.reason, why.value.detail
