"""Causes: why a person has a level. A closed table; the level follows from it, never from a colour.

One national table per date gives each cause its level (design, law 1; domain sheet, *Report*). The
national table itself was not published in a form that could be read, so each level below carries
the evidence it rests on; ``assumed`` means that regions differed and the federation had to choose.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

import msgspec

from tongxing.core.calendar import beijing_day
from tongxing.core.levels import Level, worst_level
from tongxing.core.words import Sentence


class Cause(StrEnum):
    """Why a person has a level."""

    NOTHING_FOUND = "nothing_found"
    CONFIRMED_CASE = "confirmed_case"
    SUSPECTED_CASE = "suspected_case"
    ASYMPTOMATIC_CASE = "asymptomatic_case"
    FEVER_CASE = "fever_case"
    FEVER_MEASURED = "fever_measured"
    CLOSE_CONTACT = "close_contact"
    RECOVERED_UNDER_OBSERVATION = "recovered_under_observation"
    FROM_HIGH_RISK_AREA = "from_high_risk_area"
    FROM_MEDIUM_RISK_AREA = "from_medium_risk_area"
    ENTERED_FROM_ABROAD = "entered_from_abroad"


@dataclass(frozen=True, slots=True)
class DatedLevel:
    """The level of a cause from a day on (Beijing calendar), and how sure that is."""

    since: date
    level: Level
    evidence: str


@dataclass(frozen=True, slots=True)
class CauseEntry:
    """What the federation says of one cause: its name, what clears it, its level by date."""

    name: Sentence
    clears: Sentence
    levels: tuple[DatedLevel, ...]

    def level_on(self, day: date) -> Level:
        """Return the level on ``day``; days before the first entry take the first."""
        in_force = [entry.level for entry in self.levels if entry.since <= day]
        return in_force[-1] if in_force else self.levels[0].level


class HeldCause(msgspec.Struct, frozen=True, gc=False):
    """A cause as one report holds it: since when, until when if known. Aware UTC. A struct as ``Report`` is one."""

    cause: Cause
    since: datetime
    until: datetime | None = None


_START = date(2020, 2, 1)


def _entry(zh: str, en: str, clears_zh: str, clears_en: str, level: Level, evidence: str) -> CauseEntry:
    return CauseEntry(Sentence(zh, en), Sentence(clears_zh, clears_en), (DatedLevel(_START, level, evidence),))


CAUSES: dict[Cause, CauseEntry] = {
    Cause.NOTHING_FOUND: _entry(
        "未见异常", "nothing abnormal was found",
        "无需处理", "nothing needs to be cleared",
        Level.LOW, "std",
    ),
    Cause.CONFIRMED_CASE: _entry(
        "确诊病例", "a confirmed case",
        "治愈出院并完成随访观察后，由医疗机构上报解除",
        "ends when the hospital reports recovery and the follow-up observation is over",
        Level.HIGH, "doc",
    ),
    Cause.SUSPECTED_CASE: _entry(
        "疑似病例", "a suspected case",
        "由医疗机构排除疑似后上报解除", "ends when the hospital reports that the suspicion is excluded",
        Level.HIGH, "doc",
    ),
    Cause.ASYMPTOMATIC_CASE: _entry(
        "无症状感染者", "an infection without symptoms",
        "由医疗机构上报解除隔离", "ends when the hospital reports release from isolation",
        Level.HIGH, "doc",
    ),
    Cause.FEVER_CASE: _entry(
        "登记在册的发热病例", "a registered fever case",
        "由发热门诊排除后上报解除", "ends when the fever clinic reports that infection is excluded",
        Level.HIGH, "doc",
    ),
    Cause.FEVER_MEASURED: _entry(
        "现场测得发热", "fever measured at a checkpoint",
        "复测体温正常，或由发热门诊排除", "ends with a normal reading, or when a fever clinic excludes infection",
        Level.MEDIUM, "sum",
    ),
    Cause.CLOSE_CONTACT: _entry(
        "密切接触者（医学观察期）", "a close contact under medical observation",
        "观察期满且未见异常后，由社区上报解除；自行检测不能解除",
        "ends when the community reports that the observation is over; a test of one's own does not end it",
        Level.HIGH, "assumed",
    ),
    Cause.RECOVERED_UNDER_OBSERVATION: _entry(
        "康复后观察期", "recovered and under observation",
        "观察期满自动解除", "ends by itself when the observation period is over",
        Level.MEDIUM, "doc",
    ),
    Cause.FROM_HIGH_RISK_AREA: _entry(
        "来自高风险地区", "has been in a high-risk area",
        "离开满14天自动解除", "ends by itself 14 days after leaving it",
        Level.HIGH, "assumed",
    ),
    Cause.FROM_MEDIUM_RISK_AREA: _entry(
        "来自中风险地区", "has been in a medium-risk area",
        "离开满14天自动解除", "ends by itself 14 days after leaving it",
        Level.MEDIUM, "assumed",
    ),
    Cause.ENTERED_FROM_ABROAD: _entry(
        "境外入境未满观察期", "entered from abroad and still under observation",
        "观察期满自动解除", "ends by itself when the observation period is over",
        Level.HIGH, "assumed",
    ),
}  # fmt: skip


def level_of(causes: Iterable[Cause], at: datetime) -> Level:
    """Return the national level of a set of causes at a moment; an empty set is a programming error."""
    day = beijing_day(at)
    return worst_level(CAUSES[cause].level_on(day) for cause in causes)
