"""Bundle v0: all that a verifier needs without a network; signed, numbered, dated, chained to its predecessor.

A bundle is a COSE_Sign1 over deterministic CBOR {number, issued_at, expires_at, previous_digest,
sections}. The digest of a bundle is SHA-256 over that payload, not over the signed bytes, which
could be encoded twice. Sections are bytes here; ``tongxing.recognition.knowledge`` reads them.

Rules of updating, in the order in which they are checked (each refusal names its word):
too large → malformed → signature → future → rollback (a lower number than held) → fork (the held
number with another content) → gap (a number was left out) → broken chain (the predecessor is
another) → expired. The first bundle of a node (nothing held) may have any number. An expired
bundle is refused when it comes, and stops deciding when it expires while held (``BUNDLE_TOO_OLD``);
what was held already may be taken up again whatever its age, so that a restart forgets nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from tongxing.core.errors import Refused
from tongxing.core.limits import BUNDLE_MAX_BYTES, CLOCK_SKEW
from tongxing.core.problems import ProblemId
from tongxing.crypto.digests import SHA256_BYTES, sha256
from tongxing.crypto.keys import PublicKey, SigningKey
from tongxing.crypto.suites import SignatureMismatch
from tongxing.wire.cbor import WireError, encode_canonical, parse_canonical
from tongxing.wire.cose import UnverifiedSign1, encode_sign1, parse_sign1

CONTENT_TYPE: Final = "tongxing-bundle"
NO_PREDECESSOR: Final = bytes(SHA256_BYTES)
_KEYS: Final = {"number", "issued_at", "expires_at", "previous_digest", "sections"}


@dataclass(frozen=True, slots=True)
class BundleContent:
    """What a bundle says. ``previous_digest`` is None for the first; times have whole seconds."""

    number: int
    issued_at: datetime
    expires_at: datetime
    previous_digest: bytes | None
    sections: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class AcceptedBundle:
    """A bundle whose signature and place in the chain were checked."""

    number: int
    issued_at: datetime
    expires_at: datetime
    digest: bytes
    previous_digest: bytes | None
    sections: Mapping[str, bytes]


def encode_bundle(content: BundleContent, key: SigningKey) -> bytes:
    """Return the signed bundle; raises ``Refused(BUNDLE_REFUSED)`` if it is larger than one may be."""
    payload = encode_canonical(
        {
            "number": content.number,
            "issued_at": int(content.issued_at.timestamp()),
            "expires_at": int(content.expires_at.timestamp()),
            "previous_digest": content.previous_digest or NO_PREDECESSOR,
            "sections": dict(content.sections),
        }
    )
    data = encode_sign1(payload, alg=key.public.cose_alg, kid=key.public.kid, content_type=CONTENT_TYPE, sign=key.sign)
    if len(data) > BUNDLE_MAX_BYTES:
        raise _refused("too large", f"{len(data)} bytes")
    return data


def accept_bundle(
    data: bytes, *, held: AcceptedBundle | None, roots: Sequence[PublicKey], at: datetime
) -> AcceptedBundle:
    """Check a bundle against the keys that may sign bundles, the one held and the clock.

    Raises ``Refused(BUNDLE_REFUSED)``; its detail begins with the word of the rule that was broken.
    """
    bundle = _read(data, roots)
    if bundle.issued_at > at + CLOCK_SKEW:
        raise _refused("future", f"issued {bundle.issued_at:%Y-%m-%dT%H:%M:%SZ}")
    if held is not None:
        _check_succession(bundle, held)
    if bundle.expires_at <= at and (held is None or bundle.digest != held.digest):
        raise _refused("expired", f"on {bundle.expires_at:%Y-%m-%dT%H:%M:%SZ}")
    return bundle


def restore_bundle(data: bytes, *, roots: Sequence[PublicKey]) -> AcceptedBundle:
    """Take up a bundle that this node accepted before, whatever its age; its signature is checked again."""
    return _read(data, roots)


def encode_files(files: Mapping[str, bytes]) -> bytes:
    """Return a section that holds several files, by name."""
    return encode_canonical(dict(files))


def parse_files(section: bytes) -> dict[str, bytes]:
    """Read a section of several files; raises ``Refused(BUNDLE_REFUSED)``."""
    try:
        value = parse_canonical(section, BUNDLE_MAX_BYTES)
    except WireError as error:
        raise _refused("malformed", str(error)) from error
    if not isinstance(value, dict):
        raise _refused("malformed", "a section of files is a map")
    if not all(isinstance(name, str) and isinstance(file, bytes) for name, file in value.items()):
        raise _refused("malformed", "a section of files holds names and bytes")
    return value


def _check_succession(bundle: AcceptedBundle, held: AcceptedBundle) -> None:
    if bundle.number < held.number:
        raise _refused("rollback", f"{bundle.number} after {held.number}")
    if bundle.number == held.number and bundle.digest != held.digest:
        raise _refused("fork", f"another bundle {bundle.number}")
    if bundle.number > held.number + 1:
        raise _refused("gap", f"{bundle.number} after {held.number}")
    if bundle.number == held.number + 1 and bundle.previous_digest != held.digest:
        raise _refused("broken chain", f"bundle {bundle.number} does not follow the one held")


def _read(data: bytes, roots: Sequence[PublicKey]) -> AcceptedBundle:
    if len(data) > BUNDLE_MAX_BYTES:
        raise _refused("too large", f"more than {BUNDLE_MAX_BYTES} bytes")
    try:
        envelope = parse_sign1(data)
        if envelope.content_type != CONTENT_TYPE:
            raise WireError("something else than a bundle was signed")
        _check_signature(envelope, roots)
        return _parse_payload(envelope.payload)
    except WireError as error:
        raise _refused("malformed", str(error)) from error


def _check_signature(envelope: UnverifiedSign1, roots: Sequence[PublicKey]) -> None:
    for root in roots:
        if root.kid == envelope.kid and root.cose_alg == envelope.alg:
            try:
                root.verify(envelope.to_be_signed, envelope.signature)
            except SignatureMismatch as mismatch:
                raise _refused("signature", "does not fit") from mismatch
            return
    raise _refused("signature", "by a key that may not sign bundles")


def _parse_payload(payload: bytes) -> AcceptedBundle:
    value = parse_canonical(payload, BUNDLE_MAX_BYTES)
    if not isinstance(value, dict) or value.keys() != _KEYS:
        raise WireError(f"holds exactly {', '.join(sorted(_KEYS))}")
    number, previous, sections = value["number"], value["previous_digest"], value["sections"]
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise WireError("a bundle is numbered from 1")
    if not isinstance(previous, bytes) or len(previous) != SHA256_BYTES:
        raise WireError("the predecessor's digest has 32 bytes")
    if not isinstance(sections, dict) or not all(
        isinstance(name, str) and isinstance(section, bytes) for name, section in sections.items()
    ):
        raise WireError("sections are names and bytes")
    issued_at, expires_at = _moment(value["issued_at"]), _moment(value["expires_at"])
    if expires_at <= issued_at:
        raise WireError("a bundle expires after it was issued")
    return AcceptedBundle(
        number,
        issued_at,
        expires_at,
        sha256(payload),
        None if previous == NO_PREDECESSOR else previous,
        MappingProxyType(sections),
    )


def _moment(value: object) -> datetime:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 32:
        raise WireError("a moment is unix seconds")
    return datetime.fromtimestamp(value, UTC)


def _refused(word: str, detail: str) -> Refused:
    return Refused(ProblemId.BUNDLE_REFUSED, f"{word}: {detail}")
