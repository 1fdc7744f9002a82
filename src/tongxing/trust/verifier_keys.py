"""The days' verifier keys: what opens the sealed part of national codes, sealed to each gateway.

A section of the bundle: a map from region number to the keys of some days around the issue, sealed
to that region's key (HPKE, RFC 9180) and bound to its number, so that one region's part opens for
no other and under no other number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from tongxing.core.limits import BUNDLE_MAX_BYTES
from tongxing.core.words import RegionId
from tongxing.crypto.sealing import SYMMETRIC_KEY_BYTES, SealBroken, SealingPair, seal_to
from tongxing.crypto.suites import KeyRefused
from tongxing.trust.refusing import BundleFault, refuse
from tongxing.wire.cbor import WireError, encode_canonical, parse_canonical

DAYS_MAX: Final = 16
_PART_MAX_BYTES: Final = 4_096
_INFO: Final = b"tongxing verifier keys, version 0, region "


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """The key (32 bytes) of one UTC day: the day of issue of the codes that it opens."""

    day: date
    raw: bytes = field(repr=False)


def encode_verifier_keys(keys: Sequence[VerifierKey], recipients: Mapping[RegionId, bytes]) -> bytes:
    """Return the section: ``keys``, at most 16, sealed to each of ``recipients`` (X25519, 32 bytes).

    Raises ``Refused(BUNDLE_REFUSED)`` for a recipient's key that nothing can be sealed to.
    """
    plain = encode_canonical([[key.day.isoformat(), key.raw] for key in keys])
    _parse_keys(plain)
    parts: dict[str, bytes] = {}
    for region, public in recipients.items():
        try:
            parts[region] = seal_to(public, plain, _info(region))
        except KeyRefused as error:
            raise refuse(
                BundleFault.MALFORMED, f"verifier keys: the sealing key of region {region}: {error}"
            ) from error
    return encode_canonical(parts)


def open_verifier_keys(section: bytes, region: RegionId, pair: SealingPair) -> tuple[VerifierKey, ...]:
    """Return the keys that were sealed to ``region``, none if it is not among the recipients.

    Raises ``Refused(BUNDLE_REFUSED)`` where the section is malformed or not sealed to ``pair``.
    """
    try:
        parts = parse_canonical(section, BUNDLE_MAX_BYTES)
    except WireError as error:
        raise refuse(BundleFault.MALFORMED, f"verifier keys: {error}") from error
    if not isinstance(parts, dict):
        raise refuse(BundleFault.MALFORMED, "verifier keys: a map by region is expected")
    part = parts.get(region)
    if part is None:
        return ()
    if not isinstance(part, bytes) or len(part) > _PART_MAX_BYTES:
        raise refuse(BundleFault.MALFORMED, f"verifier keys: the part of region {region} is too long or no bytes")
    try:
        return _parse_keys(pair.open(part, _info(region)))
    except SealBroken as error:
        raise refuse(
            BundleFault.MALFORMED, f"verifier keys: not sealed to the key that region {region} holds"
        ) from error


def _info(region: RegionId) -> bytes:
    return _INFO + region.encode()


def _parse_keys(plain: bytes) -> tuple[VerifierKey, ...]:
    try:
        value = parse_canonical(plain, _PART_MAX_BYTES)
    except WireError as error:
        raise refuse(BundleFault.MALFORMED, f"verifier keys: {error}") from error
    if not isinstance(value, list) or len(value) > DAYS_MAX:
        raise refuse(BundleFault.MALFORMED, f"verifier keys: a list of at most {DAYS_MAX} days is expected")
    keys = tuple(_parse_key(item) for item in value)
    if len({key.day for key in keys}) != len(keys):
        raise refuse(BundleFault.MALFORMED, "verifier keys: a day has two keys")
    return keys


def _parse_key(item: object) -> VerifierKey:
    match item:
        case [str() as day, bytes() as raw] if len(raw) == SYMMETRIC_KEY_BYTES:
            return VerifierKey(_parse_day(day), raw)
        case _:
            raise refuse(BundleFault.MALFORMED, f"verifier keys: a day and {SYMMETRIC_KEY_BYTES} bytes are expected")


def _parse_day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise refuse(BundleFault.MALFORMED, "verifier keys: a day is a date") from error
    if day.isoformat() != text:
        raise refuse(BundleFault.MALFORMED, "verifier keys: a day is written YYYY-MM-DD")
    return day
