"""From profiles, their differences and the matrix to the answers that tell everybody of regions."""

from collections.abc import Sequence
from datetime import date, datetime

from tongxing.api.region_messages import (
    AcceptanceAnswer,
    FactAnswer,
    GradeAnswer,
    MeaningAnswer,
    PlacesAnswer,
    ProfileEvidenceAnswer,
    ReceptionAnswer,
    RegionAnswer,
    RegionHeadAnswer,
    RegionOnDayAnswer,
    RegionStatusAnswer,
    SaidAnswer,
    StatusMark,
)
from tongxing.core.calendar import BEIJING
from tongxing.core.causes import CAUSES, level_of
from tongxing.core.levels import STANDING_WORDS
from tongxing.core.reasons import citizen_sentence
from tongxing.core.verdicts import MEASURE_WORDS, OUTCOME_WORDS
from tongxing.core.ways import WAY_WORDS
from tongxing.core.words import PlaceKind, Sentence
from tongxing.recognition.matrix import NOON, Answer, Matrix, MatrixRow, Party
from tongxing.recognition.matrix_words import say_status, say_telling
from tongxing.recognition.view_words import words_of
from tongxing.regions.fact_words import SURE_WORDS, TOPIC_WORDS, name_about, name_family
from tongxing.regions.facts import Fact, Topic, days_of_change, facts_of, say_setter, say_validity, shares_of
from tongxing.regions.profile import Profile
from tongxing.regions.rendering import LOSS_WORDS
from tongxing.regions.statuses import Colour, Evidence, Meaning, Status
from tongxing.rules.inputs import PLACE_WORDS

_OF_STATUSES = frozenset({Topic.STATUS, Topic.CAUSE, Topic.STANDING, Topic.VALIDITY, Topic.SETTER})
"""Topics that are told status by status."""


class _Sources:
    """The evidence of one answer, each once, by its place in the list."""

    def __init__(self) -> None:
        self._places: dict[Evidence, int] = {}

    def place(self, evidence: Evidence) -> int:
        return self._places.setdefault(evidence, len(self._places))

    def encode(self) -> list[ProfileEvidenceAnswer]:
        return [
            ProfileEvidenceAnswer(each.sure, words_of(SURE_WORDS[each.sure]), each.source, each.since, each.until)
            for each in self._places
        ]


def describe_head(profile: Profile, day: date, *, takes_part: bool) -> RegionHeadAnswer:
    """Return a region in a line."""
    at, facts = _noon(day), facts_of(profile, day)
    code_name = profile.find_code_name(at)
    return RegionHeadAnswer(
        region=profile.region,
        name=words_of(profile.name),
        code_name=None if code_name is None else words_of(code_name),
        statuses=[_mark(status.colour, status.label) for status in profile.statuses_at(at)],
        ways=[words_of(WAY_WORDS[use.way]) for use in profile.ways if use.evidence.is_in_force(day)],
        takes_part=takes_part,
        evidence=[GradeAnswer(sure, words_of(SURE_WORDS[sure]), count) for sure, count in shares_of(facts).items()],
    )


def describe_region(profile: Profile, day: date, *, takes_part: bool) -> RegionAnswer:
    """Return what holds of a region on a day, each word with its evidence."""
    at, sources = _noon(day), _Sources()
    statuses = [_status(status, at, sources) for status in profile.statuses_at(at)]
    family = name_family(profile.family)
    facts = [_fact(fact, family, sources) for fact in facts_of(profile, day) if fact.topic not in _OF_STATUSES]
    return RegionAnswer(
        head=describe_head(profile, day, takes_part=takes_part),
        on=day,
        statuses=statuses,
        facts=facts,
        evidence=sources.encode(),
        days_of_change=list(days_of_change(profile)),
    )


def describe_acceptance(matrix: Matrix, issuer: Party, host: Party) -> AcceptanceAnswer:
    """Return one ordered pair of a matrix."""
    return AcceptanceAnswer(
        issuer=RegionOnDayAnswer(issuer.region, words_of(issuer.name), matrix.on),
        host=RegionOnDayAnswer(host.region, words_of(host.name), matrix.on),
        code_name=None if issuer.code_name is None else words_of(issuer.code_name),
        cases=[_case(row, matrix) for row in matrix.rows(issuer=issuer.region, host=host.region)],
    )


def _noon(day: date) -> datetime:
    return datetime.combine(day, NOON, BEIJING)


def _mark(colour: Colour, label: Sentence) -> StatusMark:
    return StatusMark(colour, words_of(label), words_of(say_status(label, colour)))


def _status(status: Status, at: datetime, sources: _Sources) -> RegionStatusAnswer:
    day = at.date()
    validity = status.validity
    holds = None
    if validity is not None and validity.evidence.is_in_force(day):
        holds = SaidAnswer(words_of(say_validity(validity)), sources.place(validity.evidence))
    return RegionStatusAnswer(
        mark=_mark(status.colour, status.label),
        meanings=[_meaning(each, at, sources) for each in status.meanings if each.evidence.is_in_force(day)],
        holds=holds,
        setters=[
            SaidAnswer(words_of(say_setter(each)), sources.place(each.evidence))
            for each in status.setters
            if each.evidence.is_in_force(day)
        ],
        evidence=sources.place(status.evidence),
    )


def _meaning(meaning: Meaning, at: datetime, sources: _Sources) -> MeaningAnswer:
    place = sources.place(meaning.evidence)
    if meaning.cause is not None:
        return MeaningAnswer(meaning.told, words_of(CAUSES[meaning.cause].name), level_of((meaning.cause,), at), place)
    if meaning.standing is None:
        raise LookupError("a meaning is a cause or a standing")
    return MeaningAnswer(meaning.told, words_of(STANDING_WORDS[meaning.standing]), None, place)


def _fact(fact: Fact, family: Sentence, sources: _Sources) -> FactAnswer:
    names_family = fact.topic is Topic.FAMILY and not fact.about
    return FactAnswer(
        topic=fact.topic,
        title=words_of(TOPIC_WORDS[fact.topic]),
        about=words_of(name_about(fact.topic, fact.about)),
        said=words_of(family if names_family else fact.said),
        evidence=sources.place(fact.evidence),
    )


def _case(row: MatrixRow, matrix: Matrix) -> ReceptionAnswer:
    rendered = row.reception.rendered
    shown_as = None
    if rendered.label is not None and rendered.colour is not None:
        shown_as = _mark(rendered.colour, rendered.label)
    return ReceptionAnswer(
        mark=_mark(row.shown.colour, row.shown.label),
        told=row.shown.told,
        telling=words_of(say_telling(row.shown.telling)),
        shown_as=shown_as,
        losses=[words_of(LOSS_WORDS[loss]) for loss in rendered.losses],
        answers=[_places(answer, kinds, row, matrix) for answer, kinds in row.reception.kinds_alike().items()],
    )


def _places(answer: Answer, kinds: Sequence[PlaceKind], row: MatrixRow, matrix: Matrix) -> PlacesAnswer:
    return PlacesAnswer(
        places=[words_of(PLACE_WORDS[kind]) for kind in kinds],
        unread=[words_of(PLACE_WORDS[kind]) for kind in kinds if (row.host.region, kind) in matrix.unread],
        outcome=answer.outcome,
        headline=words_of(OUTCOME_WORDS[answer.outcome]),
        sentence=words_of(citizen_sentence(answer.reason, row.issuer.name)),
        measures=[words_of(MEASURE_WORDS[measure]) for measure in answer.measures],
        row=answer.row,
        by_exception=answer.by_exception,
    )
