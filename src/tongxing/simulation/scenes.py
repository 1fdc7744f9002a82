"""The nine scenes of the first crossing, as a table: what is shown where, and what must come of it.

Each scene has its own moment in the spring of 2020 and leaves nothing behind. Where a step has several
expectations, the same code is scanned as often: one scan after the other, or all at one moment.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from tongxing.core.calendar import BEIJING
from tongxing.core.checkpoints import Temperature
from tongxing.core.proofs import ProofKind
from tongxing.core.reasons import ReasonId
from tongxing.core.verdicts import Ending, Note, Outcome, Seen
from tongxing.core.words import PlaceKind, RegionId, Sentence
from tongxing.simulation.forgeries import Flaw
from tongxing.simulation.people import Circumstance
from tongxing.simulation.shown import Arranged

BEIJING_CITY: Final = RegionId("11")
ANHUI: Final = RegionId("34")
HUBEI: Final = RegionId("42")
GUANGXI: Final = RegionId("45")
TIBET: Final = RegionId("54")

FOUNDED_AT: Final = datetime(2020, 3, 25, 8, 0, tzinfo=BEIJING)
"""When the simulated federation is founded: its first bundle is of this moment and lasts seven days."""


class Fault(StrEnum):
    """What is broken while a code is scanned."""

    ISSUER_STOPPED = "issuer_stopped"
    BACK_END_STOPPED = "back_end_stopped"
    BACK_END_SLOW = "back_end_slow"
    BACK_END_HTML = "back_end_html"
    BACK_END_OTHER_PERSON = "back_end_other_person"
    BACK_END_FORGETFUL = "back_end_forgetful"
    HUB_STOPPED = "hub_stopped"
    HUB_AND_ISSUER_STOPPED = "hub_and_issuer_stopped"


@dataclass(frozen=True, slots=True)
class LocalCode:
    """The code that the person's region displays on the phone."""

    circumstance: Circumstance
    region: RegionId = HUBEI


@dataclass(frozen=True, slots=True)
class NationalCode:
    """A national code made by the person's region, with a flaw if there is one."""

    circumstance: Circumstance
    flaw: Flaw | None = None
    region: RegionId = HUBEI


@dataclass(frozen=True, slots=True)
class RepaintedPicture:
    """A picture file of the person's local code whose frame was repainted."""

    circumstance: Circumstance
    frame: str
    repainted: str
    region: RegionId = HUBEI


@dataclass(frozen=True, slots=True)
class AnyText:
    """A QR code that nobody's region made."""

    text: str


Shown = LocalCode | NationalCode | RepaintedPicture | AnyText | Arranged


@dataclass(frozen=True, slots=True)
class Expected:
    """What one scan must come to.

    ``explained``: the person's own region can tell them why. ``notes``: what the verdict says beside its
    reason, if that is the point.
    """

    outcome: Outcome
    reason: ReasonId
    explained: bool = True
    notes: tuple[Note, ...] | None = None


@dataclass(frozen=True, slots=True)
class ManualLane:
    """How a REFER ended: what the guard saw, and what became of the person."""

    seen: Seen
    ending: Ending


