"""What the page about joining says, in both languages."""

from collections.abc import Mapping
from typing import Final

from tongxing.core.words import Sentence

JOINING_WORDS: Final[Mapping[str, Sentence]] = {
    "joining": Sentence("接入", "Joining"),
    "join_title": Sentence("参加的地区", "Regions that take part"),
    "join_says": Sentence(
        "每个地区是否参加、数据是否及时、最近一批的行数。",
        "Whether each region takes part, how fresh its reports are, and what came last.",
    ),
    "join_sources": Sentence("国家级数据来源", "National sources"),
    "join_fresh": Sentence("是否及时（滞后/承诺）", "Freshness (late by / promised)"),
    "join_batch": Sentence("最近一批", "Last batch"),
    "join_change": Sentence("操作", "Change"),
    "join_left": Sentence("已退出", "has left"),
    "join_no_profile": Sentence("没有配置，不报送", "no profile: it hands in nothing"),
    "join_stored": Sentence("存入", "stored"),
    "join_unchanged": Sentence("未变", "unchanged"),
    "join_outranked": Sentence("较旧", "older"),
    "join_aside": Sentence("搁置", "set aside"),
    "join_suspend": Sentence("暂停", "Suspend"),
    "join_suspend_says": Sentence(
        "该地区将不能调用任何一方，其码和报送的状态都不作数，直到恢复。",
        "It can call nobody, and neither its codes nor its reports count, until you end it.",
    ),
    "join_resume": Sentence("恢复", "End suspension"),
    "join_resume_says": Sentence("该地区重新参加。", "The region takes part again."),
    "join_leave": Sentence("退出", "Have it leave"),
    "join_leave_says": Sentence(
        "不能撤回：密钥永久失效，本中心删除其报送的全部数据并签署报告。",
        "This cannot be taken back: its keys end, and the hub erases all that it handed in and signs a report.",
    ),
    "join_keep": Sentence("不，保持原样", "No, leave it as it is"),
    "join_do": Sentence("确定", "Do it"),
    "join_done": Sentence("已完成", "Done"),
    "live_title": Sentence("上线", "Go live"),
    "live_says": Sentence(
        "选择接入文件夹中的三个文件，再输入该地区通过其他渠道读出的指纹。",
        "Choose the three files of the folder of joining, and enter the fingerprint that the region reads out to you.",
    ),
    "live_files": Sentence(
        "record.json、profile.toml、test-run.json 三个文件", "record.json, profile.toml and test-run.json"
    ),
    "live_print": Sentence("指纹", "Fingerprint"),
    "live_now": Sentence("上线", "Go live"),
    "live_tested": Sentence("检测", "Tested"),
    "live_missing": Sentence("缺少文件", "missing"),
    "live_unreadable": Sentence("文件无法读取", "A file cannot be read"),
    "live_other_region": Sentence("记录与配置不是同一地区", "The record and the profile are of different regions"),
    "live_untested": Sentence("未用此配置通过检测", "The back end did not conform under this profile"),
    "live_other_print": Sentence(
        "指纹不符：文件在途中被改动", "Another fingerprint: the files were changed on their way"
    ),
    "live_done": Sentence("已上线", "Live"),
}
