"""Real nodes on SQLite, called in process through their whole application; only the wire is missing."""

import asyncio
import contextlib
import io
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import msgspec

from tests.fakes.access_stores import CountedEntropy, HandSetClock
from tests.fakes.callers import CALLERS, TestCaller
from tests.silence import log_nowhere
from tests.world import AT, FEDERATION_PAIR, GUANGXI, PAIRS, ROOT, World, insecure_test_key
from tongxing.api.application import build_app, rows_of
from tongxing.api.metrics import Metrics
from tongxing.app.key_files import FileSuite, public_text, save_new_key
from tongxing.app.logs import configure_logs
from tongxing.app.node_keys import GATEWAY_FILES, HUB_FILES, key_file, make_keys
from tongxing.app.nodes import Node, Surroundings, open_gateway, open_hub
from tongxing.app.settings import NodeKind, NodeSettings
from tongxing.core.words import FEDERATION
from tongxing.services.ports import Role
from tongxing.stores.sqlite.stores import open_stores
from tongxing.trust.bundle import accept_bundle

ORIGIN = "http://node.example:8000"
NOBODY = "http://127.0.0.1:9"
KNOWN_SEEDS: dict[NodeKind, dict[str, bytes]] = {
    NodeKind.GATEWAY: {
        "sealing": PAIRS[GUANGXI].seed,
        "statement": World().statement_key(GUANGXI).seed,
        "national-code": World().code_key(GUANGXI).seed,
    },
    NodeKind.HUB: {
        "bundle": ROOT.seed,
        "sealing": FEDERATION_PAIR.seed,
        "statement": World().statement_key(FEDERATION).seed,
        "national-code": World().code_key(FEDERATION).seed,
    },
}
"""Keys that a test must know too: those of ``tests.world``."""


@dataclass
class CallableNode:
    """A node, and calls to it signed by whoever should make them."""

    node: Node
    metrics: Metrics
    client: httpx.AsyncClient
    clock: HandSetClock
    logged: io.BytesIO
    entropy: CountedEntropy = field(default_factory=CountedEntropy)

    async def call(
        self,
        caller: TestCaller | None,
        method: str,
        target: str,
        body: bytes | object = b"",
        *,
        media_type: str = "application/json",
        nonce: str | None = None,
        change: Callable[[dict[str, str]], dict[str, str]] = lambda headers: headers,
    ) -> httpx.Response:
        """Send one request; a body that is not bytes is sent as JSON."""
        content = body if isinstance(body, bytes) else msgspec.json.encode(body)
        headers = {"content-type": media_type} if content else {}
        if caller is not None:
            headers = caller.sign(
                method,
                ORIGIN + target,
                created=self.clock.now(),
                nonce=nonce or self.entropy(16).hex(),
                headers=headers,
                body=content,
            )
        answer = await self.client.request(method, target, content=content, headers=change(headers))
        for _ in range(2):
            # The edge tells of a request at the loop's next turn, and the log is written at the one after.
            await asyncio.sleep(0)
        return answer

    async def open_session(self, device: TestCaller = CALLERS[Role.DEVICE]) -> dict[str, str]:
        """Return the header of a new session."""
        answer = await self.call(device, "POST", "/v1/sessions")
        return {"authorization": f"Bearer {answer.json()['token']}"}

    def log_lines(self) -> list[dict[str, object]]:
        """Return what was logged, line by line."""
        return [msgspec.json.decode(line) for line in self.logged.getvalue().splitlines()]


def node_settings(kind: NodeKind, folder: Path) -> NodeSettings:
    """Return settings of a node in ``folder`` that can reach nobody."""
    own: dict[str, object] = {
        "node": kind,
        "state_dir": folder,
        "keys_dir": folder / "keys",
        "public_urls": [ORIGIN],
    }
    if kind is NodeKind.GATEWAY:
        own |= {
            "region": GUANGXI,
            "roots": [public_text(ROOT.public)],
            "hub_url": NOBODY,
            "back_end_url": NOBODY,
        }
    return NodeSettings.model_validate(own)


async def make_template(kind: NodeKind, folder: Path) -> None:
    """Make a node's files: keys, a database, a caller enrolled in each role, and for a gateway a bundle."""
    settings = node_settings(kind, folder)
    files = GATEWAY_FILES if kind is NodeKind.GATEWAY else HUB_FILES
    known = KNOWN_SEEDS[kind]
    for name in known:
        save_new_key(key_file(settings.keys_dir, name), files[name], _always(known[name]))
    make_keys(settings.keys_dir, {name: of for name, of in files.items() if name not in known}, CountedEntropy())
    stores = open_stores(settings.database)
    for caller in CALLERS.values():
        await stores.credentials.enrol(caller.credential())
    data = World().bundle()
    bundle = accept_bundle(data, held=None, roots=[ROOT.public], at=AT)
    await stores.bundles.save(bundle.number, bundle.digest, data)
    await stores.aclose()


@contextlib.asynccontextmanager
async def callable_node(kind: NodeKind, template: Path, folder: Path) -> AsyncIterator[CallableNode]:
    """Open a copy of a template and yield it ready to be called."""
    shutil.copytree(template, folder, dirs_exist_ok=True)
    clock, logged, metrics = HandSetClock(AT), io.BytesIO(), Metrics()
    configure_logs(clock, logged)
    opening = open_gateway if kind is NodeKind.GATEWAY else open_hub
    try:
        async with opening(node_settings(kind, folder), Surroundings(clock, CountedEntropy(), metrics)) as node:
            transport = httpx.ASGITransport(build_app(node, metrics), raise_app_exceptions=True)
            async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
                yield CallableNode(node, metrics, client, clock, logged)
    finally:
        log_nowhere()


def make_template_now(kind: NodeKind, folder: Path) -> Path:
    """Make a template outside any event loop."""
    asyncio.run(make_template(kind, folder))
    return folder


def _always(seed: bytes) -> Callable[[int], bytes]:
    return lambda _count: seed


__all__ = ["CALLERS", "CallableNode", "FileSuite", "insecure_test_key", "rows_of"]
