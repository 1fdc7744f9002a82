"""A rotation over HTTP: gateways learn newer keys from the hub, operators how far it is."""

import pytest

from tests.contract.samples import report
from tests.fakes.callers import CALLERS
from tests.unit.api.nodes import ORIGIN, CallableNode
from tests.world import GUANGXI, HUBEI
from tongxing.app.nodes import Hub
from tongxing.connectors.http_exchange import SignedCaller
from tongxing.connectors.key_lineage import HttpKeyLineage
from tongxing.core.subjects import SubjectKey
from tongxing.services.ports import Role, SubjectReport
from tongxing.services.rederiving import Rederiving

pytestmark = pytest.mark.anyio

VERSIONS = ((1, 1), (1, 2), (2, 1))


async def test_a_gateway_learns_newer_keys_from_the_hub_and_leads_its_own_rows_over(
    gateway: CallableNode, hub: CallableNode
) -> None:
    assert isinstance(hub.node, Hub)
    stores, at_hub = gateway.node.core.stores, hub.node.core.stores
    old, unknown, new = (SubjectKey(bytes((version,)) + bytes(31) + b"%d" % person) for version, person in VERSIONS)
    await at_hub.reports.put_reports([SubjectReport(new, report(GUANGXI, 1))])  # without it the link goes, too
    await at_hub.links.link([(new, old)])
    hub.node.rederiving.version = 2
    caller = SignedCaller(hub.client, CALLERS[Role.GATEWAY].key, hub.clock, hub.entropy)
    await stores.reports.put_reports([SubjectReport(key, report(GUANGXI, 1)) for key in (old, unknown)])
    lineage = HttpKeyLineage(caller, ORIGIN)
    rederiving = Rederiving(stores.rederiving, stores.links, gateway.clock, 1, lineage=lineage)
    await rederiving.round()
    assert await stores.reports.reports_of(old) == ()
    assert len(await stores.reports.reports_of(new)) == len(await stores.reports.reports_of(unknown)) == 1
    assert rederiving.progress is not None
    assert (rederiving.progress.version, rederiving.progress.people_waiting) == (2, 1)


async def test_progress_is_told_to_operators_by_dataset_and_region_while_anything_is_old(hub: CallableNode) -> None:
    assert isinstance(hub.node, Hub)
    await hub.node.report_desk.take_in([SubjectReport(SubjectKey(bytes((1,)) * 33), report(HUBEI, 1))], HUBEI)
    for version, waiting in ((1, 0), (2, 1)):
        hub.node.rederiving.version = version
        await hub.node.rederiving.round()
        told = (await hub.call(CALLERS[Role.OPERATOR], "GET", "/v1/key-rotation")).json()
        assert (told["version"], told["is_complete"], told["people_waiting"]) == (version, not waiting, waiting)
        counted = [{"dataset": "reports", "region": "42", "held": 1, "old": 1, "waiting": 1}]
        assert told["counts"] == (counted if waiting else [])
