"""What every ``RederivingStore`` promises: copied before it is erased, nothing newer lost, nobody counted twice."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.contract.implementations import Stores
from tests.contract.samples import AT, GUANGXI, HUBEI, row
from tongxing.core.causes import Cause
from tongxing.core.evidence import Evidence, EvidenceKind
from tongxing.core.subjects import SubjectKey
from tongxing.core.words import RegionId
from tongxing.services.dataset_ports import SealedName
from tongxing.services.ports import SubjectEvidence, SubjectReport
from tongxing.services.rederiving_ports import HeldTable, KeyCount

pytestmark = pytest.mark.anyio

LATER = AT + timedelta(days=2)


def key(version: int, number: int) -> SubjectKey:
    return SubjectKey(bytes((version,)) + number.to_bytes(32, "big"))


def said(version: int, number: int, revision: int = 1, issuer: RegionId = HUBEI) -> SubjectReport:
    told = row(1, revision=revision, issuer=issuer)
    return SubjectReport(key(version, number), told.report, told.origin)


def piece(version: int, number: int, ref: str = "c1", revision: int = 1) -> SubjectEvidence:
    case = Evidence(EvidenceKind.CASE, ref, revision, AT, cause=Cause.CONFIRMED_CASE)
    return SubjectEvidence(key(version, number), case, LATER)


async def lead_over(stores: Stores, table: HeldTable, *numbers: int) -> int:
    newer = [(key(1, number), key(2, number)) for number in numbers]
    return await stores.rederiving.erase(table, await stores.rederiving.copy(table, newer))


async def revisions_of(stores: Stores, subject: SubjectKey) -> dict[str, int]:
    rows = await stores.reports.reports_of(subject, with_retracted=True)
    return {each.report.issuer: each.report.revision for each in rows}


async def test_subjects_under_older_keys_are_gone_through_in_order_each_once(stores: Stores) -> None:
    await stores.reports.put_reports([said(1, 3), said(1, 3, issuer=GUANGXI), said(1, 1), said(2, 2), said(3, 4)])
    assert await stores.rederiving.old_subjects(HeldTable.REPORTS, 2, b"", 10) == (key(1, 1), key(1, 3))
    assert await stores.rederiving.old_subjects(HeldTable.REPORTS, 2, key(1, 1), 10) == (key(1, 3),)
    assert await stores.rederiving.old_subjects(HeldTable.REPORTS, 3, b"", 3) == (key(1, 1), key(1, 3), key(2, 2))
    assert await stores.rederiving.old_subjects(HeldTable.EVIDENCE, 3, b"", 3) == ()


async def test_reports_are_led_over_and_a_newer_one_under_the_new_key_stays(stores: Stores) -> None:
    await stores.reports.put_reports([said(1, 1, 5), said(1, 1, 3, GUANGXI), said(2, 1, 4), said(2, 1, 9, GUANGXI)])
    assert await lead_over(stores, HeldTable.REPORTS, 1) == 2
    assert await revisions_of(stores, key(1, 1)) == {}
    assert await revisions_of(stores, key(2, 1)) == {HUBEI: 5, GUANGXI: 9}


async def test_between_copying_and_erasing_nothing_is_missing_and_again_changes_nothing(stores: Stores) -> None:
    await stores.reports.put_reports([said(1, 1, 5)])
    newer = [(key(1, 1), key(2, 1))]
    await stores.rederiving.copy(HeldTable.REPORTS, newer)  # and the process is killed
    assert await revisions_of(stores, key(1, 1)) == await revisions_of(stores, key(2, 1)) == {HUBEI: 5}
    copied = await stores.rederiving.copy(HeldTable.REPORTS, newer)
    assert await stores.rederiving.erase(HeldTable.REPORTS, copied) == 1
    assert await stores.rederiving.erase(HeldTable.REPORTS, copied) == 0
    assert await revisions_of(stores, key(2, 1)) == {HUBEI: 5}


async def test_what_comes_under_the_old_key_meanwhile_is_not_erased(stores: Stores) -> None:
    await stores.reports.put_reports([said(1, 1, 5)])
    copied = await stores.rederiving.copy(HeldTable.REPORTS, [(key(1, 1), key(2, 1))])
    await stores.reports.put_reports([said(1, 1, 6)])
    assert await stores.rederiving.erase(HeldTable.REPORTS, copied) == 0
    assert await revisions_of(stores, key(1, 1)) == {HUBEI: 6}
    assert await lead_over(stores, HeldTable.REPORTS, 1) == 1
    assert await revisions_of(stores, key(2, 1)) == {HUBEI: 6}


async def test_evidence_is_led_over_with_its_time_to_live(stores: Stores) -> None:
    await stores.evidence.put_evidence([piece(1, 1, "c1", 2), piece(1, 1, "c2"), piece(2, 1, "c1", 1)])
    assert await lead_over(stores, HeldTable.EVIDENCE, 1) == 2
    assert await stores.evidence.evidence_of(key(1, 1)) == ()
    assert await stores.evidence.evidence_of(key(2, 1)) == (piece(2, 1, "c1", 2), piece(2, 1, "c2"))


async def test_two_older_keys_of_one_subject_end_in_the_newest_row(stores: Stores) -> None:
    await stores.reports.put_reports([said(1, 1, 5), said(2, 1, 7)])
    newer = [(key(1, 1), key(3, 1)), (key(2, 1), key(3, 1))]
    copied = await stores.rederiving.copy(HeldTable.REPORTS, newer)
    assert await stores.rederiving.erase(HeldTable.REPORTS, copied) == 2
    assert await revisions_of(stores, key(3, 1)) == {HUBEI: 7}


async def test_a_name_is_exchanged_unless_it_has_changed(stores: Stores) -> None:
    old, new = SealedName(key(1, 1), b"old", LATER), SealedName(key(2, 1), b"new", LATER)
    await stores.masked_names.keep([old])
    assert not await stores.rederiving.exchange_name(replace(old, sealed=b"other"), new)
    assert await stores.masked_names.find((key(2, 1), key(1, 1))) == old
    assert await stores.rederiving.exchange_name(old, new)
    assert await stores.masked_names.find((key(2, 1), key(1, 1))) == new
    assert await stores.masked_names.find((key(1, 1),)) is None


async def test_rows_are_counted_by_name_and_people_who_wait_once(stores: Stores) -> None:
    await stores.reports.put_reports([said(1, 1), said(1, 2), said(1, 2, issuer=GUANGXI), said(2, 3)])
    await stores.evidence.put_evidence([piece(1, 2), piece(1, 4)])
    await stores.masked_names.keep([SealedName(key(1, 4), b"name", LATER)])
    await stores.links.link([(key(2, 1), key(1, 1))])
    counts, people = await stores.rederiving.count(2)
    assert counts == (
        KeyCount(HeldTable.REPORTS, HUBEI, held=3, old=2, waiting=1),
        KeyCount(HeldTable.REPORTS, GUANGXI, held=1, old=1, waiting=1),
        KeyCount(HeldTable.EVIDENCE, "case", held=2, old=2, waiting=2),
        KeyCount(HeldTable.NAMES, "", held=1, old=1, waiting=1),
    )
    assert people == 2
    assert (await stores.rederiving.count(1))[1] == 0
