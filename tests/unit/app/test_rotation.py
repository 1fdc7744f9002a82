"""A rotation of the hub's secret from its first day to its last: nobody's report is lost on the way."""

from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path

import pytest

from tests.contract.samples import report
from tests.fakes.access_stores import CountedEntropy, HandSetClock
from tests.unit.api.nodes import make_template, node_settings
from tests.world import AT, GUANGXI, HUBEI
from tongxing.app.nodes import Hub, Surroundings, open_hub
from tongxing.app.settings import NodeKind
from tongxing.app.subject_secrets import retire_subject_secret, rotate_subject_secret
from tongxing.core.errors import Fault
from tongxing.core.evidence import Evidence, EvidenceKind, ProofResult
from tongxing.core.levels import Level
from tongxing.core.subjects import Document, DocumentType, SubjectKey, SubjectKeys
from tongxing.core.words import RegionId
from tongxing.services.hub_desk import ReportDesk
from tongxing.services.observing import NoObserver
from tongxing.services.ports import ReportStore, SubjectReport
from tongxing.services.rederiving import PORTION
from tongxing.services.rederiving_ports import Copied, HeldTable, KeyProgress
from tongxing.stores.sql.rederiving import SqlRederivingStore

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


async def wait_for_round(hub: Hub) -> KeyProgress:
    await hub.rederiving.round()
    assert hub.rederiving.progress is not None
    return hub.rederiving.progress


async def fill(hub: Hub) -> None:
    """Have two people reported, tested and named under the version that is current."""
    for document in (TRAVELLER, OTHER):
        await push(hub, await keys_at(hub, document), HUBEI, 1, level=Level.HIGH)
        tested = Evidence(EvidenceKind.TEST, "t1", 1, AT - timedelta(days=1), result=ProofResult.NEGATIVE)
        await hub.assessor.take_in([(document, tested)], names=["王小明"])


async def test_whoever_has_shown_a_document_is_led_over_and_whoever_has_not_waits_and_is_counted(folder: Path) -> None:
    async with hub_in(folder) as hub:
        await fill(hub)
        progress = await wait_for_round(hub)
        assert (progress.version, progress.is_complete, progress.people_waiting) == (1, True, 0)
    rotate_subject_secret(folder / "keys", CountedEntropy())
    async with hub_in(folder) as hub:
        progress = await wait_for_round(hub)
        assert (progress.version, progress.is_complete, progress.people_waiting) == (2, False, 2)
        new, old = await keys_at(hub)
        progress = await wait_for_round(hub)
        assert progress.people_waiting == 1
        assert [(count.held, count.old, count.waiting) for count in progress.counts] == [(2, 1, 1)] * 3
        assert await hub.core.stores.reports.reports_of(old, with_retracted=True) == ()
        assert await told_at(hub, (new,)) == await told_at(hub, (old,)) == {HUBEI: (1, Level.HIGH)}
        assert await hub.one_stop.names.find((new,)) == "王**"
        await keys_at(hub, OTHER)
        assert (await wait_for_round(hub)).is_complete
    retire_subject_secret(folder / "keys")
    async with hub_in(folder) as hub:
        for document in (TRAVELLER, OTHER):
            (only,) = await keys_at(hub, document)
            assert len(await hub.core.stores.reports.reports_of(only)) == 1
            assert len(await hub.core.stores.evidence.evidence_of(only)) == 1
            assert await hub.one_stop.names.find((only,)) == "王**"


async def test_a_version_that_was_retired_too_early_shows_in_the_count(folder: Path) -> None:
    async with hub_in(folder) as hub:
        await fill(hub)
    rotate_subject_secret(folder / "keys", CountedEntropy())
    retire_subject_secret(folder / "keys")
    async with hub_in(folder) as hub:
        assert (await wait_for_round(hub)).people_waiting == 2
        assert await told_at(hub, await keys_at(hub)) == {}
        found = await hub.core.stores.masked_names.find(await keys_at(hub))
        assert found is None


class EndingStore(SqlRederivingStore):
    """Ends the node when the second portion was copied and not yet erased."""

    erased = 0

    async def erase(self, table: HeldTable, copied: Copied) -> int:
        self.erased += 1
        if self.erased > 1:
            raise Fault("killed")
        return await super().erase(table, copied)


async def test_a_round_that_was_killed_is_gone_on_with_by_the_next(folder: Path) -> None:
    documents = [Document(DocumentType.PASSPORT, f"E99{number:06d}") for number in range(2 * PORTION + 50)]
    async with hub_in(folder) as hub:
        rows = [SubjectReport(keys[0], report(HUBEI, 1)) for keys in await hub.key_service.derive(documents)]
        await hub.report_desk.take_in(rows, HUBEI)
    rotate_subject_secret(folder / "keys", CountedEntropy())
    async with hub_in(folder) as hub:
        both = await hub.key_service.derive(documents)
        hub.rederiving.store = EndingStore(hub.core.stores.writer, hub.core.stores.reader)
        with pytest.raises(Fault):
            await hub.rederiving.round()
    async with hub_in(folder) as hub:
        progress = await wait_for_round(hub)
        assert (progress.is_complete, progress.people_waiting) == (True, 0)
        for new, old in both:
            assert len(await hub.core.stores.reports.reports_of(new)) == 1
            assert await hub.core.stores.reports.reports_of(old) == ()


async def test_a_reader_never_misses_what_is_led_over_under_their_hands(folder: Path) -> None:
    async with hub_in(folder) as hub:
        await fill(hub)
    rotate_subject_secret(folder / "keys", CountedEntropy())
    async with hub_in(folder) as hub:
        both = await keys_at(hub)
        store = hub.core.stores.reports
        desk = ReportDesk(LeadingOver(store, hub), hub.report_desk.documents)  # type: ignore[arg-type]
        rows = await desk.reports_of(both)
        assert [row.report.issuer for row in rows] == [HUBEI]
        assert await store.reports_of(both[1]) == ()


class LeadingOver:
    """Leads everything over between a reader's first look and their second."""

    def __init__(self, reports: ReportStore, hub: Hub) -> None:
        self._reports, self._hub = reports, hub

    async def reports_of(self, subject: SubjectKey, *, with_retracted: bool = False) -> tuple[SubjectReport, ...]:
        found = await self._reports.reports_of(subject, with_retracted=with_retracted)
        await self._hub.rederiving.round()
        return found
