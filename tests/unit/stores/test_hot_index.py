"""The hot index spares the record reads, and never tells what is older than what was acknowledged."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

import psycopg
import pytest

from tests.contract.samples import AT, GUANGXI, HUBEI, row, subject, ticket
from tests.real_cluster import ClusterNode, RunningCluster, wait_until
from tests.real_servers import Databases
from tongxing.core.errors import Fault
from tongxing.core.subjects import SubjectKey
from tongxing.core.words import RegionId
from tongxing.services.ports import ClaimResult, PutCount, ReportsOfMany, ReportStore, SubjectReport, TicketStore
from tongxing.services.rederiving_ports import HeldTable
from tongxing.services.way_ports import Allowance, LimitResult, LimitStore
from tongxing.stores.postgres.stores import open_stores
from tongxing.stores.sql.stores import NodeStores
from tongxing.stores.valkey import index as index_module
from tongxing.stores.valkey.eras import LEASE_SECONDS, Eras
from tongxing.stores.valkey.index import HotIndex
from tongxing.stores.valkey.stores import with_index
from tongxing.wire.report_bodies import KeptReport

pytestmark = pytest.mark.anyio

NOBODY = [("127.0.0.1", 9)]
HOUR = timedelta(hours=1)


class Counted:
    """What the record was asked, by the name of the call."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def since(self) -> list[str]:
        asked, self.asked = self.asked, []
        return asked


@dataclass
class CountedReports:
    record: ReportStore
    counted: Counted

    async def put_reports(self, rows: Sequence[SubjectReport], *, for_hub: bool = False) -> PutCount:
        return await self.record.put_reports(rows, for_hub=for_hub)

    async def put_kept(self, rows: Sequence[KeptReport]) -> PutCount:
        return await self.record.put_kept(rows)

    async def reports_by(self, issuer: RegionId, after: bytes, limit: int) -> tuple[SubjectReport, ...]:
        return await self.record.reports_by(issuer, after, limit)

    async def reports_of_many(self, subjects: Iterable[SubjectKey], *, with_retracted: bool = False) -> ReportsOfMany:
        return await self.record.reports_of_many(subjects, with_retracted=with_retracted)

    async def reports_of(self, subject: SubjectKey, *, with_retracted: bool = False) -> tuple[SubjectReport, ...]:
        self.counted.asked.append("reports_of")
        return await self.record.reports_of(subject, with_retracted=with_retracted)


class CountedCalls:
    """A store of tickets or limits whose calls are counted."""

    def __init__(self, record: object, counted: Counted) -> None:
        self._record = record
        self._counted = counted

    def __getattr__(self, name: str) -> object:
        self._counted.asked.append(name)
        return getattr(self._record, name)


@dataclass
class Process:
    """Stores with an index, as one process has them, and what its record was asked."""

    stores: NodeStores
    record: Counted


