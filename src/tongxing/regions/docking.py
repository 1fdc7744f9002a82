"""Docking rows: how a region's back end hands its people's records to its own gateway (design, way 1).

A row is an object of our own making, in which status, reason words and times are the region's:

    {"document": {"type": "10", "number": "…"}, "name": "…", "status": "yellow", "told": ["mqjcz"],
     "since_seconds": 1584500000, "refreshed_at_seconds": 1584590000, "division": "420106",
     "person_ref": "9f2c…", "derived_from": "00", "other_documents": [{"type": "20", "number": "…", "name": "…"}]}

All but ``document`` and ``name`` may be absent or null. ``person_ref`` is the back end's own opaque id of
the person, as its interface answers it when a code is asked about; ``derived_from`` is the region (00: the
federation) whose report the row only relays. ``other_documents`` are all
that the back end knows of the same person besides, with the name on each, which may be null; an empty list says that
it knows of none, and absent it says nothing. Times are Unix seconds, UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from tongxing.core.errors import Refused
from tongxing.core.masking import mask_name
from tongxing.core.person_links import PERSON_DOCUMENTS_MAX
from tongxing.core.problems import ProblemId
from tongxing.core.words import RegionId
from tongxing.regions.answers import SourceAnswer
from tongxing.regions.profile import Profile
from tongxing.wire.cbor import WireError
from tongxing.wire.reports import parse_region

TEXT_MAX_CHARACTERS: Final = 128
TOLD_MAX: Final = 16
SECONDS_FROM: Final = 946_684_800
SECONDS_TO: Final = 4_102_444_800
"""From 2000-01-01 to 2100-01-01, UTC."""

_FIELDS: Final = frozenset(
    {
        "document",
        "name",
        "status",
        "told",
        "since_seconds",
        "refreshed_at_seconds",
        "division",
        "person_ref",
        "derived_from",
        "other_documents",
    }
)


@dataclass(frozen=True, slots=True, repr=False)
class OtherDocument:
    """Another document of the same person, as given; its name is None where the back end has none for it."""

    type: str
    number: str
    name: str | None


@dataclass(frozen=True, slots=True)
class DockRow:
    """One person's record, read. The document's parts are as given, not yet normalised."""

    document_type: str
    document_number: str = field(repr=False)
    name: str = field(repr=False)
    answer: SourceAnswer
    other_documents: tuple[OtherDocument, ...] | None = field(default=None, repr=False)

    @property
    def person_ref(self) -> str | None:
        """The back end's own opaque id of the person, if it gave one."""
        return self.answer.person_ref


def parse_dock_row(value: Mapping[str, object], profile: Profile) -> DockRow:
    """Read one row of ``profile``'s region.

    Raises Refused(BAD_REQUEST) naming the field at fault, never its value; a status that the profile
    does not know is left for translation to refuse.
    """
    if value.keys() - _FIELDS:
        raise Refused(ProblemId.BAD_REQUEST, f"region {profile.region}: a field that a row does not have")
    document = value.get("document")
    if not isinstance(document, Mapping) or document.keys() != {"type", "number"}:
        raise _refuse("document")
    name = _text(value, "name")
    status = value.get("status")
    return DockRow(
        document_type=_text(document, "type"),
        document_number=_text(document, "number"),
        name=name,
        answer=SourceAnswer(
            status="" if status in (None, "") else _text(value, "status"),
            told=_told(value),
            since=_moment(value, "since_seconds"),
            refreshed_at=_moment(value, "refreshed_at_seconds"),
            masked_name=mask_name(name),
            division=_find_text(value, "division"),
            person_ref=_find_text(value, "person_ref"),
            derived_from=_find_region(value, "derived_from"),
        ),
        other_documents=_find_documents(value),
    )


def _refuse(name: str) -> Refused:
    return Refused(ProblemId.BAD_REQUEST, f"field {name} is missing or not as it must be")


def _text(value: Mapping[str, object], name: str) -> str:
    text = value.get(name)
    if not isinstance(text, str) or not text.strip() or len(text) > TEXT_MAX_CHARACTERS or not text.isprintable():
        raise _refuse(name)
    return text


def _find_text(value: Mapping[str, object], name: str) -> str | None:
    return None if value.get(name) is None else _text(value, name)


def _find_region(value: Mapping[str, object], name: str) -> RegionId | None:
    try:
        return None if value.get(name) is None else parse_region(value[name])
    except WireError as error:
        raise _refuse(name) from error


def _find_documents(value: Mapping[str, object]) -> tuple[OtherDocument, ...] | None:
    documents = value.get("other_documents")
    if documents is None:
        return None
    if not isinstance(documents, list | tuple) or len(documents) >= PERSON_DOCUMENTS_MAX:
        raise _refuse("other_documents")
    return tuple(_other_document(each) for each in documents)


def _other_document(value: object) -> OtherDocument:
    if not isinstance(value, Mapping) or value.keys() - {"type", "number", "name"}:
        raise _refuse("other_documents")
    return OtherDocument(_text(value, "type"), _text(value, "number"), _find_text(value, "name"))


def _told(value: Mapping[str, object]) -> tuple[str, ...]:
    words = value.get("told")
    if words is None:
        return ()
    if not isinstance(words, list | tuple) or len(words) > TOLD_MAX:
        raise _refuse("told")
    return tuple(_text({"told": word}, "told") for word in words)


def _moment(value: Mapping[str, object], name: str) -> datetime | None:
    seconds = value.get(name)
    if seconds is None:
        return None
    if not isinstance(seconds, int) or isinstance(seconds, bool) or not SECONDS_FROM <= seconds < SECONDS_TO:
        raise _refuse(name)
    return datetime.fromtimestamp(seconds, UTC)
