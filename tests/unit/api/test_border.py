"""The border over HTTP: the public log, and a gate that opens to nobody across it but for that."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.fakes.callers import CALLERS, TestCaller, insecure_test_key
from tests.unit.api.nodes import ORIGIN, CallableNode
from tests.unit.api.test_roles import body_of, named, problem_of, target_of
from tests.world import World
from tongxing.api.calls import RouteRow
from tongxing.api.routes import GATEWAY_ROUTES, HUB_ROUTES
from tongxing.app.nodes import Gateway, Hub
from tongxing.connectors.digest_log import HttpDigestLog
from tongxing.connectors.http_exchange import SignedCaller
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.words import FEDERATION, RegionId
from tongxing.services.at_home import HubAcross, keep_at_home
from tongxing.services.digest_log import LogEntry, first_head, next_head
from tongxing.services.ports import Role
from tongxing.wire.digest_log import LogHead, parse_log_head

pytestmark = pytest.mark.anyio

TODAY = date(2020, 3, 21)
FIRST, SECOND = b"\1" * 32, b"\2" * 32
MACAO = TestCaller(insecure_test_key("GATEWAY OF MACAO"), Role.GATEWAY, RegionId("82"))


def log_of(hub: CallableNode, caller: TestCaller = MACAO) -> HttpDigestLog:
    return HttpDigestLog(SignedCaller(hub.client, caller.key, hub.clock, hub.entropy), ORIGIN)


async def enrol_macao(node: CallableNode) -> None:
    assert isinstance(node.node, Gateway | Hub)
    await node.node.core.stores.credentials.enrol(MACAO.credential())


async def test_what_is_published_is_read_by_everybody_under_the_hub_s_signature(hub: CallableNode) -> None:
    await enrol_macao(hub)
    log = log_of(hub)
    assert await log.publish(FIRST) == LogEntry(TODAY, 1)
    assert await log_of(hub, CALLERS[Role.GATEWAY]).publish(SECOND) == LogEntry(TODAY, 2)
    assert await log.publish(FIRST) == LogEntry(TODAY, 1)
    page = await log.read(TODAY, 0, timeout_seconds=5)
    assert tuple(page.digests) == (FIRST, SECOND)
    head = parse_log_head(page.signed_head).head_after(World().statement_key(FEDERATION).public.verify)
    assert head == LogHead(TODAY, 2, next_head(next_head(first_head(TODAY), FIRST), SECOND))
    assert tuple((await log.read(TODAY, 1, timeout_seconds=5)).digests) == (SECOND,)


async def test_the_log_needs_no_key_to_be_read_and_holds_nothing_but_digests(hub: CallableNode) -> None:
    await enrol_macao(hub)
    await log_of(hub).publish(FIRST)
    answer = await hub.call(None, "GET", f"/v1/carried-digests/{TODAY}")
    assert answer.json()["digests_hex"] == [FIRST.hex()]
    assert set(answer.json()) == {"digests_hex", "head_hex"}


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        ("/v1/carried-digests/2020-02-30", "not-found"),
        ("/v1/carried-digests/today", "not-found"),
        (f"/v1/carried-digests/{TODAY}?after=1", "not-found"),
        (f"/v1/carried-digests/{TODAY}?after=-1", "bad-request"),
        (f"/v1/carried-digests/{TODAY}?before=1", "bad-request"),
    ],
)
async def test_what_no_log_has_is_not_told(hub: CallableNode, target: str, problem: str) -> None:
    assert problem_of(await hub.call(None, "GET", target)) == problem


@pytest.mark.parametrize("digest", ["", "00" * 31, "0G" * 32, "AB" * 32])
async def test_what_is_no_digest_is_not_published(hub: CallableNode, digest: str) -> None:
    answer = await hub.call(CALLERS[Role.GATEWAY], "POST", "/v1/carried-digests", {"digest_hex": digest})
    assert problem_of(answer) == "bad-request"


async def test_no_call_of_gateways_opens_across_the_border_but_for_the_log(
    gateway: CallableNode, hub: CallableNode
) -> None:
    tables: tuple[tuple[CallableNode, tuple[RouteRow[Any], ...]], ...] = ((gateway, GATEWAY_ROUTES), (hub, HUB_ROUTES))
    opened, closed = [], 0
    for node, rows in tables:
        await enrol_macao(node)
        for row in rows:
            if Role.GATEWAY not in row.roles:
                continue
            answer = await node.call(MACAO, row.method, target_of(row), body_of(row))
            if answer.status_code == 403:
                closed += 1
            else:
                opened.append(named(row))
    assert opened == ["POST /v1/carried-digests"]
    assert closed > 10


async def test_a_gateway_across_asks_the_hub_for_bundles_and_sends_it_nothing_of_anybody() -> None:
    class Reached:
        """A hub that must not be reached for anything but bundles."""

        async def fetch_bundle(self, number: int | None) -> bytes | None:
            return b"bundle %d" % (number or 0)

    across = keep_at_home(Reached(), RegionId("8201"))  # type: ignore[arg-type]
    assert isinstance(across, HubAcross)
    assert await across.fetch_bundle(7) == b"bundle 7"
    for asking in (
        across.derive_subject_keys([]),
        across.query_reports((), timeout_seconds=1),
        across.send_batch("reports", 1, b""),
        across.say_complete("reports", datetime.now(UTC)),
        across.last_batch("reports"),
        across.sum_reports(b"", None),
        across.make_national_code((), ""),
        across.consult(RegionId("82"), b"", b"", frozenset(), timeout_seconds=1),
        across.explain(RegionId("82"), "", []),
    ):
        with pytest.raises(Refused) as refused:
            await asking
        assert refused.value.problem is ProblemId.UPSTREAM_AWAY
    assert keep_at_home(across, RegionId("44")) is across
