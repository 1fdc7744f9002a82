"""What passes between a family, the carrier of its requests, and translation (facts, B and C).

A family yields ``BackEndRequest`` values and is sent ``BackEndAnswer`` values; at the end it returns
one ``SourceAnswer``: what the source said, in the source's own words, not yet translated. Whoever
carries a request adds the back end's address and credentials, follows no redirect, and reads at
most ``BACK_END_ANSWER_MAX_BYTES`` + 1 bytes of the answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from tongxing.core.words import RegionId

TOLD_MAX: Final = 16
"""So many reason words of one person at most."""


@dataclass(frozen=True, slots=True)
class BackEndRequest:
    """One request that a family asks to have carried. ``path`` begins with a slash and has no host."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class BackEndAnswer:
    """What came back, unread: the HTTP status, the Content-Type header as sent ("" if absent), the body."""

    status: int
    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class SourceAnswer:
    """What a source says of one person, in its own words.

    ``status`` is the region's own status value, ``""`` where the source left it out. ``told`` are the
    region's own reason words for it, empty where the source tells a colour only. ``division`` is the
    GB/T 2260 number (2, 4 or 6 digits) of the declared stay. ``person_ref`` is the back end's own opaque id of
    the person, the same in its docking rows; never a document number. ``derived_from`` is whose report
    the source only relays, None where it speaks for itself. Times are aware UTC.
    """

    status: str
    told: tuple[str, ...] = ()
    since: datetime | None = None
    refreshed_at: datetime | None = None
    valid_until: datetime | None = None
    masked_name: str | None = None
    division: str | None = None
    person_ref: str | None = field(default=None, repr=False)
    derived_from: RegionId | None = None
    visited: tuple[str, ...] = ()
