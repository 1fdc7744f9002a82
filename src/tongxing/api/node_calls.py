"""The calls that every node answers: how it is, its alarms, its enrolled keys."""

from importlib.metadata import version

from tongxing.api.calls import Call, NoQuery, Reply, encode_json
from tongxing.api.messages import (
    AlarmAnswer,
    AlarmsAnswer,
    CredentialAnswer,
    CredentialMessage,
    CredentialsAnswer,
    HealthAnswer,
    LimitQuery,
    ReadyAnswer,
    StatusAnswer,
)
from tongxing.api.metrics import CONTENT_TYPE
from tongxing.api.own_divisions import name_own_division, read_own_division
from tongxing.app.key_files import parse_public_text, public_text
from tongxing.app.nodes import Node
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.words import FEDERATION
from tongxing.services.ports import Credential, Role

VERSION = version("tongxing")
_UNAVAILABLE = 503
METRICS = CONTENT_TYPE


async def tell_health(_node: Node, _call: Call[None, NoQuery]) -> HealthAnswer:
    """Say that the process runs."""
    return HealthAnswer("alive")


async def tell_readiness(node: Node, _call: Call[None, NoQuery]) -> Reply:
    """Say whether the node can do its work: 200 if so, 503 if not, with what is missing."""
    ready = await _readiness(node)
    return Reply(encode_json(ready), status=200 if ready.is_ready else _UNAVAILABLE)


async def tell_status(node: Node, _call: Call[None, NoQuery]) -> StatusAnswer:
    """Say how the node is: version, time, bundle and its age, open sessions."""
    core, bundle, now = node.core, node.bundle_in_force(), node.core.clock.now()
    return StatusAnswer(
        node=core.settings.node,
        region=core.settings.region,
        version=VERSION,
        now=now,
        is_ready=(await _readiness(node)).is_ready,
        bundle_number=bundle.number if bundle else None,
        bundle_issued_at=bundle.issued_at if bundle else None,
        bundle_expires_at=bundle.expires_at if bundle else None,
        bundle_age_seconds=int((now - bundle.issued_at).total_seconds()) if bundle else None,
        sessions=len(core.sessions),
    )


async def tell_metrics(_node: Node, call: Call[None, NoQuery]) -> Reply:
    """Return the metrics in Prometheus' text format."""
    return Reply(call.served.metrics.encode(), METRICS)


async def tell_document(_node: Node, call: Call[None, NoQuery]) -> Reply:
    """Return the OpenAPI document of this node."""
    return Reply(call.served.document())


async def list_alarms(node: Node, call: Call[None, LimitQuery]) -> AlarmsAnswer:
    """Return the newest alarms."""
    alarms = await node.core.stores.alarms.recent(call.query.limit)
    return AlarmsAnswer([AlarmAnswer(alarm.at, alarm.reason, alarm.ref, alarm.detail) for alarm in alarms])


async def list_credentials(node: Node, _call: Call[None, NoQuery]) -> CredentialsAnswer:
    """Return all keys that were enrolled here, revoked and ended ones too."""
    return CredentialsAnswer([await _credential(held) for held in await node.core.access.list_credentials()])


async def enrol_credential(node: Node, call: Call[CredentialMessage, NoQuery]) -> CredentialAnswer:
    """Enrol a key of this node's own region in a role. Gateways are known from the directory alone."""
    message = call.body
    if message.role is Role.GATEWAY:
        raise Refused(ProblemId.BAD_REQUEST, "a gateway is enrolled by its record in the directory")
    if message.role is Role.SOURCE and node.core.settings.region_id != FEDERATION:
        raise Refused(ProblemId.BAD_REQUEST, "a source hands in at the hub")
    public = parse_public_text(message.public)
    credential = Credential(
        key_id=public.kid.hex(),
        role=message.role,
        public=public,
        label=message.label,
        region=node.core.settings.region_id,
        valid_until=message.valid_until,
        site=message.site,
        enrolled_by=call.known_caller.key_id,
        division=await read_own_division(node, message.division),
        datasets=frozenset(message.datasets),
    )
    await node.core.access.enrol(credential)
    return await _credential(credential)


async def revoke_credential(node: Node, call: Call[None, NoQuery]) -> None:
    """Revoke a key for good; its sessions end at once."""
    await node.core.access.revoke(call.path["key_id"])


async def _readiness(node: Node) -> ReadyAnswer:
    bundle = node.bundle_in_force()
    has_bundle = bundle is not None and node.core.clock.now() < bundle.expires_at
    has_store = await node.core.is_store_ready()
    return ReadyAnswer(has_bundle and has_store, has_bundle, has_store)


async def _credential(held: Credential) -> CredentialAnswer:
    return CredentialAnswer(
        held.key_id,
        public_text(held.public),
        held.role,
        held.label,
        held.region,
        held.valid_until,
        held.revoked,
        held.site,
        held.enrolled_by,
        held.division,
        await name_own_division(held.division),
        sorted(held.datasets),
    )
