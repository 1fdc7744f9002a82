"""The matrix: who accepts whose code as what, at which kind of place, with which outcome, on one day.

Of a status a host sees only what it was translated to, a ``Telling``; so each telling is rendered and decided
once for a host, however many regions show it, and a pair of regions is read from both. Everybody in it is alike
but for the code: the source answered just now, other regions were consulted, the origin is known to the county and
of low risk, no temperature was taken and no proof asked for. Told is one reason word at a time, or none.

Translation, rendering and deciding are the pipeline's own. Spec: issue *Every region, every dialect, every direction*.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

from tongxing.core.calendar import BEIJING
from tongxing.core.causes import Cause
from tongxing.core.errors import Refused, Undecidable
from tongxing.core.levels import Level, Standing
from tongxing.core.problems import ProblemId
from tongxing.core.reasons import ReasonId
from tongxing.core.reports import OriginRisk, Precision, Report
from tongxing.core.verdicts import Measure, Outcome
from tongxing.core.ways import Way
from tongxing.core.words import PlaceKind, RegionId, Sentence
from tongxing.recognition.combining import STANDING_REASONS
from tongxing.regions.answers import SourceAnswer
from tongxing.regions.profile import Profile
from tongxing.regions.rendering import Rendered, render_report
from tongxing.regions.statuses import Colour, Status
from tongxing.regions.translation import translate
from tongxing.rules.book import RuleBook
from tongxing.rules.deciding import CompiledRules, compile_stack
from tongxing.rules.situations import Situation

NOON: Final = time(12)
YEARS: Final = range(2000, 2100)
"""Days are taken from within these years: no arithmetic on them leaves the calendar."""


@dataclass(frozen=True, slots=True)
class Telling:
    """All that a host is told by a status. ``level`` is None unless current, ``cause`` where no word told one."""

    standing: Standing
    level: Level | None
    cause: Cause | None
    colour_only: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """One thing that a region's code can say: a status, and the reason word told with it, None where none is."""

    status: str
    label: Sentence
    colour: Colour
    told: str | None
    telling: Telling


@dataclass(frozen=True, slots=True)
class Party:
    """One region on the day, as issuer and as host.

    ``code_name`` is None before there was a code, and ``shown`` empty then. ``tables`` are the rule tables that
    hold there, most local first. ``has_own_code`` is False where people show the national code only.
    """

    region: RegionId
    name: Sentence
    code_name: Sentence | None
    ways: tuple[Way, ...]
    shown: tuple[Shown, ...]
    tables: tuple[str, ...]
    has_own_code: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What a host's tables say where the code is read. ``row`` is None where no row speaks of it."""

    outcome: Outcome
    reason: ReasonId
    measures: tuple[Measure, ...] = ()
    row: str | None = None
    by_exception: bool = False


