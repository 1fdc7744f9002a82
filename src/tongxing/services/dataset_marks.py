"""How far each dataset is, by whatever way it came: handed in by document, or in its owner's numbered batches."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from tongxing.core.datasets import HANDED_IN
from tongxing.services.dataset_ports import DatasetMark
from tongxing.services.ingest_ports import Watermark


@dataclass(frozen=True, slots=True)
class Heard:
    """Until when nothing of a dataset is missing, None if its owner never said so; and when that owner was heard."""

    as_of: datetime | None
    heard_at: datetime


def heard_of(marks: Iterable[DatasetMark], watermarks: Iterable[Watermark]) -> dict[str, Heard]:
    """Return what was heard of each dataset, by name; of both ways the later moments."""
    heard = {mark.dataset.value: Heard(mark.as_of, mark.heard_at) for mark in marks}
    for mark in watermarks:
        if mark.dataset in HANDED_IN:
            held = heard.get(mark.dataset, Heard(None, mark.told_at))
            moments = [moment for moment in (held.as_of, mark.as_of) if moment is not None]
            heard[mark.dataset] = Heard(max(moments, default=None), max(held.heard_at, mark.told_at))
    return heard
