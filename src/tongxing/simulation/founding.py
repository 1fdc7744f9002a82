"""Founds a federation on an empty state: keys, addresses, the first operators, the first bundle.

What is done here is what the bodies taking part would do once, before any node runs: each makes its own
keys, they tell one another the public ones, and the hub signs bundle 1. Everything later goes over HTTP.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Final

from tongxing.app.founding import FirstOperator, enrol_first, gateway_record, hub_record, publish_first
from tongxing.app.key_files import load_signing_key, public_text, save_new_key
from tongxing.app.node_keys import GATEWAY_FILES, HUB_FILES, GatewayKeys, HubKeys, make_keys
from tongxing.app.nodes import Surroundings
from tongxing.app.packaged import PROFILES, load_files, load_gazetteer
from tongxing.app.settings import NodeKind, NodeSettings
from tongxing.app.system import system_entropy
from tongxing.core.words import FEDERATION, PlaceKind, RegionId
from tongxing.crypto.keys import SigningKey
from tongxing.regions.profile import Profile, parse_profile, parse_profile_heading
from tongxing.services.observing import NoObserver
from tongxing.services.ports import Clock
from tongxing.services.risk_import import import_risk_list
from tongxing.simulation.backends import FAMILY_CREDENTIALS
from tongxing.simulation.identity_provider import CLIENT_ID, INSECURE_TEST_CLIENT_SECRET, issuer_of
from tongxing.simulation.processes import LOOPBACK, choose_ports
from tongxing.simulation.scenes import ANHUI, BEIJING_CITY, GUANGXI, HUBEI, TIBET
from tongxing.simulation.state import State
from tongxing.stores.sqlite.stores import open_stores
from tongxing.trust.directory import Directory, DirectoryRecord

REGIONS: Final = (BEIJING_CITY, ANHUI, HUBEI, GUANGXI, TIBET)
"""The regions of the demo, each in another dialect."""

KNOWN_BESIDE: Final = (RegionId("44"), RegionId("4401"))
"""Regions whose codes every federation here knows, so that one of theirs is told from no code at all."""

HUB: Final = "hub"
IDENTITY: Final = "identity-provider"
BUNDLE_REFRESH_SECONDS: Final = 1.0
_KEYS_COUNT_FROM: Final = timedelta(days=1)


def gateway_name(region: RegionId) -> str:
    """Return the name of a region's gateway process."""
    return f"gateway-{region}"


def back_end_name(region: RegionId) -> str:
    """Return the name of a region's back-end process."""
    return f"back-end-{region}"


def node_names(regions: Sequence[RegionId]) -> tuple[str, ...]:
    """Return the names of all processes of a federation, in the order of their ports."""
    gateways = (gateway_name(region) for region in regions)
    return (HUB, *gateways, *(back_end_name(region) for region in regions), IDENTITY)


NODE_NAMES: Final = node_names(REGIONS)
"""All processes of the demo."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """Where everything of one federation is.

    ``ports`` are by the names of ``node_names``, ``profiles`` all that are published, by file name, and
    ``unpackaged`` those of its regions that do not ship.
    """

    state: State
    ports: Mapping[str, int]
    regions: tuple[RegionId, ...]
    profiles: Mapping[str, bytes]
    unpackaged: tuple[RegionId, ...]

    def url(self, name: str) -> str:
        """Return the address of a process."""
        return f"http://{LOOPBACK}:{self.ports[name]}"

    def log(self, name: str) -> Path:
        """Return the log file of a process."""
        return self.state.node("logs") / f"{name}.log"

    def key_file(self, who: str) -> Path:
        """Return the key file of a device, a back end or an operator."""
        return self.state.node("keys") / f"{who}.json"

    def profile(self, region: RegionId) -> Profile:
        """Return a region's profile."""
        return parse_profile(self.profiles[f"{region}.toml"])

    def profile_file(self, region: RegionId) -> Path:
        """Return the file of an unpackaged profile, for processes that are given no bundle."""
        return self.state.node("profiles") / f"{region}.toml"

    def load_key(self, who: str) -> SigningKey:
        """Return the key of a device, a back end or an operator, made when first asked for."""
        if not self.key_file(who).exists():
            save_new_key(self.key_file(who), "EdDSA", system_entropy)
        return load_signing_key(self.key_file(who))

    def keys_dir(self, name: str) -> Path:
        """Return the folder of a node's own keys."""
        return self.state.node(name) / "keys"

    def database(self, name: str) -> Path:
        """Return the database of a node."""
        return self.hub_settings().model_copy(update={"state_dir": self.state.node(name)}).database

    def hub_settings(self) -> NodeSettings:
        """Return the hub's settings, for the founding."""
        return NodeSettings.model_validate(
            {
                "node": NodeKind.HUB,
                "state_dir": self.state.node(HUB),
                "keys_dir": self.keys_dir(HUB),
                "public_urls": (self.url(HUB),),
            }
        )

    def environment(self, name: str) -> dict[str, str]:
        """Return the settings of the hub's or a gateway's process."""
        settings = {
            "TONGXING_NODE": NodeKind.HUB if name == HUB else NodeKind.GATEWAY,
            "TONGXING_STATE_DIR": str(self.state.node(name)),
            "TONGXING_KEYS_DIR": str(self.keys_dir(name)),
            "TONGXING_LISTEN_PORT": str(self.ports[name]),
            "TONGXING_PUBLIC_URLS": json.dumps([self.url(name)]),
            # Scenes leap over days: when the bundle is published anew is theirs to say.
            "TONGXING_BUNDLE_REISSUE_SECONDS": "2592000",
        }
        if name == HUB:
            return settings
        region = RegionId(name.rpartition("-")[2])
        return settings | {
            "TONGXING_REGION": region,
            "TONGXING_ROOTS": json.dumps([public_text(HubKeys.load(self.keys_dir(HUB)).bundle.public)]),
            "TONGXING_HUB_URL": self.url(HUB),
            "TONGXING_BACK_END_URL": self.url(back_end_name(region)),
            "TONGXING_BACK_END_CREDENTIALS": json.dumps(dict(FAMILY_CREDENTIALS.get(self.profile(region).family, {}))),
            "TONGXING_BUNDLE_REFRESH_SECONDS": str(BUNDLE_REFRESH_SECONDS),
            "TONGXING_IDENTITY_ISSUER": issuer_of(self.url(IDENTITY), region),
            "TONGXING_IDENTITY_CLIENT_ID": CLIENT_ID,
            "TONGXING_IDENTITY_CLIENT_SECRET": INSECURE_TEST_CLIENT_SECRET,
        }


