"""A dataset's owner over HTTP, from a real server: whatever it answers is read in bounds or told as what it is."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
import msgspec
import pytest

from tests.fakes.access_stores import CountedEntropy, HandSetClock
from tests.fakes.callers import insecure_test_key
from tests.world import AT
from tongxing.connectors.http_exchange import SignedCaller
from tongxing.connectors.live_sources import HttpLiveSource
from tongxing.core.datasets import Dataset
from tongxing.core.errors import Undecidable
from tongxing.core.evidence import Evidence, EvidenceKind, ProofResult
from tongxing.core.limits import LIVE_ANSWER_MAX_BYTES, LIVE_PIECES_MAX
from tongxing.core.one_stop import Absence
from tongxing.core.reasons import ReasonId
from tongxing.core.subjects import SubjectKey
from tongxing.services.live_sources import LiveAnswer, LiveSources

pytestmark = pytest.mark.anyio

KEYS = (SubjectKey(b"\x01" + bytes(32)),)
ROW = {"kind": "test", "ref": "t-1", "revision": 1, "since": AT, "result": "negative"}


def answer(*rows: object, as_of: object = AT, status: int = 200) -> bytes:
    body = msgspec.json.encode({"as_of": as_of, "rows": rows})
    return b"HTTP/1.1 %d X\r\ncontent-length: %d\r\n\r\n" % (status, len(body)) + body


@asynccontextmanager
async def owner(sent: bytes, seconds: float = 0.0) -> AsyncIterator[tuple[HttpLiveSource, list[bytes]]]:
    """Serve ``sent`` to whoever asks; keep the questions."""
    questions: list[bytes] = []
    serving: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        serving.add(task)
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            head = await reader.readuntil(b"\r\n\r\n")
            lines = head.lower().split(b"\r\n")
            length = next(int(line[15:]) for line in lines if line.startswith(b"content-length:"))
            questions.append(head + await reader.readexactly(length))
            await asyncio.sleep(seconds)
            writer.write(sent)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        async with httpx.AsyncClient(trust_env=False) as client:
            caller = SignedCaller(client, insecure_test_key("hub"), HandSetClock(AT), CountedEntropy())
            yield HttpLiveSource(caller, f"http://127.0.0.1:{port}"), questions
    finally:
        server.close()
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving)


async def refusal(source: HttpLiveSource, timeout_seconds: float = 5.0) -> ReasonId:
    with pytest.raises(Undecidable) as refused:
        await source.ask(KEYS, timeout_seconds=timeout_seconds)
    return refused.value.reason


async def test_it_is_asked_by_subject_key_alone_signed_and_its_pieces_are_evidence() -> None:
    async with owner(answer(ROW)) as (source, questions):
        told = await source.ask(KEYS, timeout_seconds=5)
    assert told == LiveAnswer((Evidence(EvidenceKind.TEST, "t-1", 1, AT, result=ProofResult.NEGATIVE),), AT)
    (question,) = questions
    assert question.startswith(b"POST /v1/source-queries ")
    assert b"signature-input:" in question.lower()
    assert msgspec.json.decode(question.partition(b"\r\n\r\n")[2]) == {"subject_keys": [KEYS[0].hex()]}


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (b"", ReasonId.SOURCE_AWAY),
        (b"HTTP/1.1 200 X\r\ncontent-length: 4\r\n\r\n{}{}", ReasonId.SOURCE_UNREADABLE),
        (answer({**ROW, "kind": "horoscope"}), ReasonId.SOURCE_UNREADABLE),
        (answer({**ROW, "name": "王五"}), ReasonId.SOURCE_UNREADABLE),
        (answer(ROW, as_of="2020-03-21T12:00:00"), ReasonId.SOURCE_UNREADABLE),
        (answer(*[ROW] * (LIVE_PIECES_MAX + 1)), ReasonId.SOURCE_UNREADABLE),
        (b"HTTP/1.1 200 X\r\ncontent-length: 999999999\r\n\r\n", ReasonId.SOURCE_UNREADABLE),
        (b"HTTP/1.1 200 X\r\n\r\n" + b"x" * (LIVE_ANSWER_MAX_BYTES + 1), ReasonId.SOURCE_UNREADABLE),
        (b"HTTP/1.1 307 X\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n", ReasonId.SOURCE_UNREADABLE),
        (answer(ROW, status=500), ReasonId.SOURCE_AWAY),
    ],
    ids=["nothing", "not json", "kind", "part", "no zone", "pieces", "announced", "endless", "redirect", "status"],
)
async def test_what_it_answers_amiss_is_told_as_what_it_is(sent: bytes, reason: ReasonId) -> None:
    async with owner(sent) as (source, _):
        assert await refusal(source) is reason


async def test_whoever_does_not_answer_in_time_is_slow() -> None:
    async with owner(answer(ROW), seconds=30.0) as (source, _):
        assert await refusal(source, timeout_seconds=0.2) is ReasonId.SOURCE_SLOW


async def test_a_source_tells_of_its_own_dataset_only_and_of_no_moment_to_come() -> None:
    async with owner(answer(ROW)) as (tests, _), owner(answer(ROW, as_of=AT + timedelta(hours=1))) as (ahead, _):
        sources = LiveSources({Dataset.TESTS: ahead, Dataset.VACCINATIONS: tests}, HandSetClock(AT))
        told = await sources.ask_all(KEYS, within_seconds=5)
    assert told == {Dataset.TESTS: Absence.UNREADABLE, Dataset.VACCINATIONS: Absence.UNREADABLE}
