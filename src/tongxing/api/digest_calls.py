"""The public log of digests of what travellers carry over the border of Hong Kong and Macao, at the hub."""

from datetime import date
from typing import Annotated

import msgspec
from msgspec import Meta

from tongxing.api.calls import Call, NoQuery
from tongxing.api.messages import Message
from tongxing.app.nodes import Hub
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.wire.digest_log import COUNT_MAX


class DigestMessage(Message, frozen=True):
    """The SHA-256 of a statement that its issuer hands to a traveller: the hub learns nothing else of it."""

    digest_hex: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z", description="32 bytes in lower-case hexadecimal")]


class DigestAnswer(msgspec.Struct, frozen=True):
    """Where a digest stands in the log: its Beijing day, and its position, counted from 1."""

    day: date
    position: int


class DigestPageQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Behind which position to go on reading."""

    after: Annotated[int, Meta(ge=0, le=COUNT_MAX)] = 0


class DigestPageAnswer(msgspec.Struct, frozen=True):
    """Digests in the order in which they were published, and the head behind the last of them, signed by the hub."""

    digests_hex: list[str]
    head_hex: str


async def publish_digest(node: Hub, call: Call[DigestMessage, NoQuery]) -> DigestAnswer:
    """Publish the digest of a statement for today; the same again stays where it is."""
    entry = await node.digest_log.publish(bytes.fromhex(call.body.digest_hex))
    return DigestAnswer(entry.day, entry.position)


async def tell_digests(node: Hub, call: Call[None, DigestPageQuery]) -> DigestPageAnswer:
    """Tell the digests of a day behind a position, some ten thousand at most."""
    try:
        day = date.fromisoformat(call.path["day"])
    except ValueError as wrong:
        raise Refused(ProblemId.NOT_FOUND, "no such day") from wrong
    page = await node.digest_log.read(day, call.query.after)
    return DigestPageAnswer([digest.hex() for digest in page.digests], page.signed_head.hex())
