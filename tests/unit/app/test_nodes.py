"""Nodes are opened whole or not at all, go on without the hub, and end with nothing half-written."""

import asyncio
import shutil
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.access_stores import CountedEntropy, HandSetClock
from tests.unit.api.nodes import make_template_now, node_settings
from tests.world import AT
from tongxing.api.metrics import Metrics
from tongxing.app.background import running
from tongxing.app.node_keys import GATEWAY_FILES, GatewayKeys, key_file, make_keys
from tongxing.app.nodes import Surroundings, open_gateway, open_hub
from tongxing.app.observed import ObservedBackEnd, ObservedHub
from tongxing.app.settings import NodeKind
from tongxing.app.system import SystemClock, system_entropy
from tongxing.core.errors import Fault, Refused, Undecidable
from tongxing.core.problems import ProblemId
from tongxing.core.reasons import ReasonId
from tongxing.regions.answers import BackEndAnswer, BackEndRequest
from tongxing.services.observing import NoObserver

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_template_now(NodeKind.GATEWAY, tmp_path_factory.mktemp("gateway"))


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> Path:
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    return tmp_path


def around() -> Surroundings:
    return Surroundings(HandSetClock(AT), CountedEntropy(), NoObserver())


async def test_a_gateway_takes_up_the_bundle_that_it_held_though_the_hub_is_away(folder: Path) -> None:
    async with open_gateway(node_settings(NodeKind.GATEWAY, folder), around()) as gateway:
        bundle = gateway.bundle_in_force()
        assert bundle is not None
        assert bundle.number == 1
        assert await gateway.core.is_store_ready()
    assert not (folder / "node.sqlite-wal").exists()


async def test_a_new_gateway_starts_without_a_bundle_and_waits(tmp_path: Path) -> None:
    make_keys(tmp_path / "keys", GATEWAY_FILES, system_entropy)
    async with open_gateway(node_settings(NodeKind.GATEWAY, tmp_path), Surroundings.of_this_machine()) as gateway:
        assert gateway.bundle_in_force() is None


@pytest.mark.parametrize("name", GATEWAY_FILES)
async def test_a_missing_key_is_named_and_nothing_is_opened(folder: Path, name: str) -> None:
    key_file(folder / "keys", name).unlink()
    with pytest.raises(Fault, match=name):
        async with open_gateway(node_settings(NodeKind.GATEWAY, folder), around()):
            pytest.fail("the gateway opened")


async def test_a_key_of_another_kind_is_named(folder: Path) -> None:
    key_file(folder / "keys", "views").replace(key_file(folder / "keys", "request"))
    with pytest.raises(Fault, match="request"):
        GatewayKeys.load(folder / "keys")


async def test_a_database_that_is_not_ours_is_named(folder: Path) -> None:
    (folder / "node.sqlite").write_bytes(b"not a database" * 100)
    with pytest.raises(Fault, match=r"node\.sqlite"):
        async with open_gateway(node_settings(NodeKind.GATEWAY, folder), around()):
            pytest.fail("the gateway opened")


async def test_a_state_folder_that_cannot_be_made_is_named(folder: Path) -> None:
    (folder / "file").write_text("x")
    settings = node_settings(NodeKind.GATEWAY, folder).model_copy(update={"state_dir": folder / "file" / "state"})
    with pytest.raises(Fault, match="file/state"):
        async with open_gateway(settings, around()):
            pytest.fail("the gateway opened")


async def test_a_state_folder_that_was_there_before_is_taken_from_all_but_its_owner(folder: Path) -> None:
    settings = node_settings(NodeKind.GATEWAY, folder)
    settings.state_dir.chmod(0o755)
    async with open_gateway(settings, around()):
        assert settings.state_dir.stat().st_mode & 0o777 == 0o700


async def test_a_state_folder_that_others_share_is_refused_and_stays_theirs(folder: Path) -> None:
    settings = node_settings(NodeKind.GATEWAY, folder)
    settings.state_dir.chmod(0o1777)
    with pytest.raises(Fault):
        async with open_gateway(settings, around()):
            pass
    assert settings.state_dir.stat().st_mode & 0o7777 == 0o1777


