"""Family: whose codes a citizen may show besides their own, and by whose word.

An adult is bound by their own sign-in: the holder invites, the member signs in and consents. A child is
bound by the identity provider's word that the holder is the guardian. Either side ends a bond at any time.
A bond lets the holder show the member's code; it does not let the holder read what is behind it.
"""

from base64 import b32encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

import msgspec

from tongxing.core.errors import Refused
from tongxing.core.limits import FAMILY_BOND_LIFE, FAMILY_INVITATION_LIFE, FAMILY_INVITATIONS_MAX
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import SubjectKey, SubjectKeys
from tongxing.crypto.digests import sha256
from tongxing.services.citizens import Citizen
from tongxing.services.ports import Clock, Entropy
from tongxing.services.sealed_records import SealedRecords

INVITATION_BYTES: Final = 20
INVITATION_CHARACTERS: Final = 32
_BOND_ID_BYTES: Final = 16


class BondGround(StrEnum):
    """By whose word a member is bound: there is no third."""

    CONSENT = "consent"
    GUARDIAN = "guardian"


@dataclass(frozen=True, slots=True, repr=False)
class FamilyBond:
    """``holder`` may show the code of ``member``. ``sealed`` holds both masked names and the member's keys."""

    bond_id: str
    holder: SubjectKey
    member: SubjectKey
    ground: BondGround
    sealed: bytes
    ends_at: datetime


class BindResult(StrEnum):
    """What became of a bond. Never a bool: compare it."""

    BOUND = "bound"
    LIMITED = "limited"


class FamilyStore(Protocol):
    """The bonds of one region's citizens."""

    async def bind(self, bond: FamilyBond, holder: SubjectKeys, member: SubjectKeys, at_most: int) -> BindResult:
        """Keep a bond unless the holder has ``at_most`` others already; one step, durable when it returns.

        A bond between the same two is replaced.
        """
        ...

    async def bonds_of(self, keys: SubjectKeys) -> tuple[FamilyBond, ...]:
        """Return the bonds in which a subject is holder or member, ended ones too: the caller judges."""
        ...

    async def end(self, bond_id: str, keys: SubjectKeys) -> bool:
        """Erase a bond if the subject is its holder or member; False if there is no such bond of theirs."""
        ...

    async def forget_expired(self, at: datetime) -> int:
        """Erase those that ended not after ``at``; return how many."""
        ...


class _Kept(msgspec.Struct, frozen=True):
    holder_hint: str
    member_hint: str
    member_keys: tuple[bytes, ...]


_DECODER = msgspec.msgpack.Decoder(_Kept)


@dataclass(frozen=True, slots=True, repr=False)
class Invitation:
    """What the holder hands to the member, once: 32 characters of base32, and when it ends."""

    invitation: str
    ends_at: datetime


@dataclass(frozen=True, slots=True, repr=False)
class Relative:
    """The other side of a bond, as a citizen is told of it."""

    bond_id: str
    hint: str
    ground: BondGround
    ends_at: datetime


@dataclass(frozen=True, slots=True, repr=False)
class Member:
    """A member whose code the asking citizen may show."""

    keys: SubjectKeys
    hint: str
    ground: BondGround


@dataclass(frozen=True, slots=True, repr=False)
class Family:
    """Whose codes a citizen may show, and who may show theirs."""

    members: tuple[Relative, ...]
    holders: tuple[Relative, ...]


