"""The days' verifier keys, sealed in the bundle to each region that takes part (domain sheet, *Codes and tickets*).

A bundle is public; only who holds a region's sealing pair reads the keys, which open the sealed part
of national codes. Specs: HPKE, RFC 9180, with the region in its ``info``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from tongxing.core.errors import Refused
from tongxing.core.limits import BUNDLE_MAX_BYTES
from tongxing.core.problems import ProblemId
from tongxing.core.words import RegionId
from tongxing.crypto.sealing import SYMMETRIC_KEY_BYTES, SealBroken, SealingPair, seal_to
from tongxing.wire.cbor import WireError, encode_canonical, parse_canonical

DAYS_MAX: Final = 64


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """The verifier key of one UTC day of issue: 32 bytes."""

    day: date
    raw: bytes = field(repr=False)


def encode_verifier_keys(keys: Sequence[VerifierKey], recipients: Mapping[RegionId, bytes]) -> bytes:
    """Return the section: for each region all the keys, sealed to its public key (32 bytes)."""
    days = encode_canonical({key.day.isoformat(): key.raw for key in keys})
    return encode_canonical(
        {str(region): seal_to(public, days, _info(region)) for region, public in recipients.items()}
    )


def open_verifier_keys(section: bytes, region: RegionId, pair: SealingPair) -> tuple[VerifierKey, ...]:
    """Return the keys sealed to a region; none if the bundle holds none for it.

    Raises ``Refused(BUNDLE_REFUSED)`` if they cannot be opened or read.
    """
    try:
        sealed = parse_canonical(section, BUNDLE_MAX_BYTES)
        if not isinstance(sealed, dict):
            raise WireError("not a map of regions")
        if region not in sealed:
            return ()
        return _parse_days(pair.open(sealed[region], _info(region)))
    except (WireError, SealBroken) as error:
        raise Refused(ProblemId.BUNDLE_REFUSED, f"verifier keys of region {region}: {error}") from error


def _parse_days(data: bytes) -> tuple[VerifierKey, ...]:
    days = parse_canonical(data, DAYS_MAX * 64)
    if not isinstance(days, dict):
        raise WireError("not a map of days")
    keys = []
    for day, raw in days.items():
        if not isinstance(day, str) or not isinstance(raw, bytes) or len(raw) != SYMMETRIC_KEY_BYTES:
            raise WireError("a day and 32 bytes are expected")
        try:
            keys.append(VerifierKey(date.fromisoformat(day), raw))
        except ValueError as error:
            raise WireError(f"not a day: {day[:20]}") from error
    return tuple(keys)


def _info(region: RegionId) -> bytes:
    return b"tongxing-verifier-keys:" + region.encode()
