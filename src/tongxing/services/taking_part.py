"""Taking part: how a region's directory record may change once it is published.

Invariants: a key that has ended stays ended, so that no copy of an older record brings it back; a suspension ends by
being ended, and never because somebody publishes a record that knows nothing of it.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.words import FEDERATION, RegionId
from tongxing.trust.directory import DirectoryRecord, KeyRecord


class PartChange(StrEnum):
    """What an operator of the hub can do with a region that takes part."""

    SUSPENSION = "suspension"
    RESUMPTION = "resumption"
    DEPARTURE = "departure"


_HAS_LEFT: Final = "region {} has left: it joins again with new keys"


def change_part(
    records: Mapping[RegionId, DirectoryRecord], region: RegionId, change: PartChange, at: datetime
) -> DirectoryRecord:
    """Return the record of a region as it is after the change; the same change again is the same record.

    Raises ``Refused(NOT_FOUND)`` for a region that is not listed, ``Refused(CONFLICT)`` for one that has left.
    """
    record = records.get(region)
    if record is None or region == FEDERATION:
        raise Refused(ProblemId.NOT_FOUND, "no such region is in the directory")
    if change is PartChange.DEPARTURE:
        return replace(record, keys=tuple(_ended(key, at) for key in record.keys), suspended=True)
    if record.has_left(at):
        raise Refused(ProblemId.CONFLICT, _HAS_LEFT.format(region))
    return replace(record, suspended=change is PartChange.SUSPENSION)


def _ended(key: KeyRecord, at: datetime) -> KeyRecord:
    if key.valid_until is not None and key.valid_until <= at:
        return key
    # One that was to begin later stands as ended all the same, so that it never begins.
    return replace(key, valid_from=min(key.valid_from, at - timedelta(seconds=1)), valid_until=at)


def check_follows(held: DirectoryRecord, record: DirectoryRecord, at: datetime) -> None:
    """Raise ``Refused(CONFLICT)`` for a record that brings back a key that has ended, or ends a suspension."""
    ended = {
        key.public.kid: key.valid_until for key in held.keys if key.valid_until is not None and key.valid_until <= at
    }
    for key in record.keys:
        if key.public.kid in ended and (key.valid_until is None or key.valid_until > ended[key.public.kid]):
            raise Refused(ProblemId.CONFLICT, f"key {key.public.kid.hex()} has ended, and an ended key stays so")
    if held.suspended and not record.suspended and not held.has_left(at):
        raise Refused(ProblemId.CONFLICT, f"region {held.region} is suspended: end the suspension first")
