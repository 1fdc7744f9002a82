"""One-stop query (一站式查询): what one answer holds of a person across all regions and sources.

Every source stands in the answer, whether it was reached or not: ``unavailable`` says why there is nothing of it, so
that nothing found and nobody asked are never the same (law 2). What is told to whom is cut in ``services.one_stop``.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from tongxing.core.datasets import Dataset
from tongxing.core.evidence import EvidenceKind, ProofResult
from tongxing.core.reports import OriginRisk
from tongxing.core.words import Sentence


class Absence(StrEnum):
    """Why nothing is told of a source."""

    NOT_DOCKED = "not_docked"
    SUSPENDED = "suspended"
    AWAY = "away"
    SLOW = "slow"
    UNREADABLE = "unreadable"
    PAUSED = "paused"
    BUSY = "busy"
    HUB_AWAY = "hub_away"


ABSENCE_WORDS: Final[Mapping[Absence, Sentence]] = {
    Absence.NOT_DOCKED: Sentence("尚未接入", "not docked yet"),
    Absence.SUSPENDED: Sentence("已暂停接入", "suspended"),
    Absence.AWAY: Sentence("暂时联系不上", "cannot be reached now"),
    Absence.SLOW: Sentence("未在时限内答复", "did not answer in time"),
    Absence.UNREADABLE: Sentence("答复无法读取", "its answer cannot be read"),
    Absence.PAUSED: Sentence("多次失败，暂停查询", "failed several times and is not asked for a moment"),
    Absence.BUSY: Sentence("系统繁忙，暂不提供明细", "busy: no details at the moment"),
    Absence.HUB_AWAY: Sentence("全国平台暂时联系不上", "the hub cannot be reached now"),
}


class Source(msgspec.Struct, frozen=True):
    """One source: a dataset by its name, or a region by its number.

    ``as_of``: nothing until then is missing; None where the source never said so. ``is_late``: older than the dataset's
    promise. ``is_live``: asked just now. With ``unavailable`` and ``is_live`` what was held before is told.
    """

    name: str
    as_of: datetime | None = None
    is_late: bool = False
    is_live: bool = False
    unavailable: Absence | None = None


class Finding(msgspec.Struct, frozen=True):
    """One thing that a dataset holds of the person; ``risk`` is that of the division now."""

    dataset: Dataset
    kind: EvidenceKind
    since: datetime
    until: datetime | None = None
    division: str | None = None
    risk: OriginRisk | None = None
    result: ProofResult | None = None
    ref: str = ""
    revision: int = 0


class Panels(msgspec.Struct, frozen=True):
    """What stands beside the reports: findings, newest first, and every source that was or was not asked."""

    findings: tuple[Finding, ...]
    sources: tuple[Source, ...]
    masked_hint: str = ""


FINDING_WORDS: Final[Mapping[EvidenceKind, Sentence]] = {
    EvidenceKind.TEST: Sentence("核酸检测", "nucleic acid test"),
    EvidenceKind.ANTIGEN: Sentence("抗原检测", "antigen test"),
    EvidenceKind.VACCINATION: Sentence("疫苗接种", "vaccination"),
    EvidenceKind.RECOVERY: Sentence("康复", "recovery"),
    EvidenceKind.ISOLATION: Sentence("隔离观察", "isolation"),
    EvidenceKind.ENTRY: Sentence("入境", "entry from abroad"),
    EvidenceKind.STAY: Sentence("本人申报的停留", "stay that the person declared"),
    EvidenceKind.FLIGHT: Sentence("乘机出发", "boarded a plane"),
    EvidenceKind.TRAIN: Sentence("乘火车出发", "boarded a train"),
}
"""What is told as a finding. Cases, contacts and health are told by their causes in a report, with what clears them."""

RESULT_WORDS: Final[Mapping[ProofResult, Sentence]] = {
    ProofResult.NEGATIVE: Sentence("阴性", "negative"),
    ProofResult.POSITIVE: Sentence("阳性", "positive"),
    ProofResult.PARTIAL: Sentence("未完成全程", "incomplete"),
    ProofResult.COMPLETE: Sentence("已完成全程", "complete"),
    ProofResult.BOOSTED: Sentence("已接种加强针", "with booster"),
}

PLACE_RISK_WORDS: Final[Mapping[OriginRisk, Sentence]] = {
    OriginRisk.LOW: Sentence("低风险", "low risk"),
    OriginRisk.MEDIUM: Sentence("中风险", "medium risk"),
    OriginRisk.HIGH: Sentence("高风险", "high risk"),
    OriginRisk.MIXED: Sentence("部分区域有风险", "risk in parts of it"),
    OriginRisk.UNKNOWN: Sentence("风险不明", "risk not known"),
}
