"""Citizens: who has signed in, and the sessions that stand for it in a browser.

A person proves who they are to their region's identity provider, never to us; a session then stands for
the subject keys of their document, not for the document, which is forgotten at once. Only the SHA-256
of a session's token is held, in memory and nowhere else, so that a restart ends all sessions.
"""

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tongxing.core.errors import Refused
from tongxing.core.limits import CITIZEN_SESSION_LIFE, CITIZEN_SESSIONS_MAX
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import SubjectKeys
from tongxing.crypto.digests import hmac_sha256, is_same_secret, sha256
from tongxing.services.ports import Clock, Entropy

TOKEN_BYTES: Final = 32
TOKEN_CHARACTERS: Final = 43


def new_token(entropy: Entropy) -> str:
    """Return 32 random bytes as 43 characters of base64url."""
    return urlsafe_b64encode(entropy(TOKEN_BYTES)).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True, repr=False)
class Ward:
    """A child whose guardian the identity provider says a citizen is, ``until`` then."""

    keys: SubjectKeys
    hint: str
    until: datetime


@dataclass(frozen=True, slots=True, repr=False)
class Citizen:
    """A signed-in person: the keys of their document, their masked name, and their wards."""

    keys: SubjectKeys
    hint: str
    wards: tuple[Ward, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class CitizenSession:
    """An open session. Whoever changes something shows ``csrf_token``, which only our own page can have read."""

    citizen: Citizen
    ends_at: datetime
    csrf_token: str

    def check_csrf_token(self, shown: str | None) -> None:
        """Raise Refused(CROSS_SITE) unless the session's own token was shown."""
        if shown is None or not is_same_secret(shown.encode(), self.csrf_token.encode()):
            raise Refused(ProblemId.CROSS_SITE, "x-csrf-token: show what GET /v1/my/identity told")


@dataclass(frozen=True, slots=True, repr=False)
class OpenedCitizenSession:
    """What the browser gets, once: the token of its cookie, and when it ends."""

    token: str
    ends_at: datetime


class CitizenSessions:
    """The citizens' sessions that are open on this node, by the digest of their token."""

    def __init__(self, clock: Clock, entropy: Entropy) -> None:
        self._clock = clock
        self._entropy = entropy
        self._open: dict[bytes, CitizenSession] = {}

    def __len__(self) -> int:
        return len(self._open)

    def open(self, citizen: Citizen) -> OpenedCitizenSession:
        """Open a session for a citizen who has just signed in; with too many open ones the oldest ends."""
        at = self._clock.now()
        self._end_first_ones(at)
        token = new_token(self._entropy)
        csrf_token = hmac_sha256(token.encode(), b"tongxing csrf").hex()
        session = CitizenSession(citizen, at + CITIZEN_SESSION_LIFE, csrf_token)
        self._open[sha256(token.encode())] = session
        return OpenedCitizenSession(token, session.ends_at)

    def find(self, token: str) -> CitizenSession:
        """Return the session of a token. Raises Refused(SESSION_ENDED): whether it ever was is not told."""
        session = self._open.get(sha256(token.encode()))
        if session is None or self._clock.now() >= session.ends_at:
            raise Refused(ProblemId.SESSION_ENDED)
        return session

    def end(self, token: str) -> None:
        """End the session of a token; none is no error."""
        self._open.pop(sha256(token.encode()), None)

    def _end_first_ones(self, at: datetime) -> None:
        # All live equally long, so they end in the order in which they were opened.
        while self._open:
            digest, session = next(iter(self._open.items()))
            if at < session.ends_at and len(self._open) < CITIZEN_SESSIONS_MAX:
                return
            del self._open[digest]
