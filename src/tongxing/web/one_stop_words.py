"""What the citizens' page says about everything that is known of a person, in both languages."""

from collections.abc import Mapping
from typing import Final

from tongxing.core.words import Sentence

ONE_STOP_WORDS: Final[Mapping[str, Sentence]] = {
    "everything_title": Sentence("关于我的全部信息", "Everything that is known of me"),
    "everything_says": Sentence(
        "各地区的报告和全国各部门的数据，一次查全。查询自己不留查询记录。",
        "All regions' reports and all national data at once. To look at yourself is not recorded as a look.",
    ),
    "everything_show": Sentence("查询", "Show"),
    "everything_limited": Sentence("查询过于频繁，请稍后再试。", "Too often; try again in a minute."),
    "everything_reports": Sentence("各地区的报告", "Reports of regions"),
    "everything_findings": Sentence("各部门的数据", "What registers hold"),
    "everything_sources": Sentence("数据来源", "Sources"),
    "everything_as_of": Sentence("数据截至", "complete until"),
    "everything_late": Sentence("未按时更新", "late"),
    "everything_live": Sentence("实时查询", "asked just now"),
    "everything_unsaid": Sentence("未说明截至时间", "says no time"),
}
