"""The checks that a region's back end is put to: a closed table, in the order in which they are made."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from tongxing.core.words import Sentence


class Group(StrEnum):
    """What a check is about."""

    REFUSES = "refuses"
    ANSWERS = "answers"
    TELLS = "tells"
    KEEPS_UP = "keeps_up"


class CheckId(StrEnum):
    """One check. Slugs are never reused."""

    UNKNOWN_CODE = "unknown_code"
    NEARBY_CODE = "nearby_code"
    MALFORMED_TEXT = "malformed_text"
    OLD_CODE = "old_code"
    USED_CODE = "used_code"
    WRONG_CREDENTIALS = "wrong_credentials"
    REPLAYED_REQUEST = "replayed_request"
    REQUEST_BY_GET = "request_by_get"
    BROKEN_REQUEST = "broken_request"
    READABLE = "readable"
    IN_TIME = "in_time"
    NO_BREAKDOWN = "no_breakdown"
    LIVING_CODE = "living_code"
    RIGHT_PERSON = "right_person"
    KNOWN_WORDS = "known_words"
    TRUE_STATUS = "true_status"
    TRUE_REASONS = "true_reasons"
    TRUE_MOMENT = "true_moment"
    NAME_MASKED = "name_masked"
    REF_STEADY = "ref_steady"
    REF_OWN = "ref_own"
    EVERY_STATUS = "every_status"
    CHANGE_AT_ONCE = "change_at_once"
    MANY_AT_ONCE = "many_at_once"


@dataclass(frozen=True, slots=True)
class Check:
    """What is wanted of a service, and why anybody wants it."""

    group: Group
    wanted: Sentence
    why: Sentence


GROUP_WORDS: Final[Mapping[Group, Sentence]] = MappingProxyType(
    {
        Group.REFUSES: Sentence("应当拒绝的", "What must be refused"),
        Group.ANSWERS: Sentence("怎样回答", "How it answers"),
        Group.TELLS: Sentence("说的是否属实", "Whether it tells the truth"),
        Group.KEEPS_UP: Sentence("能否跟上", "Whether it keeps up"),
    }
)


def _check(group: Group, wanted: tuple[str, str], why: tuple[str, str]) -> Check:
    return Check(group, Sentence(*wanted), Sentence(*why))


CHECKS: Final[Mapping[CheckId, Check]] = MappingProxyType(
    {
        CheckId.UNKNOWN_CODE: _check(
            Group.REFUSES,
            ("没有人持有的码，回答“没有此码”", "a code that nobody has is answered as unknown"),
            ("查不到就放行，等于没有查验", "a default lets everybody through or stops everybody"),
        ),
        CheckId.NEARBY_CODE: _check(
            Group.REFUSES,
            (
                "差一个字符、大小写不同或多出字符的码不被接受",
                "a code with one character changed, added or in another case is not taken",
            ),
            ("否则可以猜出别人的码", "else somebody else's code can be guessed"),
        ),
        CheckId.MALFORMED_TEXT: _check(
            Group.REFUSES,
            ("不成码的文字被拒绝，系统不出错", "a text that is no code is refused and breaks nothing"),
            ("扫码枪会读到任何东西", "scanners read whatever there is"),
        ),
        CheckId.OLD_CODE: _check(
            Group.REFUSES,
            ("过期或已被替换的码不再有效", "a code that ran out or was replaced works no more"),
            ("截图会一直流传", "pictures of it go on being shown"),
        ),
        CheckId.USED_CODE: _check(
            Group.REFUSES,
            ("一次性码第二次查验时被拒绝", "a one-time code is refused the second time"),
            ("否则一张码可以给许多人用", "else one code serves many people"),
        ),
        CheckId.WRONG_CREDENTIALS: _check(
            Group.REFUSES,
            ("凭证不对的询问被拒绝", "whoever asks with wrong credentials is refused"),
            ("健康信息不对任何人开放", "health data are not for everybody"),
        ),
        CheckId.REPLAYED_REQUEST: _check(
            Group.REFUSES,
            ("同一个一次性请求再次发送时被拒绝", "a request that is good once is refused when it is sent again"),
            ("截获的请求不应再有用", "a request that was overheard is to be worth nothing"),
        ),
        CheckId.REQUEST_BY_GET: _check(
            Group.REFUSES,
            ("不回答 GET 方式的询问", "a question by GET is not answered"),
            (
                "网址会留在日志和代理里，码不应写在其中",
                "addresses stay in logs and proxies, and a code must not stand in one",
            ),
        ),
        CheckId.BROKEN_REQUEST: _check(
            Group.REFUSES,
            (
                "残缺、过大或无法读取的请求被拒绝，系统不出错",
                "a broken, huge or unreadable request is refused and breaks nothing",
            ),
            ("网络会截断请求，也有人故意这样做", "networks cut requests short, and some people do so on purpose"),
        ),
        CheckId.READABLE: _check(
            Group.ANSWERS,
            (
                "每个回答是一个 UTF-8 的 JSON 对象，不压缩、不跳转",
                "every answer is one JSON object in UTF-8, not compressed, without redirects",
            ),
            ("读不懂的回答使人走人工通道", "what cannot be read sends people to the manual lane"),
        ),
        CheckId.IN_TIME: _check(
            Group.ANSWERS,
            ("在时限内答完", "the whole answer comes in time"),
            ("卡口前有人在排队", "people wait in front of the gate"),
        ),
        CheckId.NO_BREAKDOWN: _check(
            Group.ANSWERS,
            ("不回答 5xx，不断开连接", "it never answers 5xx and never breaks the connection"),
            ("出错与“没有此码”必须能分清", "a breakdown must be told from a code that nobody has"),
        ),
        CheckId.LIVING_CODE: _check(
            Group.TELLS,
            ("有效的码得到回答", "a living code is answered"),
            ("否则持码人无故被拦", "else its holder is stopped for nothing"),
        ),
        CheckId.RIGHT_PERSON: _check(
            Group.TELLS,
            ("回答说明是关于所问的码", "the answer shows that it is about the code that was asked for"),
            ("否则可能是别人的记录", "else it may be another person's record"),
        ),
        CheckId.KNOWN_WORDS: _check(
            Group.TELLS,
            (
                "需要的字段都有，状态和原因都在档案中",
                "every field that is needed is there, and status and reasons stand in the profile",
            ),
            ("档案里没有的词无法翻译", "a word that the profile has not cannot be translated"),
        ),
        CheckId.TRUE_STATUS: _check(
            Group.TELLS,
            ("说出的状态与测试人员表一致", "the status told is that of the list of test people"),
            ("这是查验的全部意义", "this is what a check is for"),
        ),
        CheckId.TRUE_REASONS: _check(
            Group.TELLS,
            ("说出的原因与测试人员表一致", "the reasons told are those of the list of test people"),
            ("按原因换算，颜色各地不同", "what is converted is the reason: colours differ"),
        ),
        CheckId.TRUE_MOMENT: _check(
            Group.TELLS,
            (
                "更新时间是北京时间，不早于实际，不在将来",
                "the time of the last change is Beijing's, not older than it was and not in the future",
            ),
            ("时间不对，状态就提前或推迟失效", "with a wrong time a status ends too early or too late"),
        ),
        CheckId.NAME_MASKED: _check(
            Group.TELLS,
            ("姓名是遮盖的，并且是本人的", "the name is masked, and the person's own"),
            ("卡口只需要核对提示", "a gate needs a hint and no more"),
        ),
        CheckId.REF_STEADY: _check(
            Group.TELLS,
            ("同一个人的编号每次相同", "a person's own id is the same each time"),
            ("网关靠它找到此人在其他地区的报告", "by it a gateway finds what other regions say of them"),
        ),
        CheckId.REF_OWN: _check(
            Group.TELLS,
            ("不同的人编号不同，且不是证件号码", "different people have different ids, and none is a document number"),
            ("否则两个人会被当成一个人", "else two people are taken for one"),
        ),
        CheckId.EVERY_STATUS: _check(
            Group.TELLS,
            ("测试人员覆盖档案中的每个状态", "the test people stand in every status of the profile"),
            ("没有试过的状态，谁也不知道", "of a status that was not tried nobody knows"),
        ),
        CheckId.CHANGE_AT_ONCE: _check(
            Group.KEEPS_UP,
            ("状态改变后，下一次询问就说新的", "a status that was changed is told at the next question"),
            ("迟到的红码放走病人，迟到的绿码拦住好人", "a late red lets the ill go on, a late green stops the well"),
        ),
        CheckId.MANY_AT_ONCE: _check(
            Group.KEEPS_UP,
            ("许多人同时询问时，各得各的回答", "when many ask at once, each gets their own answer"),
            ("卡口总是同时询问", "gates always ask at once"),
        ),
    }
)
"""Every check, in the order of an examination."""
