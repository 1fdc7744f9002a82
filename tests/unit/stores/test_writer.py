"""Group commit: many callers, one writer, each told of its own write and of no other's."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tongxing.core.errors import Fault, Refused
from tongxing.core.problems import ProblemId
from tongxing.stores.sql.connections import RecordConnection
from tongxing.stores.sql.writer import GroupCommitWriter
from tongxing.stores.sqlite.transactions import SqliteConnection, SqliteTransactions

pytestmark = pytest.mark.anyio


class Bug(Exception):
    """Something that nobody foresaw."""


@pytest.fixture
def connection(tmp_path: Path) -> SqliteConnection:
    connection = sqlite3.connect(
        tmp_path / "t.db", isolation_level=None, check_same_thread=False, timeout=0.1, factory=SqliteConnection
    )
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE numbers (number INTEGER PRIMARY KEY) STRICT")
    return connection


@pytest.fixture
async def writer(connection: SqliteConnection, tmp_path: Path) -> AsyncIterator[GroupCommitWriter]:
    writer = GroupCommitWriter(SqliteTransactions(connection, tmp_path / "t.db"), waiting_max=100)
    yield writer
    await writer.aclose()


@pytest.fixture
def reader(connection: sqlite3.Connection, tmp_path: Path) -> sqlite3.Connection:
    assert connection.isolation_level is None
    return sqlite3.connect(tmp_path / "t.db")


def numbers_in(reader: sqlite3.Connection) -> list[int]:
    return [number for (number,) in reader.execute("SELECT number FROM numbers ORDER BY number").fetchall()]


def insert(connection: RecordConnection, number: Any) -> object:
    connection.execute("INSERT INTO numbers VALUES (?)", (number,))
    return number


def insert_all(connection: RecordConnection, numbers: Sequence[int]) -> Sequence[int]:
    for number in numbers:
        insert(connection, number)
    return [len(numbers)] * len(numbers)


class Gate:
    """A step that holds the writer until it is opened, so that what comes meanwhile is one batch."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.opened = threading.Event()

    def step(self, _: RecordConnection) -> None:
        self.entered.set()
        assert self.opened.wait(10)

    async def hold(self, writer: GroupCommitWriter) -> asyncio.Task[None]:
        task = asyncio.create_task(writer.run(self.step))
        await asyncio.to_thread(self.entered.wait, 10)
        return task


async def test_what_was_awaited_is_committed(writer: GroupCommitWriter, reader: sqlite3.Connection) -> None:
    assert await writer.run(partial(insert, number=7)) == 7
    assert numbers_in(reader) == [7]


async def test_whatever_queued_up_is_one_batch(writer: GroupCommitWriter) -> None:
    gate = Gate()
    held = await gate.hold(writer)
    writes = [asyncio.create_task(writer.write(insert_all, number)) for number in range(20)]
    await asyncio.sleep(0)
    gate.opened.set()
    assert await asyncio.gather(*writes) == [20] * 20
    await held


@pytest.mark.parametrize("bad", [3, 1 << 70, "\ud800", "no number"], ids=["taken", "too large", "no Unicode", "type"])
async def test_one_bad_write_fails_alone(writer: GroupCommitWriter, reader: sqlite3.Connection, bad: object) -> None:
    await writer.run(partial(insert, number=3))
    gate = Gate()
    held = await gate.hold(writer)
    good = [asyncio.create_task(writer.run(partial(insert, number=number))) for number in (1, 2)]
    failing = asyncio.create_task(writer.run(partial(insert, number=bad)))
    good += [asyncio.create_task(writer.run(partial(insert, number=4)))]
    await asyncio.sleep(0)
    gate.opened.set()
    assert await asyncio.gather(*good) == [1, 2, 4]
    with pytest.raises((sqlite3.IntegrityError, OverflowError, UnicodeEncodeError)):
        await failing
    assert numbers_in(reader) == [1, 2, 3, 4]
    await held


async def test_what_a_failed_write_had_done_is_undone(writer: GroupCommitWriter, reader: sqlite3.Connection) -> None:
    def half(connection: RecordConnection) -> None:
        insert(connection, 1)
        raise Refused(ProblemId.CONFLICT, "half way")

    gate = Gate()
    held = await gate.hold(writer)
    failing = asyncio.create_task(writer.run(half))
    good = asyncio.create_task(writer.run(partial(insert, number=2)))
    await asyncio.sleep(0)
    gate.opened.set()
    with pytest.raises(Refused):
        await failing
    assert await good == 2
    assert numbers_in(reader) == [2]
    await held


async def test_steps_keep_their_order(writer: GroupCommitWriter) -> None:
    order: list[int] = []

    def note(_: RecordConnection, number: int) -> None:
        order.append(number)

    gate = Gate()
    held = await gate.hold(writer)
    tasks = [asyncio.create_task(writer.run(partial(note, number=number))) for number in range(50)]
    await asyncio.sleep(0)
    gate.opened.set()
    await asyncio.gather(held, *tasks)
    assert order == list(range(50))


