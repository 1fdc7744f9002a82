"""A rotation of the hub's secret from its first day to its last: nobody's report is lost on the way."""

from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from tests.contract.samples import report
from tests.fakes.access_stores import CountedEntropy, HandSetClock
from tests.unit.api.nodes import make_template, node_settings
from tests.world import AT, GUANGXI, HUBEI
from tongxing.app.nodes import Hub, Surroundings, open_hub
from tongxing.app.settings import NodeKind
from tongxing.app.subject_secrets import retire_subject_secret, rotate_subject_secret
from tongxing.core.levels import Level
from tongxing.core.subjects import Document, DocumentType, SubjectKeys
from tongxing.core.words import RegionId
from tongxing.services.observing import NoObserver
from tongxing.services.ports import SubjectReport

pytestmark = pytest.mark.anyio

TRAVELLER, OTHER = (Document(DocumentType.PASSPORT, f"E9900000{number}") for number in (1, 2))


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    await make_template(NodeKind.HUB, tmp_path)
    return tmp_path


def hub_in(folder: Path) -> AbstractAsyncContextManager[Hub]:
    return open_hub(node_settings(NodeKind.HUB, folder), Surroundings(HandSetClock(AT), CountedEntropy(), NoObserver()))


async def keys_at(hub: Hub, document: Document = TRAVELLER) -> SubjectKeys:
    (keys,) = await hub.key_service.derive([document])
    return keys


async def push(hub: Hub, keys: SubjectKeys, issuer: RegionId, revision: int, **changes: object) -> None:
    told = report(issuer, revision, **changes)  # type: ignore[arg-type]
    await hub.report_desk.take_in([SubjectReport(keys[0], told)], issuer)


async def told_at(hub: Hub, keys: SubjectKeys) -> dict[RegionId, tuple[int, Level | None]]:
    rows = await hub.report_desk.reports_of(keys)
    return {row.report.issuer: (row.report.revision, row.report.level) for row in rows}


async def test_nothing_that_was_reported_is_lost_over_a_whole_rotation(folder: Path) -> None:
    async with hub_in(folder) as hub:
        old = await keys_at(hub)
        await push(hub, old, HUBEI, 1, level=Level.HIGH)
        assert [key[0] for key in old] == [1]
    rotate_subject_secret(folder / "keys", CountedEntropy())
    async with hub_in(folder) as hub:
        both = await keys_at(hub)
        assert ([key[0] for key in both], both[1:]) == ([2, 1], old)
        await push(hub, both, GUANGXI, 1, level=Level.MEDIUM)
        everything = {HUBEI: (1, Level.HIGH), GUANGXI: (1, Level.MEDIUM)}
        for keys in (old, both, both[:1]):
            assert await told_at(hub, keys) == everything
    retire_subject_secret(folder / "keys")
    async with hub_in(folder) as hub:
        new = await keys_at(hub)
        assert new == both[:1]
        assert await told_at(hub, new) == await told_at(hub, old) == everything


async def test_one_issuers_reports_under_both_versions_count_as_one(folder: Path) -> None:
    rotate_subject_secret(folder / "keys", CountedEntropy())
    async with hub_in(folder) as hub:
        both = await keys_at(hub)
        await push(hub, both[1:], HUBEI, 5, level=Level.HIGH)
        await push(hub, both, HUBEI, 4)
        assert await told_at(hub, both) == {HUBEI: (5, Level.HIGH)}
        await push(hub, both, HUBEI, 6, retracted=True)
        assert await told_at(hub, both) == await told_at(hub, both[1:]) == {}


async def test_two_people_are_never_linked(folder: Path) -> None:
    rotate_subject_secret(folder / "keys", CountedEntropy())
    async with hub_in(folder) as hub:
        first, second = await hub.key_service.derive([TRAVELLER, OTHER])
        await push(hub, first, HUBEI, 1)
        assert await told_at(hub, second) == {}
        assert not set(first) & set(second)
