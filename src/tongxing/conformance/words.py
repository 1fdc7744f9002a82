"""What was heard, in people's words: closed tables, since an answer's own values may be somebody's data."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from tongxing.conformance.asking import Heard
from tongxing.core.reasons import ReasonId
from tongxing.core.words import Sentence
from tongxing.regions.families.reading import Flaw

GAVE_A_RECORD: Final = Sentence("给出了一条记录", "it answered with a record")

FLAW_WORDS: Final[Mapping[str, Sentence]] = MappingProxyType(
    {
        Flaw.HTML: Sentence("回答是网页", "the answer is a page of HTML"),
        Flaw.OTHER_CHARSET: Sentence("回答声称不是 UTF-8", "the answer is said not to be UTF-8"),
        Flaw.NOT_UTF8: Sentence("回答不是 UTF-8", "the answer is not UTF-8"),
        Flaw.TOO_LONG: Sentence("回答过长", "the answer is too long"),
        Flaw.TOO_DEEP: Sentence("回答嵌套过深", "the answer is nested too deep"),
        Flaw.FIELD_TWICE: Sentence("同一字段出现两次", "a field stands twice in the answer"),
        Flaw.CUT_SHORT: Sentence("回答不完整", "the answer is cut short"),
        Flaw.NOT_JSON: Sentence(
            "回答不是 JSON（或为空，或前面有字节顺序标记）",
            "the answer is not JSON (or empty, or begins with a byte order mark)",
        ),
        Flaw.NOT_AN_OBJECT: Sentence("回答不是 JSON 对象", "the answer is not a JSON object"),
        Flaw.NO_RECORD_BEHIND: Sentence(
            "有状态，却没有姓名、编号或时间：是默认值", "a status without name, id or time: a default"
        ),
        Flaw.CONTRADICTION: Sentence("回答自相矛盾", "the answer contradicts itself"),
        "NaN is not JSON": Sentence("回答含 NaN，不是 JSON", "the answer holds NaN, which is not JSON"),
        "a compressed answer, which nobody asked for": Sentence(
            "回答是压缩的，没有人要求压缩", "the answer is compressed, which nobody asked for"
        ),
    }
)

REASON_WORDS: Final[Mapping[ReasonId, Sentence]] = MappingProxyType(
    {
        ReasonId.TICKET_UNKNOWN: Sentence("说没有此码", "it says that there is no such code"),
        ReasonId.TICKET_EXPIRED: Sentence("说此码已过期", "it says that the code has run out"),
        ReasonId.TICKET_USED: Sentence("说此码已用过", "it says that the code was used before"),
        ReasonId.SOURCE_REFUSED: Sentence("拒绝了询问", "it refused the question"),
        ReasonId.SOURCE_AWAY: Sentence("系统出错或连接中断", "it broke down, or the connection did"),
        ReasonId.SOURCE_SLOW: Sentence("没有在时限内答完", "the whole answer did not come in time"),
        ReasonId.SOURCE_UNREADABLE: Sentence("回答无法读取", "the answer cannot be read"),
        ReasonId.OTHER_PERSONS_RECORD: Sentence("回答是关于另一个码的", "the answer is about another code"),
        ReasonId.STATUS_UNKNOWN: Sentence("状态或原因不在档案中", "a status or reason that the profile has not"),
    }
)
"""Every reason that a family or translation can have."""


def say_heard(heard: Heard) -> Sentence:
    """Return what came of a question."""
    if not isinstance(heard.outcome, ReasonId):
        return GAVE_A_RECORD
    return say_reason(heard.outcome, heard.detail)


def say_reason(reason: ReasonId, detail: str) -> Sentence:
    """Return why there is no record, with what stands beside the reason."""
    if detail in FLAW_WORDS:
        return FLAW_WORDS[detail]
    if reason is ReasonId.SOURCE_UNREADABLE and detail.startswith("status 3"):
        return Sentence(f"回答跳转到别处（{detail}）", f"the answer is a redirect ({detail})")
    if reason is ReasonId.SOURCE_UNREADABLE and " bytes" in detail:
        return FLAW_WORDS[Flaw.TOO_LONG]
    words = REASON_WORDS[reason]
    if detail.startswith("field "):
        name = detail.removeprefix("field ")
        return Sentence(f"字段 {name} 缺失或写法不对", f"field {name} is missing or not written as it must be")
    return Sentence(f"{words.zh}（{detail}）", f"{words.en} ({detail})") if detail else words
