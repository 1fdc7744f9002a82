"""What the page about regions says beside what the API answers, in both languages."""

from collections.abc import Mapping
from typing import Final

from tongxing.core.words import Sentence

REGION_WORDS: Final[Mapping[str, Sentence]] = {
    "regions": Sentence("各地健康码", "Regions and their codes"),
    "regions_find": Sentence("查看一个地区，或比较两个", "Look at a region, or compare two"),
    "regions_says": Sentence(
        "颜色和名称各地不同，同一颜色的意思也不同。每一项都注明依据；没有查到资料的标明“假定”。",
        "Colours and names differ from region to region, and one colour means different things. "
        "Everything names its evidence; what was not found anywhere is marked as assumed.",
    ),
    "regions_one": Sentence("地区", "Region"),
    "regions_other": Sentence("另一地区（可不选）", "Another region (may be left out)"),
    "regions_all": Sentence("全部地区", "all regions"),
    "regions_nobody": Sentence("不比较", "none"),
    "regions_swap": Sentence("对调", "Swap"),
    "regions_list": Sentence("全部地区", "All regions"),
    "regions_only": Sentence("只看参加互认的地区", "only those who take part"),
    "regions_part": Sentence("参加互认", "takes part"),
    "regions_no_part": Sentence("未参加，仅有资料", "does not take part: a profile only"),
    "regions_code": Sentence("健康码", "Code"),
    "regions_no_code": Sentence("当时尚无健康码", "no code on this day"),
    "regions_statuses": Sentence("状态", "Statuses"),
    "regions_ways": Sentence("互认方式", "Ways of recognition"),
    "regions_evidence": Sentence("依据", "Evidence"),
    "regions_status": Sentence("状态", "Status"),
    "regions_means": Sentence("可能的情形（全国等级）", "What can stand behind it (national level)"),
    "regions_level": Sentence("等级", "level"),
    "regions_told": Sentence("告知", "told as"),
    "regions_holds": Sentence("有效期", "Holds"),
    "regions_holds_on": Sentence("直到改变", "until it changes"),
    "regions_setters": Sentence("谁赋码、谁解除", "Who sets and clears it"),
    "regions_interface": Sentence("接口（供对接人员）", "Interface (for integrators)"),
    "regions_sources": Sentence("依据来源", "Sources"),
    "regions_source": Sentence("来源", "Source"),
    "regions_since": Sentence("自", "from"),
    "regions_until": Sentence("至（不含）", "until (not included)"),
    "regions_changes": Sentence("哪天有变化", "Days on which something changed"),
    "regions_first": Sentence("资料始于", "The profile begins on"),
    "regions_pair": Sentence("这个码在那里怎么认", "What becomes of this code there"),
    "regions_pair_says": Sentence(
        "假定：来源即时答复，其他地区没有另外的报告，来自低风险地区，未测体温，没有另外出示证明。",
        "Assumed: the source answers at once, no other region says anything else, the person comes from a low-risk "
        "area, no temperature is taken and no proof shown.",
    ),
    "regions_shown": Sentence("出示", "Shown"),
    "regions_learnt": Sentence("当地得知", "The host learns"),
    "regions_shown_as": Sentence("当地显示为", "Shown there as"),
    "regions_not_shown": Sentence("不显示", "not shown"),
    "regions_lost": Sentence("未转达", "Lost"),
    "regions_comes": Sentence("结果", "What comes of it"),
    "regions_every": Sentence("各类场所", "every kind of place"),
    "regions_unread": Sentence("低风险地区不查验：", "Not read where the risk is low: "),
    "regions_row": Sentence("规则", "row"),
    "regions_exception": Sentence("登记的例外", "a registered exception"),
    "regions_differ": Sentence("有什么不同", "What differs"),
    "regions_what": Sentence("内容", "What"),
    "regions_alike": Sentence("相同的项数：", "Said alike by both: "),
    "regions_same": Sentence("没有差异", "Nothing differs"),
    "regions_failed": Sentence("没有查到", "Nothing was found out"),
}
