"""Synthetic people: the same for the same seed, none of whom exists.

Document numbers carry a division that begins with 99, which no place in China has, and a right check
digit (GB 11643-1999), so that every check of form can be tried and nobody can be hit. Where people stay
is a real county, because risk lists name real counties.

Each region has a table of *circumstances*: what its back end says of a person in that state, in its
own words. The demo's regions have theirs here; ``sandbox.profile_people`` reads one from any profile. The first
few people stand in every circumstance in turn, so that each can be picked whatever the count; of the
rest all but a few in a thousand stand in the table's first, which is green.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from tongxing.core.calendar import BEIJING, beijing_day
from tongxing.core.documents import resident_check_character
from tongxing.core.masking import mask_document_number, mask_name
from tongxing.core.subjects import Document, DocumentType
from tongxing.core.words import FEDERATION, RegionId
from tongxing.crypto.digests import sha256

PEOPLE_MAX: Final = 10_000_000
CITY_PEOPLE_MAX: Final = 100_000
PICKABLE: Final = 5
"""So many people stand in each circumstance at the least, if the count allows."""

_NOT_GREEN_PER_MILLE: Final = 6
_FIRST_BIRTHDAY: Final = date(1940, 1, 1)
_NUMBERS_PER_BIRTHDAY: Final = 100_000
_PROVINCE_DIGITS: Final = 2
_BIRTHDAY_STEPS: Final = 200
_BIRTHDAYS_PER_STEP: Final = 100
_SURNAMES: Final = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余"
_GIVEN: Final = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红建文辉玲宇欣怡梓涵浩博思雨子轩"


class Circumstance(StrEnum):
    """What a person's code shows and why: what scenes pick people by."""

    GREEN_LOW_RISK_COUNTY = "green_low_risk_county"
    GREEN_MEDIUM_RISK_COUNTY = "green_medium_risk_county"
    GREEN_STAY_UNKNOWN = "green_stay_unknown"
    YELLOW_LAPSED = "yellow_lapsed"
    YELLOW_CLOSE_CONTACT = "yellow_close_contact"
    YELLOW_FEVER = "yellow_fever"
    YELLOW_RECOVERED = "yellow_recovered"
    YELLOW_UNEXPLAINED = "yellow_unexplained"
    RED_CONFIRMED = "red_confirmed"
    RED_CLOSE_CONTACT = "red_close_contact"
    RED_UNEXPLAINED = "red_unexplained"
    GREEN_RELAYED = "green_relayed"
    UNCONFIRMED = "unconfirmed"
    PENDING = "pending"
    MISMATCH = "mismatch"


@dataclass(frozen=True, slots=True)
class State:
    """What a back end holds of a person in a circumstance, in the region's own words.

    ``since_days``: so long ago it began. ``lapsed_days``: so long ago the person registered last; None
    for people who register every morning. ``relayed_from``: whose report it is if the back end only relays it.
    """

    status: str
    told: tuple[str, ...] = ()
    since_days: int | None = None
    lapsed_days: int | None = None
    stays: Sequence[str] = ()
    relayed_from: RegionId | None = None


LOW_RISK_COUNTIES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "11": ("110102", "110105", "110108", "110112"),
        "34": ("340103", "340202", "340302", "341302"),
        "42": ("420302", "420502", "420602", "420802", "421002", "422801"),
        "44": ("440304", "440402", "440605"),
        "4401": ("440104", "440106", "440111"),
        "45": ("450103", "450203", "450303", "450502"),
        "54": ("540102", "540202", "540402"),
    }
)
"""By region. A risk list that the sandbox is run with must not name these."""

MEDIUM_RISK_COUNTIES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({"42": ("420106",)})
"""By region: Wuchang in Wuhan. A risk list that the sandbox is run with must name these as medium."""


