"""The gateway's cache of subject keys: who is asked when, what is held how long, what is never held at all."""

import gc
from collections.abc import Sequence
from datetime import timedelta

import pytest

from tests.fakes.access_stores import CountedEntropy, HandSetClock
from tongxing.core.errors import Refused
from tongxing.core.limits import SUBJECT_KEYS_HELD
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import Document, DocumentType, SubjectKeys
from tongxing.crypto.subject_keys import SubjectSecret, derive_subject_keys
from tongxing.services.subject_keys import SubjectKeyCache

pytestmark = pytest.mark.anyio

OLD, NEW = SubjectSecret(1, bytes(range(32))), SubjectSecret(2, bytes(range(1, 33)))


class HubOfKeys:
    """A key service that can be away; only what the cache asks of a hub."""

    def __init__(self) -> None:
        self.secrets: tuple[SubjectSecret, ...] = (OLD,)
        self.is_away = False
        self.asked: list[int] = []

    async def derive_subject_keys(self, documents: Sequence[Document]) -> tuple[SubjectKeys, ...]:
        if self.is_away:
            raise Refused(ProblemId.UPSTREAM_AWAY)
        self.asked.append(len(documents))
        return tuple(derive_subject_keys(self.secrets, document) for document in documents)


class Bench:
    """A cache, its hub and its clock."""

    def __init__(self, held_max: int = 100) -> None:
        self.hub, self.clock = HubOfKeys(), HandSetClock()
        self.cache = SubjectKeyCache(
            hub=self.hub,  # type: ignore[arg-type]
            clock=self.clock,
            entropy=CountedEntropy(),
            held_max=held_max,
        )


def passport(number: int) -> Document:
    return Document(DocumentType.PASSPORT, f"E9900{number:04}")


async def test_the_hub_is_asked_once_for_each_document_within_the_hour() -> None:
    bench = Bench()
    first = await bench.cache.keys_of_all([passport(1), passport(2), passport(1)])
    assert first[0] == first[2] == derive_subject_keys((OLD,), passport(1))
    assert await bench.cache.keys_of_all([passport(2), passport(3)]) == (
        first[1],
        derive_subject_keys((OLD,), passport(3)),
    )
    assert bench.hub.asked == [2, 1]


async def test_the_same_number_of_another_type_is_another_document() -> None:
    bench = Bench()
    permit = Document(DocumentType.TAIWAN_PERMIT, passport(1).number)
    assert await bench.cache.keys_of(passport(1)) != await bench.cache.keys_of(permit)


async def test_while_the_hub_is_away_held_keys_count_for_their_hour_and_no_longer() -> None:
    bench = Bench()
    keys = await bench.cache.keys_of(passport(1))
    bench.hub.is_away = True
    bench.clock.move(SUBJECT_KEYS_HELD - timedelta(seconds=1))
    assert await bench.cache.keys_of(passport(1)) == keys
    with pytest.raises(Refused) as refused:
        await bench.cache.keys_of_all([passport(1), passport(2)])
    assert refused.value.problem is ProblemId.UPSTREAM_AWAY
    bench.clock.move(timedelta(seconds=1))
    with pytest.raises(Refused):
        await bench.cache.keys_of(passport(1))


async def test_after_a_rotation_the_new_version_is_learnt_within_the_hour_and_comes_first() -> None:
    bench = Bench()
    (old,) = await bench.cache.keys_of(passport(1))
    bench.hub.secrets = (NEW, OLD)
    assert await bench.cache.keys_of(passport(1)) == (old,)
    bench.clock.move(SUBJECT_KEYS_HELD)
    both = await bench.cache.keys_of(passport(1))
    assert [key[0] for key in both] == [2, 1]
    assert both[1] == old


async def test_no_more_is_held_than_the_bound() -> None:
    bench = Bench(held_max=3)
    for number in range(10):
        await bench.cache.keys_of(passport(number))
    assert repr(bench.cache) == "SubjectKeyCache(3 held)"
    await bench.cache.keys_of(passport(9))
    await bench.cache.keys_of(passport(0))
    assert bench.hub.asked == [1] * 11


async def test_nothing_that_is_held_names_a_document() -> None:
    bench = Bench()
    await bench.cache.keys_of(passport(1))
    held = [repr(value) for value in gc.get_referents(bench.cache, *gc.get_referents(bench.cache))]
    assert not any("E9900" in text for text in held)


async def test_two_processes_name_the_same_document_differently() -> None:
    """What one process holds is worth nothing to whoever has the memory of another."""
    names = set()
    entropy = CountedEntropy()
    for _ in range(2):
        cache = SubjectKeyCache(hub=HubOfKeys(), clock=HandSetClock(), entropy=entropy)  # type: ignore[arg-type]
        await cache.keys_of(passport(1))
        names |= set(cache._held)
    assert len(names) == 2


async def test_nobody_is_asked_for_nothing() -> None:
    bench = Bench()
    assert await bench.cache.keys_of_all([]) == ()
    assert bench.hub.asked == []
