"""Loads synthetic people: each region's reports, made in a stream, go to the hub in signed, numbered batches.

Nothing is held but the batches on their way. Beside sending, each region adds up what it has sent by the day
(``services.report_sums``), which is what the hub must hold of it afterwards.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice
from typing import Any, Final

import httpx
import zstandard

from tests.cluster.ending import run_tasks
from tests.cluster.ground import Nation
from tests.cluster.senders import Sender
from tongxing.app.system import system_entropy
from tongxing.connectors.http_exchange import SignedCaller
from tongxing.connectors.hub import HttpHub
from tongxing.connectors.node import NodeCaller
from tongxing.core.calendar import beijing_day
from tongxing.core.errors import Fault, Refused
from tongxing.core.limits import REPORTS_PER_BATCH_MAX
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import SubjectKey
from tongxing.core.words import RegionId
from tongxing.crypto.digests import sha256
from tongxing.regions.answers import SourceAnswer
from tongxing.regions.translation import Translated, translate
from tongxing.services.ingesting import REPORTS
from tongxing.services.report_sums import NOTHING, DaySum, DaySums, add_days, differing_days
from tongxing.simulation.people import Person, stream_people
from tongxing.simulation.scenes import FOUNDED_AT
from tongxing.wire.report_lines import encode_report_line

FIRST_PERSON: Final = 1_000_000
"""Those before are people of the scenes and of the faults."""

LOADED_AT: Final = FOUNDED_AT + timedelta(hours=1)
"""When all have registered this morning, and no scene has begun."""

ROWS_A_BATCH: Final = 5_000
AT_ONCE: Final = 4
PATIENCE_SECONDS: Final = 120.0
_REVISIONS_PER_SECOND: Final = 1_000
_WAIT_SECONDS: Final = 0.2
_WAITS: Final = frozenset({ProblemId.OVERLOADED, ProblemId.UPSTREAM_AWAY})

Tell = Callable[[int], None]


@dataclass
class Loaded:
    """What was sent, and what the hub said of it. ``sums`` are the senders' own."""

    rows: int = 0
    stored: int = 0
    set_aside: int = 0
    bytes_sent: int = 0
    batches: int = 0
    seconds: float = 0.0
    sums: dict[RegionId, DaySums] = field(default_factory=dict)

    @property
    def lost(self) -> int:
        """Rows that the hub did not store."""
        return self.rows - self.stored


@dataclass(frozen=True, slots=True)
class Reconciled:
    """How much the hub holds of what was sent, and on which days of which regions that is not the same."""

    reports: int
    days: int
    differing: Mapping[RegionId, frozenset[date]]
    seconds: float


def people_of(sender: Sender, count: int, seed: int) -> Iterator[Person]:
    """Return the people of one region whose reports are loaded."""
    return stream_people(
        sender.region, first=FIRST_PERSON, count=count, seed=seed, at=LOADED_AT, circumstances=sender.states
    )


