"""Which states a region's people can be in, read from its profile: so that region 33 needs no table of its own.

A circumstance is named after the colour of its status, the status's value and the region's word for the cause, as
``yellow_01_mqjcz``. Faults know people by the beginning of that name (``backends.records``), where blue counts
as green and orange as yellow. The first circumstance is the usual one: nothing was found.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from tongxing.core.calendar import beijing_day
from tongxing.core.causes import Cause
from tongxing.core.levels import Standing
from tongxing.core.words import FEDERATION, RegionId
from tongxing.regions.profile import Profile
from tongxing.regions.statuses import Colour, Meaning, Status
from tongxing.simulation.people import CIRCUMSTANCES, LOW_RISK_COUNTIES, People, State, make_people

SINCE_DAYS: Final = 3
_DAY: Final = timedelta(days=1)
_COLOURS: Final[Mapping[Colour, str]] = {Colour.BLUE: "green", Colour.ORANGE: "yellow"}
_RELAYED: Final[Mapping[str, RegionId]] = {"signed_numeric": FEDERATION, "national_levels": RegionId("42")}
"""Whose report the answers of a family can say that they only relay."""


def circumstances_of(profile: Profile, at: datetime) -> Mapping[str, State]:
    """Return every state that the profile knows at ``at`` (aware), by circumstance; the usual one first.

    Empty for a profile that has no status in force then.
    """
    statuses = sorted(profile.statuses_at(at), key=lambda each: Cause.NOTHING_FOUND not in each.causes)
    found: dict[str, State] = {}
    for status in statuses:
        for meaning in status.meanings:
            if meaning.evidence.is_in_force(beijing_day(at)):
                found.setdefault(_name_of(status, meaning), _state_of(profile, status, meaning))
    for status in statuses:
        if status.validity is not None and status.validity.lasts is not None and Cause.NOTHING_FOUND in status.causes:
            state = _state_of(profile, status, status.meanings[0], lapsed_days=status.validity.lasts // _DAY + 1)
            found.setdefault(f"{_name_of(status, status.meanings[0])}_lapsed", state)
        if profile.family in _RELAYED and Cause.NOTHING_FOUND in status.causes:
            relayed = State(status.value, stays=_stays(profile), relayed_from=_RELAYED[profile.family])
            found.setdefault(f"{_name_of(status, status.meanings[0])}_relayed", relayed)
    return found


def make_people_of(profile: Profile, *, count: int, seed: int, at: datetime) -> People:
    """Make ``count`` people of the profile's region as they are at ``at``; raises as ``make_people``.

    The scenes' own regions have circumstances of their own, every other has those of its profile.
    """
    states = CIRCUMSTANCES.get(profile.region) or circumstances_of(profile, at)
    return make_people(profile.region, count=count, seed=seed, at=at, circumstances=states)


def _name_of(status: Status, meaning: Meaning) -> str:
    told = _told(status, meaning)
    return "_".join(part for part in (_COLOURS.get(status.colour, status.colour.value), status.value, *told) if part)


def _told(status: Status, meaning: Meaning) -> tuple[str, ...]:
    """Return the region's word for the cause, none where the status tells it by itself."""
    return () if meaning.told in {None, status.value} else (str(meaning.told),)


def _state_of(profile: Profile, status: Status, meaning: Meaning, lapsed_days: int | None = None) -> State:
    is_well = meaning.cause is None or meaning.cause is Cause.NOTHING_FOUND
    if meaning.standing is Standing.EXPIRED:
        lapsed_days = SINCE_DAYS
    return State(
        status.value,
        _told(status, meaning),
        since_days=None if is_well else SINCE_DAYS,
        lapsed_days=lapsed_days,
        stays=_stays(profile),
    )


def _stays(profile: Profile) -> tuple[str, ...]:
    """Return counties of the region where some are known to the simulation, else the region itself."""
    return LOW_RISK_COUNTIES.get(profile.region, (profile.region,))
