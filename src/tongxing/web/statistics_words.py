"""What the page about statistics says, in both languages. Names of tables, rows and columns come from the API."""

from collections.abc import Mapping
from typing import Final

from tongxing.core.words import Sentence

STATISTICS_WORDS: Final[Mapping[str, Sentence]] = {
    "statistics": Sentence("统计", "Statistics"),
    "stats_title": Sentence("各地区汇总统计", "Counts of all regions together"),
    "stats_says": Sentence(
        "只有汇总数，没有任何个人信息。“—”表示不公布。",
        "Sums alone, nothing of any person. “—” is a number that is withheld.",
    ),
    "stats_none": Sentence("还没有统计。", "Nothing has been counted yet."),
    "stats_counted": Sentence("统计时间", "Counted"),
    "stats_csv": Sentence("下载CSV", "Download CSV"),
    "stats_total": Sentence("合计", "Total"),
    "stats_series": Sentence("每日中高风险人数", "People of medium and high level by day"),
    "stats_bars": Sentence("各地区状态构成", "How each region's people divide"),
    "fresh_title": Sentence("各地区和来源的数据新鲜度", "How fresh each region's and each source's data are"),
    "fresh_says": Sentence(
        "“截至”之前的数据都已到齐；迟到或中断在此公布。",
        "Nothing is missing until the moment told; what is late or silent says so.",
    ),
    "fresh_owner": Sentence("负责单位", "Owner"),
    "fresh_dataset": Sentence("数据", "Data"),
    "fresh_state": Sentence("是否及时", "Kept"),
    "fresh_as_of": Sentence("截至", "Complete until"),
    "fresh_promise": Sentence("承诺时限", "Promised within"),
    "fresh_kept": Sentence("按承诺更新", "As promised"),
    "stats_failed": Sentence("未能读取", "Could not be read"),
}
