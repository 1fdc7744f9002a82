"""The test people: a TOML file in which whoever runs a service writes down what it ought to say of whom.

    show = "http://127.0.0.1:8501/_show"      # optional: POST {"person": {"number": …}} → {"qr_text": …}, a fresh code
    switch = "http://127.0.0.1:8501/_switch"  # optional: POST {"person": …, "status": …, "told": […]} changes a status
    old = ["…"]                               # optional: codes that ran out or were replaced

    [credentials]                             # what this interface wants requests signed with
    app_key = "…"

    [[people]]
    codes = ["…"]                             # what the person's phone shows; more of them where one is good once
    status = "green"
    told = ["wjyc"]                           # optional: the region's own reason words
    name = "王伟"                              # optional
    number = "9998…"                          # only for ``show`` and ``switch``; never sent to the interface
    refreshed_at = 2026-11-23T07:12:00+08:00  # optional: when the record was changed last

The people are test people: real documents have no place in such a file. Everything unknown is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from tongxing.core.errors import Refused, Undecidable
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import DocumentType
from tongxing.regions.profile import Profile
from tongxing.regions.toml_tables import TomlRefused, TomlTable, parse_toml

PEOPLE_FILE_MAX_BYTES: Final = 256 * 1024
PEOPLE_MAX: Final = 200
FAULTS_TOLD: Final = 5


@dataclass(frozen=True, slots=True)
class GivenPerson:
    """One test person: whose code, and what ought to be said of them."""

    qr_texts: tuple[str, ...] = field(repr=False)
    status: str
    told: tuple[str, ...]
    name: str | None = field(repr=False)
    number: str | None = field(repr=False)
    refreshed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Given:
    """Everything that the file says. ``show`` and ``switch`` are addresses, None where there is no such thing."""

    people: tuple[GivenPerson, ...]
    old: tuple[str, ...] = field(repr=False)
    credentials: Mapping[str, str] = field(repr=False)
    show: str | None
    switch: str | None


def parse_given(data: bytes, profile: Profile, at: datetime) -> Given:
    """Read the test people of ``profile``'s region from TOML of at most ``PEOPLE_FILE_MAX_BYTES``.

    Raises Refused(BAD_REQUEST) naming the first faults by table and key: a status that the profile has not, somebody
    without a code and without a way to show one, a key that nobody asked for.
    """
    try:
        file = parse_toml("test people", data, PEOPLE_FILE_MAX_BYTES)
        given = _read(file, profile, at)
        file.check_no_fault()
    except TomlRefused as refusal:
        raise Refused(ProblemId.BAD_REQUEST, "; ".join(refusal.faults[:FAULTS_TOLD])) from refusal
    return given


def _read(file: TomlTable, profile: Profile, at: datetime) -> Given:
    show, switch = (_find_address(file, key) for key in ("show", "switch"))
    tables = file.tables("people")
    if len(tables) > PEOPLE_MAX:
        file.fault(f"more than {PEOPLE_MAX} people")
        tables = ()
    given = Given(
        people=tuple(_read_person(table, profile, at, can_show=show is not None) for table in tables),
        old=file.texts("old") if file.has("old") else (),
        credentials=_read_credentials(file),
        show=show,
        switch=switch,
    )
    file.check_all_asked()
    return given


def _find_address(file: TomlTable, key: str) -> str | None:
    address = file.find_text(key)
    if address is not None and not address.startswith(("http://", "https://")):
        file.refuse(key, "is not an address that begins with http:// or https://")
    return address


def _read_credentials(file: TomlTable) -> Mapping[str, str]:
    if not file.has("credentials"):
        return MappingProxyType({})
    table = file.table("credentials")
    return MappingProxyType({name: table.text(name) for name in table.names()})


def _read_person(table: TomlTable, profile: Profile, at: datetime, *, can_show: bool) -> GivenPerson:
    person = GivenPerson(
        qr_texts=table.texts("codes") if table.has("codes") else (),
        status=table.text_or_empty("status"),
        told=table.texts("told") if table.has("told") else (),
        name=table.find_text("name"),
        number=table.find_text("number"),
        refreshed_at=_find_moment(table, "refreshed_at"),
    )
    table.check_all_asked()
    if not person.qr_texts and not (can_show and person.number):
        table.fault("neither codes, nor a number and an address show that gives one")
    try:
        status = profile.status_of(person.status, at)
    except Undecidable:
        table.refuse("status", "is none of the profile's: " + ", ".join(each.value for each in profile.statuses_at(at)))
        return person
    for word in person.told:
        if status.find_told(word) is None:
            table.refuse("told", f"{word} is no reason word of that status in the profile")
    return person


def _find_moment(table: TomlTable, key: str) -> datetime | None:
    if not table.has(key):
        return None
    moment = table.moment(key)
    return None if table.is_faulty else moment.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class FacePerson:
    """Who calls a face of GB/T 38963, by the names of key files, and about whom."""

    application_key: str
    checkpoint_key: str
    document_type: DocumentType
    number: str = field(repr=False)
    name: str = field(repr=False)


def parse_face_person(data: bytes) -> FacePerson:
    """Read ``application_key``, ``checkpoint_key``, and a table ``person`` of ``type``, ``number`` and ``name``.

    Raises Refused(BAD_REQUEST) naming the first faults by table and key.
    """
    try:
        file = parse_toml("callers", data, PEOPLE_FILE_MAX_BYTES)
        table = file.table("person")
        person = FacePerson(
            file.text("application_key"),
            file.text("checkpoint_key"),
            table.word("type", DocumentType),
            table.text("number"),
            table.text("name"),
        )
        table.check_all_asked()
        file.check_all_asked()
        file.check_no_fault()
    except TomlRefused as refusal:
        raise Refused(ProblemId.BAD_REQUEST, "; ".join(refusal.faults[:FAULTS_TOLD])) from refusal
    return person
