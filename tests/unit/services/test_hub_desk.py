"""The hub's desks: one key for one person under every spelling, and each region speaks for itself alone."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.contract.implementations import Stores, open_sqlite
from tests.fakes.outside import INSECURE_TEST_SUBJECTS
from tests.unit.services.desks import synthetic_document, synthetic_number
from tests.world import GUANGXI, HUBEI, report_of
from tongxing.core.causes import Cause
from tongxing.core.documents import normalise_document
from tongxing.core.errors import Refused
from tongxing.core.limits import REPORTS_PER_BATCH_MAX
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import SUBJECT_KEY_BYTES
from tongxing.crypto.subject_keys import SubjectSecret, derive_subject_key
from tongxing.services.hub_desk import KeyService, ReportDesk
from tongxing.services.person_documents import DocumentBook
from tongxing.services.ports import PutCount, SubjectReport

pytestmark = pytest.mark.anyio

ALICE, BOB = (derive_subject_key(INSECURE_TEST_SUBJECTS, synthetic_document(person)) for person in (1, 2))
OF_HUBEI, OF_GUANGXI = report_of(), report_of(Cause.CLOSE_CONTACT, issuer=GUANGXI)


@pytest.fixture
async def stores(tmp_path: Path) -> AsyncIterator[Stores]:
    made = await open_sqlite(tmp_path)
    yield made
    await made.aclose()


@pytest.fixture
def keys(stores: Stores) -> KeyService:
    return KeyService((INSECURE_TEST_SUBJECTS,), stores.links)


async def test_keys_are_derived_in_order_one_for_each_person_and_say_nothing_of_the_number(keys: KeyService) -> None:
    assert await keys.derive([synthetic_document(2), synthetic_document(1)]) == ((BOB,), (ALICE,))
    assert len(ALICE) == SUBJECT_KEY_BYTES
    assert ALICE != BOB
    assert synthetic_number().encode() not in bytes(ALICE)


async def test_however_a_document_is_spelt_the_person_is_the_same(keys: KeyService) -> None:
    spelt = f" {synthetic_number()[:6]} {synthetic_number()[6:]}"
    assert await keys.derive([normalise_document("10", spelt)]) == ((ALICE,),)


async def test_another_secret_gives_other_keys(stores: Stores) -> None:
    """Without the hub's secret nobody can enumerate document numbers."""
    other = KeyService((SubjectSecret(1, b"INSECURE_TEST_ANOTHER_SECRET...."),), stores.links)
    assert await other.derive([synthetic_document(1)]) != ((ALICE,),)


async def test_so_many_documents_and_no_more_are_taken_at_once(keys: KeyService) -> None:
    assert len(await keys.derive([synthetic_document()] * REPORTS_PER_BATCH_MAX)) == REPORTS_PER_BATCH_MAX
    with pytest.raises(Refused) as refused:
        await keys.derive([synthetic_document()] * (REPORTS_PER_BATCH_MAX + 1))
    assert refused.value.problem is ProblemId.BAD_REQUEST


async def test_a_region_cannot_write_another_regions_report(stores: Stores) -> None:
    """Law 4: not even one row in a batch of its own; nothing of that batch is kept."""
    desk = ReportDesk(stores.reports, DocumentBook(stores.links, stores.person_links))
    batch = [SubjectReport(ALICE, OF_HUBEI), SubjectReport(BOB, OF_GUANGXI)]
    with pytest.raises(Refused) as refused:
        await desk.take_in(batch, HUBEI)
    assert refused.value.problem is ProblemId.FORBIDDEN
    assert await desk.reports_of((ALICE,)) == await desk.reports_of((BOB,)) == ()


async def test_each_regions_report_stands_beside_the_others(stores: Stores) -> None:
    desk = ReportDesk(stores.reports, DocumentBook(stores.links, stores.person_links))
    await desk.take_in([SubjectReport(ALICE, OF_HUBEI)], HUBEI)
    await desk.take_in([SubjectReport(ALICE, OF_GUANGXI)], GUANGXI)
    assert [row.report for row in await desk.reports_of((ALICE,))] == [OF_HUBEI, OF_GUANGXI]


async def test_a_report_handed_in_twice_counts_once(stores: Stores) -> None:
    desk = ReportDesk(stores.reports, DocumentBook(stores.links, stores.person_links))
    counts = [await desk.take_in([SubjectReport(ALICE, OF_HUBEI)], HUBEI) for _ in range(2)]
    assert counts == [PutCount(1, 0, 0), PutCount(0, 1, 0)]
    assert len(await desk.reports_of((ALICE,))) == 1


async def test_what_was_taken_in_is_there_after_a_restart(stores: Stores, tmp_path: Path) -> None:
    await ReportDesk(stores.reports, DocumentBook(stores.links, stores.person_links)).take_in(
        [SubjectReport(ALICE, OF_HUBEI)], HUBEI
    )
    again = await open_sqlite(tmp_path)
    assert [
        row.report
        for row in await ReportDesk(again.reports, DocumentBook(again.links, again.person_links)).reports_of((ALICE,))
    ] == [OF_HUBEI]
    await again.aclose()
