"""Every dataset with an owner comes in numbered batches: row by row, once, in any order, its lawful parts alone."""

import json
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from tests.contract.implementations import Stores, open_sqlite
from tests.contract.samples import subject
from tests.fakes.access_stores import HandSetClock
from tests.world import AT, HUBEI
from tongxing.app.columns import WorkerColumns
from tongxing.core.datasets import DATASETS, HANDED_IN, Dataset, Part
from tongxing.core.evidence import RESULTS, EvidenceKind
from tongxing.core.subjects import SubjectKey
from tongxing.core.words import FEDERATION, RegionId
from tongxing.services.dataset_sink import OWNERS_ALONE, RETIRED_KEY, EvidenceSink
from tongxing.services.ingest_ports import BatchName, IngestedBatch
from tongxing.services.ingesting import IngestDesk
from tongxing.services.masked_names import MaskedNames, NameSealing
from tongxing.services.person_documents import DocumentBook
from tongxing.services.sealed_records import SealedRecords
from tongxing.wire.evidence_lines import NUMBERS

pytestmark = pytest.mark.anyio

VERSION = subject(1)[0]
SINCE = int((AT - timedelta(days=2)).timestamp())
SAID: Mapping[Part, object] = {
    Part.SINCE: SINCE,
    Part.UNTIL: SINCE + 3_600,
    Part.DIVISION: "420102",
    Part.CAUSE: "confirmed_case",
}
_MEMBERS = {Part.SINCE: "since_seconds", Part.UNTIL: "until_seconds"}


def piece(kind: EvidenceKind = EvidenceKind.TEST, number: int = 1, **changes: Any) -> dict[str, Any]:
    """Return a row of a kind with every part that its dataset's rows can have."""
    row = DATASETS[next(each for each in HANDED_IN if kind in DATASETS[each].kinds)]
    value: dict[str, Any] = {"subject": subject(number).hex(), "kind": kind, "ref": f"r-{number}", "revision": 1}
    for part in row.needed | row.allowed:
        said = min(RESULTS[kind]) if part is Part.RESULT else SAID[part]
        value[_MEMBERS.get(part, part.value)] = said
    return {**value, **changes}


def lines(*rows: Mapping[str, Any]) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def names_of(stores: Stores) -> MaskedNames:
    records = SealedRecords.for_use(b"s" * 32, "masked names", lambda count: b"n" * count)
    sealed = NameSealing({VERSION: records}, records)
    return MaskedNames(stores.masked_names, sealed, DocumentBook(stores.links, stores.person_links))


@pytest.fixture
async def stores(tmp_path: Path) -> AsyncIterator[Stores]:
    opened = await open_sqlite(tmp_path)
    yield opened
    await opened.aclose()


class Owner:
    """An owner's batches of one dataset, at a hub's desk on a real store."""

    def __init__(self, stores: Stores, dataset: Dataset = Dataset.TESTS, sender: RegionId = FEDERATION) -> None:
        clock = HandSetClock(AT)
        sink = EvidenceSink(dataset, stores.evidence, names_of(stores), {VERSION}, clock)
        self.desk = IngestDesk(stores.ingest, {dataset.value: sink}, WorkerColumns(), clock)
        self.dataset, self.sender, self.number = dataset, sender, 0

    async def send(self, *rows: Mapping[str, Any]) -> IngestedBatch:
        self.number += 1
        return await self.desk.take_in(BatchName(self.sender, self.dataset.value, self.number), lines(*rows))

    async def reason(self, *rows: Mapping[str, Any]) -> str:
        """Return why the one row that was set aside was."""
        batch = await self.send(*rows)
        (aside,) = await self.desk.set_aside(batch.name, 0, 10)
        return aside.reason


@pytest.mark.parametrize("kind", sorted(kind for dataset in HANDED_IN for kind in DATASETS[dataset].kinds))
async def test_every_kind_of_every_dataset_comes_in_batches_with_all_its_parts(
    stores: Stores, kind: EvidenceKind
) -> None:
    dataset = next(each for each in HANDED_IN if kind in DATASETS[each].kinds)
    batch = await Owner(stores, dataset).send(piece(kind))
    assert (batch.rows, batch.stored, batch.set_aside) == (1, 1, 0)
    (held,) = await stores.evidence.evidence_of(subject(1))
    assert (held.evidence.kind, held.evidence.ref) == (kind, "r-1")


