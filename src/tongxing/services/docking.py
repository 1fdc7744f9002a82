"""Dock: a region's back end hands its people's records to its own gateway, which reports them to the hub.

Each row is translated by cause under the region's profile and named by subject key; the document
goes to the key service and is kept nowhere. A bad row is set aside with its reason and never blocks
the others. Nothing is acknowledged before it is durable (law 7): the report, and in one transaction with it the
outbox from which the hub is told; sending a batch again counts once. While the key service is away rows wait here,
sealed, with the moment at which they came, and are docked when it is back.

What a record says is read as of the record's own time (its refresh, else since when it holds), never
of its arrival, and its revision is made of that time and of how strict it is. So the newest record of
a person is held whatever the order of rows, of batches, and of the gateway's clock; of one second
the stricter one. Only a record that states no time at all counts as of its arrival. What was said while the
region's own clock was ahead is of a moment that has not come: what is said by the right clock is numbered above it if
it is stricter, or said as of now.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import msgspec
from msgspec.structs import replace

from tongxing.core.border import is_across
from tongxing.core.documents import normalise_document
from tongxing.core.errors import Refused, Rejected, Undecidable
from tongxing.core.levels import Level
from tongxing.core.limits import CLOCK_SKEW, REPORTS_PER_BATCH_MAX
from tongxing.core.names import normalise_name
from tongxing.core.person_links import LinkGround
from tongxing.core.problems import ProblemId
from tongxing.core.reasons import ReasonId
from tongxing.core.reports import Report
from tongxing.core.subjects import Document, SubjectKey, SubjectKeys
from tongxing.core.words import RegionId
from tongxing.regions.answers import SourceAnswer
from tongxing.regions.docking import OtherDocument, parse_dock_row
from tongxing.regions.profile import Profile
from tongxing.regions.translation import Translated, translate
from tongxing.services.outbox import OutboxSender
from tongxing.services.outbox_ports import OutboxStore
from tongxing.services.person_documents import LinkSayer, NamedDocument
from tongxing.services.persons import Persons
from tongxing.services.ports import Alarm, AlarmStore, Clock, ReportStore, SubjectReport
from tongxing.services.reference import Reference
from tongxing.services.sealed_records import SealedRecords
from tongxing.services.subject_keys import SubjectKeyCache
from tongxing.services.transit_passes import TransitPassStore

OLDER_RECORD: Final = "older_record"
"""Why a good row is set aside: a newer record of its person is held, or a stricter one of the same second."""

NAMES_DIFFER: Final = "names_differ"
"""Why documents of one row were not linked, with the number of the case; the record itself was taken in."""

TOO_MANY_DOCUMENTS: Final = "too_many_documents"

_WAITING: Final = b"docked rows that wait for subject keys"
_REVISIONS_PER_SECOND: Final = 1_000


class SetAside(msgspec.Struct, frozen=True):
    """A row that was not taken in: its place in the batch, from 0, and why."""

    index: int
    reason: str


class Docked(msgspec.Struct, frozen=True):
    """What became of a batch: ``stored`` + ``unchanged`` + rows set aside is the number of rows sent.

    ``unchanged`` rows were held already, word for word. ``not_linked`` tells of rows whose record was taken in and
    whose documents were not linked: with the number of the case that differing names have opened. ``waiting`` rows
    are kept, sealed, until the hub's key service can be asked: they count among the rows sent.
    """

    stored: int
    unchanged: int
    set_aside: tuple[SetAside, ...]
    not_linked: tuple[SetAside, ...] = ()
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class DockingOutbox:
    """Where docked rows go on their way to the hub, and what they are sealed with while they wait for keys."""

    store: OutboxStore
    sender: OutboxSender
    sealed: SealedRecords
    alarms: AlarmStore


@dataclass(frozen=True, slots=True)
class _Row:
    index: int
    document: Document
    person_ref: str | None
    translated: Translated
    name: str = field(repr=False)
    other_documents: tuple[NamedDocument, ...] | None = field(default=None, repr=False)


class DockingDesk:
    """Takes in the records of one region's own back end."""

    def __init__(  # noqa: PLR0913 - the node's own parts, given once
        self,
        *,
        region: RegionId,
        reference: Reference,
        subject_keys: SubjectKeyCache,
        outbox: DockingOutbox,
        reports: ReportStore,
        passes: TransitPassStore,
        persons: Persons,
        links: LinkSayer,
        clock: Clock,
    ) -> None:
        self._region = region
        self._reference = reference
        self._subject_keys = subject_keys
        self._outbox = outbox
        self._reports = reports
        self._passes = passes
        self._persons = persons
        self._links = links
        self._clock = clock

    async def dock(self, rows: Sequence[Mapping[str, object]]) -> Docked:
        """Take in a batch of at most ``REPORTS_PER_BATCH_MAX`` rows in the region's own words.

        Raises ``Refused``: ``BAD_REQUEST`` (too many), ``OVERLOADED`` (nothing was acknowledged; send it again).
        """
        if len(rows) > REPORTS_PER_BATCH_MAX:
            raise Refused(ProblemId.BAD_REQUEST, f"more than {REPORTS_PER_BATCH_MAX} rows")
        at = self._clock.now()
        good, aside = _translate(rows, self._reference.knowledge.profiles[self._region], at.replace(microsecond=0))
        if not good:
            return Docked(0, 0, tuple(aside))
        try:
            docked = await self._take_in(good, aside, at)
        except Refused as refused:
            if refused.problem is not ProblemId.UPSTREAM_AWAY or is_across(self._region):
                raise
            content = msgspec.msgpack.encode([rows[row.index] for row in good])
            await self._outbox.store.keep_waiting(self._outbox.sealed.seal(content, _WAITING), len(good), at)
            return Docked(0, 0, tuple(aside), waiting=len(good))
        await self._outbox.sender.forward()
        return docked

    async def dock_waiting(self) -> None:
        """Dock the rows that wait, those that came first at first. Raises ``Refused(UPSTREAM_AWAY)`` as long as it is.

        What a newer profile no longer understands raises an alarm, since nobody waits for the answer.
        """
        while self._reference.is_ready and (waiting := await self._outbox.store.next_waiting()) is not None:
            rows = msgspec.msgpack.decode(self._outbox.sealed.open(waiting.sealed, _WAITING))
            at = waiting.received_at
            good, aside = _translate(rows, self._reference.knowledge.profiles[self._region], at.replace(microsecond=0))
            if good:
                await self._take_in(good, aside, at)
            if aside:
                detail = f"{len(aside)} docked rows that had waited were set aside: {aside[0].reason}"
                alarm = Alarm(self._clock.now(), ProblemId.BAD_REQUEST, None, detail)
                await self._outbox.alarms.raise_alarm(alarm)
            await self._outbox.store.forget_waiting(waiting.ref)

    async def _take_in(self, good: Sequence[_Row], aside: Sequence[SetAside], at: datetime) -> Docked:
        """Keep rows that were read: durable here and queued for the hub when it returns. Again counts once."""
        subjects = await self._subject_keys.keys_of_all([row.document for row in good])
        reports = {
            row.index: SubjectReport(keys[0], row.translated.report, row.translated.origin)
            for keys, row in zip(subjects, good, strict=True)
        }
        await self._remember(good, subjects, at)
        before = await self._held(subjects)
        reports = _number_all(reports, before, self._clock.now())
        await self._reports.put_reports(list(reports.values()), for_hub=True)
        held = await self._held(subjects)
        await self._withdraw_passes(subjects, held)
        not_linked = await self._say_one_person(good)
        return replace(_tell(reports, before, held, aside), not_linked=tuple(not_linked))

    async def _say_one_person(self, good: Sequence[_Row]) -> list[SetAside]:
        """Say whose documents are one person's; return the rows whose names or documents do not fit, by their case."""
        not_linked = []
        for row in good:
            if row.other_documents is None:
                continue
            documents = [NamedDocument(row.document, row.name), *row.other_documents]
            try:
                linked = await self._links.say_one_person(documents, LinkGround.REGISTER, is_whole=True)
            except Refused as refused:
                if refused.problem is not ProblemId.CONFLICT:
                    raise
                not_linked.append(SetAside(row.index, TOO_MANY_DOCUMENTS))
                continue
            not_linked += [SetAside(row.index, f"{NAMES_DIFFER} {number}") for number in linked.cases]
        return not_linked

    async def _remember(self, good: Sequence[_Row], subjects: Sequence[SubjectKeys], at: datetime) -> None:
        """Whom an id means is what was docked last: the ids are the back end's own and carry no time."""
        named = [(row.person_ref, keys) for row, keys in zip(good, subjects, strict=True)]
        revision = int(at.timestamp() * 1000)
        await self._persons.remember([(ref, keys) for ref, keys in named if ref is not None], revision)

    async def _withdraw_passes(self, subjects: Sequence[SubjectKeys], held: Mapping[SubjectKey, SubjectReport]) -> None:
        """Withdraw the transit passes of those whose report is above low, or was taken back: by what is held."""
        turned = [keys for keys in dict.fromkeys(subjects) if keys[0] in held and _has_turned(held[keys[0]].report)]
        every = [document for keys in turned for document in (await self._links.documents_of(keys)).documents]
        if every:
            await self._passes.withdraw_of(every)

    async def _held(self, subjects: Iterable[SubjectKeys]) -> dict[SubjectKey, SubjectReport]:
        """Return what is held of each subject under any of its keys, by the first of them."""
        held: dict[SubjectKey, SubjectReport] = {}
        asked = dict.fromkeys(subjects)
        found = await self._reports.reports_of_many((key for keys in asked for key in keys), with_retracted=True)
        for keys in asked:
            own = [row for key in keys for row in found[key] if row.report.issuer == self._region]
            if own:
                held[keys[0]] = max(own, key=lambda row: (row.report.revision, row.report.retracted))
        return held


