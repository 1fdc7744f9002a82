"""Hub and gateways run on PostgreSQL where a setting says so, with what their files held before."""

import asyncio
from pathlib import Path

import pytest

from tests.contract.samples import row, subject
from tests.fakes.access_stores import CountedEntropy, HandSetClock
from tests.fakes.callers import CALLERS
from tests.real_cluster import RunningCluster
from tests.real_servers import Databases
from tests.unit.api.nodes import make_template_now, node_settings
from tests.world import AT
from tongxing.app.nodes import Surroundings, open_gateway, open_hub
from tongxing.app.settings import NodeKind, NodeSettings
from tongxing.core.errors import Fault
from tongxing.services.observing import NoObserver
from tongxing.services.ports import Role
from tongxing.stores.copying import copy_record
from tongxing.stores.valkey.reports import HotReportStore

pytestmark = pytest.mark.anyio


def around() -> Surroundings:
    return Surroundings(HandSetClock(AT), CountedEntropy(), NoObserver())


def on_postgres(kind: NodeKind, folder: Path, databases: Databases) -> NodeSettings:
    """Make a node's files, move its record to a database, and tell it so."""
    make_template_now(kind, folder)
    settings, address = node_settings(kind, folder), databases.new()
    copy_record(settings.database, address, lambda _: None)
    settings.database.unlink()
    return NodeSettings.model_validate({**settings.model_dump(), "record": address})


async def test_a_gateway_on_postgresql_holds_what_its_file_held(tmp_path: Path, postgres_databases: Databases) -> None:
    settings = await asyncio.to_thread(on_postgres, NodeKind.GATEWAY, tmp_path, postgres_databases)
    async with open_gateway(settings, around()) as gateway:
        bundle = gateway.bundle_in_force()
        assert bundle is not None
        assert bundle.number == 1
        assert await gateway.core.is_store_ready()
        enrolled = CALLERS[Role.DEVICE].credential()
        assert await gateway.core.stores.credentials.find(enrolled.key_id) == enrolled
    assert not settings.database.exists()


async def test_a_hub_on_postgresql_keeps_reports_across_a_restart(
    tmp_path: Path, postgres_databases: Databases
) -> None:
    settings = await asyncio.to_thread(on_postgres, NodeKind.HUB, tmp_path, postgres_databases)
    async with open_hub(settings, around()) as hub:
        await hub.core.stores.reports.put_reports([row(1)])
    async with open_hub(settings, around()) as hub:
        assert await hub.core.stores.reports.reports_of(subject(1)) == (row(1),)


async def test_two_nodes_that_are_told_one_database_do_not_mix(tmp_path: Path, postgres_databases: Databases) -> None:
    for name in ("hub", "gateway"):
        (tmp_path / name).mkdir()
    settings = await asyncio.to_thread(on_postgres, NodeKind.HUB, tmp_path / "hub", postgres_databases)
    async with open_hub(settings, around()):
        pass
    await asyncio.to_thread(make_template_now, NodeKind.GATEWAY, tmp_path / "gateway")
    other = node_settings(NodeKind.GATEWAY, tmp_path / "gateway").model_copy(update={"record": settings.record})
    with pytest.raises(Fault, match="another node"):
        async with open_gateway(other, around()):
            pytest.fail("the gateway opened")


async def test_a_hub_with_an_index_reads_from_it_and_starts_though_it_is_away(
    tmp_path: Path, postgres_databases: Databases, cluster: RunningCluster
) -> None:
    settings = await asyncio.to_thread(on_postgres, NodeKind.HUB, tmp_path, postgres_databases)
    for nodes in ([f"valkey://{host}:{port}" for host, port in cluster.addresses], ["valkey://127.0.0.1:9"]):
        indexed = NodeSettings.model_validate({**settings.model_dump(), "index": nodes})
        async with open_hub(indexed, around()) as hub:
            assert isinstance(hub.core.stores.reports, HotReportStore)
            await hub.core.stores.reports.put_reports([row(1)])
            assert await hub.core.stores.reports.reports_of(subject(1)) == (row(1),)