@pytest.mark.parametrize("dataset", sorted(HANDED_IN))
async def test_a_part_that_a_dataset_has_not_or_lacks_sets_its_row_aside_and_no_other(
    stores: Stores, dataset: Dataset
) -> None:
    row, kind = DATASETS[dataset], min(DATASETS[dataset].kinds)
    owner = Owner(stores, dataset)
    for part in set(Part) - row.needed - row.allowed - {Part.RESULT}:
        batch = await owner.send(piece(kind, 1, **{_MEMBERS.get(part, part.value): SAID[part]}), piece(kind, 2))
        assert (batch.stored + batch.unchanged, batch.set_aside) == (1, 1), part
    for part in row.needed:
        without = {name: said for name, said in piece(kind).items() if name != _MEMBERS.get(part, part.value)}
        assert (await owner.send(without, piece(kind, 2))).set_aside == 1, part
    assert await stores.evidence.evidence_of(subject(1)) == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "case", "cause": "confirmed_case", "result": None},
        {"kind": "stay"},
        {"kind": "rumour"},
        {"ref": ""},
        {"ref": "r" * 65},
        {"revision": -1},
        {"revision": True},
        {"since_seconds": "2020-03-21"},
        {"since_seconds": int(AT.timestamp()) + 86_400},
        {"result": "boosted"},
        {"retracted": 1},
        {"subject": " " * 66},
        {"subject": "00" * 32},
        {"secret": "王小明"},
        {"name": "王" * 129},
    ],
)
async def test_a_row_that_is_not_as_it_must_be_is_set_aside_and_its_reason_repeats_nothing_of_it(
    stores: Stores, changes: dict[str, Any]
) -> None:
    said = {name: each for name, each in {**piece(), **changes}.items() if each is not None}
    batch = await Owner(stores).send(said, piece(EvidenceKind.TEST, 2))
    assert (batch.stored, batch.set_aside) == (1, 1)
    (aside,) = await Owner(stores).desk.set_aside(batch.name, 0, 10)
    assert not any(secret in aside.reason for secret in ("王", "rumour", subject(1).hex()[:12]))


async def test_a_document_beside_a_status_is_not_taken(stores: Stores) -> None:
    said = piece()
    del said["subject"]
    said["document"] = {"type": "20", "number": "E99000001"}
    assert await Owner(stores).reason(said) == NUMBERS


async def test_nobody_but_the_owner_hands_a_dataset_in(stores: Stores) -> None:
    assert await Owner(stores, sender=HUBEI).reason(piece()) == OWNERS_ALONE
    assert await stores.evidence.evidence_of(subject(1)) == ()


async def test_a_row_under_a_key_of_a_retired_version_is_set_aside_since_nobody_would_find_it(stores: Stores) -> None:
    retired = SubjectKey(bytes((VERSION + 7,)) + subject(1)[1:])
    assert await Owner(stores).reason(piece(subject=retired.hex())) == RETIRED_KEY


async def test_corrections_and_retractions_end_in_the_same_place_in_any_order_of_batches(stores: Stores) -> None:
    told = [
        piece(result="negative"),
        piece(result="positive", revision=2),
        piece(result="positive", revision=2, retracted=True),
    ]
    ends = set()
    for place, order in enumerate(permutations(range(3)), start=1):
        owner = Owner(stores)
        owner.number = 10 * place
        for index in order:
            batch = await owner.send({**told[index], "subject": subject(place).hex()})
            assert batch.rows == batch.stored + batch.unchanged + batch.outranked == 1
        (held,) = await stores.evidence.evidence_of(subject(place))
        ends.add((held.evidence.revision, held.evidence.retracted, held.evidence.result))
    assert ends == {(2, True, "positive")}


async def test_a_name_that_comes_with_a_row_is_kept_masked_sealed_and_apart(stores: Stores) -> None:
    await Owner(stores).send(piece(name="王小明"))
    assert await names_of(stores).find((subject(1),)) == "王**"
    found = await stores.masked_names.find((subject(1),))
    assert found is not None
    assert "王".encode() not in found.sealed
