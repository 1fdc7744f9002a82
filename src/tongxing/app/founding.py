"""Founds a node: its keys, its first two operators, its settings file; and a hub's first bundle.

What the bodies taking part do once, before any node runs: each makes its own keys, and the hub signs bundle 1.
Everything later goes over HTTP. Invariants: founding again completes what was cut short and changes no key; a hub that
has a bundle and a gateway that has operators are founded, and refused (CONFLICT); no secret is written but to files of
mode 0600.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from tongxing.app.docking_folder import DockingFolder
from tongxing.app.key_files import FileSuite, load_signing_key, public_text, save_new_key
from tongxing.app.node_keys import HUB_FILES, GatewayKeys, HubKeys, key_file, make_keys
from tongxing.app.nodes import Surroundings, open_hub
from tongxing.app.packaged import RULES, load_files
from tongxing.app.records import open_record
from tongxing.app.settings import NodeSettings
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.words import FEDERATION, FEDERATION_NAME, RegionId, Sentence
from tongxing.crypto.keys import PublicKey
from tongxing.risk.risk_map import RiskMap, encode_risk_section
from tongxing.services.access import CREDENTIAL_LIFE_MAX
from tongxing.services.ports import Credential, Role
from tongxing.stores.sql.stores import NodeStores
from tongxing.trust.bundle import AcceptedBundle
from tongxing.trust.directory import Directory, DirectoryRecord, KeyRecord, KeyUse

OPERATORS: Final = ("first-operator", "second-operator")
"""Two, since a rule table needs one who proposes and another who approves; each is named in the list of keys."""

SETTINGS_FILE: Final = "node.env"
_SKEW: Final = timedelta(minutes=5)
"""Keys count from a little before, so that a node whose clock is behind takes them."""


@dataclass(frozen=True, slots=True)
class FirstOperator:
    """One of a node's first operators, with no end where ``valid_until`` is None."""

    label: str
    public: PublicKey
    valid_until: datetime | None

    def credential(self, region: RegionId) -> Credential:
        """Return the credential under which the node knows them."""
        return Credential(
            self.public.kid.hex(), Role.OPERATOR, self.public, self.label, region, valid_until=self.valid_until
        )


def choose_operators(folder: Path, told: Sequence[PublicKey], around: Surroundings) -> tuple[FirstOperator, ...]:
    """Return the first operators: those ``told``, or, where none is, of two keys that are made in ``folder``.

    Raises ``Refused(BAD_REQUEST)`` unless none or two different ones are told.
    """
    until = around.clock.now() + CREDENTIAL_LIFE_MAX
    if not told:
        files = [key_file(folder, name) for name in OPERATORS]
        for file in files:
            if not file.exists():
                save_new_key(file, "EdDSA", around.entropy)
        told = [load_signing_key(file).public for file in files]
    if len({key.kid for key in told}) != len(OPERATORS) or len(told) != len(OPERATORS):
        raise Refused(ProblemId.BAD_REQUEST, "name two operators with keys of their own, or none for two new keys")
    return tuple(FirstOperator(label, key, until) for label, key in zip(OPERATORS, told, strict=True))


async def enrol_first(stores: NodeStores, region: RegionId, operators: Sequence[FirstOperator]) -> None:
    """Enrol a node's first operators, those who are enrolled already left as they are.

    Raises ``Refused(CONFLICT)`` where another is enrolled: the node was founded before.
    """
    wanted = [operator.credential(region) for operator in operators]
    held = {each.key_id for each in await stores.credentials.list()}
    if not held <= {each.key_id for each in wanted}:
        raise Refused(ProblemId.CONFLICT, "this record has operators already: the node was founded before")
    for credential in wanted:
        if credential.key_id not in held:
            await stores.credentials.enrol(credential)


