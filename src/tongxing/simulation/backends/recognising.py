"""The one call by which a region's existing system learns of people whom it does not know (design, way 1).

    POST {gateway}/v1/recognitions {document: {type, number}, purpose, consent, person_ref}
    → {level, standing, issuer, as_of, valid_until, sentence: {zh, en}, derived_from, origin_division}

It asks its own gateway and nobody else, by a request signed with the key that the gateway has enrolled for it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

import msgspec

from tongxing.connectors.http_exchange import ExchangeFailed, SignedCaller
from tongxing.core.levels import Level, Standing
from tongxing.core.subjects import Document
from tongxing.core.words import RegionId

TIMEOUT_SECONDS: Final = 2.0
ANSWER_MAX_BYTES: Final = 16 * 1024
PURPOSE: Final = "own_code"
_OK: Final = 200


@dataclass(frozen=True, slots=True)
class Recognition:
    """What the gateway answered, as far as a code shows it: ``source`` is whose report, ``division`` from where."""

    level: Level | None
    standing: Standing
    source: RegionId | None
    valid_until: datetime | None
    sentence: str
    division: str | None = None


class Recognising(Protocol):
    """Asks whether other regions know somebody, whom the system itself calls ``person_ref``."""

    async def recognise(self, document: Document, person_ref: str) -> Recognition | None:
        """Return what is known, or None if nobody could be asked."""


class Unasked:
    """Asks nobody: a back end as it was before the change."""

    async def recognise(self, document: Document, person_ref: str) -> Recognition | None:  # noqa: ARG002 - as the protocol has it
        """Return None."""
        return None


class GatewayRecognising:
    """Asks the back end's own gateway at ``gateway_url``."""

    def __init__(self, caller: SignedCaller, gateway_url: str) -> None:
        self._caller = caller
        self._url = gateway_url + "/v1/recognitions"

    async def recognise(self, document: Document, person_ref: str) -> Recognition | None:
        """Ask with the consent that the citizen gave by opening the code."""
        asked = {
            "document": {"type": document.type.value, "number": document.number},
            "purpose": PURPOSE,
            "consent": True,
            "person_ref": person_ref,
        }
        try:
            answer = await self._caller.call(
                "POST",
                self._url,
                body=msgspec.json.encode(asked),
                timeout_seconds=TIMEOUT_SECONDS,
                answer_max_bytes=ANSWER_MAX_BYTES,
            )
        except ExchangeFailed:
            return None
        return parse_recognition(answer.body) if answer.status == _OK else None


class _Words(msgspec.Struct):
    zh: str
    en: str


class _Answer(msgspec.Struct):
    standing: Standing
    sentence: _Words
    level: Level | None = None
    issuer: str | None = None
    derived_from: str | None = None
    valid_until: datetime | None = None
    origin_division: str | None = None


def parse_recognition(body: bytes) -> Recognition | None:
    """Read an answer; None if it is none. A level counts only where the standing is current."""
    try:
        told = msgspec.json.decode(body, type=_Answer)
    except msgspec.DecodeError:
        return None
    source = told.derived_from or told.issuer
    return Recognition(
        level=told.level if told.standing is Standing.CURRENT else None,
        standing=told.standing,
        source=None if source is None else RegionId(source),
        valid_until=told.valid_until,
        sentence=told.sentence.zh,
        division=told.origin_division,
    )
