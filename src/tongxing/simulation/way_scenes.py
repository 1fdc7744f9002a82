"""The scenes of the three ways and of people whom no phone speaks for, as a table that goes on where ``scenes`` ends.

Each is about people whom nothing has happened to yet (``shown``), so that the scenes hold again and in any order.
"""

from datetime import timedelta
from typing import Final

from tongxing.core.checkpoints import Temperature
from tongxing.core.reasons import ReasonId
from tongxing.core.verdicts import Ending, Note, Outcome, Seen
from tongxing.core.words import PlaceKind
from tongxing.simulation.people import Circumstance
from tongxing.simulation.scenes import (
    ANHUI,
    BEIJING_CITY,
    GUANGXI,
    HUBEI,
    SCENES,
    TIBET,
    Expected,
    Fault,
    LocalCode,
    ManualLane,
    NationalCode,
    Scene,
    scene_of,
    step_of,
)
from tongxing.simulation.shown import (
    Asked,
    AssessedCode,
    ConvertedCode,
    DisputedCode,
    PrintedCode,
    TypedDocument,
    VisitorsCode,
)

_GATE, _COMPOUND, _FACTORY, _OFFICE = (
    PlaceKind.TRAFFIC_GATE,
    PlaceKind.RESIDENTIAL_COMPOUND,
    PlaceKind.FACTORY,
    PlaceKind.PUBLIC_INSTITUTION,
)
_GREEN: Final = Circumstance.GREEN_LOW_RISK_COUNTY
_RED: Final = Circumstance.RED_CONFIRMED
_NOT_CONSULTED: Final = Note.OTHER_REGIONS_NOT_CONSULTED

_PASS: Final = Expected(Outcome.PASS, ReasonId.LOW_LEVEL_LOW_ORIGIN)
_PASS_CONSULTED: Final = Expected(Outcome.PASS, ReasonId.LOW_LEVEL_LOW_ORIGIN, notes=())
_PASS_UNEXPLAINED: Final = Expected(Outcome.PASS, ReasonId.LOW_LEVEL_LOW_ORIGIN, explained=False)
_CONDITIONAL: Final = Expected(Outcome.PASS_WITH_MEASURES, ReasonId.LOCAL_CONDITION, notes=(Note.EXCEPTION_USED,))
_STOP: Final = Expected(Outcome.STOP, ReasonId.LEVEL_HIGH)


def _refer(reason: ReasonId, *, explained: bool = False) -> Expected:
    return Expected(Outcome.REFER, reason, explained)


def _converted(asked: Asked, turned: Circumstance | None = None) -> ConvertedCode:
    return ConvertedCode(_GREEN, HUBEI, GUANGXI, asked, turned)


