"""What the hub keeps of numbered batches: one digest for a number, one result, a watermark that only rises."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.contract.conftest import Place
from tests.contract.implementations import Stores
from tests.contract.samples import AT, GUANGXI, HUBEI
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.services.ingest_ports import BatchName, IngestedBatch, RowAside, Watermark

pytestmark = pytest.mark.anyio

NAME = BatchName(HUBEI, "reports", 7)
DIGEST, OTHER = b"\x01" * 32, b"\x02" * 32
LATER = AT + timedelta(minutes=1)
TAKEN = IngestedBatch(NAME, DIGEST, AT, LATER, rows=10, stored=5, unchanged=2, outranked=1, set_aside=2)
ASIDE = (RowAside(3, "not JSON"), RowAside(9, "a region reports for itself only"))


async def test_a_batch_is_found_as_it_was_begun_and_as_it_was_finished(stores: Stores) -> None:
    assert await stores.ingest.find(NAME) is None
    begun = await stores.ingest.begin(NAME, DIGEST, AT)
    assert begun == IngestedBatch(NAME, DIGEST, AT) == await stores.ingest.find(NAME)
    assert await stores.ingest.finish(TAKEN, ASIDE) == TAKEN == await stores.ingest.find(NAME)
    assert await stores.ingest.begin(NAME, DIGEST, LATER) == TAKEN


async def test_other_bytes_under_a_number_are_refused_begun_or_finished(stores: Stores) -> None:
    await stores.ingest.begin(NAME, DIGEST, AT)
    for _ in range(2):
        with pytest.raises(Refused) as refused:
            await stores.ingest.begin(NAME, OTHER, AT)
        assert refused.value.problem is ProblemId.CONFLICT
        await stores.ingest.finish(TAKEN, ())
    for name in (replace(NAME, sender=GUANGXI), replace(NAME, dataset="tests"), replace(NAME, number=8)):
        assert (await stores.ingest.begin(name, OTHER, AT)).digest == OTHER


async def test_of_two_processes_that_begin_a_number_with_different_bytes_one_is_refused(place: Place) -> None:
    one, other = await place.open(), await place.open()
    begins = (one.ingest.begin(NAME, DIGEST, AT), other.ingest.begin(NAME, OTHER, AT))
    ended = await asyncio.gather(*begins, return_exceptions=True)
    assert sorted(type(each).__name__ for each in ended) == ["IngestedBatch", "Refused"]


async def test_what_was_finished_first_stays(stores: Stores) -> None:
    await stores.ingest.begin(NAME, DIGEST, AT)
    await stores.ingest.finish(TAKEN, ASIDE)
    assert await stores.ingest.finish(replace(TAKEN, stored=0, unchanged=7), ()) == TAKEN
    assert await stores.ingest.set_aside(NAME, 0, 10) == ASIDE


async def test_rows_set_aside_are_read_from_a_line_on(stores: Stores) -> None:
    await stores.ingest.begin(NAME, DIGEST, AT)
    await stores.ingest.finish(TAKEN, ASIDE)
    assert await stores.ingest.set_aside(NAME, 0, 1) == ASIDE[:1]
    assert await stores.ingest.set_aside(NAME, 3, 10) == ASIDE[1:]
    assert await stores.ingest.set_aside(replace(NAME, number=8), 0, 10) == ()


async def test_a_watermark_only_rises_whatever_the_order(stores: Stores) -> None:
    for number in (7, 9, 8):
        name = replace(NAME, number=number)
        await stores.ingest.begin(name, DIGEST, AT)
        await stores.ingest.finish(replace(TAKEN, name=name), ())
    assert await stores.ingest.watermarks() == (Watermark(HUBEI, "reports", 9, None, LATER),)
    assert (await stores.ingest.say_complete(HUBEI, "reports", LATER, LATER)).as_of == LATER
    assert await stores.ingest.say_complete(HUBEI, "reports", AT, AT) == Watermark(HUBEI, "reports", 9, LATER, LATER)
    await stores.ingest.say_complete(GUANGXI, "reports", AT, AT)
    assert [each.sender for each in await stores.ingest.watermarks()] == [HUBEI, GUANGXI]


async def test_the_last_batches_of_a_sender_are_listed_the_highest_first(stores: Stores) -> None:
    for number in (1, 2, 3):
        await stores.ingest.begin(replace(NAME, number=number), DIGEST, AT)
    assert [each.name.number for each in await stores.ingest.batches_of(HUBEI, "reports", 1 << 40, 2)] == [3, 2]
    assert [each.name.number for each in await stores.ingest.batches_of(HUBEI, "reports", 2, 9)] == [1]
    assert await stores.ingest.batches_of(GUANGXI, "reports", 9, 9) == ()