class FamilyDesk:
    """Binds members, finds them and ends bonds. Invitations are held in memory, by their digest."""

    def __init__(
        self, *, store: FamilyStore, sealed: SealedRecords, members_max: int, clock: Clock, entropy: Entropy
    ) -> None:
        self._store = store
        self._sealed = sealed
        self._members_max = members_max
        self._clock = clock
        self._entropy = entropy
        self._invited: dict[bytes, tuple[Citizen, datetime]] = {}

    def invite(self, holder: Citizen) -> Invitation:
        """Return an invitation by which one adult can consent, once."""
        at = self._clock.now()
        self._invited = {digest: held for digest, held in self._invited.items() if at < held[1]}
        if len(self._invited) >= FAMILY_INVITATIONS_MAX:
            del self._invited[next(iter(self._invited))]
        invitation = b32encode(self._entropy(INVITATION_BYTES)).decode().lower()
        ends_at = at + FAMILY_INVITATION_LIFE
        self._invited[sha256(invitation.encode())] = (holder, ends_at)
        return Invitation(invitation, ends_at)

    async def consent(self, member: Citizen, invitation: str) -> Relative:
        """Bind the signed-in member to whoever invited them; return the holder, as the member is told of them.

        Raises Refused: TICKET_UNUSABLE (used, ended or unknown), BAD_REQUEST (one's own), LIMITED.
        """
        holder, ends_at = self._invited.pop(sha256(invitation.encode()), (None, None))
        if holder is None or ends_at is None or self._clock.now() >= ends_at:
            raise Refused(ProblemId.TICKET_UNUSABLE, "this invitation was used, has ended or was never made")
        bond_ends_at = self._clock.now() + FAMILY_BOND_LIFE
        bond = await self._bind(holder, member.keys, member.hint, BondGround.CONSENT, bond_ends_at)
        return Relative(bond.bond_id, holder.hint, bond.ground, bond.ends_at)

    async def bind_ward(self, holder: Citizen, ward: int) -> Relative:
        """Bind one of the holder's own wards, by its place in the list that the sign-in brought.

        Raises Refused: NOT_FOUND (no such ward, or no longer one), LIMITED.
        """
        at = self._clock.now()
        if ward >= len(holder.wards) or holder.wards[ward].until <= at:
            raise Refused(ProblemId.NOT_FOUND, "no such ward")
        child = holder.wards[ward]
        ends_at = min(child.until, at + FAMILY_BOND_LIFE)
        bond = await self._bind(holder, child.keys, child.hint, BondGround.GUARDIAN, ends_at)
        return Relative(bond.bond_id, child.hint, bond.ground, bond.ends_at)

    async def family_of(self, citizen: Citizen) -> Family:
        """Return both sides of a citizen's bonds."""
        members, holders = [], []
        for bond in await self._current(citizen):
            kept = self._open(bond)
            if bond.holder in citizen.keys:
                members.append(Relative(bond.bond_id, kept.member_hint, bond.ground, bond.ends_at))
            else:
                holders.append(Relative(bond.bond_id, kept.holder_hint, bond.ground, bond.ends_at))
        return Family(tuple(members), tuple(holders))

    async def find_member(self, holder: Citizen, bond_id: str) -> Member:
        """Return a member whose code ``holder`` may show.

        Raises Refused(NOT_FOUND) for every other id: whether it is somebody else's cannot be told.
        """
        for bond in await self._current(holder):
            if bond.bond_id == bond_id and bond.holder in holder.keys:
                kept = self._open(bond)
                return Member(tuple(SubjectKey(key) for key in kept.member_keys), kept.member_hint, bond.ground)
        raise Refused(ProblemId.NOT_FOUND, "no such member of your family")

    async def end(self, citizen: Citizen, bond_id: str) -> None:
        """End a bond of one's own, as holder or as member. Raises Refused(NOT_FOUND) for every other id."""
        if not await self._store.end(bond_id, citizen.keys):
            raise Refused(ProblemId.NOT_FOUND, "no such member of your family")

    async def _bind(
        self, holder: Citizen, member: SubjectKeys, hint: str, ground: BondGround, ends_at: datetime
    ) -> FamilyBond:
        if set(holder.keys) & set(member):
            raise Refused(ProblemId.BAD_REQUEST, "nobody is a member of their own family")
        bond_id = self._entropy(_BOND_ID_BYTES).hex()
        content = msgspec.msgpack.encode(_Kept(holder.hint, hint, member))
        bond = FamilyBond(
            bond_id, holder.keys[0], member[0], ground, self._sealed.seal(content, bond_id.encode()), ends_at
        )
        if await self._store.bind(bond, holder.keys, member, self._members_max) is not BindResult.BOUND:
            raise Refused(ProblemId.LIMITED, f"at most {self._members_max} members of a family")
        return bond

    async def _current(self, citizen: Citizen) -> Sequence[FamilyBond]:
        at = self._clock.now()
        return [bond for bond in await self._store.bonds_of(citizen.keys) if at < bond.ends_at]

    def _open(self, bond: FamilyBond) -> _Kept:
        return _DECODER.decode(self._sealed.open(bond.sealed, bond.bond_id.encode()))
