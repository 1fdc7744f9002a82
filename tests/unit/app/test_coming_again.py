"""Who was told when to come again comes no sooner: the outbox, and a file that is ingested."""

import asyncio
from pathlib import Path
from typing import cast

import pytest

from tests.fakes.access_stores import HandSetClock
from tests.world import AT
from tongxing.app import background
from tongxing.cli import ingest
from tongxing.cli.ingest_file import Portion
from tongxing.connectors.node import NodeCaller
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.services.docking import DockingDesk
from tongxing.services.outbox import OutboxSender
from tongxing.services.outbox_ports import OutboxBatch, OutboxStore
from tongxing.services.peers import Hub

pytestmark = pytest.mark.anyio

AGAIN = 45.0


def busy(again: float = AGAIN) -> Refused:
    return Refused(ProblemId.OVERLOADED, "busy", retry_after_seconds=again)


class BusyHub:
    """A hub that turns everybody away."""

    def __init__(self, again: float) -> None:
        self.again, self.asked = again, 0

    async def send_batch(self, _dataset: str, _number: int, _body: bytes) -> None:
        self.asked += 1
        raise busy(self.again)


class OneBatch:
    """An outbox with one batch in it."""

    async def next_batch(self) -> OutboxBatch:
        return OutboxBatch(1, b"", b"", 1)


async def test_no_back_ends_call_asks_the_hub_before_it_wants_to_be_asked_again() -> None:
    hub = BusyHub(AGAIN)
    sender = OutboxSender(store=cast("OutboxStore", OneBatch()), hub=cast("Hub", hub), clock=HandSetClock(AT))
    with pytest.raises(Refused):
        await sender.send_waiting()
    for _ in range(3):
        await sender.forward()
    assert hub.asked == 1


class Slept(Exception):
    """Enough was slept."""


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody sleep; what would have been slept is raised instead."""

    async def sleep(seconds: float) -> None:
        raise Slept(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)


class Docks:
    """A desk with nothing that waits."""

    async def dock_waiting(self) -> None:
        return


@pytest.mark.parametrize("chance", [0, 255])
@pytest.mark.parametrize("again", [0.0, AGAIN])
@pytest.mark.usefixtures("slept")
async def test_the_outbox_is_sent_no_sooner_than_the_hub_said_and_later_by_chance(again: float, chance: int) -> None:
    sender = OutboxSender(
        store=cast("OutboxStore", OneBatch()), hub=cast("Hub", BusyHub(again)), clock=HandSetClock(AT)
    )
    with pytest.raises(Slept) as how_long:
        await background.keep_hub_told(cast("DockingDesk", Docks()), sender, lambda count: bytes([chance]) * count)
    (seconds,) = how_long.value.args
    assert again < seconds <= again + 2 * background.OUTBOX_SECONDS_MAX


class BusyNode:
    """A node that turns everybody away."""

    async def dock(self, _rows: object) -> object:
        raise busy()


@pytest.mark.usefixtures("slept")
async def test_a_file_goes_on_no_sooner_than_the_node_said(tmp_path: Path) -> None:
    sender = ingest._Sender(tmp_path / "rows.jsonl", "", 600.0)
    with pytest.raises(Slept) as how_long:
        await sender.send(cast("NodeCaller", BusyNode()), Portion(1, (b"{}",), 2))
    assert how_long.value.args == (AGAIN,)
