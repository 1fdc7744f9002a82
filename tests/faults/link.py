"""A network between two processes that can be cut: it carries bytes, refuses them, or swallows them, each way."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any, Final, TypeVar

from tongxing.simulation.processes import LOOPBACK

_Done = TypeVar("_Done")
_CHUNK_BYTES: Final = 64 * 1024


class Cut(StrEnum):
    """What becomes of connections."""

    NONE = "whole"
    REFUSES = "every connection refused, those there are reset"
    HANGS = "connections accepted, nothing comes through"
    ASKING = "what is asked is swallowed"
    ANSWERING = "what is asked comes through, what is answered is swallowed"


class Link:
    """Listens on ``url`` and carries to a port on this machine. Cut and mended from any thread."""

    def __init__(self, to_port: int) -> None:
        self._to_port = to_port
        self._cut = Cut.NONE
        self._loop = asyncio.new_event_loop()
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, name="link")
        self._thread.start()
        self._server = self._wait_for(asyncio.start_server(self._accept, LOOPBACK, 0))
        self.port: int = self._server.sockets[0].getsockname()[1]
        self.swallowed_bytes = 0

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://{LOOPBACK}:{self.port}"

    def cut(self, how: Cut) -> None:
        """Carry on so from now on; what is mended or refused begins with no connection of before."""
        self._wait_for(self._set(how))

    def close(self) -> None:
        """Refuse, and end."""
        self.cut(Cut.REFUSES)
        self._wait_for(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _wait_for(self, work: Coroutine[Any, Any, _Done]) -> _Done:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _set(self, how: Cut) -> None:
        self._cut = how
        if how in {Cut.NONE, Cut.REFUSES}:
            for writer in self._open:
                writer.transport.abort()

    async def _end(self) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._cut is Cut.REFUSES:
            writer.transport.abort()
            return
        try:
            there, back = await asyncio.open_connection(LOOPBACK, self._to_port)
        except OSError:
            writer.transport.abort()
            return
        self._open |= {writer, back}
        for source, sink, swallowed_by in (
            (reader, back, {Cut.HANGS, Cut.ASKING}),
            (there, writer, {Cut.HANGS, Cut.ANSWERING}),
        ):
            task = self._loop.create_task(self._carry(source, sink, frozenset(swallowed_by)))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, swallowed: frozenset[Cut]) -> None:
        try:
            while data := await source.read(_CHUNK_BYTES):
                if self._cut in swallowed:
                    self.swallowed_bytes += len(data)
                    continue
                sink.write(data)
                await sink.drain()
        except OSError:
            sink.transport.abort()  # one end is gone: so is the other
        finally:
            self._open.discard(sink)
            sink.close()


@contextmanager
def link_to(port: int) -> Iterator[Link]:
    """Run a link."""
    link = Link(port)
    try:
        yield link
    finally:
        link.close()
