"""On PostgreSQL: several processes write the same rows, the server is killed, a connection is lost."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import psycopg
import pytest

from tests.contract.samples import AT, ending, passage, report, row, subject
from tests.real_servers import Databases, RunningPostgres, running_postgres
from tongxing.core.errors import Fault, Refused
from tongxing.core.problems import ProblemId
from tongxing.services.family import BindResult, BondGround, FamilyBond
from tongxing.services.ports import SubjectReport
from tongxing.stores.postgres import opening
from tongxing.stores.postgres.opening import prepare
from tongxing.stores.postgres.stores import open_stores
from tongxing.stores.postgres.transactions import numbered
from tongxing.stores.sql.connections import RecordConnection
from tongxing.stores.sql.passages import _end as record_ending
from tongxing.stores.sql.stores import NodeStores

pytestmark = pytest.mark.anyio


@pytest.fixture
def address(postgres_databases: Databases) -> Iterator[str]:
    address = postgres_databases.take()
    yield address
    postgres_databases.give_back([address])


@contextlib.asynccontextmanager
async def opened(address: str, count: int) -> AsyncIterator[list[NodeStores]]:
    """Open the stores as several processes do."""
    async with contextlib.AsyncExitStack() as stack:
        all_stores = [await open_stores(address) for _ in range(count)]
        for stores in all_stores:
            stack.push_async_callback(stores.aclose)
        yield all_stores


async def test_writers_that_wait_for_one_another_in_a_circle_both_succeed(address: str) -> None:
    """The server ends one of the two, and the store makes its batch again."""
    hold = "UPDATE reports SET retracted = 0 WHERE subject = %s"
    async with opened(address, 1) as (stores,):
        await stores.reports.put_reports([row(1), row(9)])
        async with await psycopg.AsyncConnection.connect(address) as other:
            await other.execute("SET deadlock_timeout = '60s'")  # so that it is the store's batch that is ended
            await other.execute(hold, (subject(9),))
            putting = asyncio.create_task(stores.reports.put_reports([row(number, revision=2) for number in (1, 9)]))
            await asyncio.sleep(0.1)  # it holds the first row by now, and waits for the last
            await other.execute(hold, (subject(1),))
            assert not putting.done()
            await other.commit()
        assert (await putting).stored == 2
        assert await stores.reports.reports_of(subject(9)) == (row(9, revision=2),)


async def test_many_batches_of_several_processes_over_the_same_rows_hold_the_newest(address: str) -> None:
    async with opened(address, 2) as (one, other):
        for turn in range(20):
            forth, back = (
                [stores.reports.put_reports([row(number, revision=turn + 1)]) for number in numbers]
                for stores, numbers in ((one, range(6)), (other, range(5, -1, -1)))
            )
            await asyncio.gather(*forth, *back)
        held = [await one.reports.reports_of(subject(number)) for number in range(6)]
    assert held == [(row(number, revision=20),) for number in range(6)]


@pytest.mark.parametrize("size", [3, 400], ids=["few rows", "by COPY"])
async def test_two_processes_that_take_in_the_same_batch_count_each_row_once(address: str, size: int) -> None:
    rows = [row(number) for number in range(size)]
    async with opened(address, 2) as (one, other):
        counts = await asyncio.gather(one.reports.put_reports(rows), other.reports.put_reports(rows[::-1]))
    assert sum(count.stored for count in counts) == size
    assert sum(count.same for count in counts) == size


async def test_a_batch_by_copy_takes_the_newest_and_tells_what_it_held(address: str) -> None:
    async with opened(address, 1) as (stores,):
        await stores.reports.put_reports([row(number, revision=5) for number in range(300)])
        mixed = [row(number, revision=4 + number % 3) for number in range(600)]
        count = await stores.reports.put_reports(mixed)
        assert (count.stored, count.same, count.older) == (100 + 300, 100, 100)
        held = [(await stores.reports.reports_of(subject(number)))[0].report.revision for number in range(6)]
    assert held == [5, 5, 6, 5, 5, 6]


async def test_of_bonds_that_several_processes_bind_at_once_no_more_are_kept_than_allowed(address: str) -> None:
    async with opened(address, 3) as all_stores:
        bonds = [FamilyBond(f"b{n}", subject(1), subject(10 + n), BondGround.CONSENT, b"s", AT) for n in range(12)]
        results = await asyncio.gather(
            *(
                all_stores[number % 3].family.bind(bond, (bond.holder,), (bond.member,), 4)
                for number, bond in enumerate(bonds)
            )
        )
    assert results.count(BindResult.BOUND) == 4


async def test_rows_that_another_process_keeps_are_waited_for_and_then_told_as_busy(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "LOCK_SECONDS", 0.2)
    async with opened(address, 1) as (stores,):
        await stores.reports.put_reports([row(1)])
        with psycopg.connect(address) as blocking:
            blocking.execute("UPDATE reports SET revision = revision")
            with pytest.raises(Refused) as refused:
                await stores.reports.put_reports([row(1, revision=2)])
        assert refused.value.problem is ProblemId.OVERLOADED
        await stores.reports.put_reports([row(1, revision=3)])
        assert await stores.reports.reports_of(subject(1)) == (row(1, revision=3),)


async def test_an_ending_that_one_process_records_does_not_outlive_the_passage_that_another_erases(
    address: str,
) -> None:
    """The ending is written and not yet committed when the other begins; it ends only once that one waits for it."""
    written, may_commit = threading.Event(), threading.Event()

    def record_slowly(connection: RecordConnection) -> None:
        record_ending(connection, ending=ending("p1"))
        written.set()
        assert may_commit.wait(30)

    async with opened(address, 2) as (here, there):
        await here.passages.record(passage("p1", kept=timedelta(days=1)))
        recording = asyncio.create_task(here.writer.run(record_slowly))
        assert await asyncio.to_thread(written.wait, 30)
        purging = asyncio.create_task(there.passages.purge_passages(AT + timedelta(days=2)))
        await asyncio.sleep(0.3)
        may_commit.set()
        await recording
        assert await purging == 1
        assert await here.passages.find("p1") is None
        assert await here.passages.find_ending("p1") is None


async def test_lost_connections_are_made_anew(address: str) -> None:
    async with opened(address, 1) as (stores,):
        await stores.passages.record(passage("before"))
        assert await stores.passages.find("before") is not None
        with psycopg.connect(address, autocommit=True) as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid != pg_backend_pid()"
            )
        assert await stores.passages.find("before") == passage("before")
        await stores.passages.record(passage("after"))
        assert await stores.passages.find("after") == passage("after")


async def test_what_is_too_large_or_no_unicode_is_not_found(address: str) -> None:
    async with opened(address, 1) as (stores,):
        assert await stores.bundles.get(1 << 70) is None
        assert await stores.passages.find("\ud800") is None
        assert await stores.passages.find("a\0") is None


@pytest.fixture(scope="module")
def own_server() -> Iterator[RunningPostgres]:
    """A server that may be killed: nobody else uses it."""
    with running_postgres() as server:
        yield server


async def test_what_was_acknowledged_before_the_server_was_killed_is_found_after_it_and_nothing_is_invented(
    own_server: RunningPostgres,
) -> None:
    prepare(own_server.url())
    tried: dict[int, SubjectReport] = {}
    acknowledged: set[int] = set()
    stores = await open_stores(own_server.url())

    async def work(task: int) -> None:
        for number in range(task, 1_000_000, 16):
            tried[number] = SubjectReport(subject(number), report())
            await stores.reports.put_reports([tried[number]])
            acknowledged.add(number)
            if len(acknowledged) % 300 == 0:
                enough.set()

    enough = asyncio.Event()
    tasks = [asyncio.create_task(work(task)) for task in range(16)]
    for _kill in range(2):
        await enough.wait()
        enough.clear()
        await asyncio.to_thread(own_server.kill)
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(each, Fault) for each in ended)
        with pytest.raises(Fault):
            await stores.check_ready()
        await asyncio.to_thread(own_server.start)
        await stores.check_ready()
        first = max(tried) + 1
        tasks = [asyncio.create_task(work(first + task)) for task in range(16)]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    held = {number for number in tried if await stores.reports.reports_of(subject(number)) == (tried[number],)}
    with psycopg.connect(own_server.url()) as connection:
        (rows,) = connection.execute("SELECT count(*) FROM reports").fetchall()[0]
    await stores.aclose()
    assert acknowledged - held == set()
    assert rows == len(held)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [("a = ? AND b = ?", "a = $1 AND b = $2"), ("a >= ?2 AND a < ?1", "a >= $2 AND a < $1"), ("none", "none")],
)
def test_values_are_numbered_as_the_server_takes_them(statement: str, expected: str) -> None:
    assert numbered(statement) == expected
