"""Which connection a request takes, in a time that does not grow with how many there are.

httpcore's own pool looks through all its connections several times a request. Here each origin has its idle ones at
hand, newest first, and the oldest of all is looked at alone. The connections themselves, what they read, refuse and
raise, are httpcore's.

Invariants: never more than ``connections_max`` are open; a request beyond them waits its turn; a connection is used
again only after a whole answer, and only while nothing waits to be read on it (the server hung up, or sent what nobody
asked for); no request is sent twice.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator
from typing import Final

import httpcore
import httpx
from anyio import CancelScope

IDLE_SECONDS_MAX: Final = 5.0
"""How long an idle connection may be used again."""

_Connection = httpcore.AsyncConnectionInterface
_Place = tuple[bytes, bytes, int]


class KeptConnections(httpcore.AsyncConnectionPool):
    """The connections of one client, over asyncio."""

    def __init__(self, ssl_context: ssl.SSLContext, connections_max: int) -> None:
        super().__init__(ssl_context, max_connections=connections_max, keepalive_expiry=IDLE_SECONDS_MAX)
        self._room = asyncio.Semaphore(connections_max)
        self._connections_max = connections_max
        self._taken: set[_Connection] = set()
        self._idle: dict[_Connection, _Place] = {}
        self._idle_at: dict[_Place, dict[_Connection, None]] = {}

    @property
    def connections(self) -> list[_Connection]:
        """All that are open: those in use, then the idle ones, oldest first."""
        return [*self._taken, *self._idle]

    async def handle_async_request(self, request: httpcore.Request) -> httpcore.Response:
        """Send one request once; what it took comes back when its answer is closed. Raises httpcore's errors."""
        if request.url.scheme not in (b"http", b"https"):
            raise httpcore.UnsupportedProtocol("neither http nor https")
        try:
            async with asyncio.timeout(request.extensions.get("timeout", {}).get("pool")):
                await self._room.acquire()
        except TimeoutError as late:
            raise httpcore.PoolTimeout("every connection is in use") from late
        connection = response = None
        try:
            connection = await self._take(request.url.origin)
        finally:
            if connection is None:
                self._room.release()
        place = _place_of(request.url.origin)
        try:
            response = await connection.handle_async_request(request)
        finally:
            if response is None:
                await self.give_back(connection, place, usable=False)
        answer = _Answer(response, connection, place, self)
        return httpcore.Response(
            response.status, headers=response.headers, content=answer, extensions=response.extensions
        )

    async def give_back(self, connection: _Connection, place: _Place, *, usable: bool) -> None:
        """Keep a connection for the next request, or close it."""
        self._taken.discard(connection)
        try:
            if usable and connection.is_idle() and not _holds_more(connection):
                self._idle[connection] = place
                self._idle_at.setdefault(place, {})[connection] = None
            else:
                await _close(connection)
        finally:
            self._room.release()

    async def aclose(self) -> None:
        """Close all."""
        for connection in self.connections:
            self._forget(connection)
            self._taken.discard(connection)
            await _close(connection)

    async def _take(self, origin: httpcore.Origin) -> _Connection:
        while self._idle and (oldest := next(iter(self._idle))).has_expired():
            self._forget(oldest)
            await _close(oldest)
        while waiting := self._idle_at.get(_place_of(origin)):
            newest = next(reversed(waiting))
            self._forget(newest)
            if not newest.has_expired():
                self._taken.add(newest)
                return newest
            await _close(newest)
        made = self.create_connection(origin)
        self._taken.add(made)  # counted before anything is awaited, so that two at once do not exceed the bound
        has_room = False
        try:
            if len(self._taken) + len(self._idle) > self._connections_max:
                oldest = next(iter(self._idle))
                self._forget(oldest)
                await _close(oldest)
            has_room = True
        finally:
            if not has_room:
                self._taken.discard(made)
        return made

    def _forget(self, connection: _Connection) -> None:
        place = self._idle.pop(connection, None)
        if place is not None:
            waiting = self._idle_at[place]
            del waiting[connection]
            if not waiting:
                del self._idle_at[place]


class _Answer:
    """An answer's body, which gives its connection back when it is closed, however it ended."""

    def __init__(
        self, response: httpcore.Response, connection: _Connection, place: _Place, kept: KeptConnections
    ) -> None:
        self._response = response
        self._connection = connection
        self._place = place
        self._kept = kept
        self._is_closed = False

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._response.aiter_stream()

    async def aclose(self) -> None:
        """Give the connection back, once: to be used again if the answer was read to its end, to be closed if not."""
        if self._is_closed:
            return
        self._is_closed = True
        usable = False
        try:
            with CancelScope(shield=True):
                await self._response.aclose()
            usable = True
        finally:
            await self._kept.give_back(self._connection, self._place, usable=usable)


class KeptTransport(httpx.AsyncHTTPTransport):
    """httpx's own transport over ``KeptConnections``: no proxy, and no certificates, of the environment."""

    def __init__(self, connections_max: int) -> None:
        context = httpx.create_ssl_context(trust_env=False)
        super().__init__(verify=context, trust_env=False)
        self._pool = KeptConnections(context, connections_max)


def _place_of(origin: httpcore.Origin) -> _Place:
    return origin.scheme, origin.host, origin.port


def _holds_more(connection: _Connection) -> bool:
    """True if bytes behind the answer have been read already: they would be taken for the next one's."""
    inner = connection._connection if isinstance(connection, httpcore.AsyncHTTPConnection) else None  # noqa: SLF001
    if not isinstance(inner, httpcore.AsyncHTTP11Connection):
        return True
    behind, _ = inner._h11_state.trailing_data  # noqa: SLF001
    return bool(behind)


async def _close(connection: _Connection) -> None:
    with CancelScope(shield=True):
        await connection.aclose()
