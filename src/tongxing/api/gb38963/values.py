"""Values on the face of GB/T 38963-2020: answers by number, moments, temperatures. Assumed where not said otherwise.

Seen in an integrator's public program: yes and no as 1 and 2, contact as 1, 2, 3, symptoms as 1 to 7 joined by ``^``
with 1 for none, levels as 00, 01, 10 (``core.levels``), document types by number (``core.documents``), moments as
fourteen digits. The moments are taken as Beijing time, which no source says.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final

from msgspec import Meta

from tongxing.core.calendar import BEIJING
from tongxing.core.cases import CaseClaim
from tongxing.core.checkpoints import DECICELSIUS_MAX, DECICELSIUS_MIN, Temperature
from tongxing.core.errors import Refused
from tongxing.core.health_answers import ContactAnswer, Symptom
from tongxing.core.problems import ProblemId
from tongxing.core.words import PlaceKind

_NO_SYMPTOM: Final = "1"
_JOINED_BY: Final = "^"
_MOMENT: Final = "%Y%m%d%H%M%S"


class YesNo(StrEnum):
    """Yes or no, as seen."""

    YES = "1"
    NO = "2"


class ContactValue(StrEnum):
    """Whether the person met a patient, as seen."""

    YES = "1"
    NO = "2"
    UNSURE = "3"


class Application(StrEnum):
    """What a call is applied for. Assumed."""

    MAKE = "1"
    VERIFY = "2"


class PlaceValue(StrEnum):
    """Kinds of checkpoint, in the order in which the national platform named them. The numbers are assumed."""

    TRAFFIC_GATE = "1"
    RESIDENTIAL_COMPOUND = "2"
    FACTORY = "3"
    PUBLIC_INSTITUTION = "4"


class ClaimValue(StrEnum):
    """What a person says is wrong with a status. The numbers are assumed."""

    NEVER_THERE = "1"
    NOT_A_CONTACT = "2"
    ISOLATION_ENDED = "3"
    TEST_MISSING = "4"
    PERSONAL_DATA = "5"
    ANOTHER_PERSON = "6"
    OTHER = "9"


MomentText = Annotated[str, Meta(pattern=r"^[0-9]{14}\Z", description="yyyyMMddHHmmss, Beijing time")]
TemperatureText = Annotated[
    str, Meta(pattern=r"^[34][0-9](\.[0-9])?\Z", description="degrees Celsius with one decimal at most, as 36.5")
]
SymptomsText = Annotated[
    str,
    Meta(
        pattern=r"^(1|[2-7](\^[2-7]){0,5})\Z",
        description="1 none; 2 cold-like, 3 short of breath, 4 nausea or diarrhoea, 5 palpitation or chest, "
        "6 conjunctivitis, 7 other, joined by ^",
    ),
]

CONTACTS: Final[Mapping[ContactValue, ContactAnswer]] = MappingProxyType(
    {
        ContactValue.YES: ContactAnswer.YES,
        ContactValue.NO: ContactAnswer.NO,
        ContactValue.UNSURE: ContactAnswer.UNSURE,
    }
)
SYMPTOMS: Final[Mapping[str, Symptom]] = MappingProxyType(
    {
        "2": Symptom.COLD_LIKE,
        "3": Symptom.SHORT_OF_BREATH,
        "4": Symptom.NAUSEA_OR_DIARRHOEA,
        "5": Symptom.PALPITATION_OR_CHEST,
        "6": Symptom.CONJUNCTIVITIS,
        "7": Symptom.OTHER,
    }
)
CLAIMS: Final[Mapping[ClaimValue, CaseClaim]] = MappingProxyType({each: CaseClaim[each.name] for each in ClaimValue})
PLACES: Final[Mapping[PlaceValue, PlaceKind]] = MappingProxyType({each: PlaceKind[each.name] for each in PlaceValue})


def is_yes(value: YesNo | None) -> bool:
    """True for yes alone: what was not said is no."""
    return value is YesNo.YES


def parse_symptoms(text: str) -> frozenset[Symptom]:
    """Return the symptoms of a text of ``SymptomsText``. Raises Refused(BAD_REQUEST) for one named twice."""
    if text == _NO_SYMPTOM:
        return frozenset()
    named = text.split(_JOINED_BY)
    if len(set(named)) != len(named):
        raise Refused(ProblemId.BAD_REQUEST, "a symptom is named twice (同一症状重复)")
    return frozenset(SYMPTOMS[each] for each in named)


def parse_temperature(text: str, *, confirmed: bool) -> Temperature:
    """Return a reading. Raises Refused(BAD_REQUEST) for one that no living person has."""
    decicelsius = int(Decimal(text) * 10)
    if not DECICELSIUS_MIN <= decicelsius <= DECICELSIUS_MAX:
        raise Refused(ProblemId.BAD_REQUEST, "a temperature lies from 30.0 to 45.0 degrees (体温应在30.0至45.0之间)")
    return Temperature(decicelsius, confirmed)


def parse_moment(text: str) -> datetime:
    """Return a moment in UTC. Raises Refused(BAD_REQUEST) for a day or an hour that does not exist."""
    try:
        return datetime.strptime(text, _MOMENT).replace(tzinfo=BEIJING).astimezone(UTC)
    except ValueError as wrong:
        raise Refused(ProblemId.BAD_REQUEST, "there is no such day or hour (没有这个日期或时刻)") from wrong


def encode_moment(moment: datetime) -> str:
    """Return a moment as fourteen digits in Beijing time; what is below a second is dropped."""
    return moment.astimezone(BEIJING).strftime(_MOMENT)