def _guangdong(region: str) -> Mapping[str, State]:
    """Red and blue, as the province and its cities had them in March 2020."""
    return {
        Circumstance.GREEN_LOW_RISK_COUNTY: State("blue", stays=LOW_RISK_COUNTIES[region]),
        Circumstance.RED_UNEXPLAINED: State("red", stays=LOW_RISK_COUNTIES[region]),
        Circumstance.PENDING: State("init", stays=LOW_RISK_COUNTIES[region]),
    }


CIRCUMSTANCES: Final[Mapping[str, Mapping[str, State]]] = MappingProxyType(
    {
        "11": {
            Circumstance.GREEN_LOW_RISK_COUNTY: State("未见异常", stays=LOW_RISK_COUNTIES["11"]),
            Circumstance.GREEN_STAY_UNKNOWN: State("未见异常"),
            Circumstance.YELLOW_UNEXPLAINED: State("居家观察", since_days=3, stays=LOW_RISK_COUNTIES["11"]),
            Circumstance.RED_UNEXPLAINED: State("集中观察", since_days=5, stays=LOW_RISK_COUNTIES["11"]),
            Circumstance.UNCONFIRMED: State("系统暂无法确认您的状态", stays=LOW_RISK_COUNTIES["11"]),
        },
        "34": {
            Circumstance.GREEN_LOW_RISK_COUNTY: State("1", stays=LOW_RISK_COUNTIES["34"]),
            Circumstance.GREEN_RELAYED: State("1", stays=LOW_RISK_COUNTIES["34"], relayed_from=FEDERATION),
            Circumstance.YELLOW_UNEXPLAINED: State("2", stays=LOW_RISK_COUNTIES["34"]),
            Circumstance.RED_UNEXPLAINED: State("3", stays=LOW_RISK_COUNTIES["34"]),
            Circumstance.PENDING: State("", stays=LOW_RISK_COUNTIES["34"]),
        },
        "42": {
            Circumstance.GREEN_LOW_RISK_COUNTY: State("green", ("wjyc",), stays=LOW_RISK_COUNTIES["42"]),
            Circumstance.GREEN_MEDIUM_RISK_COUNTY: State("green", ("wjyc",), stays=MEDIUM_RISK_COUNTIES["42"]),
            Circumstance.GREEN_STAY_UNKNOWN: State("green", ("wjyc",)),
            Circumstance.YELLOW_LAPSED: State(
                "yellow", ("djdq",), since_days=2, lapsed_days=5, stays=LOW_RISK_COUNTIES["42"]
            ),
            Circumstance.YELLOW_CLOSE_CONTACT: State("yellow", ("mqjcz",), since_days=4, stays=LOW_RISK_COUNTIES["42"]),
            Circumstance.YELLOW_FEVER: State("yellow", ("xcfr",), since_days=1, stays=LOW_RISK_COUNTIES["42"]),
            Circumstance.YELLOW_RECOVERED: State("yellow", ("kfgc",), since_days=6, stays=LOW_RISK_COUNTIES["42"]),
            Circumstance.YELLOW_UNEXPLAINED: State("yellow", stays=LOW_RISK_COUNTIES["42"]),
            Circumstance.RED_CONFIRMED: State("red", ("qzbl",), since_days=9, stays=LOW_RISK_COUNTIES["42"]),
            Circumstance.PENDING: State("grey", ("shz",), stays=LOW_RISK_COUNTIES["42"]),
            Circumstance.MISMATCH: State("grey", ("xxbf",), stays=LOW_RISK_COUNTIES["42"]),
        },
        "45": {
            Circumstance.GREEN_LOW_RISK_COUNTY: State("green", stays=LOW_RISK_COUNTIES["45"]),
            Circumstance.YELLOW_UNEXPLAINED: State("yellow", stays=LOW_RISK_COUNTIES["45"]),
            Circumstance.RED_UNEXPLAINED: State("red", stays=LOW_RISK_COUNTIES["45"]),
            Circumstance.PENDING: State("init", stays=LOW_RISK_COUNTIES["45"]),
        },
        "44": _guangdong("44"),
        "4401": _guangdong("4401"),
        "54": {
            Circumstance.GREEN_LOW_RISK_COUNTY: State("00", ("wjyc",), stays=LOW_RISK_COUNTIES["54"]),
            Circumstance.GREEN_STAY_UNKNOWN: State("00", ("wjyc",)),
            Circumstance.YELLOW_FEVER: State("01", ("xcfr",), since_days=1, stays=LOW_RISK_COUNTIES["54"]),
            Circumstance.RED_CLOSE_CONTACT: State("10", ("mqjcz",), since_days=4, stays=LOW_RISK_COUNTIES["54"]),
        },
    }
)
"""By region. A region that is not here has no synthetic people."""


