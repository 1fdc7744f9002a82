"""Verdicts: the outcome, why, and the trail of stages. A verdict is never a bool."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, NoReturn

import msgspec

from tongxing.core.reasons import ReasonId, Stage
from tongxing.core.reports import Origin, OriginRisk, Report
from tongxing.core.transit import Transit
from tongxing.core.words import PlaceKind, RegionId, Sentence


class Outcome(StrEnum):
    """What the guard does. ``REFER`` is not on the line PASS > PASS_WITH_MEASURES > STOP."""

    PASS = "PASS"  # noqa: S105 - an outcome, not a password
    PASS_WITH_MEASURES = "PASS_WITH_MEASURES"  # noqa: S105 - an outcome, not a password
    REFER = "REFER"
    STOP = "STOP"


OUTCOME_WORDS: Mapping[Outcome, Sentence] = {
    Outcome.PASS: Sentence("通行", "PASS"),
    Outcome.PASS_WITH_MEASURES: Sentence("通行，须办理措施", "PASS WITH MEASURES"),
    Outcome.REFER: Sentence("转人工确认", "REFER to the manual lane"),
    Outcome.STOP: Sentence("不得通行", "STOP"),
}


class Measure(StrEnum):
    """What a rule row may ask of a person who passes: a closed list."""

    TAKE_TEMPERATURE = "take_temperature"
    DECLARE_STAY = "declare_stay"
    REPORT_TO_COMMUNITY = "report_to_community"
    OBSERVE_HEALTH_14_DAYS = "observe_health_14_days"
    STAY_AT_OBSERVATION_POINT = "stay_at_observation_point"
    ISOLATE_AT_HOME_14_DAYS = "isolate_at_home_14_days"
    SHOW_TEST_48_H = "show_test_48_h"
    TEST_ON_ARRIVAL = "test_on_arrival"
    FOLLOW_UP_TEST = "follow_up_test"
    SHOW_PAPER_PROOF = "show_paper_proof"
    APPLY_FOR_LOCAL_CODE = "apply_for_local_code"
    SHOW_SECOND_CODE = "show_second_code"


MEASURE_WORDS: Mapping[Measure, Sentence] = {
    Measure.TAKE_TEMPERATURE: Sentence("测量体温", "take the temperature"),
    Measure.DECLARE_STAY: Sentence("申报近14天停留地", "declare the stays of the last 14 days"),
    Measure.REPORT_TO_COMMUNITY: Sentence("向目的地社区报到", "report to the community of the destination"),
    Measure.OBSERVE_HEALTH_14_DAYS: Sentence("自我健康监测14天", "observe one's own health for 14 days"),
    Measure.STAY_AT_OBSERVATION_POINT: Sentence("到集中观察点观察", "stay at an observation point"),
    Measure.ISOLATE_AT_HOME_14_DAYS: Sentence("居家隔离14天", "isolate at home for 14 days"),
    Measure.SHOW_TEST_48_H: Sentence(
        "出示48小时内核酸阴性证明", "show a negative nucleic acid test not older than 48 h"
    ),
    Measure.TEST_ON_ARRIVAL: Sentence("抵达后即做核酸检测", "take a nucleic acid test on arrival"),
    Measure.FOLLOW_UP_TEST: Sentence("即采即走即追：采样后放行", "give a sample and go on; the result follows"),
    Measure.SHOW_PAPER_PROOF: Sentence("出示纸质健康证明", "show a health certificate on paper"),
    Measure.APPLY_FOR_LOCAL_CODE: Sentence("另行申领本地健康码", "apply for the local code too"),
    Measure.SHOW_SECOND_CODE: Sentence("另行出示第二个码", "show a second code too"),
}


class Direction(StrEnum):
    """Which way a person passes a checkpoint."""

    IN = "in"
    OUT = "out"
    PASSING = "passing"


class Ending(StrEnum):
    """How a REFER ended in the manual lane: what the guard decided and recorded."""

    PASSED = "passed"
    TURNED_AWAY = "turned_away"
    HEALTH_OFFICER_CALLED = "health_officer_called"


DIRECTION_WORDS: Mapping[Direction, Sentence] = {
    Direction.IN: Sentence("进入", "in"),
    Direction.OUT: Sentence("离开", "out"),
    Direction.PASSING: Sentence("途经", "passing through"),
}
ENDING_WORDS: Mapping[Ending, Sentence] = {
    Ending.PASSED: Sentence("人工确认后通行", "let through after the manual check"),
    Ending.TURNED_AWAY: Sentence("人工确认后劝返", "turned away after the manual check"),
    Ending.HEALTH_OFFICER_CALLED: Sentence("已联系现场防疫人员", "the health officer on site was called"),
}


class Seen(StrEnum):
    """What a guard saw in the manual lane."""

    IDENTITY_DOCUMENT = "identity_document"
    PAPER_CERTIFICATE = "paper_certificate"
    FAMILY_MEMBER = "family_member"
    NOTHING = "nothing"


SEEN_WORDS: Mapping[Seen, Sentence] = {
    Seen.IDENTITY_DOCUMENT: Sentence("身份证件", "an identity document"),
    Seen.PAPER_CERTIFICATE: Sentence("纸质证明", "a paper certificate"),
    Seen.FAMILY_MEMBER: Sentence("家属代为说明", "a family member who spoke for the person"),
    Seen.NOTHING: Sentence("未出示任何材料", "nothing was shown"),
}


class Note(StrEnum):
    """What a verdict must say beside its reason."""

    COLOUR_ONLY = "colour_only"
    OTHER_REGIONS_NOT_CONSULTED = "other_regions_not_consulted"
    EXCEPTION_USED = "exception_used"
    FEVER_READING = "fever_reading"
    TEMPERATURE_NOT_CONFIRMED = "temperature_not_confirmed"
    TEMPERATURE_TAKEN = "temperature_taken"
    FOREIGN_USED = "foreign_used"
    FOREIGN_USED_NAME_LIKELY = "foreign_used_name_likely"
    FOREIGN_NAME_NEEDED = "foreign_name_needed"
    FOREIGN_NAME_OTHER_SCRIPT = "foreign_name_other_script"
    FOREIGN_NAME_DIFFERS = "foreign_name_differs"
    FOREIGN_EXPIRED = "foreign_expired"
    FOREIGN_NOT_ACTIVE = "foreign_not_active"
    FOREIGN_REVOKED = "foreign_revoked"
    FOREIGN_FORGED = "foreign_forged"
    FOREIGN_SIGNER_UNKNOWN = "foreign_signer_unknown"
    FOREIGN_INCOMPLETE = "foreign_incomplete"
    FOREIGN_UNREADABLE = "foreign_unreadable"


FOREIGN_NOTE_WORDS: Mapping[Note, Sentence] = {
    Note.FOREIGN_USED: Sentence(
        "境外证明已验证，姓名一致，已采用。", "A foreign certificate was verified, its name fits, and it was used."
    ),
    Note.FOREIGN_USED_NAME_LIKELY: Sentence(
        "境外证明已验证并采用；姓名写法不同（转写），请核对证件。",
        "A foreign certificate was verified and used; its name is transliterated: look at the document.",
    ),
    Note.FOREIGN_NAME_NEEDED: Sentence(
        "境外证明未采用：请录入证件上的姓名以便比对。",
        "A foreign certificate was not used: enter the name on the identity document to compare.",
    ),
    Note.FOREIGN_NAME_OTHER_SCRIPT: Sentence(
        "境外证明未采用：姓名文字不同，无法比对；请录入证件上的拉丁字母姓名。",
        "A foreign certificate was not used: its name is in another script; enter the one that the document has in it.",
    ),
    Note.FOREIGN_NAME_DIFFERS: Sentence(
        "境外证明未采用：姓名与证件不一致。",
        "A foreign certificate was not used: its name is not that of the identity document.",
    ),
    Note.FOREIGN_EXPIRED: Sentence(
        "境外证明未采用：已过有效期。", "A foreign certificate was not used: it has expired."
    ),
    Note.FOREIGN_NOT_ACTIVE: Sentence(
        "境外证明未采用：尚未生效。", "A foreign certificate was not used: it is not valid yet."
    ),
    Note.FOREIGN_REVOKED: Sentence(
        "境外证明未采用：已被签发方撤销。", "A foreign certificate was not used: its issuer has withdrawn it."
    ),
    Note.FOREIGN_FORGED: Sentence(
        "境外证明未采用：签名不符。", "A foreign certificate was not used: its signature does not fit."
    ),
    Note.FOREIGN_SIGNER_UNKNOWN: Sentence(
        "境外证明未采用：签发方不在信任列表中。",
        "A foreign certificate was not used: its issuer is on no trust list here.",
    ),
    Note.FOREIGN_INCOMPLETE: Sentence(
        "境外证明未采用：有几个二维码，尚未扫全。",
        "A foreign certificate was not used: it has several QR codes, and not all were scanned.",
    ),
    Note.FOREIGN_UNREADABLE: Sentence(
        "境外证明未采用：无法读取。", "A foreign certificate was not used: it cannot be read."
    ),
}
"""What is said of foreign codes shown beside: it tells a guard no more than what they scanned."""

NOTE_WORDS: Mapping[Note, Sentence] = {
    **FOREIGN_NOTE_WORDS,
    Note.COLOUR_ONLY: Sentence(
        "来源只给出颜色，按该颜色下最重的情形换算",
        "the source told only a colour; the worst cause under that colour was taken",
    ),
    Note.OTHER_REGIONS_NOT_CONSULTED: Sentence("未查询其他地区", "other regions were not consulted"),
    Note.EXCEPTION_USED: Sentence("适用了登记的例外", "a registered exception was used"),
    Note.FEVER_READING: Sentence(
        "此处测得的体温不低于37.3℃，已经本人确认", "the temperature here was 37.3 °C or more, as the person confirmed"
    ),
    Note.TEMPERATURE_TAKEN: Sentence(
        "已测体温，正常：这项措施已经完成。", "The temperature was taken and is normal: that measure is done."
    ),
    Note.TEMPERATURE_NOT_CONFIRMED: Sentence(
        "体温读数未经本人确认，未用于判定",
        "the reading of the temperature was not confirmed by the person and not used",
    ),
}


class TrailStep(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One stage that was reached: ``reason`` is None if it went through."""

    stage: Stage
    reason: ReasonId | None = None


