"""The reference data: what goes back, forks or breaks the chain is refused with an alarm, and nothing is harmed."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from tests.contract.implementations import Stores, open_sqlite
from tests.fakes.access_stores import HandSetClock
from tests.fakes.outside import HubNearby
from tests.unit.services.chains import chain, link, opened
from tests.unit.services.desks import make_reference
from tests.world import AT, GUANGXI, OTHER_ROOT, World, decide
from tongxing.core.errors import Fault, Refused, Undecidable
from tongxing.core.problems import ProblemId
from tongxing.core.reasons import ReasonId
from tongxing.core.verdicts import Outcome
from tongxing.crypto.digests import sha256
from tongxing.services.reference import Reference

pytestmark = pytest.mark.anyio

CHAIN = chain(5)
HELD = opened(CHAIN[2])


@dataclass
class Node:
    """A gateway's reference data on a real store, which can be started anew on the same file."""

    folder: Path
    clock: HandSetClock = field(default_factory=lambda: HandSetClock(AT))
    hub: HubNearby = field(default_factory=lambda: HubNearby(GUANGXI))
    opened: list[Stores] = field(default_factory=list)

    async def start(self) -> Reference:
        self.opened.append(await open_sqlite(self.folder))
        reference = make_reference(GUANGXI, self.stores, self.hub, self.clock)
        await reference.load_held()
        return reference

    @property
    def stores(self) -> Stores:
        return self.opened[-1]

    def give(self, *numbers: int, newest: int | None = None, **others: bytes) -> None:
        """Say which bundles the hub gives out; ``others`` stand in the place of ``n<number>``."""
        self.hub.bundles = {number: CHAIN[number] for number in numbers}
        self.hub.bundles |= {int(name[1:]): data for name, data in others.items()}
        self.hub.newest = newest


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    made = Node(tmp_path)
    yield made
    for stores in made.opened:
        await stores.aclose()


@pytest.fixture
async def reference(node: Node) -> Reference:
    """A reference that holds bundle 2."""
    node.give(2)
    started = await node.start()
    assert await started.refresh()
    return started


async def check_unharmed(node: Node, reference: Reference, problem: ProblemId = ProblemId.BUNDLE_REFUSED) -> str:
    """Refresh; check the refusal, the alarm, that bundle 2 decides on, here and after a restart."""
    with pytest.raises(Refused) as refused:
        await reference.refresh()
    assert refused.value.problem is problem
    (alarm,) = await node.stores.alarms.recent(10)
    assert (alarm.reason, alarm.detail) == (problem, refused.value.detail)
    for in_force in (reference, await node.start()):
        assert in_force.knowledge.bundle_number == 2
        assert decide(in_force.knowledge, World().national_code()).outcome is Outcome.PASS
    return alarm.detail


async def test_before_the_first_bundle_nothing_can_be_decided(node: Node) -> None:
    node.give()
    reference = await node.start()
    assert not await reference.refresh()
    assert not reference.is_ready
    with pytest.raises(Undecidable) as why:
        _ = reference.knowledge
    assert why.value.reason is ReasonId.BUNDLE_TOO_OLD


async def test_the_first_bundle_may_have_any_number(node: Node) -> None:
    node.give(4)
    reference = await node.start()
    assert await reference.refresh()
    assert (reference.is_ready, reference.knowledge.bundle_number) == (True, 4)


async def test_the_successor_is_taken_up_and_again_changes_nothing(node: Node, reference: Reference) -> None:
    node.give(2, 3)
    assert await reference.refresh()
    assert reference.knowledge.bundle_number == 3
    assert not await reference.refresh()
    assert await node.stores.alarms.recent(1) == ()


async def test_a_gap_is_closed_along_the_chain(node: Node, reference: Reference) -> None:
    node.give(1, 2, 3, 4, 5)
    node.hub.fetched.clear()
    assert await reference.refresh()
    assert reference.knowledge.bundle_number == 5
    assert node.hub.fetched == [None, 3, 4]
    assert await node.stores.alarms.recent(1) == ()