@pytest.fixture
def address(postgres_databases: Databases) -> Iterator[str]:
    address = postgres_databases.take()
    yield address
    postgres_databases.give_back([address])


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for the index however busy the machine is, where a test counts what the record was not asked."""
    monkeypatch.setattr(index_module, "ANSWER_SECONDS", 60.0)
    monkeypatch.setattr(index_module, "Eras", partial(Eras, lease_seconds=60.0))


@contextlib.asynccontextmanager
async def processes(address: str, *places: Sequence[tuple[str, int]]) -> AsyncIterator[list[Process]]:
    """Open one record as several processes do, each with an index at a place."""
    async with contextlib.AsyncExitStack() as stack:
        made: list[Process] = []
        for place in places:
            stores, counted = await open_stores(address), Counted()
            stack.push_async_callback(stores.aclose)
            tickets: TicketStore = CountedCalls(stores.tickets, counted)  # type: ignore[assignment]  # passes calls on
            limits: LimitStore = CountedCalls(stores.limits, counted)  # type: ignore[assignment]  # as above
            behind = replace(stores, reports=CountedReports(stores.reports, counted), tickets=tickets, limits=limits)
            before = await with_index(behind, place)
            stack.push_async_callback(before.aclose)
            made.append(Process(before, counted))
        yield made


def read_era(address: str) -> str:
    """Return the name of the era that a record holds."""
    with psycopg.connect(address) as connection:
        return str(connection.execute("SELECT era FROM index_eras").fetchall()[0][0])


@pytest.mark.usefixtures("patience")
async def test_what_was_read_once_is_read_from_the_index(address: str, cluster: RunningCluster) -> None:
    async with processes(address, cluster.addresses, cluster.addresses) as (one, other):
        await one.stores.reports.put_reports([row(1)])
        assert await one.stores.reports.reports_of(subject(1)) == (row(1),)
        assert await other.stores.reports.reports_of(subject(1)) == (row(1),)
        assert await other.stores.reports.reports_of(subject(2)) == ()
        assert await one.stores.reports.reports_of(subject(2)) == ()
        assert (one.record.since(), other.record.since()) == (["reports_of"], ["reports_of"])


@pytest.mark.usefixtures("patience")
async def test_what_one_process_writes_the_next_reads_at_once(address: str, cluster: RunningCluster) -> None:
    async with processes(address, cluster.addresses, cluster.addresses) as (one, other):
        for revision in range(1, 30):
            await one.stores.reports.put_reports([row(1, revision=revision)])
            assert await other.stores.reports.reports_of(subject(1)) == (row(1, revision=revision),)
            assert await other.stores.reports.reports_of(subject(1)) == (row(1, revision=revision),)
        assert other.record.since() == ["reports_of"] * 29


async def test_a_reader_under_way_fills_nothing_in_that_was_written_over_meanwhile(
    address: str, cluster: RunningCluster
) -> None:
    record = await open_stores(address)
    reader = await HotIndex(cluster.addresses, record.index_eras).open()
    writer = await HotIndex(cluster.addresses, record.index_eras).open()
    found = await reader.find(b"k")
    assert found.token is not None
    await writer.drop([b"k"])
    await reader.fill(b"k", found, b"older")
    again = await writer.find(b"k")
    assert again.content is None
    await writer.fill(b"k", again, b"newer")
    assert (await reader.find(b"k")).content == b"newer"
    for index in (reader, writer):
        await index.aclose()
    await record.aclose()


async def test_a_write_that_cannot_reach_the_index_is_read_by_all_once_it_is_acknowledged(
    address: str, cluster: RunningCluster
) -> None:
    """One process is cut off from the index; the other has the older report there, and reaches it."""
    async with processes(address, cluster.addresses, NOBODY) as (reaching, cut_off):
        await reaching.stores.reports.put_reports([row(1)])
        assert await reaching.stores.reports.reports_of(subject(1)) == (row(1),)
        for revision in (2, 3):
            await cut_off.stores.reports.put_reports([row(1, revision=revision)])
            assert await reaching.stores.reports.reports_of(subject(1)) == (row(1, revision=revision),)


async def test_an_index_that_is_away_is_missed_by_nobody(address: str) -> None:
    async with processes(address, NOBODY) as (process,):
        await process.stores.reports.put_reports([row(1)])
        assert await process.stores.reports.reports_of(subject(1)) == (row(1),)
        assert await process.stores.tickets.claim(b"k", AT + HOUR, AT) is ClaimResult.CLAIMED
        assert await process.stores.tickets.claim(b"k", AT + HOUR, AT) is ClaimResult.USED


@pytest.mark.usefixtures("patience")
async def test_what_is_erased_from_the_record_is_erased_from_the_index_with_it(
    address: str, cluster: RunningCluster
) -> None:
    async with processes(address, cluster.addresses, cluster.addresses) as (one, other):
        await one.stores.reports.put_reports([row(1, HUBEI), row(2, GUANGXI), row(3, GUANGXI)])
        for number in (1, 2, 3):
            assert len(await other.stores.reports.reports_of(subject(number))) == 1
        assert (await one.stores.retention.forget_region(GUANGXI))["reports"] == 2
        assert await other.stores.reports.reports_of(subject(2)) == ()
        assert await other.stores.reports.reports_of(subject(1)) == (row(1, HUBEI),)
        assert await one.stores.retention.forget_reports(AT + timedelta(days=1)) == 1
        assert await other.stores.reports.reports_of(subject(1)) == ()


async def test_before_a_shutdown_no_entry_is_left_in_any_server(
    address: str, cluster: RunningCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_module, "ANSWER_SECONDS", 60.0)

    def entries() -> int:
        era = read_era(address)
        return sum(len(node.ask("KEYS", f"tongxing:{era}:*")) for node in cluster.masters())

    async with processes(address, cluster.addresses) as (one,):
        await one.stores.reports.put_reports([row(number) for number in range(40)])
        for number in range(40):
            await one.stores.reports.reports_of(subject(number))
        filled = await asyncio.to_thread(entries)
        assert filled
        (empty,) = one.stores.emptied_first
        held = await asyncio.to_thread(read_era, address)
        assert await empty() == filled
        left = [node.ask("KEYS", f"tongxing:{held}:*") for node in cluster.masters()]
        assert not any(left)


async def test_an_index_that_is_away_is_not_told_as_emptied(address: str) -> None:
    async with processes(address, [("127.0.0.1", 9)]) as (one,):
        (empty,) = one.stores.emptied_first
        with pytest.raises(Fault, match="could not be emptied"):
            await empty()


@pytest.mark.usefixtures("patience")
async def test_an_index_that_lost_everything_is_filled_again(address: str, cluster: RunningCluster) -> None:
    async with processes(address, cluster.addresses) as (process,):
        await process.stores.reports.put_reports([row(1)])
        for _ in range(2):
            for master in cluster.masters():
                master.ask("FLUSHALL")
            assert await process.stores.reports.reports_of(subject(1)) == (row(1),)
            assert await process.stores.reports.reports_of(subject(1)) == (row(1),)
        assert process.record.since() == ["reports_of"] * 2


@pytest.mark.usefixtures("patience")
async def test_a_claim_that_was_made_is_refused_by_the_index(address: str, cluster: RunningCluster) -> None:
    async with processes(address, cluster.addresses, cluster.addresses) as (one, other):
        assert await one.stores.tickets.claim(b"k", AT + HOUR, AT) is ClaimResult.CLAIMED
        one.record.since()
        for process in (one, other):
            assert await process.stores.tickets.claim(b"k", AT + HOUR, AT) is ClaimResult.USED
            assert process.record.since() == []
        await other.stores.tickets.release(b"k")
        assert await one.stores.tickets.claim(b"k", AT + HOUR, AT) is ClaimResult.CLAIMED


@pytest.mark.usefixtures("patience")
async def test_a_ticket_is_read_from_the_index_until_it_is_forgotten(address: str, cluster: RunningCluster) -> None:
    async with processes(address, cluster.addresses) as (process,):
        await process.stores.tickets.issue(ticket("s", life=HOUR))
        process.record.since()
        for _ in range(3):
            assert await process.stores.tickets.find_ticket("s") == ticket("s", life=HOUR)
        assert process.record.since() == ["find_ticket"]
        await process.stores.tickets.forget_expired(AT + HOUR)
        assert await process.stores.tickets.find_ticket("s") is None


@pytest.mark.usefixtures("patience")
async def test_who_has_used_up_an_allowance_costs_the_record_nothing_more(
    address: str, cluster: RunningCluster
) -> None:
    async with processes(address, cluster.addresses, cluster.addresses) as (one, other):
        allowance = Allowance(b"k", 3, AT + HOUR)
        results = [await one.stores.limits.take(allowance) for _ in range(10)]
        assert results == [LimitResult.TAKEN] * 3 + [LimitResult.LIMITED] * 7
        assert len(one.record.since()) == 4
        assert await other.stores.limits.take(allowance) is LimitResult.LIMITED
        assert other.record.since() == []
        assert await other.stores.limits.take(replace(allowance, at_most=5)) is LimitResult.TAKEN


async def test_after_a_failover_nothing_of_the_old_server_counts_and_a_drop_ends_the_era(
    address: str, cluster: RunningCluster
) -> None:
    """The replica took over every entry, and a process may still ask the old server: both must not count."""
    record = await open_stores(address)
    index = await HotIndex(cluster.addresses, record.index_eras).open()
    keys = [b"k%d" % number for number in range(60)]
    for key in keys:
        await index.fill(key, await index.find(key), b"held")
    assert [await index.look(key) for key in keys] == [b"held"] * 60
    before = await record.index_eras.current()
    await asyncio.to_thread(fail_over, cluster)
    counting = [await index.look(key) for key in keys]
    assert None in counting
    assert b"held" in counting
    await index.drop(keys)
    after = await record.index_eras.current()
    assert after.name != before.name
    assert not after.is_open
    assert [await index.look(key) for key in keys] == [None] * 60
    await index.aclose()
    await record.aclose()


def fail_over(cluster: RunningCluster) -> None:
    """Have a replica take its master's place, with all that it holds."""
    replica = next(node for node in cluster.nodes if not node.is_master())
    replica.ask("CLUSTER", "FAILOVER")
    wait_until(replica.is_master)
    cluster.wait_until_whole()