@dataclass(frozen=True, slots=True)
class Person:
    """One synthetic person of one region. ``code_content`` is 16 bytes in hex for codes that do not change."""

    index: int
    region: RegionId
    document: Document
    name: str
    circumstance: str
    state: State
    stay: str | None
    registers_at: time
    since: datetime | None
    registered_last: datetime | None
    code_content: str

    @property
    def person_ref(self) -> str:
        """An opaque id, the same in every answer of the back end and on no code."""
        return sha256(b"person ref" + self.code_content.encode())[:16].hex()

    @property
    def masked_name(self) -> str:
        """The name as codes show it."""
        return mask_name(self.name)

    @property
    def masked_document(self) -> str:
        """The document number as codes show it."""
        return mask_document_number(self.document.number)

    def refreshed_at(self, now: datetime) -> datetime:
        """Return when the person registered last: this or yesterday's morning, or long ago if it lapsed."""
        if self.registered_last is not None:
            return self.registered_last
        today = datetime.combine(beijing_day(now), self.registers_at, BEIJING)
        return today if today <= now else today - timedelta(days=1)


class People:
    """The people of one region, in a fixed order. Indexes by document number and by code content.

    ``circumstances`` are what the region's back end says of people in each, the region's own where None is given.
    """

    def __init__(
        self,
        region: RegionId,
        people: Sequence[Person],
        circumstances: Mapping[str, State] | None = None,
    ) -> None:
        self.region = region
        self.circumstances: Mapping[str, State] = (
            CIRCUMSTANCES.get(region, {}) if circumstances is None else circumstances
        )
        self._people = tuple(people)
        self._by_number = {person.document.number: person for person in self._people}
        self._by_content = {person.code_content: person for person in self._people}

    def __len__(self) -> int:
        return len(self._people)

    def __iter__(self) -> Iterator[Person]:
        return iter(self._people)

    def __getitem__(self, index: int) -> Person:
        return self._people[index]

    def pick(self, circumstance: str, nth: int = 0) -> Person:
        """Return the ``nth`` person, from 0, in a circumstance. Raises LookupError if there are not so many."""
        for person in self._people:
            if person.circumstance == circumstance:
                if nth == 0:
                    return person
                nth -= 1
        raise LookupError(f"region {self.region} has too few people who are {circumstance}")

    def find_number(self, number: str) -> Person | None:
        """Return the person with a document number."""
        return self._by_number.get(number)

    def find_content(self, content: str) -> Person | None:
        """Return the person whose unchanging code has this content."""
        return self._by_content.get(content)


def make_people(
    region: RegionId, *, count: int, seed: int, at: datetime, circumstances: Mapping[str, State] | None = None
) -> People:
    """Make ``count`` people (at most ``PEOPLE_MAX``, of a city ``CITY_PEOPLE_MAX``) as they are at ``at`` (aware).

    ``circumstances`` are the region's, the usual one first; None for those of ``CIRCUMSTANCES``. The same
    arguments give the same people, on every machine. Raises LookupError for a region without circumstances,
    ValueError for too many people.
    """
    possible: Mapping[str, State] | None = CIRCUMSTANCES.get(region) if circumstances is None else circumstances
    if not possible:
        raise LookupError(f"no circumstances are known for region {region}")
    most = PEOPLE_MAX if len(region) == _PROVINCE_DIGITS else CITY_PEOPLE_MAX
    if not 0 <= count <= most:
        raise ValueError(f"not from 0 to {most} people")
    draw = random.Random(f"{region}/{seed}")  # noqa: S311 - the same people again for the same seed
    return People(region, [_make_person(region, index, draw, at, possible) for index in range(count)], possible)