@asynccontextmanager
async def _unfounded(settings: NodeSettings, around: Surroundings) -> AsyncIterator[NodeStores]:
    """Yield the record. Raises ``Refused(CONFLICT)`` where it holds a bundle: the node was founded, and has worked."""
    async with AsyncExitStack() as stack:
        stores = await open_record(settings, around.observer, stack)
        if await stores.bundles.latest() is not None:
            raise Refused(ProblemId.CONFLICT, "this record holds a bundle already: the node was founded before")
        yield stores


async def found_hub(
    settings: NodeSettings, told: Sequence[PublicKey], around: Surroundings, save: Callable[[], None]
) -> AcceptedBundle:
    """Found the hub that ``settings`` tell of: keys that are missing, two operators, bundle 1 with no region yet.

    The first bundle knows every rule table that ships and no risk area; ``save`` keeps the settings before it is
    published, since what has a bundle is founded. Raises ``Refused(CONFLICT)`` if it was.
    """
    async with _unfounded(settings, around) as stores:
        make_missing(settings.keys_dir, HUB_FILES, around.entropy)
        operators = choose_operators(settings.keys_dir.parent / "operators", told, around)
        await enrol_first(stores, settings.region_id, operators)
    save()
    record = hub_record(HubKeys.load(settings.keys_dir), settings.public_urls[0], around.clock.now() - _SKEW)
    return await publish_first(
        settings, Directory({FEDERATION: record}), {}, encode_risk_section(RiskMap.empty()), around
    )


async def found_gateway(
    settings: NodeSettings, told: Sequence[PublicKey], around: Surroundings, save: Callable[[], None]
) -> None:
    """Found a region's gateway beside the keys that ``DockingFolder.prepare`` made: two operators, settings.

    Raises ``Refused(CONFLICT)`` if it was founded, or has other keys than its directory record tells.
    """
    folder = DockingFolder(settings.keys_dir.parent)
    keys = GatewayKeys.load(settings.keys_dir)
    own = {public_text(key.public) for key in (keys.national_code, keys.statement, keys.request)}
    record = folder.record()
    if (record.region, {key.public for key in record.keys}) != (settings.region, own):
        raise Refused(
            ProblemId.CONFLICT, "these keys are not those of the directory record: run `tongxing dock prepare`"
        )
    async with _unfounded(settings, around) as stores:
        operators = choose_operators(settings.keys_dir.parent / "operators", told, around)
        await enrol_first(stores, settings.region_id, operators)
    save()


async def publish_first(
    settings: NodeSettings,
    directory: Directory,
    profiles: Mapping[str, bytes],
    risk: bytes,
    around: Surroundings,
) -> AcceptedBundle:
    """Publish bundle 1 with every rule table that ships. Raises ``Refused(CONFLICT)`` if there is one already."""
    async with open_hub(settings, around) as hub:
        return await hub.publishing.publish_first(directory, profiles, load_files(RULES), risk)


def hub_record(keys: HubKeys, url: str, since: datetime) -> DirectoryRecord:
    """Return the federation's own record: the hub's address, its keys for codes and statements, and to seal to it."""
    return _record(FEDERATION, FEDERATION_NAME, url, keys, since)


def gateway_record(region: RegionId, name: Sentence, url: str, keys: GatewayKeys, since: datetime) -> DirectoryRecord:
    """Return the record of a region."""
    return _record(region, name, url, keys, since)


def _record(
    region: RegionId, name: Sentence, url: str, keys: HubKeys | GatewayKeys, since: datetime
) -> DirectoryRecord:
    return DirectoryRecord(
        region=region,
        name=name,
        url=url,
        keys=(
            KeyRecord(KeyUse.NATIONAL_CODE, keys.national_code.public, since),
            KeyRecord(KeyUse.STATEMENT, keys.statement.public, since),
            KeyRecord(KeyUse.REQUEST, keys.request.public, since),
        ),
        sealing_public=keys.sealing.public,
    )


def make_missing(folder: Path, files: Mapping[str, FileSuite], entropy: Callable[[int], bytes]) -> None:
    """Make the key files that are not there yet."""
    make_keys(folder, {name: of for name, of in files.items() if not key_file(folder, name).exists()}, entropy)
