"""Sites: one region's back end each, with its people, its faults and its port."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Final

from starlette.types import ASGIApp

from tongxing.app.packaged import load_profiles
from tongxing.core.calendar import BEIJING, beijing_day
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.regions.profile import FAMILY_WITHOUT_OWN_CODE, Profile
from tongxing.services.ports import Clock
from tongxing.simulation.backends.dialect import Dialect, Premises
from tongxing.simulation.backends.dialects import DIALECT_OF_FAMILY, FAMILY_CREDENTIALS, assemble
from tongxing.simulation.backends.fault_kinds import FaultKind
from tongxing.simulation.backends.faults import Faults, seconds_of
from tongxing.simulation.backends.recognising import Unasked
from tongxing.simulation.backends.records import Records
from tongxing.simulation.people import CITY_PEOPLE_MAX, Person, State, make_people
from tongxing.simulation.processes import LOOPBACK
from tongxing.simulation.sandbox.profile_people import circumstances_of

ALL_REGIONS: Final = "all"
PEOPLE_OF_ALL_MAX: Final = 200_000
"""So many synthetic people fit with all back ends into 1 GiB, with room to spare."""


@dataclass(frozen=True, slots=True)
class ShiftedClock:
    """The machine's clock, ``by`` so much later or earlier: for a sandbox of another day."""

    by: timedelta = timedelta(0)

    def now(self) -> datetime:
        """Return the sandbox's moment, aware UTC."""
        return datetime.now(UTC) + self.by


@dataclass(frozen=True, slots=True)
class Site:
    """One region's back end. ``app`` answers its dialect and, beside it, ``/_switch`` and ``/_show``."""

    profile: Profile
    premises: Premises
    dialect: Dialect
    app: ASGIApp
    port: int

    @property
    def url(self) -> str:
        """The address of the back end, to which the dialect's paths are added."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def has_code(self) -> bool:
        """True if the region has a code of its own that can be asked about."""
        return self.profile.family != FAMILY_WITHOUT_OWN_CODE

    @property
    def credentials(self) -> Mapping[str, str]:
        """The secrets that whoever asks needs, empty where the dialect has none. Everybody knows them."""
        return FAMILY_CREDENTIALS.get(self.profile.family, MappingProxyType({}))

    @property
    def circumstances(self) -> Mapping[str, State]:
        """The states that the region's people can be in."""
        return self.premises.records.people.circumstances

    def one_in_each(self) -> Iterator[Person]:
        """Yield the first person in each circumstance that anybody was made in, in the order of the table."""
        found: dict[str, Person] = {}
        for person in self.premises.records.people:
            found.setdefault(person.circumstance, person)
            if len(found) == len(self.circumstances):
                break
        yield from found.values()

    def find_person(self, number: str) -> Person:
        """Return the person with a document number. Raises LookupError if there is none."""
        person = self.premises.records.people.find_number(number)
        if person is None:
            raise LookupError(f"nobody in region {self.profile.region} has this document number")
        return person


def choose_profiles(region: str) -> Sequence[Profile]:
    """Return the packaged profile of ``region``, or all of them for ``all``, by number.

    Raises Refused(NOT_FOUND) naming the regions that there are.
    """
    profiles = load_profiles().values()
    chosen = [profile for profile in profiles if region in {ALL_REGIONS, profile.region}]
    if not chosen:
        known = ", ".join(profile.region for profile in profiles)
        raise Refused(ProblemId.NOT_FOUND, f"no region {region}; there are: {known}; or {ALL_REGIONS}")
    return chosen


def parse_fault(name: str | None) -> Faults:
    """Return a back end's fault by its name; none for None. Raises Refused(BAD_REQUEST) naming those that there are."""
    if name is None:
        return Faults()
    try:
        kind = FaultKind(name)
    except ValueError as unknown:
        known = ", ".join(FaultKind)
        raise Refused(ProblemId.BAD_REQUEST, f"no fault {name}; there are: {known}") from unknown
    return Faults(kind, seconds_of(kind, None))


def clock_on(day: date | None, now: datetime) -> ShiftedClock:
    """Return a clock that shows the time of day of ``now`` on ``day``, both China's; the present itself for None."""
    return ShiftedClock() if day is None else ShiftedClock(timedelta(days=(day - now.astimezone(BEIJING).date()).days))


def check_people(count: int, regions: int) -> None:
    """Raise Refused(BAD_REQUEST) if so many people in each of so many regions would not fit into memory."""
    most = min(PEOPLE_OF_ALL_MAX // regions, CITY_PEOPLE_MAX)
    if not 1 <= count <= most:
        raise Refused(ProblemId.BAD_REQUEST, f"from 1 to {most} people in each of {regions} region(s), not {count}")


def open_site(profile: Profile, clock: Clock, faults: Faults, *, people: int, seed: int, port: int = 0) -> Site:
    """Make a region's people and its back end, as they are at the clock's moment.

    Raises Refused(NOT_FOUND) where the profile has no status in force then.
    """
    at = clock.now()
    circumstances = circumstances_of(profile, at)
    if not circumstances:
        first = min(status.evidence.since for status in profile.statuses)
        raise Refused(
            ProblemId.NOT_FOUND, f"region {profile.region} had no statuses on {beijing_day(at)}; from {first} on"
        )
    made = make_people(profile.region, count=people, seed=seed, at=at, circumstances=circumstances)
    premises = Premises(Records(made), faults, clock, Unasked())
    dialect = DIALECT_OF_FAMILY[profile.family](premises, profile)
    return Site(profile, premises, dialect, assemble(premises, dialect), port)