@dataclass
class Watch:
    """Writes through one process and reads through another, and compares: nothing older than what was acknowledged."""

    writing: Process
    reading: Process
    acknowledged: dict[int, int]
    claimed: dict[bytes, int]
    reads: int = 0

    async def write(self, number: int) -> None:
        revision = 0
        while True:
            revision += 1
            await self.writing.stores.reports.put_reports([row(number, revision=revision)])
            self.acknowledged[number] = revision

    async def read(self, number: int) -> None:
        while True:
            least = self.acknowledged.get(number, 0)
            rows = await self.reading.stores.reports.reports_of(subject(number))
            assert (rows[0].report.revision if rows else 0) >= least
            self.reads += 1
            await asyncio.sleep(0)

    async def claim(self, process: Process) -> None:
        turn = 0
        while True:
            key = b"%d" % turn
            if await process.stores.tickets.claim(key, AT + HOUR, AT) is ClaimResult.CLAIMED:
                self.claimed[key] = self.claimed.get(key, 0) + 1
            turn = turn + 1 if turn < 500 else 0

    async def reads_go_on(self, count: int = 200) -> None:
        until = self.reads + count
        async with asyncio.timeout(60):
            while self.reads < until:  # noqa: ASYNC110 - the readers are not to be slowed down by telling
                await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def watching(address: str, cluster: RunningCluster) -> AsyncIterator[Watch]:
    """Write, read and claim without end; whatever was wrong is raised at the end."""
    async with processes(address, cluster.addresses, cluster.addresses) as (writing, reading):
        watch = Watch(writing, reading, {}, {})
        works = [watch.claim(writing), watch.claim(reading)]
        for number in range(12):
            works += [watch.write(number), watch.read(number)]
        tasks = [asyncio.create_task(work) for work in works]
        try:
            await watch.reads_go_on()
            yield watch
            await watch.reads_go_on()
        finally:
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        assert [error for error in ended if isinstance(error, Exception)] == []
        assert set(watch.claimed.values()) == {1}


