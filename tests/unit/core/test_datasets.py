"""The closed table of datasets: whole, without overlap, and with an end to everything."""

from datetime import timedelta

import pytest

from tongxing.core.datasets import DATASET_OF, DATASETS, Dataset, Part
from tongxing.core.evidence import AUTHORITY_KINDS, RESULTS, EvidenceKind


def test_every_dataset_says_its_purpose_its_owner_and_how_long_it_is_kept() -> None:
    assert set(DATASETS) == set(Dataset)
    for row in DATASETS.values():
        for sentence in (row.title, row.purpose, row.owner):
            assert sentence.zh
            assert sentence.en
        assert timedelta() < row.fresh_for <= row.kept


def test_every_kind_of_evidence_stands_in_exactly_one_dataset() -> None:
    assert set(DATASET_OF) == set(EvidenceKind)
    assert sum(len(row.kinds) for row in DATASETS.values()) == len(EvidenceKind)


def test_what_a_person_declares_and_what_authorities_say_are_never_one_dataset() -> None:
    for row in DATASETS.values():
        assert row.kinds <= AUTHORITY_KINDS or not row.kinds & AUTHORITY_KINDS


@pytest.mark.parametrize("dataset", Dataset)
def test_no_part_of_a_row_is_both_needed_and_left_to_choice(dataset: Dataset) -> None:
    row = DATASETS[dataset]
    assert not row.needed & row.allowed
    assert (Part.RESULT in row.needed) is bool(row.kinds & set(RESULTS))
