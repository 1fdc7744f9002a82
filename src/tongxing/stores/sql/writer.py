"""Group commit: many callers await, one thread writes, one sync makes all their rows durable.

Order of a batch:
1. Whatever has queued up is taken as one batch, once the callers' event loop has run everything that
   was ready: a busy loop hands over all that its turn brought at once, an idle one loses microseconds.
2. A writing transaction begins. On SQLite it keeps other processes out of the file; on PostgreSQL only out
   of the rows that it writes.
3. Writes that share an ``apply`` function are handed to it together, so that it can use one
   statement for all. Each statement gives the interpreter's lock away and must get it back from a
   busy event loop, so the number of statements, not of rows, is what a batch costs.
4. Commit: SQLite (``synchronous=FULL``) and PostgreSQL (``synchronous_commit``) sync their log first.
5. Only then are the callers told.

If anything of step 3 fails by the fault of one write, everything is rolled back and each write is
made by itself under a savepoint, so that only the callers whose own write failed learn of it.
A batch that another process's writes came in the way of (a deadlock) is rolled back and made again.
Writes with the same ``apply`` keep their order of arrival; between different ones none is promised.
"""

import asyncio
import threading
from collections.abc import Callable, Sequence
from typing import Any, Final, Generic, TypeVar

import msgspec

from tongxing.core.errors import Fault, Refused, TongxingError
from tongxing.core.problems import ProblemId
from tongxing.services.observing import NO_OBSERVER, Observer
from tongxing.stores.sql.connections import RecordConnection, Transactions

Item = TypeVar("Item")
Result = TypeVar("Result")

Step = Callable[[RecordConnection], Result]
"""One write by itself, inside the transaction of its batch. May be run twice, with a rollback between."""

WAITING_MAX: Final = 16_384
"""How many rows may wait for the next batch; more is refused at once."""

TRIES_MAX: Final = 8
"""How often a batch is made that others' writes came in the way of."""


class NotTogetherError(Exception):
    """Raised by an ``apply`` that cannot tell its items' results apart: each is handed in by itself then."""


_FAULTS_OF_ONE_WRITE: Final = (TongxingError, NotTogetherError, ValueError, OverflowError)
"""What a single write can be guilty of, whatever the database; ``Transactions`` knows what else."""


class _Write(msgspec.Struct, Generic[Item, Result], eq=False):
    apply: Callable[[RecordConnection, Sequence[Item]], Sequence[Result]]
    item: Item
    future: asyncio.Future[Result]
    rows: int
    result: Result | None = None
    error: BaseException | None = None

    def resolve(self) -> None:
        if self.future.done():  # its caller was cancelled and does not wait any more
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)  # type: ignore[arg-type]  # apply gave it