WAY_SCENES: Final[tuple[Scene, ...]] = (
    scene_of(
        10, "方式一：北京健康宝认可湖北来人", "way 1: Beijing's own code of a visitor", (3, 31, 11, 30),
        step_of(
            "湖北来人的北京健康宝，北京交通卡口", "Beijing's code of a Hubei traveller, recognised, traffic gate",
            VisitorsCode(_GREEN, HUBEI, BEIJING_CITY), _GATE,
            _CONDITIONAL, host=BEIJING_CITY,
        ),
        step_of(
            "湖北密切接触者的北京健康宝，北京居民小区", "Beijing's code of a close contact from Hubei, compound",
            VisitorsCode(Circumstance.YELLOW_CLOSE_CONTACT, HUBEI, BEIJING_CITY), _COMPOUND, _STOP, host=BEIJING_CITY,
        ),
        step_of(
            "到过湖北中风险县者的北京健康宝，北京厂矿企业", "Beijing's code after a stay in a medium-risk county",
            VisitorsCode(Circumstance.GREEN_MEDIUM_RISK_COUNTY, HUBEI, BEIJING_CITY), _FACTORY,
            Expected(Outcome.PASS_WITH_MEASURES, ReasonId.ORIGIN_MEDIUM), host=BEIJING_CITY,
        ),
    ),
    scene_of(
        11, "方式二：湖北码转为广西码", "way 2: a Hubei code converted into Guangxi's", (3, 31, 12, 0),
        step_of(
            "凭证件申领广西码（亮码）", "Guangxi's code, asked for by document",
            _converted(Asked.BY_DOCUMENT), _GATE, _PASS_CONSULTED,
        ),
        step_of(
            "扫湖北码换领广西码（转码）", "Guangxi's code, converted from the Hubei code shown",
            _converted(Asked.BY_SHOWN_CODE), _COMPOUND, _PASS_CONSULTED,
        ),
        step_of(
            "自带湖北签发的证明换领广西码", "Guangxi's code, converted from a statement that the traveller carried",
            _converted(Asked.BY_CARRIED_STATEMENT), _OFFICE, _PASS_CONSULTED,
        ),
        step_of(
            "转码之后湖北转红", "the same, after Hubei has turned red",
            _converted(Asked.BY_SHOWN_CODE, turned=_RED), _GATE, _STOP,
        ),
    ),
    scene_of(
        12, "方式三：西藏直接采用全国码", "way 3: the national code in Tibet",
        (3, 31, 12, 30),
        step_of(
            "评估方签发的全国码，西藏交通卡口", "national code by the assessor, Tibet's traffic gate",
            AssessedCode(TIBET), _GATE, _PASS, host=TIBET,
        ),
        step_of(
            "同上，但西藏本地查明是密切接触者", "the same, but Tibet itself found a close contact",
            AssessedCode(TIBET, local=Circumstance.RED_CLOSE_CONTACT), _GATE, _STOP, host=TIBET,
        ),
    ),
    scene_of(
        13, "两地说法不一", "two regions disagree", (3, 31, 13, 0),
        step_of(
            "湖北绿码，安徽报告为高", "green Hubei code, while Anhui reports the high level",
            DisputedCode(_GREEN, HUBEI, ANHUI, Circumstance.RED_UNEXPLAINED), _GATE, _STOP,
        ),
        step_of(
            "湖北绿码，安徽的红码已过期但未解除", "green Hubei code; Anhui's red ran out and was never cleared",
            DisputedCode(_GREEN, HUBEI, ANHUI, Circumstance.RED_UNEXPLAINED, run_out=timedelta(days=2)), _GATE,
            _refer(ReasonId.EARLIER_REPORT_UNRESOLVED, explained=True),
        ),
        step_of(
            "广西绿码，不给出本人标识，安徽交通卡口", "green Guangxi code, whose system tells nobody who it is",
            LocalCode(_GREEN, GUANGXI), _GATE,
            Expected(Outcome.PASS, ReasonId.LOW_LEVEL_LOW_ORIGIN, notes=(Note.COLOUR_ONLY, _NOT_CONSULTED)), host=ANHUI,
        ),
    ),
    scene_of(
        14, "隧道里的卡口：与外界断开", "a gate in a tunnel, cut off", (3, 31, 14, 0),
        step_of(
            "全国码", "national code", NationalCode(_GREEN), _GATE, _PASS, fault=Fault.HUB_AND_ISSUER_STOPPED,
        ),
        step_of(
            "湖北绿码", "green Hubei code", LocalCode(_GREEN), _GATE,
            _refer(ReasonId.GATEWAY_AWAY), fault=Fault.HUB_AND_ISSUER_STOPPED,
        ),
        step_of(
            "转成的广西码，来源联系不上", "Guangxi's converted code, whose source cannot be reached",
            _converted(Asked.BY_SHOWN_CODE), _GATE,
            _refer(ReasonId.GATEWAY_AWAY), fault=Fault.HUB_AND_ISSUER_STOPPED,
        ),
    ),
    scene_of(
        15, "没有手机的人", "people without a phone", (3, 31, 15, 0),
        step_of(
            "报证件号码", "document number, typed in the person's presence",
            TypedDocument(_GREEN, HUBEI), _GATE, _PASS_UNEXPLAINED,
        ),
        step_of(
            "报证件号码，密切接触者", "document number of a close contact",
            TypedDocument(Circumstance.YELLOW_CLOSE_CONTACT, HUBEI), _GATE,
            Expected(Outcome.STOP, ReasonId.LEVEL_HIGH, explained=False),
        ),
        step_of(
            "纸质码", "printed code", PrintedCode(_GREEN, HUBEI), _COMPOUND, _PASS,
        ),
    ),
    scene_of(
        16, "现场测得发热", "a fever at the gate", (3, 31, 16, 0),
        step_of(
            "湖北绿码，37.6℃，本人确认；复测后由防疫人员接手",
            "green Hubei code, 37.6 °C, confirmed by the person; the health officer takes over",
            LocalCode(_GREEN), _GATE,
            Expected(Outcome.REFER, ReasonId.FEVER_MEASURED_HERE, notes=(Note.FEVER_READING,)),
            temperature=Temperature(376, confirmed=True),
            manual_lane=ManualLane(Seen.IDENTITY_DOCUMENT, Ending.HEALTH_OFFICER_CALLED),
        ),
        step_of(
            "湖北绿码，37.6℃，本人未确认", "green Hubei code, 37.6 °C, not confirmed by the person",
            LocalCode(_GREEN), _GATE,
            Expected(Outcome.PASS, ReasonId.LOW_LEVEL_LOW_ORIGIN, notes=(Note.TEMPERATURE_NOT_CONFIRMED,)),
            temperature=Temperature(376, confirmed=False),
        ),
    ),
    scene_of(
        17, "北京健康宝过了午夜", "Beijing's code after midnight", (3, 31, 23, 50),
        step_of(
            "当日的北京健康宝，厂矿企业", "Beijing's code of the same day, factory",
            LocalCode(_GREEN, BEIJING_CITY), _FACTORY, _PASS,
        ),
        step_of(
            "午夜前打开、午夜后出示的北京健康宝；凭身份证件放行",
            "Beijing's code opened before midnight, shown after it; let through by an identity document",
            LocalCode(_GREEN, BEIJING_CITY), _GATE,
            _refer(ReasonId.REPORT_EXPIRED, explained=True), waited=timedelta(minutes=11),
            manual_lane=ManualLane(Seen.IDENTITY_DOCUMENT, Ending.PASSED),
        ),
    ),
)  # fmt: skip

ALL_SCENES: Final = SCENES + WAY_SCENES
"""Everything that the demo plays."""
