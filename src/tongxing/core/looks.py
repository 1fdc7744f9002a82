"""Looks: that somebody asked about a person by their document, who it was and what for.

What is looked up without the person's own code is recorded before it is answered, and told to the
person afterwards (domain sheet, *Who asks whom*). The purposes are a closed list.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tongxing.core.subjects import SubjectKey
from tongxing.core.words import RegionId, Sentence


class Purpose(StrEnum):
    """What somebody was looked up for."""

    OWN_CODE = "own_code"
    CONVERSION = "conversion"
    CARRIED_STATEMENT = "carried_statement"
    PRINTED_CODE = "printed_code"
    PASSAGE_WITHOUT_PHONE = "passage_without_phone"
    MANUAL_LANE = "manual_lane"
    HEALTH_QUERY = "health_query"
    ONE_STOP_QUERY = "one_stop_query"
    AUDIT = "audit"


PURPOSE_WORDS: Mapping[Purpose, Sentence] = {
    Purpose.OWN_CODE: Sentence("在本地健康码中显示异地互认", "to show recognition inside the region's own code"),
    Purpose.CONVERSION: Sentence("转换为当地健康码", "to convert into the region's code"),
    Purpose.CARRIED_STATEMENT: Sentence("开具自行携带的证明", "to make a statement that the person carries"),
    Purpose.PRINTED_CODE: Sentence("开具纸质码", "to make a printed code"),
    Purpose.PASSAGE_WITHOUT_PHONE: Sentence("无手机人员凭证件通行", "to pass a checkpoint without a phone"),
    Purpose.MANUAL_LANE: Sentence("人工通道核实", "to check in the manual lane"),
    Purpose.HEALTH_QUERY: Sentence("经本人授权的应用查询健康信息", "for an application that you have authorised"),
    Purpose.ONE_STOP_QUERY: Sentence("一站式查询", "for a one-stop query"),
    Purpose.AUDIT: Sentence("核查投诉或争议", "to examine a complaint or dispute"),
}


class Ground(StrEnum):
    """On what ground a person may be looked up by their document: there is no third."""

    CONSENT = "consent"
    PRESENCE = "presence"


@dataclass(frozen=True, slots=True)
class Look:
    """One look at ``subject``: when, in which region, by which key and at which site, what for and on what ground."""

    subject: SubjectKey
    at: datetime
    region: RegionId
    looker: str
    site: str
    purpose: Purpose
    ground: Ground


@dataclass(frozen=True, slots=True)
class LookCount:
    """How often one key looked for one purpose on one ground, at how many people, and when last. No person is named."""

    region: RegionId
    looker: str
    purpose: Purpose
    ground: Ground
    looks: int
    people: int
    last_at: datetime
