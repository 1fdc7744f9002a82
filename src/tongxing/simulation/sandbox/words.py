"""What the switchboard's page says, in both languages, and every fault in people's words."""

from collections.abc import Mapping
from typing import Final

from tongxing.core.words import Sentence
from tongxing.simulation.backends.faults import FaultKind

SANDBOX_NAME: Final = Sentence("沙盒", "Sandbox")

BOARD_WORDS: Final[Mapping[str, Sentence]] = {
    "switchboard": Sentence("总控台", "Switchboard"),
    "synthetic": Sentence(
        "这里的人都是合成的，证件号码以 99 开头；各系统只在本机运行。",
        "Everybody here is synthetic, with numbers that begin with 99; the back ends run on this machine only.",
    ),
    "region": Sentence("地区", "Region"),
    "address": Sentence("地址", "Address"),
    "family": Sentence("接口类别", "Family of interface"),
    "how_to_ask": Sentence("怎样询问", "How to ask"),
    "credentials": Sentence("凭证", "Credentials"),
    "answer": Sentence("回答", "Answer"),
    "no_code": Sentence(
        "没有本地健康码：出示国家码，无可询问。对接记录见下列地址。",
        "No code of its own: its people show the national code and there is nothing to ask. Its docking rows are at",
    ),
    "fault_title": Sentence("系统故障", "Fault of the back end"),
    "fault": Sentence("故障", "Fault"),
    "no_fault": Sentence("无故障", "No fault"),
    "seconds": Sentence("迟缓秒数", "Seconds, for slow"),
    "only_path": Sentence("只影响含此文字的路径（可空）", "Only paths that contain this (may be empty)"),
    "set": Sentence("设置", "Set"),
    "done": Sentence("已设置", "Set."),
    "people": Sentence("人员", "People"),
    "name": Sentence("姓名", "Name"),
    "number": Sentence("证件号码", "Document number"),
    "status": Sentence("现在的状态", "Status now"),
    "new_status": Sentence("改为", "Change to"),
    "empty_status": Sentence("（空）", "(empty)"),
    "show": Sentence("出示码文", "Show the code's text"),
    "failed": Sentence("没有做到：", "Not done: "),
    "away": Sentence("沙盒连接不上。", "The sandbox cannot be reached."),
}

FAULT_WORDS: Final[Mapping[FaultKind, Sentence]] = {
    FaultKind.UNAVAILABLE: Sentence("系统繁忙（503）", "busy (503)"),
    FaultKind.SLOW: Sentence("迟缓", "slow"),
    FaultKind.HTML: Sentence("维护网页代替回答", "a web page instead of an answer"),
    FaultKind.GBK: Sentence("用 GBK 编码", "encoded in GBK"),
    FaultKind.TRUNCATED: Sentence("回答不完整", "half an answer"),
    FaultKind.ENDLESS: Sentence("回答没有尽头", "an answer without end"),
    FaultKind.HUGE: Sentence("10 MB 的回答", "an answer of 10 MB"),
    FaultKind.REDIRECT: Sentence("转到登录页", "redirected to a sign-in"),
    FaultKind.OTHER_PERSON: Sentence("别人的记录", "another person's record"),
    FaultKind.STALE: Sentence("陈旧的记录", "a stale record"),
    FaultKind.FORGETFUL: Sentence("一次性码可重复使用", "one-time codes work again and again"),
    FaultKind.DUPLICATE_KEYS: Sentence("字段重复", "a field twice"),
    FaultKind.NESTED: Sentence("嵌套过深", "nested too deep"),
    FaultKind.BOMB: Sentence("压缩炸弹", "a decompression bomb"),
    FaultKind.RED_FOR_YELLOW: Sentence("黄码报成红码", "yellow told as red"),
    FaultKind.YELLOW_FOR_EXPIRED: Sentence("过期报成黄码", "expired told as yellow"),
    FaultKind.FAIL_OPEN: Sentence("查不到也报绿码", "green for everybody when records are away"),
    FaultKind.LATE: Sentence("更新迟到", "changes arrive late"),
}
