"""Device sessions: a device proves its key once and then shows an opaque token with every scan.

Spec: the token is used as RFC 6750, section 2.1 (``Authorization: Bearer``) says. Invariants: only
the SHA-256 of a token is held, in memory and nowhere else, so that a restart ends all sessions; a
session ends after ``SESSION_LIFE``, with its credential, and when its device opens too many more.
"""

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tongxing.core.errors import Refused
from tongxing.core.limits import SESSION_LIFE, SESSION_RECHECK, SESSIONS_MAX, SESSIONS_PER_CREDENTIAL_MAX
from tongxing.core.problems import ProblemId
from tongxing.crypto.digests import sha256
from tongxing.services.ports import Credential, Entropy

TOKEN_BYTES: Final = 32
TOKEN_CHARACTERS: Final = 43


@dataclass(slots=True)
class Session:
    """One device's session. ``checked_at`` is when its credential was last looked up."""

    credential: Credential
    ends_at: datetime
    checked_at: datetime

    def is_due_for_recheck(self, at: datetime) -> bool:
        """True if the credential must be looked up again, also if the clock was set back."""
        return not self.checked_at <= at < self.checked_at + SESSION_RECHECK


@dataclass(frozen=True, slots=True, repr=False)
class OpenedSession:
    """What the device gets, once: the token, 43 characters of base64url, and when it ends."""

    token: str
    ends_at: datetime


class Sessions:
    """The sessions that are open on this node, by the digest of their token."""

    def __init__(self, entropy: Entropy, *, sessions_max: int = SESSIONS_MAX) -> None:
        self._entropy = entropy
        self._sessions_max = sessions_max
        self._open: dict[bytes, Session] = {}
        self._of_credential: dict[str, list[bytes]] = {}

    def __len__(self) -> int:
        return len(self._open)

    def open(self, credential: Credential, at: datetime) -> OpenedSession:
        """Open a session for a credential that was just proven; the device's oldest may end by it."""
        token = urlsafe_b64encode(self._entropy(TOKEN_BYTES)).rstrip(b"=").decode()
        digest = sha256(token.encode())
        ends_at = at + SESSION_LIFE
        if credential.valid_until is not None:
            ends_at = min(ends_at, credential.valid_until)
        self._end_first_ones(at)
        own = self._of_credential.setdefault(credential.key_id, [])
        while len(own) >= SESSIONS_PER_CREDENTIAL_MAX:
            self._end(own[0])
        # Ending its last session may have dropped the credential's list.
        self._of_credential.setdefault(credential.key_id, own).append(digest)
        self._open[digest] = Session(credential, ends_at, at)
        return OpenedSession(token, ends_at)

    def find(self, token: str, at: datetime) -> Session:
        """Return the session of a token. Raises Refused(SESSION_ENDED), unknown tokens included.

        Whether a token never was or has ended cannot be told: what has ended is forgotten.
        """
        if len(token) != TOKEN_CHARACTERS or not token.isascii():
            raise Refused(ProblemId.SESSION_ENDED)
        digest = sha256(token.encode())
        session = self._open.get(digest)
        if session is None:
            raise Refused(ProblemId.SESSION_ENDED)
        if at >= session.ends_at:
            self._end(digest)
            raise Refused(ProblemId.SESSION_ENDED)
        return session

    def end_all_of(self, key_id: str) -> None:
        """End every session of a credential."""
        for digest in tuple(self._of_credential.get(key_id, ())):
            self._end(digest)

    def _end_first_ones(self, at: datetime) -> None:
        # Sessions are held in the order in which they were opened, which is nearly that of ending.
        while self._open:
            digest, session = next(iter(self._open.items()))
            if at < session.ends_at and len(self._open) < self._sessions_max:
                return
            self._end(digest)

    def _end(self, digest: bytes) -> None:
        session = self._open.pop(digest)
        own = self._of_credential[session.credential.key_id]
        own.remove(digest)
        if not own:
            del self._of_credential[session.credential.key_id]
