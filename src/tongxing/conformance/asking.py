"""Asks the service that is examined: a whole conversation about a code, or one request that no family would send.

Every wait and every whole is bounded; what comes back is heard, never raised. Where answers cannot be read or do not
come at all, several times in a row, nothing more can be learnt and ``GaveUp`` ends the examination.
"""

import asyncio
import secrets
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import httpx
import msgspec

from tongxing.conformance.given import Given, GivenPerson
from tongxing.connectors.back_end import HttpBackEnd
from tongxing.connectors.conversing import converse
from tongxing.connectors.http_exchange import ExchangeFailed, exchange
from tongxing.core.errors import Fault, Rejected, Undecidable
from tongxing.core.reasons import ReasonId
from tongxing.regions.answers import BackEndAnswer, BackEndRequest, SourceAnswer
from tongxing.regions.families import FAMILIES
from tongxing.regions.families.reading import Flaw
from tongxing.regions.profile import Profile

SILENT_AFTER: Final = 3
"""So many answers in a row that nobody can read: the rest of an examination would say the same."""

HOOK_ANSWER_MAX_BYTES: Final = 16 * 1024
_SERVER_ERRORS: Final = range(500, 600)
_OK: Final = 200
_OF_ONE_RECORD: Final = frozenset({Flaw.NO_RECORD_BEHIND, Flaw.CONTRADICTION})
"""Flaws of what is said, not of how."""

NO_CONNECTION: Final = "ConnectError"


class GaveUp(Exception):
    """Nothing that comes back can be read."""


class HookFailed(Exception):
    """An address of the file (``show``, ``switch``) does not do what it is there for; the text says why."""


