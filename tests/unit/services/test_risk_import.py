"""Importing the platform's list: every entry is placed and reported, and an older list never replaces a younger one."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.contract.implementations import Stores, open_sqlite
from tests.fakes.access_stores import HandSetClock
from tests.world import AT, ROOT, World, risk_section
from tongxing.app.packaged import load_gazetteer
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.reports import Origin, OriginBasis, OriginRisk, Precision
from tongxing.risk.risk_map import RiskMap, encode_risk_section, parse_risk_section
from tongxing.services.proving_in_process import InProcessProver
from tongxing.services.publishing import PublishingDesk
from tongxing.services.risk_import import ImportedList, import_risk_list, publish_risk_list

pytestmark = pytest.mark.anyio

GAZETTEER = load_gazetteer()
QINGSHAN = Origin("420107", Precision.EXACT, OriginBasis.DECLARED_STAY)
WUCHANG = Origin("420106", Precision.EXACT, OriginBasis.DECLARED_STAY)


def listed(as_of: str, *high: str) -> bytes:
    rows = [
        {
            "type": "2",
            "province": "湖北省",
            "city": "武汉市",
            "county": county,
            "area_name": f"湖北省 武汉市 {county}",
            "communitys": [],
        }
        for county in high
    ]
    data = {"end_update_time": as_of, "hcount": len(high), "mcount": 0, "highlist": rows, "middlelist": []}
    return json.dumps({"data": data}).encode()


def imported(as_of: str, *high: str) -> ImportedList:
    return import_risk_list(listed(as_of, *high), GAZETTEER, at=AT)


def risk_in(section: bytes, where: Origin) -> OriginRisk:
    return parse_risk_section(section).risk_of(where)


class Hub:
    """A desk on a real store, and what its newest bundle says of risk."""

    def __init__(self, stores: Stores) -> None:
        self.stores = stores
        self.desk = PublishingDesk(
            bundles=stores.bundles,
            key=ROOT,
            verifier_secret=b"INSECURE_TEST_VERIFIERS",
            prover=InProcessProver(),
            clock=HandSetClock(AT),
        )

    async def found(self, risk: bytes) -> None:
        world = World()
        await self.desk.publish_first(world.directory(), world.profiles, world.rules, risk)

    async def number(self) -> int:
        held = await self.stores.bundles.latest()
        return 0 if held is None else held.number


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[Hub]:
    """A hub with the list of 2020-03-21 08h in force, in which Qingshan is medium."""
    made = Hub(await open_sqlite(tmp_path))
    await made.found(risk_section())
    yield made
    await made.stores.aclose()


def test_every_entry_of_a_list_is_placed_and_counted() -> None:
    made = imported("2020-03-21 10时", "青山区", "不存在区")
    assert made.report.entries == sum(made.report.by_placement.values()) == 2
    assert made.report.as_of == AT - timedelta(hours=2)
    assert risk_in(made.section, QINGSHAN) is OriginRisk.HIGH
    assert risk_in(made.section, WUCHANG) is OriginRisk.LOW


@pytest.mark.parametrize("data", [b"", b"{}", b"<html>", b"\xff", listed("sometime")], ids=repr)
def test_a_list_that_cannot_be_read_is_refused_by_name(data: bytes) -> None:
    with pytest.raises(Refused) as refused:
        import_risk_list(data, GAZETTEER, at=AT)
    assert refused.value.problem is ProblemId.RISK_LIST_REFUSED


@pytest.mark.parametrize("as_of", ["2020-03-21 10时", "2020-03-21 08时"], ids=["younger", "of the same hour"])
async def test_a_list_that_is_not_older_comes_into_force_with_the_next_bundle(hub: Hub, as_of: str) -> None:
    bundle = await publish_risk_list(imported(as_of, "青山区"), hub.desk)
    assert bundle.number == await hub.number() == 2
    assert risk_in(bundle.sections["risk"], QINGSHAN) is OriginRisk.HIGH


async def test_an_older_list_is_refused_and_the_younger_one_stays(hub: Hub) -> None:
    with pytest.raises(Refused) as refused:
        await publish_risk_list(imported("2020-03-21 07时"), hub.desk)
    assert refused.value.problem is ProblemId.RISK_LIST_REFUSED
    assert "older than the one in force" in refused.value.detail
    assert await hub.number() == 1


async def test_a_list_in_force_is_not_replaced_by_none(hub: Hub) -> None:
    """Nobody makes every origin unknown by a slip."""
    with pytest.raises(Refused) as refused:
        await hub.desk.publish_risk(encode_risk_section(RiskMap.empty()))
    assert refused.value.problem is ProblemId.RISK_LIST_REFUSED
    assert await hub.number() == 1
