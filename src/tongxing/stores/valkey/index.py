"""The index itself: entries in a Valkey Cluster (or Redis 7 and newer), each under a key of its own.

An entry is one string: a state (one byte), the run id of the server that wrote it, and its content.

    "?" run id token     somebody reads the record and may fill it in, if the token is still there then
    "=" run id content   filled in

A server that finds another's run id on an entry takes it for none: after a failover, a restart or a move of
slots nothing counts that could have missed a drop. Whoever writes to the record drops the entry, token and all,
so that a reader who is under way with older rows fills nothing in.
"""

import asyncio
import time
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from secrets import token_bytes
from typing import Any, Final, Self, TypeVar

from valkey.asyncio.cluster import ClusterNode, ValkeyCluster
from valkey.crc import key_slot
from valkey.exceptions import ValkeyClusterException, ValkeyError

from tongxing.core.errors import Fault
from tongxing.stores.sql.eras import SqlIndexEraStore
from tongxing.stores.valkey.eras import Eras

ANSWER_SECONDS: Final = 0.25
"""Longer than this a lookup in the record would not take either."""

REST_SECONDS: Final = 1.0
"""How long the index is left alone after it failed."""

ENTRY_SECONDS: Final = 600
EMPTYING_SECONDS: Final = 600.0
FILLING_SECONDS: Final = 10
_TOKEN_BYTES: Final = 16
_DROPPED_AT_ONCE: Final = 256

_OWN: Final = "local own = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')\n"
_READ: Final = (
    _OWN
    + """
local held = redis.call('GET', KEYS[1])
if held and string.sub(held, 2, 1 + #own) == own then
    if string.sub(held, 1, 1) == '=' then return string.sub(held, 2 + #own) end
    return 0
end
redis.call('SET', KEYS[1], '?' .. own .. ARGV[1], 'EX', ARGV[2])
return 1
"""
)
_LOOK: Final = (
    _OWN
    + """
local held = redis.call('GET', KEYS[1])
if held and string.sub(held, 1, 1 + #own) == '=' .. own then return string.sub(held, 2 + #own) end
return 0
"""
)
_TELL: Final = _OWN + "redis.call('SET', KEYS[1], '=' .. own .. ARGV[1], 'EX', ARGV[2]) return 1"
_FILL: Final = (
    _OWN
    + """
if redis.call('GET', KEYS[1]) ~= '?' .. own .. ARGV[1] then return 0 end
redis.call('SET', KEYS[1], '=' .. own .. ARGV[2], 'EX', ARGV[3])
return 1
"""
)

Result = TypeVar("Result")

_FAILURES: Final = (ValkeyError, ValkeyClusterException, OSError, TimeoutError)


@dataclass(frozen=True, slots=True)
class Found:
    """What the index holds under a key: ``content``, or None and leave to ``fill`` it (or not) in the era ``era``."""

    content: bytes | None
    era: str | None = None
    token: bytes | None = None


NOTHING: Final = Found(None)