class Verdict(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One decision. Who may see what of it: ``tongxing.recognition.views``.

    ``issuer`` is set only once authenticated (national code) or by whom the host asked (local
    code). ``detail`` is a technical remark for the auditor: never personal data. ``bundle_as_of``
    is when the reference data were issued: the age that people are told is ``at`` minus it.
    ``row`` names the rule row that decided, as ``region/table/row``. ``direction`` is None where the
    guard did not say which way the person goes. ``transit`` is what an authenticated transit pass says of the
    vehicle and its way, for the guard to compare: the system has not seen the vehicle. ``situation`` is what the
    rule tables looked at, where they did (``tongxing.rules.situations``);
    ``site`` the checkpoint's own name, whose own rules may have decided. ``told_at`` are regions whose gateways may
    have the verdict told to the person besides the issuer's: of a typed document, where no code says who that is.
    ``others_whole_until`` is until when the hub missed nothing of the other regions that report the person, by their
    own word: None where none does, or one never said so.
    """

    outcome: Outcome
    reason: ReasonId
    at: datetime
    host: RegionId
    place_kind: PlaceKind
    trail: tuple[TrailStep, ...]
    bundle_number: int
    bundle_as_of: datetime
    measures: tuple[Measure, ...] = ()
    notes: tuple[Note, ...] = ()
    row: str | None = None
    family: str | None = None
    issuer: RegionId | None = None
    report: Report | None = None
    origin: Origin | None = None
    origin_risk: OriginRisk | None = None
    masked_hint: str | None = None
    subject_handle: str | None = None
    detail: str = ""
    direction: Direction | None = None
    transit: Transit | None = None
    situation: Any = None
    site: str = ""
    told_at: tuple[RegionId, ...] = ()
    others_whole_until: datetime | None = None

    def __bool__(self) -> NoReturn:
        raise TypeError("a verdict is never a bool: compare its outcome")