class GroupCommitWriter:
    """The one writer of a process on one store. ``transactions`` are its own from here on."""

    def __init__(
        self,
        transactions: Transactions,
        *,
        waiting_max: int = WAITING_MAX,
        observer: Observer = NO_OBSERVER,
    ) -> None:
        self._transactions = transactions
        self._faults_of_one_write: tuple[type[Exception], ...] = (
            *_FAULTS_OF_ONE_WRITE,
            *transactions.faults_of_one_write,
        )
        self._observer = observer
        self._waiting_max = waiting_max
        self._waiting: list[_Write[Any, Any]] = []
        self._taken: list[_Write[Any, Any]] = []
        self._rows_waiting = 0
        self._waking: asyncio.AbstractEventLoop | None = None
        self._ready = False
        self._closing = False
        self._arrived = threading.Condition(threading.Lock())
        self._thread = threading.Thread(target=self._run, name=f"writer of {transactions.name}", daemon=True)
        self._thread.start()

    async def write(
        self, apply: Callable[[RecordConnection, Sequence[Item]], Sequence[Result]], item: Item, *, rows: int = 1
    ) -> Result:
        """Have ``apply`` write ``item``, alone or with others of its kind; return once durable.

        ``apply`` gives one result for each item, in order, or raises and has then written nothing
        that counts. ``rows`` is how much of the bound this write takes. Raises Refused(OVERLOADED),
        Fault, and what ``apply`` raises for this item alone.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Result] = loop.create_future()
        write = _Write(apply, item, future, rows)
        with self._arrived:
            if self._closing:
                raise Fault(f"the store {self._transactions.name} is closed")
            if self._rows_waiting + rows > self._waiting_max:
                raise Refused(ProblemId.OVERLOADED, f"{self._rows_waiting} rows wait to be written")
            self._waiting.append(write)
            self._rows_waiting += rows
            if self._waking is not loop:
                self._waking = loop
                loop.call_soon(self._wake)
        return await future

    async def run(self, step: Step[Result]) -> Result:
        """Run one step by itself within a batch; in order with all other steps; return once durable."""
        return await self.write(_run_steps, step)

    async def aclose(self) -> None:
        """Write what waits, then stop and close the file. What comes later is refused. Idempotent."""
        with self._arrived:
            self._closing = True
            self._arrived.notify()
        await asyncio.to_thread(self._thread.join)
        self._transactions.close()

    def _run(self) -> None:
        try:
            while self._take():
                self._commit(self._taken)
                self._observer.committed(len(self._taken))
                _tell(self._taken)
                self._taken = []
        finally:
            self._give_up()

    def _wake(self) -> None:
        """Have the writer take what waits. Runs on a caller's loop at its next turn, so that it is told once a turn."""
        with self._arrived:
            self._waking = None
            self._ready = bool(self._waiting)
            self._arrived.notify()

    def _take(self) -> bool:
        with self._arrived:
            while not self._ready and not self._closing:
                self._arrived.wait()
            self._ready = False
            self._taken, self._waiting = self._waiting, []
            self._rows_waiting = 0
            return bool(self._taken)

    def _give_up(self) -> None:
        """After a bug in an ``apply`` nobody may wait for ever: everyone is told that nothing was kept."""
        with self._arrived:
            self._closing = True
            left = self._taken + self._waiting
            self._waiting = []
        for write in left:
            write.error = Fault(f"the writer of the store {self._transactions.name} has stopped")
        _tell(left)

    def _commit(self, batch: Sequence[_Write[Any, Any]]) -> None:
        for tries_left in reversed(range(TRIES_MAX)):
            for write in batch:
                write.error = None
            try:
                try:
                    self._write_together(batch)
                except self._faults_of_one_write:
                    self._transactions.roll_back()
                    self._write_apart(batch)
            except self._transactions.errors as error:
                self._transactions.roll_back()
                if tries_left and self._transactions.is_passing(error):
                    continue
                for write in batch:
                    write.error = self._transactions.explain(error)
            return

    def _write_together(self, batch: Sequence[_Write[Any, Any]]) -> None:
        groups: dict[Callable[[RecordConnection, Sequence[Any]], Sequence[Any]], list[_Write[Any, Any]]] = {}
        for write in batch:
            groups.setdefault(write.apply, []).append(write)
        connection = self._transactions.begin()
        for apply, writes in groups.items():
            results = apply(connection, [write.item for write in writes])
            for write, result in zip(writes, results, strict=True):
                write.result = result
        self._transactions.commit()

    def _write_apart(self, batch: Sequence[_Write[Any, Any]]) -> None:
        connection = self._transactions.begin()
        for write in batch:
            connection.execute("SAVEPOINT one_write")
            try:
                (write.result,) = write.apply(connection, [write.item])
            except self._faults_of_one_write as error:
                connection.execute("ROLLBACK TO one_write")
                write.error = error
            connection.execute("RELEASE one_write")
        self._transactions.commit()


def _run_steps(connection: RecordConnection, steps: Sequence[Step[Result]]) -> list[Result]:
    return [step(connection) for step in steps]


def _tell(batch: Sequence[_Write[Any, Any]]) -> None:
    """Resolve the futures of a batch, with one wake-up for each event loop that waits."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Write[Any, Any]]] = {}
    for write in batch:
        by_loop.setdefault(write.future.get_loop(), []).append(write)
    for loop, writes in by_loop.items():
        try:
            loop.call_soon_threadsafe(_resolve_all, writes)
        except RuntimeError:
            # The loop was closed: nobody waits there any more. What was committed stays.
            continue


def _resolve_all(writes: Sequence[_Write[Any, Any]]) -> None:
    for write in writes:
        write.resolve()
