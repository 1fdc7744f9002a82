"""Access: who is calling, in which role, and whether this very request was made by them, now, once.

Spec: RFC 9421 (HTTP Message Signatures) for signed requests; ``services.sessions`` for the tokens
that spare a device a signature on each scan. Order of a signed request, held on purpose:

1. the signature is verified against an enrolled key: nothing of the request counts before that;
2. the credential is judged: revoked, ended;
3. only then the nonce is remembered, durably, so that nobody without a key can fill the store.

Which role may use which route is not decided here but by the table of routes in ``tongxing.api``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import msgspec

from tongxing.core.datasets import HANDED_IN, Dataset
from tongxing.core.errors import Refused
from tongxing.core.limits import CLOCK_SKEW, REQUEST_SIGNATURE_LIFE
from tongxing.core.problems import ProblemId
from tongxing.core.words import RegionId
from tongxing.crypto.http_signatures import SignedBy, verify_request
from tongxing.crypto.keys import PublicKey
from tongxing.services.citizens import CitizenSession
from tongxing.services.ports import Clock, Credential, CredentialStore, NonceStore, Role
from tongxing.services.sessions import OpenedSession, Session, Sessions
from tongxing.trust.directory import Directory

LABEL_MAX_CHARACTERS: Final = 64
CREDENTIAL_LIFE_MAX: Final = timedelta(days=731)
KEYS_HELD_MAX: Final = 100_000

ListedCredential = Callable[[str, datetime], Credential | None]
"""Finds a key that the federation's directory lists, by key id and moment: another region's gateway."""


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A request as it arrived. ``url`` is this node's own address with the path and query as sent.

    ``headers`` have lower-case names; several fields of one name are joined by ``", "``.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


class Caller(msgspec.Struct, frozen=True, gc=False):
    """Who is calling, proven. ``site`` is the checkpoint of a device: its own key id where it has no other.

    ``division`` is where that checkpoint stands, as the operator said when the device was enrolled; empty if not.
    ``datasets`` are those that a source hands in.

    A citizen has no key: ``citizen_session`` is what their sign-in opened, and ``key_id`` is empty.
    """

    key_id: str
    role: Role
    region: RegionId
    site: str = ""
    citizen_session: CitizenSession | None = None
    division: str = ""
    datasets: frozenset[Dataset] = frozenset()


class Access:
    """The use case in front of all others."""

    def __init__(
        self,
        *,
        credentials: CredentialStore,
        nonces: NonceStore,
        sessions: Sessions,
        clock: Clock,
        listed: ListedCredential = lambda _key_id, _at: None,
    ) -> None:
        self._credentials = credentials
        self._nonces = nonces
        self._sessions = sessions
        self._clock = clock
        self._listed = listed
        # A key id is derived from its key, so what is held here can never become another key.
        self._keys: dict[str, PublicKey] = {}

    async def check_request(self, request: SignedRequest) -> Caller:
        """Return who signed the request.

        Raises Refused: UNAUTHENTICATED (unsigned, unknown, revoked or ended key), SIGNATURE_INVALID,
        CLOCK_SKEW, NONCE_REPLAYED.
        """
        at = self._clock.now()
        signed_by = await self._verify(request, at)
        credential = await self._find(signed_by.key_id, at)
        # The signature's own age refuses the request from this moment on, whoever's clock was wrong.
        forget_at = signed_by.created + REQUEST_SIGNATURE_LIFE + 2 * CLOCK_SKEW
        if not await self._nonces.remember(signed_by.key_id, signed_by.nonce, forget_at):
            raise Refused(ProblemId.NONCE_REPLAYED)
        return _caller(credential)

    async def open_session(self, caller: Caller) -> OpenedSession:
        """Open a session for a caller whose request was just checked."""
        at = self._clock.now()
        return self._sessions.open(await self._find(caller.key_id, at), at)

    async def check_session(self, token: str) -> Caller:
        """Return whose session a token opened. Raises Refused(SESSION_ENDED). Hot: no store is asked as a rule."""
        at = self._clock.now()
        session = self._sessions.find(token, at)
        if session.is_due_for_recheck(at):
            await self._recheck(session, at)
        return _caller(session.credential)

    async def enrol(self, credential: Credential) -> None:
        """Enrol a key. Raises Refused(BAD_REQUEST | CONFLICT)."""
        at = self._clock.now()
        if credential.key_id != credential.public.kid.hex():
            raise Refused(ProblemId.BAD_REQUEST, "the key id is not that of the key")
        check_enrolment(credential.label, credential.valid_until, at)
        if credential.revoked:
            raise Refused(ProblemId.BAD_REQUEST, "a key cannot be enrolled as revoked")
        if credential.role is Role.CITIZEN:
            raise Refused(ProblemId.BAD_REQUEST, "a citizen has no key; citizens sign in")
        if (credential.role is Role.SOURCE) != bool(credential.datasets) or not credential.datasets <= HANDED_IN:
            raise Refused(ProblemId.BAD_REQUEST, "datasets: a source, and nobody else, says which of them it hands in")
        await self.check_site(credential.role, credential.site, credential.division)
        await self._credentials.enrol(credential)

    async def check_site(self, role: Role, site: str, division: str) -> None:
        """Check that a key may be enrolled at a site and in a division: only devices stand anywhere.

        A site is one place: while devices are enrolled there with a division, no other is and none without.
        Raises Refused(BAD_REQUEST | CONFLICT).
        """
        if division and role is not Role.DEVICE:
            raise Refused(ProblemId.BAD_REQUEST, f"division: only a device stands at a checkpoint, no {role}")
        if not site or role is not Role.DEVICE:
            return
        at = self._clock.now()
        for held in await self._credentials.list():
            if held.site == site and held.division not in ("", division) and _is_usable(held, at):
                raise Refused(ProblemId.CONFLICT, f"site {site} stands in division {held.division}; say the same")

    async def revoke(self, key_id: str) -> None:
        """Revoke a key for good and end its sessions.

        Raises Refused(NOT_FOUND), or Refused(CONFLICT) for the last operator who could enrol another.
        """
        at = self._clock.now()
        operators = [held for held in await self._credentials.list() if _is_usable_operator(held, at)]
        if [held.key_id for held in operators] == [key_id]:
            raise Refused(ProblemId.CONFLICT, "this is the last operator's key; enrol another one first")
        await self._credentials.revoke(key_id)
        self._sessions.end_all_of(key_id)

    async def find_hand(self, key_id: str) -> str:
        """Return the key id of the operator from whom a key comes: through all who enrolled one another, the first.

        Whoever enrols keys for oneself has still one hand. A key that is not enrolled here is its own.
        """
        met: list[str] = []
        while key_id not in met:
            met.append(key_id)
            credential = await self._credentials.find(key_id)
            if credential is None or not credential.enrolled_by:
                break
            key_id = credential.enrolled_by
        return key_id

    async def list_credentials(self) -> tuple[Credential, ...]:
        """Return all enrolled keys, revoked and ended ones too."""
        return await self._credentials.list()

    async def _verify(self, request: SignedRequest, at: datetime) -> SignedBy:
        """Verify the signature; a key that is met for the first time is looked up and then tried."""
        unknown: list[str] = []

        def resolve(key_id: str) -> PublicKey | None:
            key = self._keys.get(key_id)
            if key is None:
                unknown.append(key_id)
            return key

        for _attempt in range(2):
            try:
                return verify_request(
                    method=request.method,
                    url=request.url,
                    headers=request.headers,
                    body=request.body,
                    resolve=resolve,
                    at=at,
                )
            except Refused:
                if not unknown or not await self._hold_key(unknown[-1], at):
                    raise
        raise Refused(ProblemId.UNAUTHENTICATED)

    async def _hold_key(self, key_id: str, at: datetime) -> bool:
        """Look a key up; True if it is held now and was not before."""
        if key_id in self._keys:
            return False
        credential = await self._credentials.find(key_id) or self._listed(key_id, at)
        if credential is None:
            return False
        if len(self._keys) >= KEYS_HELD_MAX:
            self._keys.clear()
        self._keys[key_id] = credential.public
        return True

    async def _find(self, key_id: str, at: datetime) -> Credential:
        credential = await self._credentials.find(key_id) or self._listed(key_id, at)
        if credential is None:
            raise Refused(ProblemId.UNAUTHENTICATED, "this key is not enrolled here")
        if credential.revoked:
            raise Refused(ProblemId.UNAUTHENTICATED, "this key was revoked")
        if credential.valid_until is not None and at >= credential.valid_until:
            raise Refused(ProblemId.UNAUTHENTICATED, "this key's enrolment has ended")
        return credential

    async def _recheck(self, session: Session, at: datetime) -> None:
        try:
            await self._find(session.credential.key_id, at)
        except Refused as refused:
            self._sessions.end_all_of(session.credential.key_id)
            raise Refused(ProblemId.SESSION_ENDED, refused.detail) from refused
        session.checked_at = at


def check_enrolment(label: str, valid_until: datetime | None, at: datetime) -> None:
    """Check what a key may be enrolled under and for how long. Raises Refused(BAD_REQUEST)."""
    if not 1 <= len(label) <= LABEL_MAX_CHARACTERS or not label.isprintable():
        raise Refused(ProblemId.BAD_REQUEST, f"a label has 1 to {LABEL_MAX_CHARACTERS} printable characters")
    if valid_until is None or not at < valid_until <= at + CREDENTIAL_LIFE_MAX:
        raise Refused(ProblemId.BAD_REQUEST, f"a key is enrolled for at most {CREDENTIAL_LIFE_MAX.days} days")


def listed_gateway(directory: Directory, key_id: str, at: datetime) -> Credential | None:
    """Return the gateway whose key for requests the directory lists under ``key_id``, unless it is suspended."""
    try:
        found = directory.find_requester(bytes.fromhex(key_id), at)
    except ValueError:
        return None
    if found is None:
        return None
    label = f"gateway of region {found.region}"
    return Credential(key_id, Role.GATEWAY, found.key.public, label, found.region, valid_until=None)


def _caller(credential: Credential) -> Caller:
    return Caller(
        credential.key_id,
        credential.role,
        credential.region,
        credential.site or credential.key_id,
        division=credential.division,
        datasets=credential.datasets,
    )


def _is_usable_operator(credential: Credential, at: datetime) -> bool:
    return credential.role is Role.OPERATOR and _is_usable(credential, at)


def _is_usable(credential: Credential, at: datetime) -> bool:
    return not credential.revoked and (credential.valid_until is None or at < credential.valid_until)
