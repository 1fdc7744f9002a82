"""What a face of GB/T 38963 is held to: a closed table, what must be refused first."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from tongxing.conformance.catalogue import Check, Group
from tongxing.core.words import Sentence


class FaceCheckId(StrEnum):
    """One check. Slugs are never reused."""

    UNSIGNED = "unsigned"
    WRONG_SIGNATURE = "wrong_signature"
    REPLAYED_CALL = "replayed_call"
    OTHER_ROLE = "other_role"
    NO_CONSENT = "no_consent"
    MALFORMED_CALL = "malformed_call"
    APPLICATION_ONCE = "application_once"
    GARBAGE_CODE = "garbage_code"
    RESULT_ONCE = "result_once"
    FORM = "form"
    SPARING = "sparing"
    OWN_RESULT = "own_result"
    MADE_CODE = "made_code"
    DECLARATION = "declaration"


def _check(group: Group, wanted: tuple[str, str], why: tuple[str, str]) -> Check:
    return Check(group, Sentence(*wanted), Sentence(*why))


FACE_CHECKS: Final[Mapping[FaceCheckId, Check]] = MappingProxyType(
    {
        FaceCheckId.UNSIGNED: _check(
            Group.REFUSES,
            ("没有签名的调用被拒绝（40000）", "a call without a signature is refused (40000)"),
            ("健康信息不对任何人开放", "health data are not for everybody"),
        ),
        FaceCheckId.WRONG_SIGNATURE: _check(
            Group.REFUSES,
            ("签名与内容不符的调用被拒绝", "a call whose signature does not fit what it says is refused"),
            ("否则途中可以改写请求", "else a request can be rewritten on its way"),
        ),
        FaceCheckId.REPLAYED_CALL: _check(
            Group.REFUSES,
            ("同一签名的调用第二次被拒绝", "a call that was signed once is refused the second time"),
            ("截获的请求不应再有用", "a request that was overheard is to be worth nothing"),
        ),
        FaceCheckId.OTHER_ROLE: _check(
            Group.REFUSES,
            ("查验点不能申请制码，应用不能申请验码", "a checkpoint cannot apply to make, nor an application to verify"),
            ("各有各的权限", "each may do its own and no more"),
        ),
        FaceCheckId.NO_CONSENT: _check(
            Group.REFUSES,
            ("没有本人授权或在场的查询被拒绝（41001）", "a query without consent or presence is refused (41001)"),
            ("查询他人要有理由", "looking somebody up needs a ground"),
        ),
        FaceCheckId.MALFORMED_CALL: _check(
            Group.REFUSES,
            ("格式有误的请求被拒绝（41000）", "what is not well-formed is refused (41000)"),
            ("猜测请求的意思会出错", "guessing what is meant goes wrong"),
        ),
        FaceCheckId.APPLICATION_ONCE: _check(
            Group.REFUSES,
            (
                "流水号和随机数只用一次，猜测的、他人的、别类的都被拒绝（40001）",
                "serial and random number are good once; guessed, another's or of another kind are refused (40001)",
            ),
            ("否则一次申请可以用许多次", "else one application serves many"),
        ),
        FaceCheckId.GARBAGE_CODE: _check(
            Group.REFUSES,
            (
                "不是码的文字不回答成功，并指引人工通道",
                "a text that is no code is never a success, and what is told of it names the manual lane",
            ),
            ("扫码枪会读到任何东西", "scanners read whatever there is"),
        ),
        FaceCheckId.RESULT_ONCE: _check(
            Group.REFUSES,
            (
                "BizExtData 只能由得到它的人换取一次（40001）",
                "BizExtData is exchanged once, by whom it was given to (40001)",
            ),
            ("它代表一个人的信息", "it stands for somebody's data"),
        ),
        FaceCheckId.FORM: _check(
            Group.ANSWERS,
            (
                "每个回答是 JSON 对象，有返回码和中英文说明，不回答 5xx",
                "every answer is a JSON object with a return code and what it says in both languages, and never 5xx",
            ),
            ("调用方只看返回码", "callers go by the return code"),
        ),
        FaceCheckId.SPARING: _check(
            Group.TELLS,
            (
                "查验点得不到等级、各地报告和来源",
                "a checkpoint is told no level, no report and no source",
            ),
            ("卡口只需要知道怎么做", "a guard needs to know what to do, and no more"),
        ),
        FaceCheckId.OWN_RESULT: _check(
            Group.TELLS,
            ("每次查验的 BizExtData 都不同", "BizExtData differs at each verification"),
            ("否则可以据此跟踪一个人", "else people can be followed by it"),
        ),
        FaceCheckId.MADE_CODE: _check(
            Group.TELLS,
            ("制出的码每次不同，当场有效", "a code that is made differs each time and is taken at once"),
            ("码是一次显示，不是身份", "a code is one display and no identity"),
        ),
        FaceCheckId.DECLARATION: _check(
            Group.TELLS,
            (
                "申报得到编号，同样的申报编号相同；不受理的说明不支持（22002）",
                "a declaration gets a number, the same one again; whoever takes none says so (22002)",
            ),
            ("没有编号就无从查起", "what has no number cannot be asked after"),
        ),
    }
)