def _has_turned(report: Report) -> bool:
    return report.retracted or report.level in {Level.MEDIUM, Level.HIGH}


def _translate(
    rows: Sequence[Mapping[str, object]], profile: Profile, at: datetime
) -> tuple[list[_Row], list[SetAside]]:
    good: list[_Row] = []
    aside: list[SetAside] = []
    for index, value in enumerate(rows):
        try:
            row = parse_dock_row(value, profile)
            document = normalise_document(row.document_type, row.document_number)
            translated = translate(row.answer, profile, at=_read_at(row.answer, at), revision=0)
            name, others = row.name, None
            if row.other_documents is not None:
                name, others = normalise_name(name), tuple(map(_named, row.other_documents))
            good.append(_Row(index, document, row.person_ref, _number(translated), name, others))
        except Refused as refused:
            aside.append(SetAside(index, refused.detail or str(refused.problem)))
        except (Rejected, Undecidable) as why:
            aside.append(SetAside(index, str(why.reason)))
    return good, aside


def _named(other: OtherDocument) -> NamedDocument:
    """Return a document in its one form; raises Refused, also for a name that is none."""
    name = None if other.name is None else normalise_name(other.name)
    return NamedDocument(normalise_document(other.type, other.number), name)


def _read_at(answer: SourceAnswer, arrived_at: datetime) -> datetime:
    """Return the moment as of which a record is read: the same whenever the record arrives."""
    told = [moment for moment in (answer.refreshed_at, answer.since) if moment is not None]
    moment = max(told, default=arrived_at)
    if moment > arrived_at + CLOCK_SKEW:
        raise Undecidable(ReasonId.SOURCE_UNREADABLE, "a time in the future")
    return moment


