"""Signed requests between the nodes, devices, back ends and operators of the federation.

Specs: RFC 9421 by the http-message-signatures library, and RFC 9530 for ``Content-Digest``. The profile: one
signature, tag ``tongxing``, over method, authority, path and query, and, where there is a body, its
digest and type; ``created``, ``keyid`` (the key's id in hexadecimal) and ``nonce`` are needed. The scheme
is not covered, so that a proxy may end TLS. The suite is the enrolled key's, never the request's.

No clock is read: the moment comes in as ``at``. Whether a nonce was seen before is for the caller, who
must remember each until ``created`` plus ``REQUEST_SIGNATURE_LIFE`` plus twice ``CLOCK_SKEW``: once for
the signer's clock, once for another node's on the same record of nonces.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import http_sf
from http_message_signatures import (
    HTTPMessageSignaturesException,
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureAlgorithm,
    HTTPSignatureKeyResolver,
    VerifyResult,
)

from tongxing.core.errors import Refused
from tongxing.core.limits import CLOCK_SKEW, NONCE_MAX_CHARACTERS, NONCE_MIN_CHARACTERS, REQUEST_SIGNATURE_LIFE
from tongxing.core.problems import ProblemId
from tongxing.crypto.keys import PublicKey, SigningKey
from tongxing.crypto.suites import SUITES, SuiteId

TAG: Final = "tongxing"
SIGNATURE_FIELDS_MAX_CHARACTERS: Final = 2_048

_LABEL: Final = "sig1"
_ALWAYS: Final = ("@method", "@authority", "@path", "@query")


@dataclass(frozen=True, slots=True)
class SignedBy:
    """Who signed a request, with which nonce, and when (aware UTC)."""

    key_id: str
    nonce: str
    created: datetime


@dataclass(slots=True)
class _Request:
    """The shape of a message that the library asks for; it adds headers in place."""

    method: str
    url: str
    headers: dict[str, str]


class _SuiteAlgorithm(HTTPSignatureAlgorithm):
    """A suite of ours as an algorithm of the library."""

    def __init__(self, public_key: Any = None, private_key: Any = None) -> None:  # noqa: ANN401 - the library's own
        self._public: PublicKey = public_key
        self._private: SigningKey = private_key

    def sign(self, message: bytes) -> bytes:
        return self._private.sign(message)

    def verify(self, signature: bytes, message: bytes) -> None:
        self._public.verify(message, signature)


_ALGORITHMS: Final[dict[SuiteId, type[HTTPSignatureAlgorithm]]] = {
    suite_id: type(f"_{suite_id.name}", (_SuiteAlgorithm,), {"algorithm_id": suite.http_alg})
    for suite_id, suite in SUITES.items()
}


class _OneKey(HTTPSignatureKeyResolver):
    """Hands the library the one key that was looked up before."""

    def __init__(self, *, public: PublicKey | None = None, private: SigningKey | None = None) -> None:
        self._public = public
        self._private = private

    def resolve_public_key(self, key_id: str) -> PublicKey | None:  # noqa: ARG002 - the library's own
        return self._public

    def resolve_private_key(self, key_id: str) -> SigningKey | None:  # noqa: ARG002 - the library's own
        return self._private


class _TimelessVerifier(HTTPMessageVerifier):
    """The library's verifier without its clock; times are checked by ``_check_times``."""

    def validate_created_and_expires(self, sig_input: Any, max_age: Any = None) -> None:  # noqa: ANN401
        """Leave times to the caller, who knows what time it is."""


def sign_request(
    *,
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    key: SigningKey,
    created: datetime,
    nonce: str,
) -> dict[str, str]:
    """Return the headers to add to a request: ``Signature-Input``, ``Signature``, and for a body ``Content-Digest``.

    ``url`` is absolute, ``nonce`` has ``NONCE_MIN_CHARACTERS`` to ``NONCE_MAX_CHARACTERS``. Raises
    ``ValueError`` for a request that cannot be signed (a URL or header outside the specs).
    Spec: RFC 9421, section 3.1.
    """
    request = _Request(method, url, _without_digest(headers))
    signer = HTTPMessageSigner(signature_algorithm=_ALGORITHMS[key.public.suite], key_resolver=_OneKey(private=key))
    covered = [*_ALWAYS, *_content_type_of(request, body)]
    try:
        signer.sign(
            request,
            key_id=key.public.kid.hex(),
            created=created,
            nonce=nonce,
            label=_LABEL,
            tag=TAG,
            covered_component_ids=covered,
            body=body or None,
        )
    except HTTPMessageSignaturesException as error:
        raise ValueError(f"the request cannot be signed: {error}") from error
    added = ("Content-Digest", "Signature-Input", "Signature")
    return {name: request.headers[name] for name in added if name in request.headers}


