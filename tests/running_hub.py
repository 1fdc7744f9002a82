"""A real hub over real HTTP in this process, with its pages, on a clock that the test sets."""

import asyncio
import io
import json
import os
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import httpx

from tests.fakes.callers import CALLERS, SECOND_OPERATOR, TestCaller
from tests.running_gateway import SetClock
from tests.silence import log_nowhere
from tests.world import FEDERATION_PAIR, ROOT, World
from tongxing.api.application import build_app
from tongxing.api.metrics import Metrics
from tongxing.api.server import bind, serve_app
from tongxing.app.key_files import save_new_key
from tongxing.app.logs import configure_logs
from tongxing.app.node_keys import HUB_FILES, key_file, make_keys
from tongxing.app.nodes import Hub, Surroundings, open_hub
from tongxing.app.pages import Page
from tongxing.app.settings import NodeKind, NodeSettings
from tongxing.core.words import FEDERATION
from tongxing.services.ports import Role
from tongxing.services.risk_import import import_risk_list
from tongxing.stores.sqlite.stores import open_stores
from tongxing.trust.bundle import restore_bundle

OPERATORS = (CALLERS[Role.OPERATOR], SECOND_OPERATOR)
"""Two operators, neither of whom enrolled the other."""


@dataclass(frozen=True, slots=True)
class RunningHub:
    """Where a hub is, and the clock that it goes by."""

    url: str
    clock: SetClock

    def offer_pairing(self, operator: TestCaller) -> str:
        """Return a code with which an operator enrols a browser of theirs."""
        until = self.clock.now() + timedelta(days=1)
        body = json.dumps({"role": "operator", "label": "a browser", "valid_until": until.isoformat()}).encode()
        headers = {"content-type": "application/json"}
        url, nonce = f"{self.url}/v1/pairings", os.urandom(16).hex()
        signed = operator.sign("POST", url, created=self.clock.now(), nonce=nonce, headers=headers, body=body)
        answer = httpx.post(url, headers=signed, content=body, trust_env=False)
        assert answer.is_success, answer.text
        offered: str = answer.json()["pairing_code"]
        return offered


@contextmanager
def running_hub(
    folder: Path,
    bundle: bytes,
    lists: Sequence[tuple[datetime, bytes]],
    build_pages: Callable[[NodeSettings], tuple[Page, ...]],
    before: Callable[[NodeSettings], Awaitable[None]] | None = None,
) -> Iterator[RunningHub]:
    """Serve a hub that holds ``bundle`` and imported each list at its moment, the last of which is now.

    Both ``OPERATORS`` are enrolled. ``before`` is done to its keys and record before it starts.
    """
    listener = bind("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    settings = NodeSettings.model_validate(
        {"node": NodeKind.HUB, "state_dir": folder / "state", "keys_dir": folder / "keys", "public_urls": [url]}
    )
    clock = SetClock(lists[-1][0])
    stop, ready = threading.Event(), threading.Event()

    def serve() -> None:
        pages = build_pages(settings)
        asyncio.run(_serve(settings, clock, listener, bundle, lists, before, pages=pages, ready=ready, stop=stop))

    thread = threading.Thread(target=serve, daemon=True)
    configure_logs(clock, io.BytesIO())
    thread.start()
    assert ready.wait(60), "the hub did not start"
    try:
        yield RunningHub(url, clock)
    finally:
        stop.set()
        thread.join(30)
        log_nowhere()


async def _serve(
    settings: NodeSettings,
    clock: SetClock,
    listener: socket.socket,
    bundle: bytes,
    lists: Sequence[tuple[datetime, bytes]],
    before: Callable[[NodeSettings], Awaitable[None]] | None,
    *,
    pages: tuple[Page, ...],
    ready: threading.Event,
    stop: threading.Event,
) -> None:
    await _prepare(settings, bundle)
    if before is not None:
        await before(settings)
    metrics = Metrics()
    async with open_hub(settings, Surroundings(clock, os.urandom, metrics)) as hub:
        for at, data in lists:
            clock.moment = at
            await _import(hub, data, at)
        serving = asyncio.create_task(serve_app(build_app(hub, metrics, pages), listener, listening=ready.set))
        await asyncio.to_thread(stop.wait)
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
    listener.close()


def _always(seed: bytes) -> Callable[[int], bytes]:
    return lambda _count: seed


async def _import(hub: Hub, data: bytes, at: datetime) -> None:
    await hub.risk.put_in_force(import_risk_list(data, hub.risk.gazetteer, at=at), "test")
    await hub.published.take_up()


async def _prepare(settings: NodeSettings, bundle: bytes) -> None:
    known = {
        "bundle": ROOT.seed,
        "sealing": FEDERATION_PAIR.seed,
        "statement": World().statement_key(FEDERATION).seed,
        "national-code": World().code_key(FEDERATION).seed,
    }
    for name, seed in known.items():
        save_new_key(key_file(settings.keys_dir, name), HUB_FILES[name], _always(seed))
    make_keys(settings.keys_dir, {name: of for name, of in HUB_FILES.items() if name not in known}, os.urandom)
    settings.state_dir.mkdir(parents=True, exist_ok=True)
    stores = open_stores(settings.database)
    accepted = restore_bundle(bundle, roots=[ROOT.public])
    await stores.bundles.save(accepted.number, accepted.digest, bundle)
    for operator in OPERATORS:
        await stores.credentials.enrol(operator.credential(None))
    await stores.aclose()