def load_people(nation: Nation, people: int, seed: int, tell: Tell) -> Loaded:
    """Load ``people``, as many of each region (rounded up); ``tell`` hears of each batch how many rows it had.

    Raises ``Refused`` where the hub refuses a batch, or does not answer for long.
    """
    each = -(-people // len(nation.senders))
    nation.federation.clock.set(LOADED_AT)
    loaded, began = Loaded(), time.monotonic()

    async def send(sender: Sender, hub: "_HubOfSender") -> None:
        loaded.sums[sender.region] = await hub.send_all(people_of(sender, each, seed), loaded, tell)

    run_tasks(_for_each(nation, send))
    loaded.seconds = time.monotonic() - began
    return loaded


def reconcile(nation: Nation, sent: Mapping[RegionId, DaySums], tell: Tell) -> Reconciled:
    """Compare what was sent of some regions with what the hub holds; ``tell`` hears of each stretch."""
    held: dict[RegionId, DaySums] = {}
    began = time.monotonic()

    async def add_up(sender: Sender, hub: "_HubOfSender") -> None:
        if sender.region in sent:
            held[sender.region] = await hub.add_up(tell)

    run_tasks(_for_each(nation, add_up))
    differing = {region: days for region in sent if (days := differing_days(sent[region], held[region]))}
    every = [day for days in held.values() for day in days.values()]
    return Reconciled(sum(day.count for day in every), len(every), differing, time.monotonic() - began)


async def _for_each(nation: Nation, work: Callable[[Sender, "_HubOfSender"], Coroutine[Any, Any, None]]) -> None:
    """Do something for each sender, a few at once, by the hub's processes in turn."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def in_turn(number: int, sender: Sender) -> None:
        async with turns, _calling(nation, nation.hubs[number % len(nation.hubs)], sender) as hub:
            await work(sender, hub)

    async with asyncio.TaskGroup() as group:
        for number, sender in enumerate(nation.senders.values()):
            group.create_task(in_turn(number, sender))


@asynccontextmanager
async def _calling(nation: Nation, url: str, sender: Sender) -> AsyncIterator["_HubOfSender"]:
    async with httpx.AsyncClient(follow_redirects=False, trust_env=False) as client:
        caller = SignedCaller(client, sender.key, nation.federation.clock, system_entropy)
        yield _HubOfSender(sender, HttpHub(caller, url), NodeCaller(caller, url))


@dataclass(frozen=True, slots=True)
class _HubOfSender:
    """The hub, as one region's sender calls it."""

    sender: Sender
    hub: HttpHub
    node: NodeCaller

    async def send_all(self, people: Iterator[Person], loaded: Loaded, tell: Tell) -> DaySums:
        """Send the reports of people; return their sums by day."""
        sums: DaySums = {}
        number = await self.node.last_batch(REPORTS)
        while batch := list(islice(people, ROWS_A_BATCH)):
            number += 1
            lines, days = _write(self.sender, batch, await self._subjects_of(batch))
            told = await self._send(number, body := zstandard.compress(lines, 1))
            sums = add_days(sums, days)
            loaded.rows += len(batch)
            loaded.stored += told["stored"]
            loaded.set_aside += told["set_aside"]
            loaded.bytes_sent += len(body)
            loaded.batches += 1
            tell(len(batch))
        await self.hub.say_complete(REPORTS, self.hub.caller.clock.now())
        return sums

    async def add_up(self, tell: Tell) -> DaySums:
        """Return what the hub holds of this region, by day."""
        days: DaySums = {}
        at: bytes | None = b""
        while at is not None:
            stretch = await self.hub.sum_reports(at, None)
            days, at = add_days(days, stretch.days), stretch.next_after
            tell(sum(day.count for day in stretch.days.values()))
        return days

    async def _subjects_of(self, people: Sequence[Person]) -> list[SubjectKey]:
        """Ask the key service, as a gateway does: no document goes further than there."""
        documents = [person.document for person in people]
        parts = range(0, len(documents), REPORTS_PER_BATCH_MAX)
        told = [await self.hub.derive_subject_keys(documents[at : at + REPORTS_PER_BATCH_MAX]) for at in parts]
        return [keys[0] for part in told for keys in part]

    async def _send(self, number: int, body: bytes) -> dict[str, Any]:
        """Send a batch until it is acknowledged. Raises ``Refused``, also after too long without an answer."""
        last_try = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return await self.node.send_batch(REPORTS, number, body, "zstd")
            except Refused as refused:
                if refused.problem not in _WAITS or time.monotonic() > last_try:
                    raise
            await asyncio.sleep(_WAIT_SECONDS)


def _write(sender: Sender, people: Sequence[Person], subjects: Sequence[SubjectKey]) -> tuple[bytes, DaySums]:
    """Return the lines of people's reports, and their sums by day."""
    lines: list[bytes] = []
    days: dict[date, DaySum] = {}
    for person, subject in zip(people, subjects, strict=True):
        translated = _report_of(person, sender)
        line = encode_report_line(subject, translated.report, translated.origin)
        lines.append(line + b"\n")
        day = beijing_day(translated.report.as_of)
        days[day] = days.get(day, NOTHING) + DaySum(1, int.from_bytes(sha256(line), "big"))
    return b"".join(lines), days


def _report_of(person: Person, sender: Sender) -> Translated:
    """Translate what the region's back end says of a person, as its gateway would."""
    refreshed_at = person.refreshed_at(LOADED_AT)
    answer = SourceAnswer(
        status=person.state.status,
        told=person.state.told,
        since=person.since,
        refreshed_at=refreshed_at,
        division=person.stay,
        derived_from=person.state.relayed_from,
    )
    revision = int(refreshed_at.timestamp()) * _REVISIONS_PER_SECOND
    translated = translate(answer, sender.profile, at=LOADED_AT, revision=revision)
    if translated.report.issuer != sender.region:
        raise Fault(f"a report of region {sender.region} says that another issued it")
    return translated