def stream_people(
    region: RegionId, *, first: int, count: int, seed: int, at: datetime, circumstances: Mapping[str, State]
) -> Iterator[Person]:
    """Make ``count`` people one after another, numbered from ``first``; none has the document of any other number.

    For more than fit into memory. All are of the usual circumstance but a few in a thousand, as those that
    ``make_people`` makes; the same arguments give the same people. Raises ValueError for too high a number.
    """
    most = PEOPLE_MAX if len(region) == _PROVINCE_DIGITS else CITY_PEOPLE_MAX
    if first < 0 or first + count > most:
        raise ValueError(f"people are numbered from 0 to {most - 1}")
    draw = random.Random(f"{region}/{seed}/{first}")  # noqa: S311 - the same people again for the same seed
    return (_make_person(region, index, draw, at, circumstances) for index in range(first, first + count))


def _make_person(
    region: RegionId, index: int, draw: random.Random, at: datetime, states: Mapping[str, State]
) -> Person:
    order = tuple(states)
    if index < PICKABLE * len(order):
        circumstance = order[index % len(order)]
    elif draw.randrange(1000) < _NOT_GREEN_PER_MILLE:
        circumstance = draw.choice([each for each in order[1:] if not each.startswith("green")] or order)
    else:
        circumstance = order[0]
    state = states[circumstance]
    return Person(
        index=index,
        region=region,
        document=Document(DocumentType.RESIDENT_ID, _resident_number(region, index, draw)),
        name=draw.choice(_SURNAMES) + "".join(draw.choices(_GIVEN, k=draw.choice((1, 2, 2)))),
        circumstance=circumstance,
        state=state,
        stay=draw.choice(state.stays) if state.stays else None,
        registers_at=time(draw.randrange(6, 9), draw.randrange(60), draw.randrange(60)),
        since=None if state.since_days is None else at - timedelta(days=state.since_days),
        registered_last=None if state.lapsed_days is None else at - timedelta(days=state.lapsed_days),
        code_content=draw.randbytes(16).hex(),
    )


def _resident_number(region: RegionId, index: int, draw: random.Random) -> str:
    """Return a number that nobody else has: region and index are in its division, birthday and sequence.

    A city's number has its own last two digits where a province's has the province, and the province in
    the birthday. They differ from a province's, since no province begins with a zero.
    """
    step = draw.randrange(_BIRTHDAY_STEPS) * _BIRTHDAYS_PER_STEP
    shift = 0 if len(region) == _PROVINCE_DIGITS else int(region[:_PROVINCE_DIGITS])
    birthday = _FIRST_BIRTHDAY + timedelta(days=step + shift + index // _NUMBERS_PER_BIRTHDAY)
    within = index % _NUMBERS_PER_BIRTHDAY
    body = f"99{region[-2:]}{within // 1000:02d}{birthday:%Y%m%d}{within % 1000:03d}"
    return body + resident_check_character(body)


def dock_row(person: Person, now: datetime) -> dict[str, object]:
    """Return what the region's back end hands its gateway of a person (``tongxing.regions.docking``)."""
    return {
        "document": {"type": str(person.document.type), "number": person.document.number},
        "name": person.name,
        "status": person.state.status,
        "told": list(person.state.told),
        "since_seconds": None if person.since is None else int(person.since.timestamp()),
        "refreshed_at_seconds": int(person.refreshed_at(now).timestamp()),
        "division": person.stay,
        "person_ref": person.person_ref,
        "derived_from": person.state.relayed_from,
    }
