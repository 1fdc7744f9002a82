"""Credential and nonce stores in memory, a clock that is set by hand, and foreseeable randomness."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.services.ports import Credential

SPRING = datetime(2020, 3, 27, 4, 0, tzinfo=UTC)


class HandSetClock:
    """Stands still until it is moved."""

    def __init__(self, at: datetime = SPRING) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def move(self, by: timedelta) -> None:
        self.at += by


class CountedEntropy:
    """Draws the same bytes in each run, never the same twice in one."""

    def __init__(self) -> None:
        self._drawn = 0

    def __call__(self, count: int, /) -> bytes:
        self._drawn += 1
        return hashlib.shake_256(f"{self._drawn}".encode()).digest(count)


class CredentialsInMemory:
    """Keeps the contract of ``CredentialStore`` without a disk. ``lookups`` counts the finds."""

    def __init__(self) -> None:
        self._held: dict[str, Credential] = {}
        self.lookups = 0

    async def enrol(self, credential: Credential) -> None:
        held = self._held.get(credential.key_id)
        if held is not None and held != credential:
            raise Refused(ProblemId.CONFLICT)
        self._held[credential.key_id] = credential

    async def find(self, key_id: str) -> Credential | None:
        self.lookups += 1
        return self._held.get(key_id)

    async def revoke(self, key_id: str) -> None:
        held = self._held.get(key_id)
        if held is None:
            raise Refused(ProblemId.NOT_FOUND)
        self._held[key_id] = replace(held, revoked=True)

    async def list(self) -> tuple[Credential, ...]:
        return tuple(held for _, held in sorted(self._held.items()))


class NoncesInMemory:
    """Keeps the contract of ``NonceStore`` without a disk."""

    def __init__(self) -> None:
        self.held: dict[tuple[str, str], datetime] = {}

    async def remember(self, key_id: str, nonce: str, expires_at: datetime) -> bool:
        if (key_id, nonce) in self.held:
            return False
        self.held[key_id, nonce] = expires_at
        return True

    async def forget_expired(self, at: datetime) -> int:
        ended = [key for key, expires_at in self.held.items() if expires_at <= at]
        for key in ended:
            del self.held[key]
        return len(ended)
