"""The client as its users find it: sessions that are renewed, problems as errors, queries, and two kinds of node."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.hubs import hub_with_rules
from tests.fakes.callers import CALLERS
from tests.running_gateway import DEVICE, OPERATOR, RunningGateway, running_gateway
from tests.world import AT, GUANGXI, ROOT, World
from tongxing.api.gb38963.messages import HealthQuery
from tongxing.api.guard_words import ScanMessage
from tongxing.api.messages import LimitQuery
from tongxing.client.answers import ProblemAnswered, ReturnCodeAnswered, raise_failure
from tongxing.client.opening import open_citizen_client, open_client
from tongxing.connectors.http_exchange import HttpAnswer
from tongxing.core.errors import Refused
from tongxing.core.limits import SESSION_LIFE
from tongxing.core.problems import PROBLEMS, ProblemId
from tongxing.core.words import PlaceKind
from tongxing.services.ports import Role
from tongxing.trust.bundle import restore_bundle

pytestmark = pytest.mark.anyio

WORLD = World()


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningGateway]:
    with running_gateway(tmp_path_factory.mktemp("gateway"), GUANGXI, WORLD.bundle(), AT) as running:
        yield running


async def test_a_device_proves_its_key_once_and_again_when_its_session_has_ended(gateway: RunningGateway) -> None:
    async with (
        open_client(gateway.url, DEVICE, in_session=True, clock=gateway.clock) as device,
        open_client(gateway.url, OPERATOR, clock=gateway.clock) as operator,
    ):
        scanned = ScanMessage(WORLD.national_code(), PlaceKind.FACTORY)
        for _ in range(3):
            assert (await device.verify_scan(scanned)).outcome == "PASS"
        assert (await operator.tell_status()).sessions == 1
        gateway.clock.moment = AT + SESSION_LIFE
        scanned = ScanMessage(WORLD.national_code(at=gateway.clock.moment), PlaceKind.FACTORY)
        assert (await device.verify_scan(scanned)).outcome == "PASS"
        gateway.clock.moment = AT


async def test_a_session_is_not_opened_by_a_key_that_is_no_devices(gateway: RunningGateway) -> None:
    async with open_client(gateway.url, OPERATOR, in_session=True, clock=gateway.clock) as nobody:
        with pytest.raises(ProblemAnswered) as refused:
            await nobody.verify_scan(ScanMessage(WORLD.national_code(), PlaceKind.FACTORY))
    assert refused.value.problem is ProblemId.FORBIDDEN


async def test_a_query_is_sent_and_one_out_of_bounds_is_refused_by_the_node(gateway: RunningGateway) -> None:
    async with open_client(gateway.url, OPERATOR, clock=gateway.clock) as operator:
        assert len((await operator.list_alarms(LimitQuery(limit=1))).alarms) <= 1
        with pytest.raises(ProblemAnswered) as refused:
            await operator.list_alarms(LimitQuery(limit=0))
    assert (refused.value.problem, refused.value.status) == (ProblemId.BAD_REQUEST, 400)


async def test_the_face_of_the_standard_refuses_with_its_return_code(gateway: RunningGateway) -> None:
    async with open_client(gateway.url) as nobody:
        with pytest.raises(ReturnCodeAnswered) as refused:
            await nobody.query_health(HealthQuery())
    assert refused.value.problem is ProblemId.UNAUTHENTICATED
    assert refused.value.document.return_code != 0


async def test_a_citizen_shows_a_cookie_and_an_unknown_one_is_no_session(gateway: RunningGateway) -> None:
    async with open_citizen_client(gateway.url, "A" * 43) as citizen:
        with pytest.raises(ProblemAnswered) as refused:
            await citizen.tell_identity()
    assert refused.value.problem is ProblemId.SESSION_ENDED


async def test_at_the_hub_bytes_come_as_they_are_and_a_table_is_sent_as_what_it_is(tmp_path: Path) -> None:
    with hub_with_rules(tmp_path) as hub:
        key = CALLERS[Role.OPERATOR].key
        async with open_client(hub.url, key, clock=hub.clock) as operator:
            assert restore_bundle(await operator.fetch_latest_bundle(), roots=[ROOT.public]).number > 1
            with pytest.raises(ProblemAnswered) as refused:
                await operator.propose_rules(b"no table")
    assert refused.value.problem is ProblemId.RULES_REFUSED
    assert refused.value.document.title_zh == PROBLEMS[ProblemId.RULES_REFUSED].title.zh


async def test_a_node_that_is_not_there_an_answer_that_is_none_and_an_address_that_is_none() -> None:
    async with open_client("http://127.0.0.1:9") as nobody:
        with pytest.raises(Refused, match="upstream-away"):
            await nobody.tell_health()
    with pytest.raises(Refused, match="status 502"):
        raise_failure(HttpAnswer(502, "text/html", b"<html>"), "a proxy")
    later = b'{"type":"urn:tongxing:problem:new","title":"","title_zh":"","status":400}'
    with pytest.raises(Refused, match="status 400"):
        raise_failure(HttpAnswer(400, "application/problem+json", later), "a later version")
    for url, in_session in (("127.0.0.1", False), ("http://127.0.0.1:9", True)):
        with pytest.raises(Refused, match="bad-request"):
            async with open_client(url, in_session=in_session):
                pass
