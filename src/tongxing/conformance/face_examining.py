"""One examination of a face of GB/T 38963 from beginning to end, what must be refused first.

Spec: GB/T 38963-2020, 6.2, as far as its names and return codes are known (``api.gb38963``).
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import msgspec

from tongxing.api.gb38963.names import CallNumber, wire_name
from tongxing.api.gb38963.return_codes import ReturnCode
from tongxing.conformance.face_asking import FaceAnswer, FaceAsker, named
from tongxing.conformance.face_checks import FACE_CHECKS, FaceCheckId
from tongxing.conformance.findings import Examined, Notebook
from tongxing.core.words import Sentence

KIND: Final = "gb38963"
MAKING, VERIFYING = "1", "2"
YES, NO = "1", "2"
GARBAGE: Final = ("https://example.org/", "", "0" * 200)
_WELL: Final = named(symptoms="1", contact=NO, been_in_risk_area=NO)
_SERVER_ERROR: Final = 500
_SECRET_OF_CHECKPOINTS: Final = frozenset(map(wire_name, ("overall_level", "reports", "level", "reporter")))

FaceCheck = Callable[[FaceAsker, Notebook], Awaitable[None]]


async def examine_face(asker: FaceAsker) -> Examined:
    """Examine a face. Raises Refused(UPSTREAM_AWAY) where nobody answers."""
    begun, notebook = asker.clock.now(), Notebook(FACE_CHECKS)
    for check in FACE_CHECKS_IN_ORDER:
        await check(asker, notebook)
    every = Sentence("每个回答", "every answer")
    for answer in asker.heard:
        is_whole = answer.return_code is not None and answer.status < _SERVER_ERROR
        has_words = answer.is_done or all(
            isinstance(answer.value.get(wire_name(each)), str) for each in ("return_message", "return_message_en")
        )
        notebook.weigh(FaceCheckId.FORM, every, None if is_whole and has_words else answer.say())
    notebook.close(Sentence("没有可试的情形", "there was nothing to try"))
    checks = {str(check): row for check, row in FACE_CHECKS.items()}
    return Examined(asker.url, asker.given.region, asker.given.name, KIND, begun, checks, notebook.results)


async def check_signatures(asker: FaceAsker, notebook: Notebook) -> None:
    """Call without a signature, with another body than was signed, and twice with one signature."""
    number, body = CallNumber.CALL_APPLICATION, named(application=MAKING)
    content = msgspec.json.encode(body)
    name = Sentence("调用申请", "an application")
    heard = await asker.call(None, number, body)
    _want(notebook, FaceCheckId.UNSIGNED, name, heard, ReturnCode.NOT_AUTHORISED)
    headers = asker.sign(asker.given.application, number, content)
    heard = await asker.send(number, content + b" ", headers)
    _want(notebook, FaceCheckId.WRONG_SIGNATURE, name, heard, ReturnCode.SIGNATURE_WRONG)
    headers = asker.sign(asker.given.application, number, content)
    first = await asker.send(number, content, headers)
    if not first.is_done:
        notebook.failed(FaceCheckId.REPLAYED_CALL, name, first.say())
        return
    _want(notebook, FaceCheckId.REPLAYED_CALL, name, await asker.send(number, content, headers))


async def check_roles(asker: FaceAsker, notebook: Notebook) -> None:
    """Apply for what only the other may do."""
    for key, what, name in (
        (asker.given.checkpoint, MAKING, Sentence("查验点申请制码", "a checkpoint applies to make")),
        (asker.given.application, VERIFYING, Sentence("应用申请验码", "an application applies to verify")),
    ):
        heard = await asker.call(key, CallNumber.CALL_APPLICATION, named(application=what))
        _want(notebook, FaceCheckId.OTHER_ROLE, name, heard, ReturnCode.NOT_AUTHORISED)


async def check_consent(asker: FaceAsker, notebook: Notebook) -> None:
    """Query a document without a ground."""
    given = asker.given
    for key, said, name in (
        (given.application, {}, Sentence("应用，没有说授权", "an application, consent not said")),
        (given.application, {"consent": NO}, Sentence("应用，没有授权", "an application, no consent")),
        (
            given.checkpoint,
            {"place_kind": "1", "presence": NO},
            Sentence("查验点，不在场", "a checkpoint, absent"),
        ),
    ):
        heard = await asker.call(key, CallNumber.HEALTH_QUERY, asker.person(**said))
        _want(notebook, FaceCheckId.NO_CONSENT, name, heard, ReturnCode.CONSENT_MISSING)


async def check_malformed(asker: FaceAsker, notebook: Notebook) -> None:
    """Send what is not well-formed."""
    trip = named(division="450103", since="20200230000000")
    application = wire_name("application")
    for number, body, name in (
        (CallNumber.CALL_APPLICATION, b"", Sentence("空的请求", "an empty request")),
        (CallNumber.CALL_APPLICATION, b'{"', Sentence("半个请求", "half a request")),
        (CallNumber.CALL_APPLICATION, b"[]", Sentence("列表代替对象", "a list instead of an object")),
        (
            CallNumber.CALL_APPLICATION,
            f'{{"{application}": "1", "{application}": "1"}}'.encode(),
            Sentence("同一字段两次", "a field twice"),
        ),
        (CallNumber.CALL_APPLICATION, {application: MAKING, "x-nobody": 1}, Sentence("未知字段", "an unknown field")),
        (CallNumber.CALL_APPLICATION, {application: "3"}, Sentence("未知的值", "an unknown value")),
        (
            CallNumber.TRIP_DECLARATION,
            asker.person(consent=YES, trips=[trip]),
            Sentence("二月三十日", "30 February"),
        ),
        (
            CallNumber.HEALTH_DECLARATION,
            {**asker.person(consent=YES), **_WELL, **named(symptoms="1^2")},
            Sentence("既无症状又有症状", "no symptom and one"),
        ),
        (
            CallNumber.HEALTH_DECLARATION,
            {**asker.person(consent=YES), **_WELL, **named(temperature="48.0")},
            Sentence("体温 48 度", "a temperature of 48 degrees"),
        ),
    ):
        heard = await asker.call(asker.given.application, number, body)
        _want(notebook, FaceCheckId.MALFORMED_CALL, name, heard, ReturnCode.REQUEST_MALFORMED)


async def check_applications(asker: FaceAsker, notebook: Notebook) -> None:
    """Use an application that was guessed, made for something else, or used before."""
    given, random = asker.given, wire_name("random")
    own = await asker.apply(given.checkpoint, VERIFYING)
    others = await asker.apply(given.application, MAKING)
    if random not in own or random not in others:
        notebook.failed(FaceCheckId.APPLICATION_ONCE, _APPLYING, Sentence("没有得到随机数", "no random number came"))
        return
    for told, name in (
        ({**own, random: "00" * 16}, Sentence("猜测的随机数", "a guessed random number")),
        (others, Sentence("他人的、为制码申请的", "another's, applied for making")),
    ):
        heard = await _verify(asker, GARBAGE[0], told)
        _want(notebook, FaceCheckId.APPLICATION_ONCE, name, heard, ReturnCode.AUTHORISATION_WRONG)
    fresh = await asker.apply(given.checkpoint, VERIFYING)
    await _verify(asker, GARBAGE[0], fresh)
    again = await _verify(asker, GARBAGE[0], fresh)
    name = Sentence("第二次使用", "used a second time")
    _want(notebook, FaceCheckId.APPLICATION_ONCE, name, again, ReturnCode.AUTHORISATION_WRONG)


async def check_garbage(asker: FaceAsker, notebook: Notebook) -> None:
    """Verify texts that are no codes, and exchange what is told of them."""
    token, seen = wire_name("exchange_token"), []
    for index, text in enumerate(GARBAGE, 1):
        name = Sentence(f"文字 {index}", f"text {index}")
        heard = await _verify(asker, text, await asker.apply(asker.given.checkpoint, VERIFYING))
        _want(notebook, FaceCheckId.GARBAGE_CODE, name, heard, ReturnCode.CODE_INVALID_OR_EXPIRED)
        shown = heard.data.get(token)
        if shown is None:
            notebook.failed(FaceCheckId.GARBAGE_CODE, name, Sentence("没有 BizExtData", "no BizExtData came"))
            continue
        seen.append(shown)
        await _exchange(asker, notebook, name, {token: shown})
    if seen:
        is_own = len(set(map(str, seen))) == len(seen)
        saw = None if is_own else Sentence("两次相同", "the same twice")
        notebook.weigh(FaceCheckId.OWN_RESULT, _SCANS, saw)
    heard = await asker.call(asker.given.checkpoint, CallNumber.HEALTH_QUERY, {token: "A" * 64})
    made_up = Sentence("编造的", "a made-up one")
    _want(notebook, FaceCheckId.RESULT_ONCE, made_up, heard, ReturnCode.AUTHORISATION_WRONG)


async def _exchange(asker: FaceAsker, notebook: Notebook, name: Sentence, shown: Mapping[str, object]) -> None:
    """Exchange what stands for a result: by somebody else, by its owner, and by its owner again."""
    given, query = asker.given, CallNumber.HEALTH_QUERY
    stolen = await asker.call(given.application, query, shown)
    _want(notebook, FaceCheckId.RESULT_ONCE, Sentence("由他人换取", "by somebody else"), stolen)
    told = await asker.call(given.checkpoint, query, shown)
    is_referred = told.is_done and told.data.get(wire_name("outcome")) == "REFER"
    notebook.weigh(FaceCheckId.GARBAGE_CODE, name, None if is_referred else told.say())
    _weigh_sparing(notebook, name, told)
    again = await asker.call(given.checkpoint, query, shown)
    second = Sentence("第二次换取", "a second time")
    _want(notebook, FaceCheckId.RESULT_ONCE, second, again, ReturnCode.AUTHORISATION_WRONG)


def _weigh_sparing(notebook: Notebook, name: Sentence, told: FaceAnswer) -> None:
    more = ", ".join(sorted(_SECRET_OF_CHECKPOINTS & set(told.data)))
    notebook.weigh(FaceCheckId.SPARING, name, Sentence(f"说了 {more}", f"it told {more}") if more else None)


async def check_made_code(asker: FaceAsker, notebook: Notebook) -> None:
    """Make two codes of the test person's, and verify the second."""
    given, made = asker.given, []
    for _ in range(2):
        applied = await asker.apply(given.application, MAKING)
        body = {**asker.person(consent=YES, name=given.person_name), **applied}
        heard = await asker.call(given.application, CallNumber.CODE_MAKING, body)
        if not heard.is_done:
            notebook.not_tried(FaceCheckId.MADE_CODE, heard.say())
            return
        made.append(heard.data.get(wire_name("qr_text")))
    is_same = made[0] == made[1]
    notebook.weigh(FaceCheckId.MADE_CODE, _CODES, Sentence("两次相同", "the same twice") if is_same else None)
    heard = await _verify(asker, str(made[1]), await asker.apply(given.checkpoint, VERIFYING))
    notebook.weigh(FaceCheckId.MADE_CODE, _CODES, None if heard.is_done else heard.say())


