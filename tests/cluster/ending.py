"""Holds a signal back where ending at once would leave a mess: among running tasks, or while something is killed."""

import asyncio
import signal
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

from tongxing.simulation.play import Ended

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def held_back(on_signal: Callable[[], object] = lambda: None) -> Iterator[list[int]]:
    """Let a signal call ``on_signal`` and be in the list that is given; at the end it raises ``Ended``.

    Only in the main thread. Once one has come no other interrupts the stopping.
    """
    came: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        came.append(number)
        on_signal()

    before = {number: signal.signal(number, note) for number in _SIGNALS}
    try:
        yield came
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_IGN if came else handler)
        if came:
            raise Ended(came[0])


def run_tasks(work: Coroutine[Any, Any, None]) -> None:
    """Run ``work``; a signal cancels it, every task of it ends, and then ``Ended`` is raised."""

    async def run() -> None:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None
        with held_back(lambda: loop.call_soon_threadsafe(task.cancel)):
            await work

    asyncio.run(run())


@contextmanager
def between_steps(tell: Callable[[str], None]) -> Iterator[Callable[[str], None]]:
    """Let a signal end what is done only when its next step is told by what is given, never within one."""
    with held_back(lambda: tell("ends after this step")) as came:

        def step(line: str) -> None:
            tell(line)
            if came:
                raise Ended(came[0])

        yield step
