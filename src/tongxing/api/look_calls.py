"""The calls by which gateways share at the hub who has looked at whom."""

from datetime import UTC

from tongxing.api.calls import Call, NoQuery
from tongxing.api.federation_calls import parse_keys
from tongxing.api.messages import ReportQueryMessage
from tongxing.api.way_messages import SharedLookAnswer, SharedLookMessage, SharedLooksAnswer
from tongxing.app.nodes import Hub
from tongxing.core.looks import Look
from tongxing.core.subjects import SubjectKey


async def take_in_look(node: Hub, call: Call[SharedLookMessage, NoQuery]) -> SharedLookAnswer:
    """Take in a look that was made in the caller's region; acknowledged once durable."""
    told = call.body
    subject = SubjectKey(bytes.fromhex(told.subject))
    region = call.known_caller.region
    look = Look(subject, told.at.astimezone(UTC), region, told.looker, told.site, told.purpose, told.ground)
    await node.looks.take_in(look)
    return _answer(look)


async def query_looks(node: Hub, call: Call[ReportQueryMessage, NoQuery]) -> SharedLooksAnswer:
    """Return who has looked at a subject in any region, for that subject's own region to tell them."""
    return SharedLooksAnswer([_answer(look) for look in await node.looks.looks_at(parse_keys(call.body.subject_keys))])


def _answer(look: Look) -> SharedLookAnswer:
    return SharedLookAnswer(look.subject.hex(), look.at, look.region, look.looker, look.site, look.purpose, look.ground)