FAULTS: dict[str, tuple[Callable[[Node], None], str]] = {
    "rollback": (lambda node: node.give(1), "rollback"),
    "fork": (lambda node: node.give(n2=link(2, opened(CHAIN[1]).digest, {"risk": b"\xa0"})), "fork"),
    "broken chain": (lambda node: node.give(n3=link(3, sha256(b"another bundle 2"))), "broken chain"),
    "broken chain behind a gap": (
        lambda node: node.give(2, 5, n3=CHAIN[3], n4=link(4, sha256(b"another bundle 3"))),
        "broken chain",
    ),
    "fork behind a gap": (
        lambda node: node.give(2, 3, 5, n4=link(4, opened(CHAIN[3]).digest, {"risk": b""})),
        "broken",
    ),
    "another hub's": (lambda node: node.give(n3=link(3, HELD.digest, key=OTHER_ROOT)), "signature"),
    "garbage": (lambda node: node.give(n3=b"<html>"), "malformed"),
    "nothing": (lambda node: node.give(n3=b""), "malformed"),
    "gap that cannot be closed": (lambda node: node.give(4), "gap"),
    "gap closed by a later bundle": (lambda node: node.give(5, n3=CHAIN[4]), "gap"),
    "gap closed by the newest": (lambda node: node.give(5, n3=CHAIN[5]), "gap"),
    "gap closed by the held one": (lambda node: node.give(5, n3=CHAIN[2]), "gap"),
    "gap closed by an older one": (lambda node: node.give(5, n3=CHAIN[1]), "rollback"),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_what_does_not_continue_the_chain_is_refused_with_an_alarm(
    node: Node, reference: Reference, fault: str
) -> None:
    go_wrong, word = FAULTS[fault]
    go_wrong(node)
    assert (await check_unharmed(node, reference)).startswith(word)


@pytest.mark.parametrize("section", ["directory", "profiles", "rules", "risk", "verifier_keys"])
async def test_a_bundle_with_an_unreadable_section_is_taken_not_at_all(
    node: Node, reference: Reference, section: str
) -> None:
    """Signed by the root and yet unreadable: it is not kept either, so the next start does not meet it."""
    node.give(n3=link(3, HELD.digest, {section: b"\xff"}))
    assert (await check_unharmed(node, reference)).startswith("malformed: bundle 3: ")


async def test_an_unreadable_bundle_between_does_not_hold_up_the_readable_one_after_it(
    node: Node, reference: Reference
) -> None:
    unreadable = link(3, HELD.digest, {"rules": b"\xff"})
    node.give(n3=unreadable, n4=link(4, opened(unreadable).digest))
    assert await reference.refresh()
    assert reference.knowledge.bundle_number == 4


async def test_a_bundle_from_the_future_is_refused(node: Node, reference: Reference) -> None:
    node.give(3)
    node.clock.at = HELD.issued_at - timedelta(days=1)
    with pytest.raises(Refused) as refused:
        await reference.refresh()
    assert refused.value.detail.startswith("future")


async def test_another_bundle_of_a_number_in_the_store_is_a_fork(node: Node, reference: Reference) -> None:
    """Another process on the same store has taken up another bundle 3."""
    await node.stores.bundles.save(3, sha256(b"other"), b"other")
    node.give(3)
    with pytest.raises(Refused) as refused:
        await reference.refresh()
    assert refused.value.problem is ProblemId.CONFLICT
    assert [alarm.reason for alarm in await node.stores.alarms.recent(9)] == [ProblemId.CONFLICT]
    assert reference.knowledge.bundle_number == 2


async def test_while_the_hub_is_away_decisions_go_on_and_nobody_is_alarmed(node: Node, reference: Reference) -> None:
    seen = reference.hub_seen_at
    node.hub.away = True
    node.clock.move(timedelta(days=6))
    with pytest.raises(Refused) as away:
        await reference.refresh()
    assert away.value.problem is ProblemId.UPSTREAM_AWAY
    at = node.clock.now()
    verdict = decide(reference.knowledge, World().national_code(at=at), at=at)
    assert (verdict.outcome, at - verdict.bundle_as_of) == (Outcome.PASS, timedelta(days=6, hours=1))
    assert reference.hub_seen_at == seen == AT
    assert await node.stores.alarms.recent(1) == ()


async def test_a_hub_that_goes_away_in_the_middle_of_the_chain_is_no_alarm(
    node: Node, reference: Reference, monkeypatch: pytest.MonkeyPatch
) -> None:
    node.give(3, 4, 5)

    async def give_the_newest_alone(number: int | None) -> bytes:
        if number is not None:
            raise Refused(ProblemId.UPSTREAM_AWAY)
        return CHAIN[5]

    monkeypatch.setattr(node.hub, "fetch_bundle", give_the_newest_alone)
    with pytest.raises(Refused) as away:
        await reference.refresh()
    assert away.value.problem is ProblemId.UPSTREAM_AWAY
    assert await node.stores.alarms.recent(1) == ()
    monkeypatch.undo()
    assert await reference.refresh()
    assert reference.knowledge.bundle_number == 5


@pytest.mark.parametrize("days", [0, 6, 8, 700])
async def test_a_restart_takes_up_the_held_bundle_whatever_its_age(node: Node, reference: Reference, days: int) -> None:
    assert reference.is_ready
    node.hub.away = True
    node.clock.move(timedelta(days=days))
    again = await node.start()
    assert again.knowledge.bundle_number == 2
    at = node.clock.now()
    verdict = decide(again.knowledge, World().national_code(at=at), at=at)
    assert (verdict.outcome is Outcome.PASS) is (days < 7)
    assert (verdict.reason is ReasonId.BUNDLE_TOO_OLD) is (days > 7)


async def test_a_restart_without_any_bundle_is_no_error(node: Node) -> None:
    assert not (await node.start()).is_ready


@pytest.mark.parametrize(
    "data",
    [b"", b"not a bundle", link(2, opened(CHAIN[1]).digest, key=OTHER_ROOT)],
    ids=["nothing", "garbage", "another hub's"],
)
async def test_a_store_with_a_bundle_that_is_not_ours_is_a_fault_at_the_start(node: Node, data: bytes) -> None:
    """No node decides with what it cannot prove."""
    stores = await open_sqlite(node.folder)
    await stores.bundles.save(2, sha256(data), data)
    await stores.aclose()
    with pytest.raises(Fault):
        await node.start()


async def test_two_refreshes_at_once_take_a_bundle_up_once(node: Node, reference: Reference) -> None:
    node.give(2, 3)
    changed = await asyncio.gather(*(reference.refresh() for _ in range(5)))
    assert changed.count(True) == 1


async def test_the_same_refused_bundle_is_alarmed_once_and_another_one_or_the_same_later_anew(
    node: Node, reference: Reference
) -> None:
    """The hub is asked every few seconds: an operator's list holds problems, not how often they were met."""

    async def refresh_refused() -> int:
        with pytest.raises(Refused):
            await reference.refresh()
        return len(await node.stores.alarms.recent(9))

    fork, forged = link(3, sha256(b"another")), link(3, HELD.digest, key=OTHER_ROOT)
    node.give(2, newest=3, n3=fork)
    assert [await refresh_refused() for _ in range(3)] == [1, 1, 1]
    node.give(2, newest=3, n3=forged)
    assert [await refresh_refused() for _ in range(2)] == [2, 2]
    node.give(2, newest=2)
    assert not await reference.refresh()
    node.give(2, newest=3, n3=forged)
    assert [await refresh_refused() for _ in range(2)] == [3, 3]