async def test_a_hub_without_a_bundle_says_that_it_is_not_ready(tmp_path: Path) -> None:
    template = tmp_path / "template"
    template.mkdir()
    await asyncio.to_thread(make_template_now, NodeKind.HUB, template)
    (template / "node.sqlite").unlink()
    async with open_hub(node_settings(NodeKind.HUB, template), around()) as hub:
        assert hub.bundle_in_force() is None


async def test_a_bug_in_the_background_ends_what_it_belongs_to() -> None:
    async def fail() -> None:
        await asyncio.sleep(0)
        raise ZeroDivisionError

    async def use() -> None:
        async with running(fail()):
            await asyncio.sleep(10)

    with pytest.raises(ZeroDivisionError):
        await use()


async def test_what_fails_inside_is_told_as_it_is() -> None:
    ended = asyncio.Event()

    async def for_ever() -> None:
        try:
            await asyncio.sleep(10)
        finally:
            ended.set()

    async def use() -> None:
        async with running(for_ever()):
            await asyncio.sleep(0)
            raise Refused(ProblemId.CONFLICT)

    with pytest.raises(Refused):
        await use()
    assert ended.is_set()


class FailingBackEnd:
    """Fails as it is told to."""

    def __init__(self, error: BaseException | None) -> None:
        self._error = error

    async def exchange(self, _request: BackEndRequest, *, timeout_seconds: float) -> BackEndAnswer:
        del timeout_seconds
        if self._error is not None:
            raise self._error
        return BackEndAnswer(200, "text/plain", b"")


@pytest.mark.parametrize(
    ("error", "result"),
    [
        (None, "answered"),
        (Undecidable(ReasonId.SOURCE_AWAY), "away"),
        (Undecidable(ReasonId.SOURCE_SLOW), "slow"),
        (Undecidable(ReasonId.SOURCE_UNREADABLE), "unreadable"),
        (Undecidable(ReasonId.SOURCE_REFUSED), "refused"),
        (asyncio.CancelledError(), "slow"),
    ],
    ids=str,
)
async def test_a_watched_call_ends_as_it_would_and_is_counted_by_how(error: BaseException | None, result: str) -> None:
    metrics = Metrics()
    watched = ObservedBackEnd(FailingBackEnd(error), metrics)
    calling: Coroutine[Any, Any, BackEndAnswer] = watched.exchange(
        BackEndRequest("GET", "/", {}, b""), timeout_seconds=1.0
    )
    if error is None:
        assert (await calling).status == 200
    else:
        with pytest.raises(type(error)):
            await calling
    counted = f'tongxing_upstream_seconds_count{{result="{result}",upstream="back_end"}} 1.0'
    assert counted in metrics.encode().decode()


class AwayHub:
    """Is away."""

    async def derive_subject_keys(self, _documents: object) -> Any:
        raise Refused(ProblemId.UPSTREAM_AWAY)

    async def send_batch(self, _dataset: str, _number: int, _body: bytes) -> None:
        raise Refused(ProblemId.FORBIDDEN)

    async def fetch_bundle(self, _number: int | None) -> bytes | None:
        return None


async def test_a_watched_hub_is_counted_by_how_each_call_ended() -> None:
    metrics = Metrics()
    hub = ObservedHub(AwayHub(), metrics)  # type: ignore[arg-type]  # only what is asked here
    with pytest.raises(Refused):
        await hub.derive_subject_keys(())
    with pytest.raises(Refused):
        await hub.send_batch("reports", 1, b"")
    assert await hub.fetch_bundle(None) is None
    counted = metrics.encode().decode()
    for result in ("away", "refused", "answered"):
        assert f'tongxing_upstream_seconds_count{{result="{result}",upstream="hub"}} 1.0' in counted


def test_the_machines_clock_is_aware_and_its_randomness_does_not_repeat() -> None:
    assert SystemClock().now().tzinfo is not None
    assert len(system_entropy(32)) == 32
    assert system_entropy(32) != system_entropy(32)
