"""The public log of digests, at the hub over HTTP."""

import asyncio
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeVar

import msgspec

from tongxing.connectors.http_exchange import ExchangeFailed, HttpAnswer, SignedCaller
from tongxing.connectors.problems import raise_problem
from tongxing.core.errors import Refused
from tongxing.core.limits import REQUEST_BODY_MAX_BYTES
from tongxing.core.problems import ProblemId
from tongxing.services.digest_log import LogEntry, SignedLogPage

_HTTP_SUCCESS: Final = range(200, 300)
_PUBLISH_SECONDS: Final = 5.0

Read = TypeVar("Read")


class _Entry(msgspec.Struct, frozen=True):
    day: date
    position: int


class _Page(msgspec.Struct, frozen=True):
    digests_hex: tuple[str, ...]
    head_hex: str


@dataclass(frozen=True, slots=True)
class HttpDigestLog:
    """Implements ``services.digest_log.DigestLog``."""

    caller: SignedCaller
    url: str

    async def publish(self, digest: bytes) -> LogEntry:
        """Publish a digest; returns once the hub has acknowledged it as durable."""
        body = msgspec.json.encode({"digest_hex": digest.hex()})
        entry = _decode(await self._call("POST", "/v1/carried-digests", body, _PUBLISH_SECONDS), _Entry)
        return LogEntry(entry.day, entry.position)

    async def read(self, day: date, after: int, *, timeout_seconds: float) -> SignedLogPage:
        """Read the next page of a day."""
        answer = await self._call("GET", f"/v1/carried-digests/{day}?after={after}", b"", timeout_seconds)
        page = _decode(answer, _Page)
        try:
            digests = tuple(bytes.fromhex(digest) for digest in page.digests_hex)
            return SignedLogPage(digests, bytes.fromhex(page.head_hex))
        except ValueError as unreadable:
            raise Refused(ProblemId.UPSTREAM_AWAY, "the hub's log is unreadable") from unreadable

    async def _call(self, method: str, path: str, body: bytes, timeout_seconds: float) -> HttpAnswer:
        try:
            async with asyncio.timeout(timeout_seconds):
                answer = await self.caller.call(
                    method,
                    self.url + path,
                    body=body,
                    timeout_seconds=timeout_seconds,
                    answer_max_bytes=REQUEST_BODY_MAX_BYTES,
                )
        except TimeoutError as late:
            raise Refused(ProblemId.UPSTREAM_AWAY, f"hub: no answer in {timeout_seconds} s") from late
        except ExchangeFailed as failed:
            raise Refused(ProblemId.UPSTREAM_AWAY, f"hub: {failed.kind}") from failed
        if answer.status not in _HTTP_SUCCESS:
            raise_problem(answer, "hub")
        return answer


def _decode(answer: HttpAnswer, of: type[Read]) -> Read:
    try:
        return msgspec.json.decode(answer.body, type=of)
    except (msgspec.MsgspecError, ValueError) as unreadable:
        raise Refused(ProblemId.UPSTREAM_AWAY, "the hub's log is unreadable") from unreadable
