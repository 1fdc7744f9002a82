"""The calls by which a page in a browser gets a key of its own enrolled, and what an operator's page reads besides."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from tongxing.api.calls import Call, NoQuery
from tongxing.api.messages import DivisionText, Message, Moment, PublicKeyText, SiteText
from tongxing.api.own_divisions import name_own_division, read_own_division
from tongxing.api.rule_calls import exceptions_by_region
from tongxing.app.key_files import parse_public_text
from tongxing.app.nodes import Gateway, Node
from tongxing.core.words import RegionId
from tongxing.recognition.view_words import Words
from tongxing.risk.risk_map import RiskMap
from tongxing.services.pairing import PAIRING_CODE_CHARACTERS, PairingOffer
from tongxing.services.ports import Role
from tongxing.trust.directory import Directory, DirectoryRecord, KeyUse

PairingCode = Annotated[
    str,
    Meta(
        pattern=rf"^[a-z2-7]{{{PAIRING_CODE_CHARACTERS}}}\Z",
        description=f"{PAIRING_CODE_CHARACTERS} characters of base32",
    ),
]


class PairingMessage(Message, frozen=True):
    """What the key of the page that redeems this will be enrolled as: a device or an operator."""

    role: Role
    label: Annotated[str, Meta(min_length=1, max_length=64)]
    valid_until: Moment
    site: SiteText = ""
    division: DivisionText = ""


class PairingAnswer(msgspec.Struct, frozen=True):
    """A pairing: the code is told only here, is good once, and belongs behind ``#pair=`` of a page's address.

    ``division`` is where the checkpoint will count as standing, and its name, to see a slip of the finger by.
    """

    pairing_code: str
    expires_at: datetime
    expires_in_seconds: int
    division: str = ""
    division_name: str = ""


class RedeemMessage(Message, frozen=True):
    """A pairing's code, and the key to enrol for it."""

    pairing_code: PairingCode
    public: PublicKeyText


class PairedAnswer(msgspec.Struct, frozen=True):
    """As what the key is enrolled now; ``now`` is the node's time, by which requests must be signed."""

    key_id: str
    role: Role
    label: str
    region: str
    valid_until: datetime | None
    now: datetime


class ListedKeyAnswer(msgspec.Struct, frozen=True):
    """One key of a region, by what it may sign and when it counts."""

    key_id: str
    use: KeyUse
    valid_from: datetime
    valid_until: datetime | None


class ListedRegionAnswer(msgspec.Struct, frozen=True):
    """What the directory says of one region, and its exceptions to the national floor that are in force, by name."""

    region: str
    name: Words
    url: str
    suspended: bool
    keys: list[ListedKeyAnswer]
    exceptions: list[str]


class DirectoryAnswer(msgspec.Struct, frozen=True):
    """The directory of the bundle in force, and how old the rest is.

    ``hub_seen_at`` is when a gateway last heard from the hub; null at the hub, and before the first time.
    """

    regions: list[ListedRegionAnswer]
    risk_as_of: datetime | None
    hub_seen_at: datetime | None
    now: datetime


async def offer_pairing(node: Node, call: Call[PairingMessage, NoQuery]) -> PairingAnswer:
    """Offer to enrol the key of a page, once, within minutes."""
    told = call.body
    division = await read_own_division(node, told.division)
    await node.core.access.check_site(told.role, told.site, division)
    offer = PairingOffer(told.role, told.label, told.site, told.valid_until, call.known_caller.key_id, division)
    offered = node.core.pairings.offer(offer)
    life = offered.ends_at - node.core.clock.now()
    name = await name_own_division(division)
    return PairingAnswer(offered.pairing_code, offered.ends_at, int(life.total_seconds()), division, name)


async def redeem_pairing(node: Node, call: Call[RedeemMessage, NoQuery]) -> PairedAnswer:
    """Enrol the key of whoever brings a pairing's code."""
    held = await node.core.pairings.redeem(call.body.pairing_code, parse_public_text(call.body.public))
    return PairedAnswer(held.key_id, held.role, held.label, held.region, held.valid_until, node.core.clock.now())


async def tell_directory(node: Node, _call: Call[None, NoQuery]) -> DirectoryAnswer:
    """Return the directory of the bundle in force."""
    directory, risk, hub_seen_at = _reference_of(node)
    exceptions = exceptions_by_region(node)
    return DirectoryAnswer(
        regions=[
            _region(region, record, exceptions.get(region, [])) for region, record in sorted(directory.records.items())
        ],
        risk_as_of=None if risk is None else risk.as_of,
        hub_seen_at=hub_seen_at,
        now=node.core.clock.now(),
    )


def _reference_of(node: Node) -> tuple[Directory, RiskMap | None, datetime | None]:
    if not isinstance(node, Gateway):
        return node.published.directory, node.published.risk, None
    if not node.reference.is_ready:
        return Directory({}), None, node.reference.hub_seen_at
    return node.reference.knowledge.directory, node.reference.knowledge.risk, node.reference.hub_seen_at


def _region(region: RegionId, record: DirectoryRecord, exceptions: list[str]) -> ListedRegionAnswer:
    keys = [ListedKeyAnswer(key.public.kid.hex(), key.use, key.valid_from, key.valid_until) for key in record.keys]
    name = Words(record.name.zh, record.name.en)
    return ListedRegionAnswer(region, name, record.url, record.suspended, keys, exceptions)