async def test_a_killed_master_makes_no_answer_wrong_and_no_ticket_usable_twice(
    address: str, cluster: RunningCluster
) -> None:
    async with watching(address, cluster) as watch:
        killed = cluster.masters()[0]
        await asyncio.to_thread(killed.kill)
        await watch.reads_go_on()
        await asyncio.to_thread(wait_for_masters, cluster, 3)
        await watch.reads_go_on()
        await asyncio.to_thread(killed.start)
        await asyncio.to_thread(cluster.wait_until_whole)
        await watch.reads_go_on()
    async with processes(address, cluster.addresses) as (process,):
        await asyncio.sleep(LEASE_SECONDS)
        await index_is_used(process)


async def test_a_master_that_was_cut_off_and_comes_back_with_what_it_held_makes_no_answer_wrong(
    address: str, cluster: RunningCluster
) -> None:
    async with watching(address, cluster) as watch:
        stopped: ClusterNode = cluster.masters()[0]
        stopped.signal(signal.SIGSTOP)
        await asyncio.to_thread(wait_for_masters, RunningOthers(cluster, stopped), 3)
        await watch.reads_go_on()
        stopped.signal(signal.SIGCONT)
        await watch.reads_go_on()
        await asyncio.to_thread(cluster.wait_until_whole)


@dataclass
class RunningOthers:
    """A cluster but for one server, which does not answer."""

    cluster: RunningCluster
    without: ClusterNode

    def masters(self) -> list[ClusterNode]:
        return [node for node in self.cluster.nodes if node is not self.without and node.is_master()]


def wait_for_masters(cluster: RunningCluster | RunningOthers, count: int) -> None:
    wait_until(lambda: len(cluster.masters()) == count)


async def index_is_used(process: Process) -> None:
    """Wait until a second read is spared the record."""
    async with asyncio.timeout(30):
        while True:
            await process.stores.reports.reports_of(subject(0))
            process.record.since()
            await process.stores.reports.reports_of(subject(0))
            if process.record.since() == []:
                return
            await asyncio.sleep(0.1)


@pytest.mark.usefixtures("patience")
async def test_what_is_led_over_to_a_newer_key_is_read_there_by_every_process(
    address: str, cluster: RunningCluster
) -> None:
    """The other process has the old key's report and the new key's nothing in its index."""
    old, new = subject(1), SubjectKey(bytes((subject(1)[0] + 1,)) + subject(1)[1:])
    async with processes(address, cluster.addresses, cluster.addresses) as (one, other):
        await one.stores.reports.put_reports([row(1)])
        assert len(await other.stores.reports.reports_of(old)) == 1
        assert await other.stores.reports.reports_of(new) == ()
        copied = await one.stores.rederiving.copy(HeldTable.REPORTS, [(old, new)])
        assert len(await other.stores.reports.reports_of(new)) == 1
        assert await one.stores.rederiving.erase(HeldTable.REPORTS, copied) == 1
        assert await other.stores.reports.reports_of(old) == ()
