"""Translation: from what a source said to a report, by cause (design, law 1; domain sheet, *Report*).

- A reason word that the profile knows under the status gives its cause; the level follows from the
  causes by the national table, whatever the colour. A status can be such a word itself.
- Where no word is told, the level is the worst that any cause under the status has in the profile,
  and the report says *colour only*. It holds no cause, because none is known.
- Lapsed, under review, mismatch and no record become a standing, never a level.
- A status or a word that the profile does not know is never guessed: it cannot be decided.
- What the source only relays says from whom, so that nobody takes it for a second opinion, nor for
  somebody who comes from the relaying region.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tongxing.core.causes import HeldCause, level_of
from tongxing.core.errors import Undecidable
from tongxing.core.levels import Level, Standing
from tongxing.core.limits import CLOCK_SKEW
from tongxing.core.masking import mask_name
from tongxing.core.reasons import ReasonId
from tongxing.core.reports import Origin, OriginBasis, Precision, Report
from tongxing.core.words import FEDERATION, RegionId
from tongxing.regions.answers import SourceAnswer
from tongxing.regions.profile import Profile
from tongxing.regions.statuses import Meaning, Status


@dataclass(frozen=True, slots=True)
class Translated:
    """A source's answer in the federation's words."""

    report: Report
    origin: Origin
    masked_hint: str | None


def translate(answer: SourceAnswer, profile: Profile, *, at: datetime, revision: int) -> Translated:
    """Translate ``answer`` by the causes told in it, or conservatively by its colour.

    ``revision`` is counted by the issuer's gateway. Raises Undecidable(STATUS_UNKNOWN) if the status,
    or a reason word under it, is not in the profile, and Undecidable(SOURCE_UNREADABLE) if a time in
    it lies in the future, a needed one is missing, the division is no GB/T 2260 number, or the region says
    that it relays itself.
    """
    status = profile.status_of(answer.status, at)
    if answer.derived_from == profile.region:
        raise Undecidable(ReasonId.SOURCE_UNREADABLE, "a report that is said to be derived from itself")
    meanings = _meanings(answer.told or _told_by_itself(status), status, profile.region)
    as_of = _past(answer.refreshed_at, at) or at
    causes = _held_causes(meanings, _past(answer.since, at) or as_of)
    if causes:
        level: Level | None = level_of((held.cause for held in causes), at)
    else:
        level = None if meanings else status.worst_level(at)
    valid_until = _valid_until(answer, status, at)
    report = Report(
        issuer=profile.region,
        standing=_standing(status, meanings, level, is_over=valid_until is not None and at >= valid_until),
        level=level,
        causes=causes,
        revision=revision,
        as_of=as_of,
        valid_until=valid_until,
        sources_checked=profile.sources_checked,
        derived_from=answer.derived_from,
        colour_only=not meanings and level is not None,
    )
    origin = (
        _origin_of_travel(answer.visited)
        if answer.visited
        else _origin(answer.division, _speaker(answer, profile.region))
    )
    return Translated(report, origin, _masked_hint(answer.masked_name))


def _told_by_itself(status: Status) -> tuple[str, ...]:
    """Return the status's own value where the profile has it as a reason word too, as *nothing abnormal was found*."""
    return () if status.find_told(status.value) is None else (status.value,)


def _meanings(told: Sequence[str], status: Status, region: RegionId) -> tuple[Meaning, ...]:
    meanings = []
    for word in dict.fromkeys(told):
        meaning = status.find_told(word)
        if meaning is None:
            raise Undecidable(ReasonId.STATUS_UNKNOWN, f"region {region}: a reason word that is not in its profile")
        meanings.append(meaning)
    return tuple(meanings)


def _held_causes(meanings: Iterable[Meaning], since: datetime) -> tuple[HeldCause, ...]:
    return tuple(
        HeldCause(meaning.cause, since, None if meaning.lasts is None else since + meaning.lasts)
        for meaning in meanings
        if meaning.cause is not None
    )


def _standing(status: Status, meanings: Sequence[Meaning], level: Level | None, *, is_over: bool) -> Standing:
    """Weigh the standings told: a mismatch or a review makes the whole answer unusable, a lapse does not.

    A registration that ran out says nothing against a finding that the source still states, so a close
    contact stays one; without such a finding the answer has run out. Past its end every answer has.
    """
    told = {meaning.standing for meaning in meanings if meaning.standing is not None}
    if not meanings and status.standing is not Standing.CURRENT:
        told = {status.standing}
    for standing in (Standing.MISMATCH, Standing.NO_RECORD, Standing.PENDING, Standing.SOURCE_AWAY):
        if standing in told:
            return standing
    lapsed = Standing.EXPIRED in told and (level is None or level is Level.LOW)
    if lapsed or is_over:
        return Standing.EXPIRED
    return Standing.CURRENT


def _valid_until(answer: SourceAnswer, status: Status, at: datetime) -> datetime | None:
    """Return the earlier of the end that the source states and the end that the profile sets."""
    ends = [] if answer.valid_until is None else [answer.valid_until]
    if status.validity is not None:
        if answer.refreshed_at is None and status.validity.needs_refresh_time:
            raise Undecidable(ReasonId.SOURCE_UNREADABLE, "no refresh time where the status needs one")
        ends.append(status.validity.end(answer.refreshed_at or at))
    return min(ends, default=None)


def _past(moment: datetime | None, at: datetime) -> datetime | None:
    if moment is not None and moment > at + CLOCK_SKEW:
        raise Undecidable(ReasonId.SOURCE_UNREADABLE, "a time in the future")
    return moment


def _speaker(answer: SourceAnswer, region: RegionId) -> RegionId:
    """Return whose person it is, as far as is known: whoever is relayed, since a visitor does not come from here."""
    return region if answer.derived_from in (None, FEDERATION) else answer.derived_from


def _origin(division: str | None, issuer: RegionId) -> Origin:
    if division is None:
        return Origin(issuer, _PRECISIONS[len(issuer)], OriginBasis.ISSUER_REGION)
    if not (division.isascii() and division.isdecimal() and len(division) in _PRECISIONS) or division[0] == "0":
        raise Undecidable(ReasonId.SOURCE_UNREADABLE, "a division that is no GB/T 2260 number")
    # A number filled up with zeros names the unit above: 420100 is the city 4201.
    division = division[:2] + division[2:].removesuffix("00").removesuffix("00")
    return Origin(division, _PRECISIONS[len(division)], OriginBasis.DECLARED_STAY)


def _origin_of_travel(visited: Sequence[str]) -> Origin:
    """Return the smallest unit that holds every place visited; unknown where no province does."""
    places = [_origin(number, FEDERATION).division or "" for number in visited]
    for length in sorted(_PRECISIONS, reverse=True):
        units = {place[:length] for place in places}
        unit = units.pop()
        if not units and len(unit) == length:
            return Origin(unit, _PRECISIONS[length], OriginBasis.TRAVEL_DATA)
    return Origin(None, Precision.NONE, OriginBasis.TRAVEL_DATA)


_PRECISIONS = {2: Precision.PROVINCE, 4: Precision.CITY, 6: Precision.EXACT}


def _masked_hint(name: str | None) -> str | None:
    """Mask again, since a source may forget to: the first character, and how many follow."""
    if name is None or not name.strip() or not name.isprintable():
        return None
    return mask_name(name)
