"""Sign in: a person proves who they are to the region's identity provider and comes back (OpenID Connect).

Spec: OpenID Connect Core 1.0, section 3.1 (authorization code flow), with PKCE (RFC 7636, S256). Each
attempt has a state, a nonce and a verifier of its own, is good once and for ``SIGN_IN_LIFE``, and is bound to
the browser that began it by a cookie, so that nobody can be signed in as somebody else by a link.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from tongxing.core.errors import Refused
from tongxing.core.limits import SIGN_IN_LIFE, SIGN_INS_MAX
from tongxing.core.masking import mask_name
from tongxing.core.person_links import LinkGround
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import Document
from tongxing.crypto.digests import is_same_secret, sha256
from tongxing.services.citizens import Citizen, CitizenSessions, OpenedCitizenSession, Ward, new_token
from tongxing.services.person_documents import LinkSayer, NamedDocument
from tongxing.services.ports import Clock, Entropy
from tongxing.services.subject_keys import SubjectKeyCache


@dataclass(frozen=True, slots=True, repr=False)
class IdentifiedWard:
    """A child in the provider's register of guardians."""

    document: Document
    name: str
    until: datetime


@dataclass(frozen=True, slots=True, repr=False)
class Identity:
    """Who somebody is, by the identity provider's word; ``other_documents`` are of the same person."""

    document: Document
    name: str
    wards: tuple[IdentifiedWard, ...] = ()
    other_documents: tuple[Document, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Attempt:
    """What one attempt to sign in is bound to: the token's nonce, and the verifier of its challenge."""

    nonce: str
    verifier: str


class IdentityProvider(Protocol):
    """The region's identity provider."""

    async def authorization_url(self, state: str, attempt: Attempt) -> str:
        """Return where the browser goes to sign in. Raises Refused(UPSTREAM_AWAY)."""
        ...

    async def identify(self, authorization_code: str, attempt: Attempt) -> Identity:
        """Redeem what the browser brought back; nothing of the answer counts before its signature is verified.

        Raises Refused: SIGN_IN_REFUSED (code, signature, issuer, audience, nonce, time or claims do not
        fit), UPSTREAM_AWAY.
        """
        ...


@dataclass(frozen=True, slots=True, repr=False)
class Begun:
    """Where the browser goes, and the secret that it keeps in a cookie meanwhile."""

    url: str
    browser_secret: str


@dataclass(frozen=True, slots=True, repr=False)
class _Pending:
    attempt: Attempt
    browser_digest: bytes
    ends_at: datetime


class SignInDesk:
    """Signs citizens in. ``provider`` is None where the region has none: then nobody can sign in."""

    def __init__(
        self,
        *,
        provider: IdentityProvider | None,
        sessions: CitizenSessions,
        subject_keys: SubjectKeyCache,
        links: LinkSayer,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self._provider = provider
        self._sessions = sessions
        self._subject_keys = subject_keys
        self._links = links
        self._clock = clock
        self._entropy = entropy
        self._pending: dict[bytes, _Pending] = {}

    async def begin(self) -> Begun:
        """Begin an attempt. Raises Refused: NOT_FOUND (no provider is set), UPSTREAM_AWAY."""
        provider, at = self._known_provider(), self._clock.now()
        state, browser_secret = new_token(self._entropy), new_token(self._entropy)
        attempt = Attempt(new_token(self._entropy), new_token(self._entropy))
        url = await provider.authorization_url(state, attempt)
        self._forget_first_ones(at)
        self._pending[sha256(state.encode())] = _Pending(attempt, sha256(browser_secret.encode()), at + SIGN_IN_LIFE)
        return Begun(url, browser_secret)

    async def finish(self, state: str, authorization_code: str, browser_secret: str) -> OpenedCitizenSession:
        """Open a session for whoever comes back. Raises Refused: SIGN_IN_REFUSED, UPSTREAM_AWAY, NOT_FOUND."""
        provider = self._known_provider()
        pending = self._pending.pop(sha256(state.encode()), None)
        if pending is None or self._clock.now() >= pending.ends_at:
            raise Refused(ProblemId.SIGN_IN_REFUSED, "this attempt was used, has ended or was never begun")
        if not is_same_secret(sha256(browser_secret.encode()), pending.browser_digest):
            raise Refused(ProblemId.SIGN_IN_REFUSED, "another browser began this attempt")
        identity = await provider.identify(authorization_code, pending.attempt)
        documents = [identity.document, *(ward.document for ward in identity.wards)]
        keys, *wards_keys = await self._subject_keys.keys_of_all(documents)
        wards = (
            Ward(ward_keys, mask_name(ward.name), ward.until)
            for ward, ward_keys in zip(identity.wards, wards_keys, strict=True)
        )
        await self._say_one_person(identity)
        return self._sessions.open(Citizen(keys, mask_name(identity.name), tuple(wards)))

    async def _say_one_person(self, identity: Identity) -> None:
        """Link the documents of whoever signed in; whoever is said to have too many signs in all the same."""
        if not identity.other_documents:
            return
        mine = [NamedDocument(each) for each in (identity.document, *identity.other_documents)]
        try:
            await self._links.say_one_person(mine, LinkGround.SIGN_IN, is_whole=True)
        except Refused as refused:
            if refused.problem is not ProblemId.CONFLICT:
                raise

    def _known_provider(self) -> IdentityProvider:
        if self._provider is None:
            raise Refused(ProblemId.NOT_FOUND, "this region has no identity provider set")
        return self._provider

    def _forget_first_ones(self, at: datetime) -> None:
        while self._pending:
            digest, pending = next(iter(self._pending.items()))
            if at < pending.ends_at and len(self._pending) < SIGN_INS_MAX:
                return
            del self._pending[digest]
