"""A gateway on disk, ready to be run alone: founded as the sandbox founds it, with its hub's bundle taken in.

All people are synthetic and all keys new. The clock is the sandbox's settable one, so that codes made
before a run are the moment's when it begins.
"""

import asyncio
import itertools
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from benchmarks.machine import RESULTS
from benchmarks.processes import Running, server
from tongxing.app.node_keys import GatewayKeys, HubKeys
from tongxing.core.levels import Level
from tongxing.core.limits import NATIONAL_CODE_LIFE_MAX
from tongxing.core.reports import Origin, OriginBasis, Precision
from tongxing.core.words import PlaceKind
from tongxing.crypto.keys import SigningKey
from tongxing.recognition.knowledge import Knowledge, load_knowledge
from tongxing.services.ports import Credential, HeldBundle, Role
from tongxing.simulation.callers import Device
from tongxing.simulation.clock import SharedClock
from tongxing.simulation.founding import HUB, Grounds, found, gateway_name, lay_grounds
from tongxing.simulation.scenes import GUANGXI, HUBEI
from tongxing.simulation.state import claim_state
from tongxing.stores.sqlite.stores import open_stores
from tongxing.trust.bundle import restore_bundle
from tongxing.wire.national_code import SEALED_BYTES, NationalCodeClaims, encode_national_code
from tongxing.wire.sealed_part import SealedContent, seal_content

AT: Final = datetime.fromisoformat("2020-03-25T00:00:00+00:00")
PLACE: Final = PlaceKind.TRAFFIC_GATE
_NEVER_SECONDS: Final = "86400"
_NO_TARGET_MS: Final = "10000"
_LIFE_SECONDS: Final = int(NATIONAL_CODE_LIFE_MAX.total_seconds())


@dataclass(slots=True)
class GatewayOnDisk:
    """Guangxi's gateway, not yet running, and a device that it knows."""

    grounds: Grounds
    clock: SharedClock
    knowledge: Knowledge
    issuer_key: SigningKey
    device_key: SigningKey
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    @property
    def port(self) -> int:
        """Where it will listen."""
        return self.grounds.ports[gateway_name(GUANGXI)]

    @contextmanager
    def running(self) -> Iterator[Running]:
        """Run it on the server's core. Its hub is away: the bundle is in its store already."""
        name = gateway_name(GUANGXI)
        environment = {
            **os.environ,
            **self.grounds.environment(name),
            "TONGXING_BUNDLE_REFRESH_SECONDS": _NEVER_SECONDS,
            # A closed loop measures what a node can, not whom it turns away.
            "TONGXING_ANSWER_TARGET_MS": _NO_TARGET_MS,
        }
        arguments = ("tongxing.simulation.node", "node", "--clock", str(self.grounds.state.clock))
        with server(
            arguments,
            port=self.port,
            ready_path="/readyz",
            log=self.grounds.log(name),
            environment=environment,
        ) as running:
            yield running

    def device(self) -> Device:
        """Return the device, to be closed by the caller."""
        return Device(self.grounds.url(gateway_name(GUANGXI)), self.device_key, self.clock, PLACE)

    def make_codes(self, count: int) -> list[str]:
        """Return national codes of Hubei, all distinct, issued at ``AT`` for as long as codes may live."""
        return [self._make_code(next(self._numbers)) for _ in range(count)]

    def _make_code(self, number: int) -> str:
        issued = int(AT.timestamp())
        claims = NationalCodeClaims(
            issuer=HUBEI,
            credential_id=number.to_bytes(16, "big"),
            issued_at=issued,
            expires_at=issued + _LIFE_SECONDS,
            extension_token=number.to_bytes(16, "big"),
            sealed=bytes(SEALED_BYTES),
        )
        origin = Origin("450103", Precision.EXACT, OriginBasis.DECLARED_STAY)
        content = SealedContent(Level.LOW, False, origin, "王**", False)  # noqa: FBT003 - a value's parts
        sealed = seal_content(claims, content, self.knowledge.verifier_key_on(AT.date()).seal)
        key = self.issuer_key
        return encode_national_code(sealed, alg=key.public.cose_alg, kid=key.public.kid, sign=key.sign)


@contextmanager
def gateway_on_disk() -> Iterator[GatewayOnDisk]:
    """Lay out a gateway in a folder of its own beside the results, on a real disk, and remove it at the end."""
    folder = RESULTS / f"state-{os.getpid()}"
    try:
        with claim_state(folder) as state:
            clock = SharedClock.create(state.clock, AT)
            grounds = lay_grounds(state, 0)
            asyncio.run(found(grounds, clock))
            device_key = grounds.load_key("device")
            held = asyncio.run(_hand_over(grounds, device_key))
            keys = GatewayKeys.load(grounds.keys_dir(gateway_name(GUANGXI)))
            accepted = restore_bundle(held.data, roots=[HubKeys.load(grounds.keys_dir(HUB)).bundle.public])
            knowledge = load_knowledge(accepted, host=GUANGXI, sealing_pair=keys.sealing)
            issuer_key = GatewayKeys.load(grounds.keys_dir(gateway_name(HUBEI))).national_code
            yield GatewayOnDisk(grounds, clock, knowledge, issuer_key, device_key)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _hand_over(grounds: Grounds, device_key: SigningKey) -> HeldBundle:
    """Copy the hub's bundle into the gateway's store, and enrol a device there."""
    hub = open_stores(grounds.database(HUB))
    gateway = open_stores(grounds.database(gateway_name(GUANGXI)))
    try:
        held = await hub.bundles.latest()
        if held is None:
            raise LookupError("the hub has published no bundle")
        await gateway.bundles.save(held.number, held.digest, held.data)
        public = device_key.public
        await gateway.credentials.enrol(
            Credential(public.kid.hex(), Role.DEVICE, public, "benchmark", GUANGXI, AT + timedelta(days=30))
        )
    finally:
        await hub.aclose()
        await gateway.aclose()
    return held