async def test_more_than_may_wait_is_refused_at_once_and_the_rest_is_written(
    writer: GroupCommitWriter, reader: sqlite3.Connection
) -> None:
    gate = Gate()
    held = await gate.hold(writer)
    waiting = [asyncio.create_task(writer.write(insert_all, number, rows=25)) for number in range(4)]
    await asyncio.sleep(0)
    with pytest.raises(Refused) as refused:
        await writer.run(partial(insert, number=99))
    assert refused.value.problem is ProblemId.OVERLOADED
    gate.opened.set()
    await asyncio.gather(held, *waiting)
    assert numbers_in(reader) == [0, 1, 2, 3]
    assert await writer.run(partial(insert, number=99)) == 99


async def test_closing_writes_what_waits(writer: GroupCommitWriter, reader: sqlite3.Connection) -> None:
    gate = Gate()
    held = await gate.hold(writer)
    waiting = [asyncio.create_task(writer.run(partial(insert, number=number))) for number in range(10)]
    await asyncio.sleep(0)
    closing = asyncio.create_task(writer.aclose())
    await asyncio.sleep(0)
    gate.opened.set()
    await asyncio.gather(held, closing, *waiting)
    assert numbers_in(reader) == list(range(10))


async def test_after_closing_writes_are_refused(writer: GroupCommitWriter) -> None:
    await writer.aclose()
    await writer.aclose()
    with pytest.raises(Fault, match="closed"):
        await writer.run(partial(insert, number=1))


async def test_a_cancelled_caller_disturbs_no_other(writer: GroupCommitWriter, reader: sqlite3.Connection) -> None:
    gate = Gate()
    held = await gate.hold(writer)
    cancelled = asyncio.create_task(writer.run(partial(insert, number=1)))
    other = asyncio.create_task(writer.run(partial(insert, number=2)))
    await asyncio.sleep(0)
    cancelled.cancel()
    await asyncio.sleep(0)
    gate.opened.set()
    assert await other == 2
    assert 2 in numbers_in(reader)
    await held
    with pytest.raises(asyncio.CancelledError):
        await cancelled


async def test_a_caller_whose_event_loop_is_gone_disturbs_no_other(
    writer: GroupCommitWriter, reader: sqlite3.Connection
) -> None:
    def write_and_leave() -> None:
        loop = asyncio.new_event_loop()
        task = loop.create_task(writer.run(partial(insert, number=1)))
        loop.run_until_complete(asyncio.sleep(0))
        task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()

    gate = Gate()
    held = await gate.hold(writer)
    await asyncio.to_thread(write_and_leave)
    other = asyncio.create_task(writer.run(partial(insert, number=2)))
    await asyncio.sleep(0)
    gate.opened.set()
    assert await other == 2
    assert numbers_in(reader) == [1, 2]
    await held


async def test_callers_of_several_event_loops_share_one_writer(
    writer: GroupCommitWriter, reader: sqlite3.Connection
) -> None:
    def write_from_another_loop(first: int) -> None:
        async def run() -> None:
            await asyncio.gather(*(writer.run(partial(insert, number=first + offset)) for offset in range(10)))

        asyncio.run(run())

    await asyncio.gather(*(asyncio.to_thread(write_from_another_loop, first) for first in (0, 10, 20)))
    assert numbers_in(reader) == list(range(30))


async def test_a_file_that_another_process_keeps_locked_is_overloaded_and_nothing_is_written(
    writer: GroupCommitWriter, reader: sqlite3.Connection
) -> None:
    reader.isolation_level = None
    reader.execute("BEGIN IMMEDIATE")
    with pytest.raises(Refused) as refused:
        await writer.run(partial(insert, number=1))
    assert refused.value.problem is ProblemId.OVERLOADED
    reader.execute("ROLLBACK")
    assert await writer.run(partial(insert, number=2)) == 2
    assert numbers_in(reader) == [2]


async def test_a_file_that_may_not_grow_is_full_for_the_whole_batch_and_works_on_with_room(
    writer: GroupCommitWriter, connection: sqlite3.Connection, reader: sqlite3.Connection
) -> None:
    def fill(inside: RecordConnection) -> None:
        inside.execute("CREATE TABLE filled (data BLOB)")
        inside.execute("INSERT INTO filled VALUES (zeroblob(1000000))")

    connection.execute("PRAGMA max_page_count = 10")
    gate = Gate()
    held = await gate.hold(writer)
    writes = [asyncio.create_task(writer.run(fill)), asyncio.create_task(writer.run(partial(insert, number=1)))]
    await asyncio.sleep(0)
    gate.opened.set()
    await held
    for result in await asyncio.gather(*writes, return_exceptions=True):
        assert isinstance(result, Refused)
        assert result.problem is ProblemId.STORE_FULL
    assert numbers_in(reader) == []
    connection.execute("PRAGMA max_page_count = 1000000")
    assert await writer.run(partial(insert, number=1)) == 1


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
async def test_a_bug_leaves_nobody_waiting(writer: GroupCommitWriter, reader: sqlite3.Connection) -> None:
    def stumble(_: RecordConnection) -> None:
        raise Bug

    gate = Gate()
    held = await gate.hold(writer)
    writes = [asyncio.create_task(writer.run(partial(insert, number=1))), asyncio.create_task(writer.run(stumble))]
    await asyncio.sleep(0)
    gate.opened.set()
    await held
    for result in await asyncio.gather(*writes, return_exceptions=True):
        assert isinstance(result, Fault)
    with pytest.raises(Fault):
        await writer.run(partial(insert, number=2))
    assert numbers_in(reader) == []
