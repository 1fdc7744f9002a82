"""Pairing: how a browser's own key is enrolled without anybody typing a key.

An operator offers a pairing; whoever redeems its code within ``PAIRING_LIFE`` brings a public key, which
is enrolled in the offered role. The private key is made in the browser and never leaves it. An offer
is good once: it is gone before the key is enrolled, and whether it was used, ended or never made is one
answer. Offers are held in memory only, by the SHA-256 of their code; a restart ends them all.
"""

from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tongxing.core.errors import Refused
from tongxing.core.limits import PAIRING_LIFE, PAIRINGS_MAX
from tongxing.core.problems import ProblemId
from tongxing.core.words import RegionId
from tongxing.crypto.digests import sha256
from tongxing.crypto.keys import PublicKey
from tongxing.services.access import Access, check_enrolment
from tongxing.services.ports import Clock, Credential, Entropy, Role

PAIRING_CODE_BYTES: Final = 20
PAIRING_CODE_CHARACTERS: Final = 32
PAIRED_ROLES: Final = frozenset({Role.DEVICE, Role.OPERATOR})
"""Who works with a page. A back end or a gateway has no browser."""


@dataclass(frozen=True, slots=True)
class PairingOffer:
    """What the redeemed key will be enrolled as, and the key id of the operator who offers it."""

    role: Role
    label: str
    site: str
    valid_until: datetime
    offered_by: str = ""
    division: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class OfferedPairing:
    """What the operator gets, once: the code, 32 characters of base32, and when the offer ends."""

    pairing_code: str
    ends_at: datetime


class Pairings:
    """The offers that are open on this node."""

    def __init__(self, *, region: RegionId, access: Access, clock: Clock, entropy: Entropy) -> None:
        self._region = region
        self._access = access
        self._clock = clock
        self._entropy = entropy
        self._open: dict[bytes, tuple[PairingOffer, datetime]] = {}

    def offer(self, offer: PairingOffer) -> OfferedPairing:
        """Open an offer; with ``PAIRINGS_MAX`` open ones the oldest ends. Raises Refused(BAD_REQUEST)."""
        at = self._clock.now()
        if offer.role not in PAIRED_ROLES:
            raise Refused(ProblemId.BAD_REQUEST, "a page is paired as a device or as an operator")
        check_enrolment(offer.label, offer.valid_until, at)
        self._open = {digest: held for digest, held in self._open.items() if at < held[1]}
        if len(self._open) >= PAIRINGS_MAX:
            del self._open[next(iter(self._open))]
        pairing_code = b32encode(self._entropy(PAIRING_CODE_BYTES)).decode().lower()
        ends_at = at + PAIRING_LIFE
        self._open[sha256(pairing_code.encode())] = (offer, ends_at)
        return OfferedPairing(pairing_code, ends_at)

    async def redeem(self, pairing_code: str, public: PublicKey) -> Credential:
        """Enrol a key as offered and return its credential, durable.

        Raises Refused: TICKET_UNUSABLE (used, ended or unknown), CONFLICT (the key is enrolled already).
        """
        offer, ends_at = self._open.pop(sha256(pairing_code.encode()), (None, None))
        if offer is None or ends_at is None or self._clock.now() >= ends_at:
            raise Refused(ProblemId.TICKET_UNUSABLE, "this pairing was used, has ended or was never offered")
        credential = Credential(
            key_id=public.kid.hex(),
            role=offer.role,
            public=public,
            label=offer.label,
            region=self._region,
            valid_until=offer.valid_until,
            site=offer.site,
            enrolled_by=offer.offered_by,
            division=offer.division,
        )
        await self._access.enrol(credential)
        return credential
