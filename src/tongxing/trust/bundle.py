"""The bundle: all that a verifier needs without a network, signed, numbered, dated, chained.

Version 0 (ADR 0004). A COSE_Sign1 (RFC 9052) of ``typ`` ``tongxing-bundle`` by a root key, whose
payload is deterministic CBOR (RFC 8949, 4.2.1):

    {"version": 0, "number": 7, "issued_at_seconds": 1585699200, "expires_at_seconds": 1586304000,
     "previous_digest": h'…32 bytes…' or null for number 1, "sections": {"directory": h'…', …}}

The digest of a bundle is SHA-256 over the bytes to be signed: signatures are malleable in some
suites, and two bundles that say the same must have one digest.

Rules of update, in the order of ``accept_bundle``; after The Update Framework, section 5.3, whose
per-role metadata this version puts into one file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from tongxing.core.limits import BUNDLE_LIFE, BUNDLE_MAX_BYTES, CLOCK_SKEW
from tongxing.crypto.digests import SHA256_BYTES, sha256
from tongxing.crypto.keys import PublicKey, SigningKey
from tongxing.crypto.suites import SignatureMismatch
from tongxing.trust.refusing import BundleFault, refuse
from tongxing.wire.cbor import WireError, encode_canonical, parse_canonical
from tongxing.wire.cose import UnverifiedSign1, encode_sign1, parse_sign1

CONTENT_TYPE: Final = "tongxing-bundle"
VERSION: Final = 0
SECTIONS: Final = ("directory", "profiles", "rules", "risk", "verifier_keys")
"""What every bundle holds. A verifier passes over sections it does not know, so that one can be added."""

SECTIONS_MAX: Final = 32
FILES_MAX: Final = 1_024
NAME_MAX_CHARACTERS: Final = 64
NUMBER_MAX: Final = (1 << 53) - 1

_NAME_CHARACTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_-.@")
_LATEST_SECONDS: Final = 253_402_300_799
_FIELDS: Final = frozenset(
    {"version", "number", "issued_at_seconds", "expires_at_seconds", "previous_digest", "sections"}
)


@dataclass(frozen=True, slots=True)
class BundleContent:
    """What a bundle says. Times are whole seconds, aware UTC; ``previous_digest`` is None for number 1."""

    number: int
    issued_at: datetime
    expires_at: datetime
    previous_digest: bytes | None
    sections: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class AcceptedBundle:
    """A bundle that a root key signed and that the rules of update let in. Made by this module only."""

    number: int
    issued_at: datetime
    expires_at: datetime
    digest: bytes
    previous_digest: bytes | None
    sections: Mapping[str, bytes]


def encode_bundle(content: BundleContent, key: SigningKey) -> bytes:
    """Return the signed bundle; raises ``Refused(BUNDLE_REFUSED)`` for content that no verifier would take."""
    payload = encode_canonical(
        {
            "version": VERSION,
            "number": content.number,
            "issued_at_seconds": int(content.issued_at.timestamp()),
            "expires_at_seconds": int(content.expires_at.timestamp()),
            "previous_digest": content.previous_digest,
            "sections": dict(content.sections),
        }
    )
    _check_size(payload)
    _parse_content(payload)
    data = encode_sign1(payload, alg=key.public.cose_alg, kid=key.public.kid, content_type=CONTENT_TYPE, sign=key.sign)
    _check_size(data)
    return data


def accept_bundle(
    data: bytes, *, held: AcceptedBundle | None, roots: Sequence[PublicKey], at: datetime
) -> AcceptedBundle:
    """Return the bundle if it may replace ``held`` at a moment; ``held`` is None at a cold start.

    The bundle that is held already is returned again. Raises ``Refused(BUNDLE_REFUSED)`` with a word
    of ``BundleFault``; what is held then stays in force. A cold start takes any number: what came
    before cannot be known, so the roots and the expiry are all that protects it.
    """
    # (1) size, (2) envelope, (3) signature by a root, (4) form: nothing is read before (3) succeeded.
    bundle = restore_bundle(data, roots=roots)
    # (5) A bundle from the future would be in force for longer than its life.
    if bundle.issued_at > at + CLOCK_SKEW:
        raise refuse(BundleFault.FUTURE, f"bundle {bundle.number} is dated {bundle.issued_at.isoformat()}")
    if held is None:
        # (6) Someone who holds back all newer bundles could start a verifier on an old one.
        if at >= bundle.expires_at:
            raise refuse(BundleFault.EXPIRED, f"bundle {bundle.number} ended {bundle.expires_at.isoformat()}")
        return bundle
    # (7) Never back, and (8) never to another bundle of the same number.
    if bundle.number < held.number:
        raise refuse(BundleFault.ROLLBACK, f"bundle {bundle.number} is older than the held {held.number}")
    if bundle.number == held.number:
        if bundle.digest != held.digest:
            raise refuse(BundleFault.FORK, f"there are two different bundles {held.number}")
        return held
    # (9) The chain is walked bundle by bundle: a caller told of a gap fetches the next number first.
    if bundle.number != held.number + 1:
        raise refuse(BundleFault.GAP, f"bundle {bundle.number} does not follow the held {held.number}")
    if bundle.previous_digest != held.digest:
        raise refuse(BundleFault.BROKEN_CHAIN, f"bundle {bundle.number} names another predecessor than the held one")
    # (10) Left out on purpose: a successor that has ended is still taken. It is newer than what is
    # held, it may be one link on the way to the newest, and deciding checks the expiry at each use.
    return bundle


def restore_bundle(data: bytes, *, roots: Sequence[PublicKey]) -> AcceptedBundle:
    """Return a bundle that was accepted before, from one's own store: signature and form are checked anew.

    Time and order are not checked. Raises ``Refused(BUNDLE_REFUSED)``.
    """
    _check_size(data)
    envelope = _parse_envelope(data)
    _check_signature(envelope, roots)
    content = _parse_content(envelope.payload)
    return AcceptedBundle(
        number=content.number,
        issued_at=content.issued_at,
        expires_at=content.expires_at,
        digest=sha256(envelope.to_be_signed),
        previous_digest=content.previous_digest,
        sections=MappingProxyType(dict(content.sections)),
    )


def encode_files(files: Mapping[str, bytes]) -> bytes:
    """Return a section of several files; raises ``Refused(BUNDLE_REFUSED)`` for a name that none may have."""
    section = encode_canonical(dict(files))
    parse_files(section)
    return section


def parse_files(section: bytes) -> dict[str, bytes]:
    """Return the files of a section by name; raises ``Refused(BUNDLE_REFUSED)``."""
    try:
        value = parse_canonical(section, BUNDLE_MAX_BYTES)
    except WireError as error:
        raise refuse(BundleFault.MALFORMED, f"a section of files: {error}") from error
    return _parse_named_bytes(value, "file", FILES_MAX)


def _check_size(data: bytes) -> None:
    if len(data) > BUNDLE_MAX_BYTES:
        raise refuse(BundleFault.TOO_LARGE, f"{len(data)} bytes, at most {BUNDLE_MAX_BYTES} are taken")


def _parse_envelope(data: bytes) -> UnverifiedSign1:
    try:
        envelope = parse_sign1(data)
    except WireError as error:
        raise refuse(BundleFault.MALFORMED, str(error)) from error
    if envelope.content_type != CONTENT_TYPE:
        raise refuse(BundleFault.MALFORMED, "it is signed as something else than a bundle")
    return envelope


def _check_signature(envelope: UnverifiedSign1, roots: Sequence[PublicKey]) -> None:
    for root in roots:
        if root.kid == envelope.kid and root.cose_alg == envelope.alg:
            try:
                root.verify(envelope.to_be_signed, envelope.signature)
            except SignatureMismatch as mismatch:
                raise refuse(BundleFault.SIGNATURE, str(mismatch)) from mismatch
            return
    raise refuse(BundleFault.SIGNATURE, f"key {envelope.kid.hex()} is no root key here")


def _parse_content(payload: bytes) -> BundleContent:
    try:
        value = parse_canonical(payload, BUNDLE_MAX_BYTES)
    except WireError as error:
        raise refuse(BundleFault.MALFORMED, str(error)) from error
    if not isinstance(value, dict) or value.keys() != _FIELDS:
        raise refuse(BundleFault.MALFORMED, f"a bundle holds exactly {', '.join(sorted(_FIELDS))}")
    if value["version"] != VERSION or isinstance(value["version"], bool):
        raise refuse(BundleFault.MALFORMED, f"version {value['version']!r} is not known here")
    number = _parse_number(value["number"], 1, NUMBER_MAX, "the number")
    issued_at = _parse_number(value["issued_at_seconds"], 0, _LATEST_SECONDS, "the time of issue")
    expires_at = _parse_number(value["expires_at_seconds"], 0, _LATEST_SECONDS, "the time of expiry")
    if not 0 < expires_at - issued_at <= BUNDLE_LIFE.total_seconds():
        raise refuse(BundleFault.MALFORMED, f"a bundle lives for more than nothing and at most {BUNDLE_LIFE.days} days")
    previous_digest = value["previous_digest"]
    is_digest = isinstance(previous_digest, bytes) and len(previous_digest) == SHA256_BYTES
    if not (previous_digest is None if number == 1 else is_digest):
        raise refuse(BundleFault.MALFORMED, "every bundle but the first names its predecessor's digest")
    sections = _parse_named_bytes(value["sections"], "section", SECTIONS_MAX)
    missing = [name for name in SECTIONS if name not in sections]
    if missing:
        raise refuse(BundleFault.MALFORMED, f"without section {', '.join(missing)}")
    return BundleContent(
        number,
        datetime.fromtimestamp(issued_at, UTC),
        datetime.fromtimestamp(expires_at, UTC),
        previous_digest,
        sections,
    )


def _parse_number(value: object, least: int, most: int, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise refuse(BundleFault.MALFORMED, f"{name} is a whole number from {least} to {most}")
    return value


def _parse_named_bytes(value: object, what: str, most: int) -> dict[str, bytes]:
    if not isinstance(value, dict) or len(value) > most:
        raise refuse(BundleFault.MALFORMED, f"a map of at most {most} {what}s is expected")
    named: dict[str, bytes] = {}
    for name, data in value.items():
        if (
            not isinstance(name, str)
            or not 0 < len(name) <= NAME_MAX_CHARACTERS
            or not _NAME_CHARACTERS.issuperset(name)
        ):
            raise refuse(
                BundleFault.MALFORMED, f"a {what} has a name of lower-case letters, digits, '_', '-', '.' and '@'"
            )
        if not isinstance(data, bytes):
            raise refuse(BundleFault.MALFORMED, f"the {what} {name} is not bytes")
        named[name] = data
    return named