class HotIndex:
    """The index, as one process uses it. ``open`` before use, on the loop that will use it."""

    def __init__(self, nodes: Sequence[tuple[str, int]], eras: SqlIndexEraStore, password: str | None = None) -> None:
        self._cluster = ValkeyCluster(
            startup_nodes=[ClusterNode(host, port) for host, port in nodes],
            password=password,
            cluster_error_retry_attempts=1,
            connection_error_retry_attempts=1,
            # Every call is timed here: the client's own timing (``wait_for``) can lose a cancellation.
            socket_timeout=None,
            socket_connect_timeout=ANSWER_SECONDS,
        )
        self._eras = Eras(eras, self._find_masters)
        self._rests_until = 0.0
        self._keeping: asyncio.Task[None] | None = None
        self._writes: set[asyncio.Task[Any]] = set()

    async def open(self) -> Self:
        """Begin to keep up with the era. An index that is away is none the worse: it is used when it is there."""
        await self._eras.begin()
        self._keeping = asyncio.create_task(self._eras.keep())
        return self

    async def aclose(self) -> None:
        """Stop, once every write under way has come to its end. Idempotent."""
        await asyncio.gather(*self._writes, return_exceptions=True)
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
            self._keeping = None
        await self._cluster.aclose()

    async def look(self, key: bytes) -> bytes | None:
        """Return what counts under ``key`` now, for whoever would not fill it in."""
        era = self._usable()
        answer = None if era is None else await self._try(_LOOK, _name(era, key))
        return answer if isinstance(answer, bytes) and self._eras.trusted() == era else None

    async def tell(self, key: bytes, content: bytes) -> None:
        """Put in what can never become untrue, as long as its key means anything."""
        era = self._usable()
        if era is not None:
            await self._try(_TELL, _name(era, key), content, str(ENTRY_SECONDS).encode())

    async def find(self, key: bytes) -> Found:
        """Return what counts under ``key`` now, or leave to fill it; nothing where the index is away or closed."""
        era = self._usable()
        if era is None:
            return NOTHING
        token = token_bytes(_TOKEN_BYTES)
        answer = await self._try(_READ, _name(era, key), token, str(FILLING_SECONDS).encode())
        if isinstance(answer, bytes):
            return Found(answer) if self._eras.trusted() == era else NOTHING
        return Found(None, era, token) if answer == 1 else NOTHING

    async def fill(self, key: bytes, found: Found, content: bytes) -> None:
        """Fill in what the record held after ``found`` was found; nothing if it was written since."""
        if found.era is not None and found.token is not None:
            await self._try(_FILL, _name(found.era, key), found.token, content, str(ENTRY_SECONDS).encode())

    async def to_its_end(self, write: Coroutine[Any, Any, Result]) -> Result:
        """Do a write and its drop though their caller is cancelled: the one must not be without the other."""
        task = asyncio.ensure_future(write)
        self._writes.add(task)
        task.add_done_callback(self._writes.discard)
        return await asyncio.shield(task)

    async def drop(self, keys: Sequence[bytes]) -> None:
        """Have no process read what is under ``keys`` now. To be called after the record was written."""
        era = await self._eras.read()
        if not era.is_open:
            await self._eras.wait_out(era)
            return
        names = [_name(era.name, key) for key in dict.fromkeys(keys)]
        for start in range(0, len(names), _DROPPED_AT_ONCE):
            if not await self._dropped(names[start : start + _DROPPED_AT_ONCE], era.masters):
                await self._eras.close(era.name)
                return

    async def empty(self) -> int:
        """Close the era and erase every entry of it from every master; return how many. Nobody may be filling it.

        Entries of earlier eras end by themselves within ``ENTRY_SECONDS``. Raises Fault where a master is away.
        """
        era = await self._eras.read()
        if era.is_open:
            await self._eras.close(era.name)
        erased = 0
        try:
            async with asyncio.timeout(EMPTYING_SECONDS):
                await self._cluster.initialize()
                async for name in self._cluster.scan_iter(match=_name(era.name, b"*"), count=1000):
                    erased += await self._cluster.unlink(name)
        except _FAILURES as failed:
            raise Fault(
                f"the index could not be emptied ({type(failed).__name__}); its entries end within {ENTRY_SECONDS} s:"
                " wait so long and go on without TONGXING_INDEX"
            ) from failed
        return erased

    async def _dropped(self, names: Sequence[bytes], masters: frozenset[str]) -> bool:
        """True if every entry is gone, each from a server on which the era began."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS * 2):
                await self._cluster.initialize()
                pipeline = self._cluster.pipeline()
                nodes = {}
                for name in names:
                    pipeline.unlink(name)
                    node = self._cluster.nodes_manager.get_node_from_slot(key_slot(name))
                    nodes[node.name] = node
                for node in nodes.values():  # on the same connection as what was dropped there
                    pipeline.execute_command("INFO", "server", target_nodes=[node])
                answers = await pipeline.execute(allow_redirections=False)
        except _FAILURES:
            self._rest()
            return False
        return {_run_id(answer) for answer in answers[len(names) :]} <= masters

    async def _try(self, script: str, name: bytes, *values: bytes) -> object:
        """Run a script; None where the index is away, which is then left alone for a while."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await self._cluster.execute_command("EVAL", script, 1, name, *values)
        except _FAILURES:
            self._rest()
            return None

    def _usable(self) -> str | None:
        return None if time.monotonic() < self._rests_until else self._eras.trusted()

    def _rest(self) -> None:
        self._rests_until = time.monotonic() + REST_SECONDS

    async def _find_masters(self) -> frozenset[str]:
        """Return the run id of every master, if each answers and every slot has one; else none."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS * 4):
                await self._cluster.initialize()
                found = set()
                for node in self._cluster.get_primaries():
                    state = await self._cluster.execute_command("CLUSTER INFO", target_nodes=[node])
                    if state["cluster_state"] != "ok":
                        return frozenset()
                    found.add(_run_id(await self._cluster.execute_command("INFO", "server", target_nodes=[node])))
                return frozenset(found)
        except _FAILURES:
            return frozenset()


def _name(era: str, key: bytes) -> bytes:
    return b"tongxing:%s:%s" % (era.encode(), key)


def _run_id(answer: Mapping[str, Any]) -> str:
    return str(answer["run_id"])
