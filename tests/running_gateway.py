"""A real gateway over real HTTP in this process, holding one bundle, with a clock that the test sets."""

import asyncio
import io
import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from tests.silence import log_nowhere
from tests.world import ROOT, insecure_test_key, insecure_test_seed
from tongxing.api.application import build_app
from tongxing.api.metrics import Metrics
from tongxing.api.server import bind, serve_app
from tongxing.app.key_files import public_text
from tongxing.app.logs import configure_logs
from tongxing.app.node_keys import GATEWAY_FILES
from tongxing.app.nodes import Surroundings, open_gateway
from tongxing.app.pages import Page
from tongxing.app.settings import NodeKind, NodeSettings
from tongxing.core.words import PlaceKind, RegionId
from tongxing.crypto.http_signatures import sign_request
from tongxing.crypto.keys import SigningKey
from tongxing.services.ports import Credential, Entropy, Role
from tongxing.stores.sqlite.stores import open_stores
from tongxing.trust.bundle import restore_bundle

DEVICE, OPERATOR = insecure_test_key("device"), insecure_test_key("operator")
UNREACHABLE = "http://127.0.0.1:9"


@dataclass
class SetClock:
    """A clock that stands where it is set."""

    moment: datetime

    def now(self) -> datetime:
        """Return the moment it was set to."""
        return self.moment


@dataclass
class RunningGateway:
    """Calls one gateway as its device and its operator."""

    url: str
    clock: SetClock
    client: httpx.Client

    def verify(self, qr_text: str, place: PlaceKind, **told: object) -> dict[str, Any]:
        """Return the guard's view of a scan; ``told`` is what the guard says besides."""
        return self._call(DEVICE, "POST", "/v1/verifications", {"qr_text": qr_text, "place_kind": place, **told})

    def enrol_device(self, key: SigningKey, **told: str) -> dict[str, Any]:
        """Enrol another device, at a ``site`` or in a ``division``; return how it is listed."""
        until = (self.clock.now() + timedelta(days=1)).isoformat()
        wanted = {"public": public_text(key.public), "role": "device", "label": "another", "valid_until": until}
        return self._call(OPERATOR, "POST", "/v1/credentials", wanted | told)

    def verify_as(self, key: SigningKey, path: str, shown: dict[str, object]) -> dict[str, Any]:
        """Return the guard's view of what another device shows at one of the calls for that."""
        return self._call(key, "POST", path, shown)

    def trail(self, ref: str) -> dict[str, Any]:
        """Return the auditor's view of a verdict."""
        return self._call(OPERATOR, "GET", f"/v1/verdicts/{ref}/trail", None)

    def offer_pairing(self, role: Role, label: str = "") -> str:
        """Return a code with which one browser's key is enrolled in a role."""
        until = self.clock.now() + timedelta(days=1)
        offer = {"role": role, "label": label or f"a browser as {role}", "valid_until": until.isoformat()}
        offered: str = self._call(OPERATOR, "POST", "/v1/pairings", offer)["pairing_code"]
        return offered

    def redeem_pairing(self, pairing_code: str, public: str) -> None:
        """Enrol a browser's public key by a pairing's code."""
        self._call(DEVICE, "POST", "/v1/pairings/redeemed", {"pairing_code": pairing_code, "public": public})

    def credentials(self) -> list[dict[str, Any]]:
        """Return all enrolled keys as the operator sees them."""
        held: list[dict[str, Any]] = self._call(OPERATOR, "GET", "/v1/credentials", None)["credentials"]
        return held

    def _call(self, key: Any, method: str, path: str, value: object) -> dict[str, Any]:
        body = b"" if value is None else json.dumps(value).encode()
        headers = {"content-type": "application/json"} if body else {}
        url = self.url + path
        nonce, now = os.urandom(16).hex(), self.clock.now()
        signed = sign_request(method=method, url=url, headers=headers, body=body, key=key, created=now, nonce=nonce)
        answer = self.client.request(method, url, headers={**headers, **signed}, content=body or None)
        assert answer.is_success, answer.text
        answered: dict[str, Any] = answer.json()
        return answered


@contextmanager
def running_gateway(
    folder: Path,
    region: RegionId,
    bundle: bytes,
    at: datetime,
    build_pages: Callable[[NodeSettings], tuple[Page, ...]] = lambda _settings: (),
    entropy: Entropy = os.urandom,
) -> Iterator[RunningGateway]:
    """Serve a gateway of ``region`` that holds ``bundle`` and reaches nobody but whom the bundle names."""
    listener = bind("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    settings = _prepare(folder, region, url)
    clock = SetClock(at)
    stop, ready = threading.Event(), threading.Event()
    thread = threading.Thread(
        target=lambda: asyncio.run(
            _serve(settings, clock, listener, bundle, ready, stop, pages=build_pages(settings), entropy=entropy)
        ),
        daemon=True,
    )
    # What it logs while a command runs in this process is no output of the command.
    configure_logs(clock, io.BytesIO())
    thread.start()
    assert ready.wait(30), "the gateway did not start"
    try:
        with httpx.Client(trust_env=False) as client:
            yield RunningGateway(url, clock, client)
    finally:
        stop.set()
        thread.join(30)
        log_nowhere()


async def _serve(
    settings: NodeSettings,
    clock: SetClock,
    listener: socket.socket,
    bundle: bytes,
    ready: threading.Event,
    stop: threading.Event,
    *,
    pages: tuple[Page, ...],
    entropy: Entropy,
) -> None:
    accepted = restore_bundle(bundle, roots=[ROOT.public])
    stores = open_stores(settings.database)
    await stores.bundles.save(accepted.number, accepted.digest, bundle)
    for key, role in ((DEVICE, Role.DEVICE), (OPERATOR, Role.OPERATOR)):
        until = clock.now() + timedelta(days=365)
        await stores.credentials.enrol(
            Credential(key.public.kid.hex(), role, key.public, str(role), settings.region_id, until)
        )
    await stores.aclose()
    metrics = Metrics()
    async with open_gateway(settings, Surroundings(clock, entropy, metrics)) as gateway:
        serving = asyncio.create_task(serve_app(build_app(gateway, metrics, pages), listener, listening=ready.set))
        await asyncio.to_thread(stop.wait)
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
    listener.close()


def _prepare(folder: Path, region: RegionId, url: str) -> NodeSettings:
    keys = folder / "keys"
    keys.mkdir(parents=True)
    for name, suite in GATEWAY_FILES.items():
        seed = insecure_test_seed(f"seal {region}" if name == "sealing" else f"{name} {region}")
        path = keys / f"{name}.json"
        path.write_text(json.dumps({"kind": "tongxing-key", "suite": suite, "seed_hex": seed.hex()}))
        path.chmod(0o600)
    (folder / "state").mkdir()
    told: dict[str, object] = {
        "node": NodeKind.GATEWAY,
        "region": region,
        "state_dir": folder / "state",
        "keys_dir": folder / "keys",
        "public_urls": (url,),
        "roots": (public_text(ROOT.public),),
        "hub_url": UNREACHABLE,
        "back_end_url": UNREACHABLE,
    }
    return NodeSettings.model_validate(told)
