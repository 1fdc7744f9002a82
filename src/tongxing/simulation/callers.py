"""Who calls the nodes from outside: devices, back ends and operators, each with a key of its own.

They speak real HTTP as their counterparts outside would: requests signed by RFC 9421, and for a
device's scans a session. Each is for one thread at a time.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, Protocol, Self

import httpx
import msgspec

from tongxing.core.checkpoints import Temperature
from tongxing.core.errors import Fault
from tongxing.core.proofs import ProofKind
from tongxing.core.words import PlaceKind
from tongxing.crypto.http_signatures import sign_request
from tongxing.crypto.keys import SigningKey
from tongxing.services.ports import Clock

TIMEOUT_SECONDS: Final = 30.0
_NONCE_BYTES: Final = 16
_JSON: Final = {"content-type": "application/json"}


class ProblemAnswered(Exception):
    """A node answered with a problem (RFC 9457)."""

    def __init__(self, status: int, problem: str, detail: str) -> None:
        super().__init__(f"{status} {problem}: {detail}")
        self.status = status
        self.problem = problem


class Caller:
    """Calls one node with signed requests."""

    def __init__(self, url: str, key: SigningKey, clock: Clock) -> None:
        self.url = url
        self.key = key
        self._clock = clock
        self._client = httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def get(self, path: str) -> Any:  # noqa: ANN401 - JSON
        """Return the JSON answer of a signed GET. Raises ProblemAnswered, or Fault if nobody answers."""
        return _read(self.send("GET", path))

    def post(self, path: str, value: object = None) -> Any:  # noqa: ANN401 - JSON
        """Return the JSON answer of a signed POST of JSON. Raises as ``get``."""
        body = b"" if value is None else msgspec.json.encode(value)
        return _read(self.send("POST", path, body, _JSON if body else {}))

    def send(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Sign and send one request; return the answer whatever it is. Raises Fault if nobody answers."""
        given = dict(headers or {})
        signed = sign_request(
            method=method,
            url=self.url + path,
            headers=given,
            body=body,
            key=self.key,
            created=self._clock.now(),
            nonce=os.urandom(_NONCE_BYTES).hex(),
        )
        return self._transfer(method, path, body, {**given, **signed})

    def _transfer(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> httpx.Response:
        try:
            return self._client.request(method, self.url + path, content=body or None, headers=dict(headers))
        except httpx.TransportError as away:
            raise Fault(f"{self.url} does not answer: {type(away).__name__}") from away


class PaperTest(Protocol):
    """A test whose result is on a paper that the guard reads."""

    @property
    def kind(self) -> ProofKind:
        """Nucleic acid or antigen."""

    @property
    def hours_ago(self) -> int:
        """How old the sample is."""

    @property
    def positive(self) -> bool:
        """What was found."""


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a device got for one scan: the answer byte for byte, and the same read."""

    raw: bytes
    guard: Mapping[str, Any] = field(repr=False)

    @property
    def ref(self) -> str:
        """The verdict's reference."""
        return str(self.guard["ref"])


class Device(Caller):
    """A checkpoint's device: proves its key once for a session and shows that with every scan."""

    def __init__(self, url: str, key: SigningKey, clock: Clock, place_kind: PlaceKind) -> None:
        super().__init__(url, key, clock)
        self.place_kind = place_kind
        self._token: str | None = None

    def renew_session(self) -> str:
        """Open a new session, since the clock may have been set, and return its token, a secret."""
        token: str = self.post("/v1/sessions")["token"]
        self._token = token
        return token

    def scan(self, qr_text: str, temperature: Temperature | None = None, proofs: Sequence[PaperTest] = ()) -> Scanned:
        """Send the text of a code, and what was shown on paper; return the guard's answer. Raises ProblemAnswered."""
        body: dict[str, object] = {"qr_text": qr_text, "place_kind": self.place_kind}
        if temperature is not None:
            body["temperature"] = {"decicelsius": temperature.decicelsius, "confirmed": temperature.confirmed}
        if proofs:
            now = self._clock.now()
            body["shown"] = [
                {
                    "kind": proof.kind,
                    "at": (now - timedelta(hours=proof.hours_ago)).isoformat(),
                    "positive": proof.positive,
                }
                for proof in proofs
            ]
        return self._scan("/v1/verifications", msgspec.json.encode(body), "application/json")

    def verify_document(self, document: Mapping[str, str]) -> Scanned:
        """Send a document that was typed in the person's presence; return the guard's answer. Raises as ``scan``."""
        body = {"document": document, "place_kind": self.place_kind, "presence": True}
        return self._scan("/v1/verifications/document", msgspec.json.encode(body), "application/json")

    def scan_picture(self, picture: bytes) -> Scanned:
        """Send a picture of a code (PNG); return the guard's answer. Raises ProblemAnswered."""
        body = {"picture": picture, "place_kind": self.place_kind}
        return self._scan("/v1/verifications/picture", msgspec.json.encode(body), "application/json")

    def _scan(self, path: str, body: bytes, content_type: str) -> Scanned:
        token = self._token or self.renew_session()
        headers = {"authorization": f"Bearer {token}", "content-type": content_type}
        response = self._transfer("POST", path, body, headers)
        return Scanned(response.content, _read(response))


def _read(response: httpx.Response) -> Any:  # noqa: ANN401 - JSON
    try:
        value = msgspec.json.decode(response.content) if response.content else None
    except msgspec.DecodeError as unreadable:
        raise Fault(f"an answer with status {response.status_code} is no JSON") from unreadable
    if response.is_success:
        return value
    told = value if isinstance(value, dict) else {}
    problem = str(told.get("type", "")).rpartition(":")[2]
    raise ProblemAnswered(response.status_code, problem, str(told.get("detail", "")))
