"""The page about one-stop queries tells of each dataset what the closed table says."""

from datetime import timedelta

from tests.house.tree import ROOT
from tongxing.core.datasets import DATASETS, Dataset
from tongxing.core.one_stop import Absence

_PAGE = (ROOT / "docs" / "one-stop.md").read_text("utf-8")


def _rows() -> dict[str, list[str]]:
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in _PAGE.splitlines() if line[:3] == "| `"]
    return {row[0].strip("`"): row for row in cells if len(row) == 6}


def test_the_page_lists_every_dataset_with_its_owner_and_its_promise() -> None:
    rows = _rows()
    assert list(rows) == [dataset.value for dataset in Dataset]
    for dataset, row in DATASETS.items():
        told = rows[dataset]
        assert told[1] == row.owner.en
        promise = f"{row.fresh_for // timedelta(hours=1)} h"
        assert told[4] == ("at once" if dataset is Dataset.DECLARATIONS else promise)
        kept = row.kept.days
        assert told[5].startswith(f"{kept} d" if kept < 365 else f"{kept // 365} a")
        if row.kinds:
            said = {word.strip() for part in told[3].split(";") for word in part.split(",")}
            assert said == {part.value for part in row.needed | row.allowed}


def test_the_page_names_every_reason_why_a_source_can_be_missing() -> None:
    for absence in Absence:
        assert f"`{absence}`" in _PAGE
