"""What every ``EvidenceStore`` promises."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from tests.contract.conftest import Place
from tests.contract.implementations import Stores
from tests.contract.samples import AT, subject
from tongxing.core.causes import Cause
from tongxing.core.errors import Refused
from tongxing.core.evidence import Evidence, EvidenceKind, ProofResult
from tongxing.core.limits import EVIDENCE_PER_BATCH_MAX
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import SubjectKey
from tongxing.services.ports import PutCount, SubjectEvidence

pytestmark = pytest.mark.anyio


def case(number: int = 1, ref: str = "c1", revision: int = 1, **changes: Any) -> SubjectEvidence:
    kept_until = changes.pop("kept_until", None)
    piece = Evidence(EvidenceKind.CASE, ref, revision, AT, cause=Cause.CONFIRMED_CASE)
    return SubjectEvidence(subject(number), replace(piece, **changes), kept_until)


def stay(number: int = 1, ref: str = "d1.0", division: str = "420106") -> SubjectEvidence:
    piece = Evidence(EvidenceKind.STAY, ref, 0, AT - timedelta(days=3), AT, division)
    return SubjectEvidence(subject(number), piece, AT + timedelta(days=28))


async def test_what_was_put_is_found_as_it_was(stores: Stores) -> None:
    assert await stores.evidence.put_evidence([case(), stay()]) == PutCount(2, 0, 0)
    assert await stores.evidence.evidence_of(subject(1)) == (case(), stay())
    assert await stores.evidence.evidence_of(subject(2)) == ()


async def test_sent_twice_counts_once(stores: Stores) -> None:
    await stores.evidence.put_evidence([case()])
    assert await stores.evidence.put_evidence([case(), case()]) == PutCount(0, 2, 0)
    assert await stores.evidence.evidence_of(subject(1)) == (case(),)


async def test_a_newer_revision_replaces_and_an_older_one_does_not(stores: Stores) -> None:
    newer = case(revision=2, until=AT + timedelta(days=9))
    await stores.evidence.put_evidence([newer])
    assert await stores.evidence.put_evidence([case()]) == PutCount(0, 0, 1)
    assert await stores.evidence.evidence_of(subject(1)) == (newer,)


async def test_a_tombstone_stays_and_is_told(stores: Stores) -> None:
    tombstone = case(revision=2, retracted=True)
    await stores.evidence.put_evidence([case(), tombstone])
    assert await stores.evidence.put_evidence([case()]) == PutCount(0, 0, 1)
    assert await stores.evidence.evidence_of(subject(1)) == (tombstone,)


async def test_of_two_pieces_with_one_revision_the_same_wins_in_every_order(place: Place) -> None:
    rivals = [
        case(),
        case(until=AT + timedelta(days=1)),
        case(cause=Cause.SUSPECTED_CASE),
        case(since=AT - timedelta(days=1)),
    ]
    winners = set()
    for number, order in enumerate(permutations(rivals)):
        folder = place.folder / str(number)
        folder.mkdir()
        stores = await place.open_stores(folder)
        for rival in order:
            await stores.evidence.put_evidence([rival])
        winners.add(await stores.evidence.evidence_of(subject(1)))
        await stores.aclose()
    assert len(winners) == 1


async def test_pieces_are_told_apart_by_subject_kind_and_ref(stores: Stores) -> None:
    contact = SubjectEvidence(subject(1), Evidence(EvidenceKind.CONTACT, "c1", 1, AT))
    rows = [case(), case(2), case(ref="c2"), contact]
    assert await stores.evidence.put_evidence(rows) == PutCount(4, 0, 0)
    assert await stores.evidence.evidence_of(subject(1)) == (case(), case(ref="c2"), contact)


@pytest.mark.parametrize(
    "bad",
    [
        SubjectEvidence(SubjectKey(b"short"), case().evidence),
        case(ref=""),
        case(ref="x" * 65),
        case(ref="\ud800"),
        case(revision=-1),
        case(revision=1 << 53),
        stay(division="42010"),
        stay(division="４２"),
        stay(division="abcdef"),
    ],
)
async def test_a_row_that_cannot_be_kept_spoils_its_own_put_only(stores: Stores, bad: SubjectEvidence) -> None:
    with pytest.raises(Refused) as refused:
        await stores.evidence.put_evidence([case(7), bad])
    assert refused.value.problem is ProblemId.BAD_REQUEST
    assert await stores.evidence.evidence_of(subject(7)) == ()


async def test_a_batch_that_is_too_long_is_refused_whole(stores: Stores) -> None:
    rows = [case(number) for number in range(EVIDENCE_PER_BATCH_MAX + 1)]
    with pytest.raises(Refused):
        await stores.evidence.put_evidence(rows)
    assert await stores.evidence.put_evidence(rows[1:]) == PutCount(EVIDENCE_PER_BATCH_MAX, 0, 0)
    assert await stores.evidence.evidence_of(subject(0)) == ()


async def test_what_is_kept_no_longer_is_forgotten_and_nothing_else(stores: Stores) -> None:
    ends = [case(number, kept_until=AT + timedelta(seconds=number)) for number in range(600)]
    await stores.evidence.put_evidence([*ends, case(700)])
    assert await stores.evidence.forget_ended(AT + timedelta(seconds=598)) == 599
    assert await stores.evidence.evidence_of(subject(599)) == (ends[599],)
    assert await stores.evidence.evidence_of(subject(700)) == (case(700),)
    assert await stores.evidence.forget_ended(AT + timedelta(seconds=598)) == 0


async def test_an_empty_put_changes_nothing(stores: Stores) -> None:
    assert await stores.evidence.put_evidence([]) == PutCount(0, 0, 0)


async def test_evidence_is_found_after_opening_again(place: Place) -> None:
    first = await place.open()
    await first.evidence.put_evidence([case(), stay()])
    await first.aclose()
    assert await (await place.open()).evidence.evidence_of(subject(1)) == (case(), stay())


async def test_what_came_of_a_test_is_kept_and_of_two_with_one_revision_the_greater_counts(stores: Stores) -> None:
    def piece(result: ProofResult) -> SubjectEvidence:
        return SubjectEvidence(subject(1), Evidence(EvidenceKind.TEST, "t1", 1, AT, result=result))

    negative, positive = piece(ProofResult.NEGATIVE), piece(ProofResult.POSITIVE)
    assert await stores.evidence.put_evidence([positive]) == PutCount(1, 0, 0)
    assert await stores.evidence.put_evidence([negative, positive]) == PutCount(0, 1, 1)
    assert await stores.evidence.evidence_of(subject(1)) == (positive,)


async def test_a_dataset_is_gone_through_by_subject_with_its_tombstones_and_nothing_else(stores: Stores) -> None:
    held = [case(1), case(1, "c2"), case(2, revision=3, retracted=True), case(3)]
    await stores.evidence.put_evidence([*held, stay(2), stay(4)])
    held.sort(key=lambda row: (row.subject, row.evidence.ref))
    kinds = {EvidenceKind.CASE, EvidenceKind.CONTACT}
    assert await stores.evidence.evidence_by(kinds, b"", 10) == tuple(held)
    assert await stores.evidence.evidence_by(kinds, b"", 2) == tuple(held[:2])
    first = held[0].subject
    behind = [row for row in held if row.subject > first]
    assert await stores.evidence.evidence_by(kinds, first, 10) == tuple(behind)