async def check_declaration(asker: FaceAsker, notebook: Notebook) -> None:
    """Declare the same twice."""
    body, number = {**asker.person(consent=YES), **_WELL}, wire_name("declaration_number")
    name = Sentence("健康申报", "a declaration of health")
    first, again = [await asker.call(asker.given.application, CallNumber.HEALTH_DECLARATION, body) for _ in range(2)]
    if first.return_code == ReturnCode.PLATFORM_UNSUPPORTED:
        notebook.passed(FaceCheckId.DECLARATION)
        return
    is_kept = first.is_done and first.data.get(number) and first.data.get(number) == again.data.get(number)
    notebook.weigh(FaceCheckId.DECLARATION, name, None if is_kept else again.say())


FACE_CHECKS_IN_ORDER: Final[tuple[FaceCheck, ...]] = (
    check_signatures,
    check_roles,
    check_consent,
    check_malformed,
    check_applications,
    check_garbage,
    check_made_code,
    check_declaration,
)
_APPLYING: Final = Sentence("调用申请", "an application")
_SCANS: Final = Sentence("几次查验", "several verifications")
_CODES: Final = Sentence("测试人员的码", "codes of the test person")


async def _verify(asker: FaceAsker, text: str, applied: Mapping[str, object]) -> FaceAnswer:
    body = {**applied, **named(qr_text=text, place_kind="1")}
    return await asker.call(asker.given.checkpoint, CallNumber.CODE_VERIFICATION, body)


def _want(
    notebook: Notebook, check: FaceCheckId, name: Sentence, heard: FaceAnswer, wanted: ReturnCode | None = None
) -> None:
    """Note whether a call was refused, with the return code that it must have, if one is."""
    is_right = not heard.is_done if wanted is None else heard.return_code == wanted
    notebook.weigh(check, name, None if is_right and heard.status < _SERVER_ERROR else heard.say())