@dataclass(frozen=True, slots=True)
class ShownProof:
    """A test whose result the person shows on paper; the sample is so many hours old."""

    kind: ProofKind
    hours_ago: int
    positive: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One thing shown at a gate of ``host``, and what each scan of it must come to.

    ``waited`` passes between showing and scanning. With ``at_once`` the scans happen at one moment, each
    by a device of its own, and the expectations hold in any order. ``temperature`` is what the guard
    measured, ``proofs`` what was shown on paper; ``manual_lane`` is what follows a REFER.
    """

    says: Sentence
    shown: Shown
    place: PlaceKind
    expected: tuple[Expected, ...]
    host: RegionId = GUANGXI
    fault: Fault | None = None
    waited: timedelta = timedelta()
    at_once: bool = False
    temperature: Temperature | None = None
    manual_lane: ManualLane | None = None
    proofs: tuple[ShownProof, ...] = ()


@dataclass(frozen=True, slots=True)
class Scene:
    """One scene at its moment.

    ``era`` names a time for which bundle and callers' keys must be renewed; empty where those of the founding hold.
    """

    number: int
    title: Sentence
    at: datetime
    steps: tuple[Step, ...]
    era: str = ""


_GATE, _COMPOUND, _FACTORY, _OFFICE = (
    PlaceKind.TRAFFIC_GATE,
    PlaceKind.RESIDENTIAL_COMPOUND,
    PlaceKind.FACTORY,
    PlaceKind.PUBLIC_INSTITUTION,
)
_GREEN = LocalCode(Circumstance.GREEN_LOW_RISK_COUNTY)
_GREEN_NATIONAL = NationalCode(Circumstance.GREEN_LOW_RISK_COUNTY)
_PASS = Expected(Outcome.PASS, ReasonId.LOW_LEVEL_LOW_ORIGIN)


def _refer(reason: ReasonId, *, explained: bool = False) -> Expected:
    """Return the expectation of a scan that cannot be confirmed; where nobody was identified, none explains."""
    return Expected(Outcome.REFER, reason, explained)


def step_of(zh: str, en: str, shown: Shown, place: PlaceKind, *expected: Expected, **particulars: Any) -> Step:  # noqa: ANN401
    """Return a step; ``particulars`` are its other fields by name."""
    return Step(Sentence(zh, en), shown, place, expected, **particulars)


def scene_of(number: int, zh: str, en: str, at: tuple[int, int, int, int], *steps: Step) -> Scene:
    """Return a scene at (month, day, hour, minute) of 2020, Beijing time."""
    month, day, hour, minute = at
    return Scene(number, Sentence(zh, en), datetime(2020, month, day, hour, minute, tzinfo=BEIJING), steps)


def _flawed(flaw: Flaw) -> NationalCode:
    return NationalCode(Circumstance.GREEN_LOW_RISK_COUNTY, flaw)


SCENES: Final = (
    scene_of(
        1, "湖北绿码，在广西各类检查点", "a green Hubei code at Guangxi's checkpoints", (3, 25, 9, 10),
        step_of("湖北绿码，交通卡口", "green Hubei code, traffic gate", _GREEN, _GATE, _PASS),
        step_of("湖北绿码，居民小区", "green Hubei code, residential compound", _GREEN, _COMPOUND, _PASS),
        step_of("湖北绿码，厂矿企业", "green Hubei code, factory", _GREEN, _FACTORY, _PASS),
        step_of("湖北绿码，公共机构", "green Hubei code, public institution", _GREEN, _OFFICE, _PASS),
    ),
    scene_of(
        2, "湖北黄码，只是登记到期", "a yellow Hubei code whose registration ran out", (3, 25, 10, 5),
        step_of(
            "登记到期的湖北黄码，交通卡口", "yellow Hubei code, registration run out, traffic gate",
            LocalCode(Circumstance.YELLOW_LAPSED), _GATE, _refer(ReasonId.REPORT_EXPIRED, explained=True),
        ),
    ),
    scene_of(
        3, "湖北黄码，密切接触者", "a yellow Hubei code of a close contact", (3, 26, 9, 20),
        step_of(
            "密切接触者的湖北黄码，居民小区", "close contact's yellow Hubei code, residential compound",
            LocalCode(Circumstance.YELLOW_CLOSE_CONTACT), _COMPOUND, Expected(Outcome.STOP, ReasonId.LEVEL_HIGH),
        ),
    ),
    scene_of(
        4, "全国码，只凭资料包判定", "a national code, decided by the bundle alone", (3, 26, 14, 30),
        step_of("全国码，厂矿企业", "national code, factory", _GREEN_NATIONAL, _FACTORY, _PASS),
        step_of(
            "全国码，湖北网关和健康码系统都停机，公共机构",
            "national code, Hubei's gateway and back end both stopped, public institution",
            _GREEN_NATIONAL, _OFFICE, _PASS, fault=Fault.ISSUER_STOPPED,
        ),
    ),
    scene_of(
        5, "伪造、改动、过期、重放", "forged, altered, expired, replayed", (3, 27, 9, 0),
        step_of(
            "签名是伪造的全国码", "national code, forged signature",
            _flawed(Flaw.FORGED), _GATE, _refer(ReasonId.SIGNATURE_INVALID),
        ),
        step_of(
            "失效时间被改一位的全国码", "national code, one bit of its end of life flipped",
            _flawed(Flaw.BIT_OF_TIME), _GATE, _refer(ReasonId.SIGNATURE_INVALID),
        ),
        step_of(
            "密钥号被改一位的全国码", "national code, one bit of its key id flipped",
            _flawed(Flaw.BIT_OF_KEY_ID), _GATE, _refer(ReasonId.UNKNOWN_KEY),
        ),
        step_of(
            "封套被改一位的全国码", "national code, one bit of its envelope flipped",
            _flawed(Flaw.BIT_OF_FRAME), _GATE, _refer(ReasonId.MALFORMED_CODE),
        ),
        step_of(
            "全国码两分钟前的截图", "national code, screenshot two minutes old",
            _GREEN_NATIONAL, _GATE, _refer(ReasonId.CODE_EXPIRED), waited=timedelta(minutes=2),
        ),
        step_of(
            "湖北码两分钟前的截图", "Hubei code, screenshot two minutes old",
            _GREEN, _GATE, _refer(ReasonId.TICKET_EXPIRED), waited=timedelta(minutes=2),
        ),
        step_of(
            "名录外的单位签发的全国码", "national code of an issuer that is not in the directory",
            _flawed(Flaw.UNKNOWN_ISSUER), _GATE, _refer(ReasonId.UNKNOWN_ISSUER),
        ),
        step_of(
            "随便一段文字", "random text",
            AnyText("让我过去吧 let me through 1234"), _GATE, _refer(ReasonId.NOT_A_CODE),
        ),
        step_of(
            "一个网址", "a web address",
            AnyText("https://health-code.example/green?id=1"), _GATE, _refer(ReasonId.WEB_ADDRESS),
        ),
        step_of(
            "一次性的湖北码，先后用两次", "one-time Hubei code, used twice",
            _GREEN, _GATE, _PASS, _refer(ReasonId.TICKET_USED),
        ),
        step_of(
            "一次性的湖北码，两处同时扫", "one-time Hubei code, two verifiers at the same moment",
            _GREEN, _GATE, _PASS, _refer(ReasonId.TICKET_USED), at_once=True,
        ),
    ),
    scene_of(
        6, "黄码图片被涂成绿色", "a picture of a yellow code, repainted green", (3, 27, 16, 0),
        step_of(
            "现场测得发热者的湖北黄码，图片边框涂绿，交通卡口",
            "Hubei code, yellow for measured fever, its frame repainted green, traffic gate",
            RepaintedPicture(Circumstance.YELLOW_FEVER, frame="#f5d000", repainted="#39b778"),
            _GATE, Expected(Outcome.PASS_WITH_MEASURES, ReasonId.LEVEL_MEDIUM),
        ),
    ),
    scene_of(
        7, "湖北健康码系统出故障", "Hubei's back end fails", (3, 28, 9, 0),
        step_of(
            "湖北健康码系统停机", "Hubei code, its back end is down",
            _GREEN, _GATE, _refer(ReasonId.SOURCE_AWAY), fault=Fault.BACK_END_STOPPED,
        ),
        step_of(
            "湖北健康码系统五秒才答", "Hubei code, its back end takes five seconds",
            _GREEN, _GATE, _refer(ReasonId.SOURCE_SLOW), fault=Fault.BACK_END_SLOW,
        ),
        step_of(
            "湖北健康码系统答了一个网页", "Hubei code, its back end answers HTML",
            _GREEN, _GATE, _refer(ReasonId.SOURCE_UNREADABLE), fault=Fault.BACK_END_HTML,
        ),
        step_of(
            "湖北健康码系统答了别人的记录", "Hubei code, its back end answers with another person's record",
            _GREEN, _GATE, _refer(ReasonId.OTHER_PERSONS_RECORD), fault=Fault.BACK_END_OTHER_PERSON,
        ),
    ),
    scene_of(
        8, "全国平台停机", "the hub is down", (3, 30, 10, 0),
        step_of("湖北绿码，全国平台停机", "green Hubei code, no hub", _GREEN, _GATE, _PASS, fault=Fault.HUB_STOPPED),
        step_of(
            "全国码，全国平台停机", "national code, no hub", _GREEN_NATIONAL, _GATE, _PASS, fault=Fault.HUB_STOPPED
        ),
    ),
    scene_of(
        9, "来自中风险县的绿码", "a green code from a medium-risk county", (3, 31, 11, 0),
        step_of(
            "到过中风险县的湖北绿码，交通卡口", "green Hubei code, stay in a medium-risk county, traffic gate",
            LocalCode(Circumstance.GREEN_MEDIUM_RISK_COUNTY), _GATE,
            Expected(Outcome.PASS_WITH_MEASURES, ReasonId.ORIGIN_MEDIUM),
        ),
    ),
)  # fmt: skip
