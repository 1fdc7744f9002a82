"""Retention: every kind of thing that a node keeps, what for, and how long; one row for each table of the record.

Invariant: what names or follows a person has an end. ``kept`` is counted from the moment in ``ends_column``, or else in
what a row says; where neither is there the thing goes when what it belongs to goes, or at the shutdown.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from tongxing.core.limits import LOOK_KEPT
from tongxing.core.words import Sentence

REPORT_KEPT: Final = timedelta(days=180)
"""So long after the moment it speaks of a report is kept, and a retraction too (assumed)."""

BACKUP_KEPT_MAX: Final = timedelta(days=30)
"""So long a copy of the record is kept at most, and with it whatever was deleted meanwhile (assumed)."""

ALARM_KEPT: Final = timedelta(days=180)
BATCH_KEPT: Final = timedelta(days=90)
"""So long a sender can read what became of a batch; its rows count by their own revisions."""

AT_ITS_END: Final = timedelta(0)


@dataclass(frozen=True, slots=True)
class KeptThing:
    """One kind: what for; from which column its end is reckoned, and how long after; ``personal`` if of a person."""

    purpose: Sentence
    personal: bool
    ends_column: str | None = None
    kept: timedelta | None = None
    tick: timedelta = timedelta(microseconds=1)
    """The unit of ``ends_column``, counted from 1970-01-01 UTC."""


def _kept(zh: str, en: str, ends_column: str, kept: timedelta = AT_ITS_END) -> KeptThing:
    return KeptThing(Sentence(zh, en), personal=True, ends_column=ends_column, kept=kept)


def _held(zh: str, en: str, *, personal: bool = False) -> KeptThing:
    return KeptThing(Sentence(zh, en), personal=personal)


KEPT_THINGS: Final[Mapping[str, KeptThing]] = {
    "reports": KeptThing(
        Sentence("互认：各地赋码状态", "recognition: what regions report"), personal=True, kept=REPORT_KEPT
    ),
    "evidence": _kept("研判依据", "assessment of people without a region", "kept_until_us"),
    "masked_names": _kept("查询结果中的脱敏姓名", "the masked name in an answer", "kept_until_us"),
    "passages": _kept("查验记录与申诉", "passages, for objections and the person's own view", "kept_until_us"),
    "endings": _held("转人工的结果，随查验记录删除", "how a passage ended; goes with it", personal=True),
    "tickets": _kept("一次性凭据", "one-time tickets", "expires_at_us"),
    "claims": _kept("防止重复使用", "that nothing is used twice", "expires_at_us"),
    "nonces": _kept("防止请求重放", "that no request is replayed", "expires_at_us"),
    "extensions": _kept("国家码的扩展信息", "what is behind a national code", "expires_at_us"),
    "conversions": _kept("转码", "converted codes", "expires_at_us"),
    "printed_codes": _kept("纸质码", "printed codes", "expires_at_us"),
    "transit_passes": _kept("货运通行证", "transit passes", "expires_at_us"),
    "family_bonds": _kept("亲属代办", "family members", "ends_at_us"),
    "uses": _kept("限制查询次数", "limits on queries", "ends_at_us"),
    "looks": _kept("本人查看谁查询过", "so that people see who looked", "at_us", LOOK_KEPT),
    "cases": _kept("纠错", "error correction", "kept_until_us"),
    "case_steps": _held("纠错的步骤，随纠错删除", "steps of a case; go with it", personal=True),
    "alarms": _kept("发现伪造和滥用", "finding forgery and abuse", "at_us", ALARM_KEPT),
    "ingest_batches": _kept("数据汇聚对账", "reconciling what was sent", "received_at_us", BATCH_KEPT),
    "ingest_set_aside": _held("未收下的行，随批次删除", "rows set aside; go with their batch"),
    "ingest_watermarks": _held("数据新鲜度", "how fresh a source is"),
    "dataset_marks": _held("数据新鲜度", "how fresh a dataset is"),
    "outbox_reports": _held("待发，送达即删", "waiting to be sent; erased once it is", personal=True),
    "outbox_batches": _held("待发，送达即删", "waiting to be sent; erased once it is", personal=True),
    "outbox_numbers": _held("批次编号", "the number of the last batch"),
    "waiting_rows": _held(
        "待取主体键，取得即删（密封）", "waiting, sealed, for subject keys; erased then", personal=True
    ),
    "persons": KeptThing(
        Sentence("来源系统编号对应的主体键", "whom a source's own id means, since it last said so"),
        personal=True,
        ends_column="revision",
        kept=REPORT_KEPT,
        tick=timedelta(milliseconds=1),
    ),
    "subject_links": _held(
        "主体键换版，随状态和依据删除", "versions of a subject key; go with the reports and evidence", personal=True
    ),
    "person_links": KeptThing(
        Sentence("同一人的多个证件（仍有状态的除外）", "documents of one person, while one of them has a report"),
        personal=True,
        kept=REPORT_KEPT,
    ),
    "carried_digests": KeptThing(Sentence("跨境摘要公开记录", "the public log of digests"), personal=False),
    "day_counts": KeptThing(Sentence("汇总统计", "statistics: sums alone"), personal=False),
    "credentials": _held("谁可以调用", "who may call"),
    "bundles": _held("规则与目录的公布", "what was published: rules, directory, keys"),
    "rule_proposals": _held("规则的提出与批准", "who proposed and approved rules"),
    "risk_lists": _held("风险地区的历史", "the history of risk areas"),
    "risk_areas": _held("风险地区的历史", "the history of risk areas"),
    "risk_changes": _held("风险地区的历史", "the history of risk areas"),
    "index_eras": _held("热索引的有效性", "which entries of the hot index count"),
    "deletion_counts": _held("已删未报的行数", "how much was deleted since the last report"),
    "backups": _kept("备份目录", "which copies of the record there are", "ends_at_us"),
    "deletion_reports": _held("证明删除", "proof of what was deleted"),
}
"""By table of the record."""

KEPT_AFTER_SHUTDOWN: Final = frozenset({"deletion_reports"})
