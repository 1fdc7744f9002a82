"""What the switchboard's page says, in both languages, and every fault in people's words."""

from collections.abc import Mapping
from typing import Final

from tongxing.core.words import Sentence
from tongxing.simulation.backends.fault_kinds import FaultKind

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
    FaultKind.EMPTY: Sentence("空的回答", "an empty answer"),
    FaultKind.BOM: Sentence("JSON 前有字节顺序标记", "a byte order mark before the JSON"),
    FaultKind.CHARSET: Sentence("声称是 GBK", "said to be GBK"),
    FaultKind.LISTED: Sentence("外面套了一层列表", "wrapped in a list"),
    FaultKind.NOT_A_NUMBER: Sentence("含 NaN", "holds NaN"),
    FaultKind.TRICKLE: Sentence("一个字节一个字节地回答", "one byte at a time"),
    FaultKind.CRASH: Sentence("遇到未知的码就崩溃", "breaks down over an unknown code"),
    FaultKind.ANYBODY: Sentence("未知的码给出别人的记录", "an unknown code gets somebody's record"),
    FaultKind.LOOSE: Sentence("不分大小写，多余字符也接受", "any case, and anything behind, is taken"),
    FaultKind.UNDYING: Sentence("过期的码仍然有效", "codes that ran out still work"),
    FaultKind.ADMITS_ANYONE: Sentence("不核对谁在询问", "answers whoever asks"),
    FaultKind.TAKES_GET: Sentence("也回答 GET，码会留在网址里", "answers GET too, so that codes stand in addresses"),
    FaultKind.MIXED_UP: Sentence("同时询问时答案错乱", "mixes up answers when many ask"),
    FaultKind.NO_ECHO: Sentence("不重复所询问的码", "does not repeat what was asked"),
    FaultKind.UTC: Sentence("时间是 UTC，不是北京时间", "times of UTC instead of Beijing's"),
    FaultKind.AHEAD: Sentence("时钟快一天", "a clock that is a day ahead"),
    FaultKind.EPOCH: Sentence("时间写成毫秒数", "times as milliseconds"),
    FaultKind.TIMELESS: Sentence("不给时间", "tells no times"),
    FaultKind.NAME_IN_CLEAR: Sentence("姓名没有遮盖", "names in clear"),
    FaultKind.CHANGING_REF: Sentence("同一个人每次编号不同", "another id of the same person each time"),
    FaultKind.SHARED_REF: Sentence("所有人编号相同", "one id for everybody"),
    FaultKind.LABELS: Sentence("用颜色名称代替状态值", "a status by how people call it"),
    FaultKind.ALL_GREEN: Sentence("所有人都是绿码", "everybody is green"),
    FaultKind.NO_REASONS: Sentence("不说原因", "leaves the reasons out"),
}
