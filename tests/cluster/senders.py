"""The 32 regions as senders of batches: each with the profile that ships, and a request key in the directory.

The regions of the scenes have gateways, whose keys they send with. The others join as ``tongxing dock`` has it, and
have nothing but their keys: what they hold is made here, and goes straight to the hub.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import httpx

from tongxing.app.docking_folder import DockingFolder
from tongxing.app.key_files import load_signing_key
from tongxing.app.node_keys import GatewayKeys, key_file
from tongxing.app.packaged import PROFILES, load_files
from tongxing.app.system import system_entropy
from tongxing.connectors.http_exchange import SignedCaller
from tongxing.connectors.node import NodeCaller
from tongxing.core.words import FEDERATION, RegionId
from tongxing.crypto.keys import SigningKey
from tongxing.regions.profile import Profile, parse_profile
from tongxing.simulation.federation import Federation
from tongxing.simulation.founding import HUB, gateway_name, operator_name
from tongxing.simulation.people import CIRCUMSTANCES, State
from tongxing.simulation.sandbox.profile_people import circumstances_of
from tongxing.simulation.scenes import FOUNDED_AT

NOBODY: Final = "http://127.0.0.1:9"
"""Where the gateway of a region without one would be."""

_PROVINCE_FILE: Final = len("42.toml")


@dataclass(frozen=True, slots=True)
class Sender:
    """One region: what its people can be, and with which key it sends."""

    profile: Profile
    states: Mapping[str, State]
    key: SigningKey

    @property
    def region(self) -> RegionId:
        """Its number."""
        return self.profile.region


def provinces() -> Mapping[RegionId, bytes]:
    """Return the profiles that ship of the 31 provinces, regions and cities under the State Council, and region 66."""
    files = load_files(PROFILES)
    return MappingProxyType({RegionId(name[:2]): files[name] for name in sorted(files) if len(name) == _PROVINCE_FILE})


def join_senders(federation: Federation) -> Mapping[RegionId, Sender]:
    """Let every province that has no gateway join, in one bundle after the other, and return all senders."""
    found = asyncio.run(_join_all(federation))
    federation.wait_for_bundle(federation.operators[FEDERATION].get("/v1/status")["bundle_number"])
    return found


async def _join_all(federation: Federation) -> Mapping[RegionId, Sender]:
    grounds, senders = federation.grounds, {}
    operator = grounds.load_key(operator_name(FEDERATION))
    async with httpx.AsyncClient(follow_redirects=False, trust_env=False) as client:
        hub = NodeCaller(SignedCaller(client, operator, federation.clock, system_entropy), grounds.url(HUB))
        for region, profile in provinces().items():
            if region in grounds.regions:
                key = GatewayKeys.load(grounds.keys_dir(gateway_name(region))).request
            else:
                key = await _join(federation, hub, region, profile)
            read = parse_profile(profile)
            states = CIRCUMSTANCES.get(region) or circumstances_of(read, FOUNDED_AT)
            senders[region] = Sender(read, states, key)
    return MappingProxyType(senders)


async def _join(federation: Federation, hub: NodeCaller, region: RegionId, profile: bytes) -> SigningKey:
    folder = DockingFolder(federation.grounds.state.node("joining") / region)
    folder.path.mkdir(mode=0o700)
    record = folder.prepare(profile, NOBODY, federation.clock.now(), system_entropy)
    if f"{region}.toml" not in federation.grounds.profiles:
        await hub.publish_profile(profile)
    await hub.publish_record(record)
    return load_signing_key(key_file(folder.keys_dir, "request"))