def lay_grounds(
    state: State,
    first_port: int,
    regions: tuple[RegionId, ...] = REGIONS,
    unpackaged: Mapping[str, bytes] = MappingProxyType({}),
) -> Grounds:
    """Choose ports and make the keys of all nodes; ``unpackaged`` are profiles by file name that do not ship.

    Raises Refused for a port in use or no port number.
    """
    names = node_names(regions)
    ports = choose_ports(len(names), first_port)
    own = tuple(region for region in regions if f"{region}.toml" in unpackaged)
    grounds = Grounds(state, dict(zip(names, ports, strict=True)), regions, profiles_of(regions, unpackaged), own)
    for region in own:
        grounds.profile_file(region).parent.mkdir(parents=True, exist_ok=True)
        grounds.profile_file(region).write_bytes(unpackaged[f"{region}.toml"])
    make_keys(grounds.keys_dir(HUB), HUB_FILES, system_entropy)
    for region in regions:
        make_keys(grounds.keys_dir(gateway_name(region)), GATEWAY_FILES, system_entropy)
    return grounds


async def found(grounds: Grounds, clock: Clock) -> None:
    """Enrol each node's two first operators and publish bundle 1 at the clock's moment."""
    at = clock.now()
    for name, region in [(HUB, FEDERATION), *((gateway_name(region), region) for region in grounds.regions)]:
        stores = open_stores(grounds.database(name))
        who = (operator_name(region), second_operator_name(region))
        try:
            # They have no end: the simulation spans years.
            await enrol_first(
                stores, region, [FirstOperator(each, grounds.load_key(each).public, None) for each in who]
            )
        finally:
            await stores.aclose()
    since = at - _KEYS_COUNT_FROM
    records = {region: _record(grounds, region, since) for region in grounds.regions}
    records[FEDERATION] = hub_record(HubKeys.load(grounds.keys_dir(HUB)), grounds.url(HUB), since)
    risk = import_risk_list(_small_risk_list(), load_gazetteer(), at=at).section
    around = Surroundings(clock, system_entropy, NoObserver())
    await publish_first(grounds.hub_settings(), Directory(records), grounds.profiles, risk, around)


def profiles_of(
    regions: Sequence[RegionId], unpackaged: Mapping[str, bytes] = MappingProxyType({})
) -> Mapping[str, bytes]:
    """Return the profiles of a federation, and not of every region there is: each decision looks through them."""
    files = {**load_files(PROFILES), **unpackaged}
    return {name: files[name] for name in sorted(f"{region}.toml" for region in {*regions, *KNOWN_BESIDE})}


def operator_name(region: RegionId) -> str:
    """Return whose key file an operator's is: the hub's (00) or a gateway's."""
    return f"operator-{region}"


def second_operator_name(region: RegionId) -> str:
    """Return whose key file the second operator's is, who approves what the first proposes."""
    return f"second-operator-{region}"


def device_name(region: RegionId, place: PlaceKind) -> str:
    """Return whose key file a checkpoint's device's is."""
    return f"device-{region}-{place}"


def _record(grounds: Grounds, region: RegionId, since: datetime) -> DirectoryRecord:
    name, own = gateway_name(region), parse_profile_heading(grounds.profiles[f"{region}.toml"])[1]
    return gateway_record(region, own, grounds.url(name), GatewayKeys.load(grounds.keys_dir(name)), since)


def _small_risk_list() -> bytes:
    return resources.files("tongxing.simulation").joinpath("small_risk_list.json").read_bytes()