def _number(translated: Translated) -> Translated:
    """Give a report its revision: it rises with the source's own time, and within a second with strictness."""
    report = translated.report
    revision = int(report.as_of.timestamp()) * _REVISIONS_PER_SECOND + report.strictness
    return Translated(replace(report, revision=revision), translated.origin, translated.masked_hint)


def _number_all(
    rows: Mapping[int, SubjectReport], before: Mapping[SubjectKey, SubjectReport], at: datetime
) -> dict[int, SubjectReport]:
    """Return the rows as ``_number_above`` numbers them, those of earlier moments first: each counts for the next."""
    held, numbered = dict(before), dict(rows)
    for index, row in sorted(rows.items(), key=lambda each: each[1].report.revision):
        known = held.get(row.subject)
        new = numbered[index] = _number_above(row, known, at)
        if known is None or new.report.revision > known.report.revision:
            held[row.subject] = new
    return numbered


def _number_above(row: SubjectReport, held: SubjectReport | None, at: datetime) -> SubjectReport:
    """Return a report with a revision that counts against one that was numbered by a clock that was ahead.

    Such a one is of a moment still to come, or was numbered above another that was: else its revision is as ``_number``
    gives it, and nothing is changed. When it was really said nobody knows: what is milder counts against it only if it
    is said as of now, so that no old green that comes late or again hides a red.
    """
    if held is None or held.report.retracted or held.report.revision <= row.report.revision:
        return row
    new, old = row.report, held.report
    if old.as_of > at + CLOCK_SKEW:
        counts = new.strictness > old.strictness or new.as_of >= at - CLOCK_SKEW
    else:
        counts = (new.as_of, new.strictness) > (old.as_of, old.strictness)
    if counts:
        return replace(row, report=replace(new, revision=old.revision + 1))
    again = replace(row, report=replace(new, revision=old.revision))
    return again if again == held else row


def _tell(
    reports: Mapping[int, SubjectReport],
    before: Mapping[SubjectKey, SubjectReport],
    held: Mapping[SubjectKey, SubjectReport],
    aside: Sequence[SetAside],
) -> Docked:
    """Count the rows by what is held after them; of equal rows of one batch the first one is stored."""
    older: list[SetAside] = []
    stored: set[SubjectKey] = set()
    for index, report in reports.items():
        if held.get(report.subject) != report:
            older.append(SetAside(index, OLDER_RECORD))
        elif before.get(report.subject) != report:
            stored.add(report.subject)
    told = sorted([*aside, *older], key=lambda each: each.index)
    return Docked(len(stored), len(reports) - len(older) - len(stored), tuple(told))
