"""Families driven against running back ends, as a gateway drives them."""

import pytest

from tests.unit.regions.samples import load_profile
from tests.unit.simulation.running import RunningBackEnd
from tongxing.core.errors import Rejected, Undecidable
from tongxing.core.limits import BACK_END_ANSWER_MAX_BYTES
from tongxing.core.reasons import ReasonId
from tongxing.regions.answers import BackEndAnswer, BackEndRequest, SourceAnswer
from tongxing.regions.families import FAMILIES
from tongxing.regions.translation import Translated, translate
from tongxing.simulation.backends import SANDBOX_CREDENTIALS


def carry(back_end: RunningBackEnd, request: BackEndRequest) -> BackEndAnswer:
    """Carry one request as a connector does: no redirects, and no more of the body than the limit and a byte."""
    headers, body = dict(request.headers), bytearray()
    with back_end.client.stream(request.method, request.path, headers=headers, content=request.body) as response:
        for part in response.iter_bytes(4096):
            body += part
            if len(body) > BACK_END_ANSWER_MAX_BYTES:
                break
        return BackEndAnswer(response.status_code, response.headers.get("content-type", ""), bytes(body))


def ask(back_end: RunningBackEnd, qr_text: str) -> SourceAnswer:
    profile = load_profile(back_end.people.region)
    family = FAMILIES[profile.family]
    assert family.recognises(qr_text, profile)
    credentials = SANDBOX_CREDENTIALS.get(back_end.people.region, {})
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
    return translate(told, load_profile(back_end.people.region), at=back_end.clock.now(), revision=1)


def reason_of(back_end: RunningBackEnd, qr_text: str) -> ReasonId:
    with pytest.raises((Rejected, Undecidable)) as why:
        ask(back_end, qr_text)
    return why.value.reason