def verify_request(
    *,
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    resolve: Callable[[str], PublicKey | None],
    at: datetime,
) -> SignedBy:
    """Check a request's signature and return who made it. ``resolve`` finds a key by its id in hexadecimal.

    Raises ``Refused`` with ``UNAUTHENTICATED`` (no signature, or by no known key),
    ``SIGNATURE_INVALID`` (malformed, forged, altered or not covering what it must) or ``CLOCK_SKEW``
    (rightly signed, at another time). The caller refuses a nonce that was seen before.
    Spec: RFC 9421, section 3.2.
    """
    request = _Request(method, url, dict(headers))
    key = resolve(_claimed_key_id(request))
    if key is None:
        raise Refused(ProblemId.UNAUTHENTICATED, "the key is not known")
    verifier = _TimelessVerifier(signature_algorithm=_ALGORITHMS[key.suite], key_resolver=_OneKey(public=key))
    # The library itself asks for a covered digest where there is a body.
    needed = (*_ALWAYS, *_content_type_of(request, body))
    try:
        (result,) = verifier.verify(request, expect_tag=TAG, require_components=needed, body=body)
    except (HTTPMessageSignaturesException, ValueError) as error:
        raise Refused(ProblemId.SIGNATURE_INVALID, str(error)) from error
    return _signed_by(result, key, at)


def _signed_by(result: VerifyResult, key: PublicKey, at: datetime) -> SignedBy:
    key_id, nonce, created = (result.parameters.get(name) for name in ("keyid", "nonce", "created"))
    if key_id != key.kid.hex():
        raise Refused(ProblemId.SIGNATURE_INVALID, "the key id is not that of the key")
    if not isinstance(nonce, str) or not NONCE_MIN_CHARACTERS <= len(nonce) <= NONCE_MAX_CHARACTERS:
        raise Refused(
            ProblemId.SIGNATURE_INVALID,
            f"a nonce of {NONCE_MIN_CHARACTERS} to {NONCE_MAX_CHARACTERS} characters is needed",
        )
    if not isinstance(created, int):
        raise Refused(ProblemId.SIGNATURE_INVALID, "the time of signing is needed")
    signed_at = _check_times(created, result.parameters.get("expires"), at)
    return SignedBy(key_id, nonce, signed_at)


def _check_times(created: int, expires: int | str | None, at: datetime) -> datetime:
    now = at.timestamp()
    oldest = now - (REQUEST_SIGNATURE_LIFE + CLOCK_SKEW).total_seconds()
    if not oldest <= created <= now + CLOCK_SKEW.total_seconds():
        raise Refused(ProblemId.CLOCK_SKEW, f"signed {now - created:+.0f} seconds ago")
    if isinstance(expires, int) and now > expires + CLOCK_SKEW.total_seconds():
        raise Refused(ProblemId.CLOCK_SKEW, "the signature has expired")
    return datetime.fromtimestamp(created, UTC)


def _claimed_key_id(request: _Request) -> str:
    """Return the key id of the one signature, unverified: it only serves to look the key up."""
    fields = {name.lower(): value for name, value in request.headers.items()}
    signature_input = fields.get("signature-input")
    if signature_input is None or "signature" not in fields:
        raise Refused(ProblemId.UNAUTHENTICATED, "the request is not signed")
    if len(signature_input) + len(fields["signature"]) > SIGNATURE_FIELDS_MAX_CHARACTERS:
        raise Refused(ProblemId.SIGNATURE_INVALID, "the signature's fields are too long")
    try:
        members: Any = http_sf.parse(signature_input.encode("ascii"), tltype="dictionary")
    except ValueError as error:
        raise Refused(ProblemId.SIGNATURE_INVALID, "Signature-Input is malformed") from error
    if len(members) != 1:
        raise Refused(ProblemId.SIGNATURE_INVALID, "exactly one signature is expected")
    ((_, parameters),) = members.values()
    key_id = parameters.get("keyid")
    if not isinstance(key_id, str):
        raise Refused(ProblemId.SIGNATURE_INVALID, "the signature names no key")
    return key_id


def _content_type_of(request: _Request, body: bytes) -> tuple[str, ...]:
    has_type = any(name.lower() == "content-type" for name in request.headers)
    return ("content-type",) if body and has_type else ()


def _without_digest(headers: Mapping[str, str]) -> dict[str, str]:
    replaced = ("content-digest", "signature-input", "signature")
    return {name: value for name, value in headers.items() if name.lower() not in replaced}