@dataclass(frozen=True, slots=True)
class Reception:
    """What one host makes of one telling: its own status for it, what is lost, and the answer at each kind of place."""

    rendered: Rendered
    answers: Mapping[PlaceKind, Answer]

    def kinds_alike(self) -> Mapping[Answer, Sequence[PlaceKind]]:
        """Return the kinds of place by what is answered there."""
        found: dict[Answer, list[PlaceKind]] = {}
        for kind, answer in self.answers.items():
            found.setdefault(answer, []).append(kind)
        return found


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One thing shown by ``issuer``, and what ``host`` makes of it."""

    issuer: Party
    host: Party
    shown: Shown
    reception: Reception


@dataclass(frozen=True, slots=True)
class Matrix:
    """The whole matrix of one Beijing day.

    ``unread`` names the row by which a host reads no code at a kind of place, if that lies in a low-risk area;
    whatever ``receptions`` say holds where codes are read.
    """

    on: date
    parties: tuple[Party, ...]
    receptions: Mapping[tuple[RegionId, Telling], Reception]
    unread: Mapping[tuple[RegionId, PlaceKind], str]

    @property
    def pairs(self) -> int:
        """How many ordered pairs of different regions there are."""
        return len(self.parties) * (len(self.parties) - 1)

    def rows(self, *, issuer: RegionId | None = None, host: RegionId | None = None) -> Iterator[MatrixRow]:
        """Yield every row by issuer and host, or those of one issuer, one host, or one pair."""
        for shower in self.parties:
            if issuer not in (None, shower.region):
                continue
            for reader in self.parties:
                if reader.region == shower.region or host not in (None, reader.region):
                    continue
                for shown in shower.shown:
                    yield MatrixRow(shower, reader, shown, self.receptions[reader.region, shown.telling])


def make_matrix(profiles: Iterable[Profile], book: RuleBook, on: date) -> Matrix:
    """Return the matrix of a day over every ordered pair of ``profiles``.

    Raises ``Refused(BAD_REQUEST)`` for a day outside ``YEARS``. Where no rule is in force everything is referred.
    """
    if on.year not in YEARS:
        raise Refused(ProblemId.BAD_REQUEST, f"a day of the years {YEARS[0]} to {YEARS[-1]} is needed: {on}")
    at = datetime.combine(on, NOON, BEIJING)
    in_order = sorted(profiles, key=lambda profile: profile.region)
    parties: list[Party] = []
    reports: dict[Telling, Report] = {}
    for profile in in_order:
        party, told = _read_party(profile, book, at)
        parties.append(party)
        for telling, report in told.items():
            reports.setdefault(telling, report)
    receptions: dict[tuple[RegionId, Telling], Reception] = {}
    unread: dict[tuple[RegionId, PlaceKind], str] = {}
    for profile in in_order:
        stack = book.stack_on(profile.region, on)
        rules = compile_stack(stack, on) if stack else None
        for telling, report in reports.items():
            answers = {kind: _answer(telling, kind, rules) for kind in PlaceKind}
            receptions[profile.region, telling] = Reception(render_report(report, profile, at=at), answers)
        for kind in PlaceKind:
            unchecked = None if rules is None else rules.decide_unchecked(kind, place_risk=OriginRisk.LOW)
            if unchecked is not None:
                unread[profile.region, kind] = unchecked.row
    return Matrix(on, tuple(parties), receptions, unread)


def find_party(matrix: Matrix, region: str) -> Party:
    """Return a region of the matrix by its number; raises ``Refused(NOT_FOUND)`` naming it."""
    for party in matrix.parties:
        if party.region == region:
            return party
    raise Refused(ProblemId.NOT_FOUND, f"no profile ships for region {region[:40]!r}: see tongxing regions list")


def answers_of(profile: Profile, at: datetime) -> Iterator[tuple[Status, SourceAnswer]]:
    """Yield what a source can say at a moment, each status alone and with each of its reason words; refreshed then."""
    for status in profile.statuses_at(at):
        yield status, SourceAnswer(status.value, refreshed_at=at)
        for meaning in status.meanings:
            # A status that is a reason word itself was told with itself already.
            if meaning.told is not None and meaning.told != status.value:
                yield status, SourceAnswer(status.value, (meaning.told,), refreshed_at=at)


def telling_of(report: Report, at: datetime) -> Telling:
    """Return what a host is told by a report at a moment; of several causes the first."""
    standing = report.standing_at(at)
    cause = report.causes[0].cause if report.causes else None
    level = report.level if standing is Standing.CURRENT else None
    return Telling(standing, level, cause, report.colour_only)


def encode_matrix(matrix: Matrix, rows: Iterable[MatrixRow]) -> Iterator[dict[str, object]]:
    """Yield each row as one flat JSON-able object: as many keys in each, so that it is a line of a table too."""
    for row in rows:
        shown, telling, rendered = row.shown, row.shown.telling, row.reception.rendered
        content: dict[str, object] = {
            "on": matrix.on.isoformat(),
            "issuer": row.issuer.region,
            "host": row.host.region,
            "status": shown.status,
            "status_zh": shown.label.zh,
            "status_en": shown.label.en,
            "told": shown.told,
            "standing": telling.standing,
            "level": telling.level,
            "cause": telling.cause,
            "colour_only": telling.colour_only,
            "shown_as": rendered.value,
            "shown_as_zh": None if rendered.label is None else rendered.label.zh,
            "shown_as_en": None if rendered.label is None else rendered.label.en,
            "losses": " ".join(rendered.losses),
        }
        for kind, answer in row.reception.answers.items():
            content |= {
                f"{kind}_outcome": answer.outcome,
                f"{kind}_reason": answer.reason,
                f"{kind}_measures": " ".join(answer.measures),
                f"{kind}_row": answer.row,
                f"{kind}_unread_at_low_risk_by": matrix.unread.get((row.host.region, kind)),
            }
        yield content


def _read_party(profile: Profile, book: RuleBook, at: datetime) -> tuple[Party, Mapping[Telling, Report]]:
    """Return the region, and for each telling of its own a report that tells it."""
    shown: list[Shown] = []
    reports: dict[Telling, Report] = {}
    for status, answer in answers_of(profile, at):
        report = translate(answer, profile, at=at, revision=1).report
        telling = telling_of(report, at)
        reports.setdefault(telling, report)
        told = answer.told[0] if answer.told else None
        shown.append(Shown(status.value, status.label, status.colour, told, telling))
    party = Party(
        region=profile.region,
        name=profile.name,
        code_name=profile.find_code_name(at),
        ways=tuple(way for way in Way if profile.uses_way(way, at)),
        shown=tuple(shown),
        tables=tuple(f"{table.region}/{table.id}" for table in book.stack_on(profile.region, at.date())),
        has_own_code=profile.qr is not None,
    )
    return party, reports


def _answer(telling: Telling, place_kind: PlaceKind, rules: CompiledRules | None) -> Answer:
    if telling.standing is not Standing.CURRENT:
        return Answer(
            Outcome.REFER, STANDING_REASONS[telling.standing], row=_row_of_standing(telling.standing, place_kind, rules)
        )
    if rules is None:
        return Answer(Outcome.REFER, ReasonId.NO_RULE_IN_FORCE)
    try:
        decision = rules.decide(situation_told(telling, place_kind))
    except Undecidable as why:
        return Answer(Outcome.REFER, why.reason)
    return Answer(decision.outcome, decision.reason, decision.measures, decision.row, decision.by_exception)


def situation_told(telling: Telling, place_kind: PlaceKind) -> Situation:
    """Return the situation of the matrix's person, with a current telling, at one kind of place."""
    return Situation(
        level=telling.level,
        colour_only=telling.colour_only,
        origin_risk=OriginRisk.LOW,
        others_consulted=True,
        place_kind=place_kind,
        causes=frozenset() if telling.cause is None else frozenset({telling.cause}),
        origin_precision=Precision.EXACT,
    )


def _row_of_standing(standing: Standing, place_kind: PlaceKind, rules: CompiledRules | None) -> str | None:
    """Return the row that speaks of a report that is not current: it can only say what the refusal does."""
    unusable = Situation(
        level=None,
        colour_only=False,
        origin_risk=OriginRisk.UNKNOWN,
        others_consulted=True,
        place_kind=place_kind,
        standing=standing,
        origin_precision=Precision.NONE,
    )
    position = None if rules is None else rules.find_row(unusable)
    return None if rules is None or position is None else rules.decision_of(position).row