class _Shown(msgspec.Struct):
    qr_text: str


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of one question. ``requests`` were sent and ``answers`` came, as far as any did."""

    outcome: SourceAnswer | ReasonId
    detail: str = ""
    requests: tuple[BackEndRequest, ...] = ()
    answers: tuple[BackEndAnswer | None, ...] = ()

    @property
    def record(self) -> SourceAnswer | None:
        """What the source said of somebody, None if it told no record."""
        return self.outcome if isinstance(self.outcome, SourceAnswer) else None

    @property
    def is_breakdown(self) -> bool:
        """True if the service broke down, or the connection with it."""
        return self.outcome is ReasonId.SOURCE_AWAY and (self.detail.startswith("HTTP 5") or not self._is_answered)

    @property
    def _is_answered(self) -> bool:
        return bool(self.answers) and self.answers[-1] is not None

    @property
    def is_late(self) -> bool:
        """True if the answer, or all of it, did not come in time."""
        return self.outcome is ReasonId.SOURCE_SLOW

    @property
    def is_unreadable(self) -> bool:
        """True if how it was answered cannot be read, whatever it says."""
        if self.outcome is not ReasonId.SOURCE_UNREADABLE or self.detail in _OF_ONE_RECORD:
            return False
        return not self.detail.startswith("field ")


@dataclass(slots=True)
class Asker:
    """Speaks to one service at ``url`` in the dialect of ``profile``'s family."""

    client: httpx.AsyncClient
    url: str
    profile: Profile
    given: Given
    patience_seconds: float
    heard: list[Heard] = field(default_factory=list)
    _silent: int = 0
    _taken: dict[GivenPerson, int] = field(default_factory=dict)

    async def ask(
        self, qr_text: str, profile: Profile | None = None, credentials: Mapping[str, str] | None = None
    ) -> Heard:
        """Ask about a code, with another profile or other credentials where they are given. Raises ``GaveUp``."""
        secrets_sent = self.given.credentials if credentials is None else credentials
        back_end, query_id = HttpBackEnd(self.client, self.url), secrets.token_hex(8)
        try:
            async with asyncio.timeout(self.patience_seconds):
                conversation = await converse(
                    back_end, profile or self.profile, qr_text, now(), query_id, secrets_sent, self.patience_seconds
                )
        except TimeoutError:
            return self._hear(Heard(ReasonId.SOURCE_SLOW, f"no whole answer in {self.patience_seconds} s"))
        requests = tuple(each.request for each in conversation.exchanges)
        answers = tuple(each.answer for each in conversation.exchanges)
        return self._hear(Heard(conversation.outcome, conversation.detail, requests, answers))

    async def send(self, request: BackEndRequest, answered_before: tuple[BackEndAnswer, ...], qr_text: str) -> Heard:
        """Send one request as it is, and hear what the family makes of the answer after the answers before it."""
        back_end = HttpBackEnd(self.client, self.url)
        try:
            async with asyncio.timeout(self.patience_seconds):
                answer = await back_end.exchange(request, timeout_seconds=self.patience_seconds)
        except TimeoutError:
            return self._hear(Heard(ReasonId.SOURCE_SLOW, f"no whole answer in {self.patience_seconds} s"))
        except Undecidable as why:
            return self._hear(Heard(why.reason, why.detail, (request,), (None,)))
        asking = self.begin(qr_text)
        try:
            next(asking)
            for each in (*answered_before, answer):
                asking.send(each)
        except StopIteration as end:
            return self._hear(Heard(end.value, "", (request,), (answer,)))
        except (Rejected, Undecidable) as why:
            return self._hear(Heard(why.reason, why.detail, (request,), (answer,)))
        # The family would ask on: what it needs for that was handed out.
        return self._hear(Heard(SourceAnswer(status=""), "", (request,), (answer,)))

    def begin(self, qr_text: str) -> Generator[BackEndRequest, BackEndAnswer, SourceAnswer]:
        """Return the family's own questions about a code."""
        family, query_id = FAMILIES[self.profile.family], secrets.token_hex(8)
        return family.ask(qr_text, self.profile, now(), query_id, self.given.credentials)

    async def show(self, person: GivenPerson) -> str | None:
        """Return a code of the person's: a fresh one where there is an address for that, else one of the file.

        Where a code is good once, each of the file is taken once; None after the last. Raises HookFailed.
        """
        if self.given.show is not None and person.number is not None:
            body = await self._call(self.given.show, {"person": {"number": person.number}})
            try:
                return msgspec.json.decode(body, type=_Shown).qr_text
            except msgspec.MsgspecError as wrong:
                raise HookFailed(f"show: {wrong}") from wrong
        if not self.profile.one_time_code:
            return person.qr_texts[0]
        index = self._taken[person] = self._taken.get(person, -1) + 1
        return person.qr_texts[index] if index < len(person.qr_texts) else None

    async def switch(self, person: GivenPerson, status: str, told: tuple[str, ...]) -> None:
        """Let the service have a person in another status. Raises HookFailed, and Fault where there is no address."""
        if self.given.switch is None or person.number is None:
            raise Fault("no address switch")
        wanted = {"person": {"number": person.number}, "status": status, "told": list(told)}
        await self._call(self.given.switch, wanted)

    async def _call(self, url: str, value: object) -> bytes:
        try:
            answer = await exchange(
                self.client,
                "POST",
                url,
                headers={"content-type": "application/json"},
                body=msgspec.json.encode(value),
                timeout_seconds=self.patience_seconds,
                answer_max_bytes=HOOK_ANSWER_MAX_BYTES,
            )
        except ExchangeFailed as failed:
            raise HookFailed(f"{url}: {failed.detail}") from failed
        if answer.status != _OK:
            raise HookFailed(f"{url}: HTTP {answer.status}")
        return answer.body

    def _hear(self, heard: Heard) -> Heard:
        self.heard.append(heard)
        is_lost = heard.is_unreadable or heard.is_late or heard.detail == NO_CONNECTION
        self._silent = self._silent + 1 if is_lost else 0
        if self._silent >= SILENT_AFTER:
            raise GaveUp
        return heard


def now() -> datetime:
    """Return the moment, aware UTC."""
    return datetime.now(UTC)
