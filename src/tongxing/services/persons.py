"""Persons: whom the region's back end means by its own opaque ids, and what of that the hub may learn.

When the back end docks a person's record under an id of its own, the gateway keeps a keyed digest of
the id beside the subject's keys. When it later answers a scanned code with the same id, the gateway
can say to the hub who that is, sealed for the hub alone (``wire.consultation``). Neither id nor document
is kept, and the digests are worth nothing without the gateway's secret.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from tongxing.core.subjects import SubjectKeys
from tongxing.core.words import FEDERATION, RegionId
from tongxing.crypto.digests import hmac_sha256
from tongxing.crypto.sealing import seal_to
from tongxing.services.reference import Reference
from tongxing.wire.consultation import consultation_info, encode_consultation

_USE = b"tongxing persons of a back end"


@dataclass(frozen=True, slots=True, repr=False)
class Person:
    """A person of a back end as its gateway knows them: a keyed digest of the back end's own id, and the subject.

    ``ref_digest`` has 32 bytes; ``revision`` says which of two is newer, as a report's does.
    """

    ref_digest: bytes
    keys: SubjectKeys
    revision: int


class PersonStore(Protocol):
    """Whom a back end means by its own ids: what lets a gateway consult the hub about who shows a local code."""

    async def put_persons(self, persons: Sequence[Person]) -> None:
        """Keep persons: at most ``REPORTS_PER_BATCH_MAX``, all or none.

        For each ``ref_digest`` the highest revision wins, of equal ones the greater keys. Raises
        Refused(BAD_REQUEST) for too many, or for keys or digests of the wrong length.
        """
        ...

    async def find_person(self, ref_digest: bytes) -> Person | None:
        """Return the person, or None if that id was never docked. Hot."""
        ...


class Persons:
    """The persons of one region's back end. ``secret`` is the gateway's secret for handles."""

    def __init__(self, *, region: RegionId, reference: Reference, store: PersonStore, secret: bytes) -> None:
        self._region = region
        self._reference = reference
        self._store = store
        # One secret serves handles and digests; what is derived for one use can never be the other's.
        self._key = hmac_sha256(secret, _USE)

    async def remember(self, docked: Sequence[tuple[str, SubjectKeys]], revision: int) -> None:
        """Keep who is meant by each id, durably; the newest revision counts."""
        if docked:
            await self._store.put_persons([Person(self._digest(ref), keys, revision) for ref, keys in docked])

    async def find_keys(self, person_ref: str | None) -> SubjectKeys | None:
        """Return who is meant by an id; None where the back end gave none, or one that was never docked."""
        person = None if person_ref is None else await self._store.find_person(self._digest(person_ref))
        return None if person is None else person.keys

    def seal_consultation(
        self, keys: SubjectKeys | None, audience: RegionId, query_id: bytes, at: datetime, *, is_freight: bool = False
    ) -> bytes | None:
        """Return who a person is, for the hub alone and for this query; None if that cannot be said.

        ``is_freight``: they drive goods on a transit pass of this region. It cannot be said where nobody knows the
        keys, or where the federation has no key to seal to.
        """
        federation = self._reference.knowledge.directory.record(FEDERATION)
        if keys is None or federation is None or federation.sealing_public is None:
            return None
        info = consultation_info(self._region, audience, query_id)
        return seal_to(federation.sealing_public, encode_consultation(keys, at, is_freight=is_freight), info)

    def _digest(self, person_ref: str) -> bytes:
        return hmac_sha256(self._key, person_ref.encode())
