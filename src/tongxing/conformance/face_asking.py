"""Asks a face of GB/T 38963 as an application and as a checkpoint, and hears its answers.

Names come from the one table that the face has (``api.gb38963.names``): whoever replaces it examines by the new names.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
import msgspec

from tongxing.api.gb38963.names import CALL_NAMES, CallNumber, wire_name
from tongxing.api.gb38963.return_codes import ReturnCode
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import DocumentType
from tongxing.core.words import RegionId, Sentence
from tongxing.crypto.http_signatures import sign_request
from tongxing.crypto.keys import SigningKey
from tongxing.services.ports import Clock

PATIENCE_SECONDS: Final = 5.0
_NONCE_BYTES: Final = 16
_JSON: Final = "application/json"


@dataclass(frozen=True, slots=True)
class FaceGiven:
    """Whose face it is, the keys of two callers that are enrolled there, and one test person."""

    region: RegionId
    name: Sentence
    application: SigningKey = field(repr=False)
    checkpoint: SigningKey = field(repr=False)
    document_type: DocumentType
    document_number: str = field(repr=False)
    person_name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class FaceAnswer:
    """One answer: the HTTP status, and the JSON object in it, empty where there is none."""

    status: int
    value: Mapping[str, Any] = field(repr=False)

    @property
    def return_code(self) -> int | None:
        """The return code, None where none is told."""
        told = self.value.get(wire_name("return_code"))
        return told if isinstance(told, int) and not isinstance(told, bool) else None

    @property
    def is_done(self) -> bool:
        """True if the call says that it did what was asked."""
        return self.return_code == ReturnCode.OK

    @property
    def data(self) -> Mapping[str, Any]:
        """What is told besides the return code; empty where nothing is."""
        told = self.value.get(wire_name("data"))
        return told if isinstance(told, dict) else {}

    def say(self) -> Sentence:
        """Return what was answered, in words, without what was told."""
        told = "-" if self.return_code is None else self.return_code
        return Sentence(f"返回码 {told}（HTTP {self.status}）", f"return code {told} (HTTP {self.status})")


@dataclass(slots=True)
class FaceAsker:
    """Calls one face. ``url`` is what is signed, without a path."""

    client: httpx.AsyncClient
    url: str
    given: FaceGiven
    clock: Clock
    heard: list[FaceAnswer] = field(default_factory=list)

    async def call(self, key: SigningKey | None, number: CallNumber, body: bytes | Mapping[str, object]) -> FaceAnswer:
        """Make one call, signed by ``key``, unsigned for None. Raises Refused(UPSTREAM_AWAY) if nobody answers."""
        content = body if isinstance(body, bytes) else msgspec.json.encode(body)
        return await self.send(number, content, self.sign(key, number, content))

    def sign(self, key: SigningKey | None, number: CallNumber, content: bytes) -> dict[str, str]:
        """Return the headers of one call."""
        headers = {"content-type": _JSON}
        if key is None:
            return headers
        added = sign_request(
            method="POST",
            url=self.url + CALL_NAMES[number].path,
            headers=headers,
            body=content,
            key=key,
            created=self.clock.now(),
            nonce=secrets.token_hex(_NONCE_BYTES),
        )
        return {**headers, **added}

    async def send(self, number: CallNumber, content: bytes, headers: Mapping[str, str]) -> FaceAnswer:
        """Send one call with these very headers. Raises as ``call``."""
        target = self.url + CALL_NAMES[number].path
        try:
            answer = await self.client.post(target, content=content, headers=headers, timeout=PATIENCE_SECONDS)
        except httpx.TransportError as away:
            raise Refused(ProblemId.UPSTREAM_AWAY, f"{self.url} does not answer: {type(away).__name__}") from away
        try:
            value = msgspec.json.decode(answer.content)
        except msgspec.DecodeError:
            value = None
        heard = FaceAnswer(answer.status_code, value if isinstance(value, dict) else {})
        self.heard.append(heard)
        return heard

    async def apply(self, key: SigningKey, application: str) -> dict[str, object]:
        """Return serial and random number of an application, under their names; empty where there is none."""
        answer = await self.call(key, CallNumber.CALL_APPLICATION, named(application=application))
        return {name: answer.data[name] for name in map(wire_name, ("serial", "random")) if name in answer.data}

    def person(self, **more: object) -> dict[str, object]:
        """Return the test person as calls name them, and more."""
        given = self.given
        return named(document_type=given.document_type, document_number=given.document_number, **more)


def named(**ours: object) -> dict[str, object]:
    """Return values under the names that they have on the wire."""
    return {wire_name(name): value for name, value in ours.items()}
