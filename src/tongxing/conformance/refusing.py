"""What a service must refuse, tried first: texts that are nobody's, callers who may not ask, broken requests."""

import json
import secrets
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import Final
from urllib.parse import urlencode

from tongxing.conformance.asking import Asker, Heard
from tongxing.conformance.catalogue import CheckId
from tongxing.conformance.dialects import DIALECTS
from tongxing.conformance.findings import Notebook
from tongxing.conformance.words import GAVE_A_RECORD, say_heard
from tongxing.core.reasons import ReasonId
from tongxing.core.words import Sentence
from tongxing.regions.answers import BackEndRequest
from tongxing.regions.statuses import Alphabet, QrPattern

CHARACTERS: Final = {
    Alphabet.DIGITS: "0123456789",
    Alphabet.HEX: "0123456789abcdef",
    Alphabet.BASE64URL: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
}
NO: Final = frozenset({ReasonId.TICKET_UNKNOWN, ReasonId.TICKET_EXPIRED, ReasonId.TICKET_USED, ReasonId.SOURCE_REFUSED})
"""Ways of saying no, of which each will do where a caller or a text is at fault."""

UNKNOWN: Final = frozenset({ReasonId.TICKET_UNKNOWN})
HUGE_BYTES: Final = 1024 * 1024
LONG_CHARACTERS: Final = 4_000

MALFORMED: Final = (
    (Sentence("空的文字", "an empty text"), ""),
    (Sentence("一个空格", "a space"), " "),
    (Sentence("引号和尖括号", "quotes and angle brackets"), "'\"`;--<b>\\%00"),
    (Sentence("四千个零", "four thousand zeros"), "0" * LONG_CHARACTERS),
    (Sentence("表情符号", "pictographs"), "😷🩺"),
)
BROKEN_BODIES: Final = (
    (Sentence("空的请求", "an empty request"), b""),
    (Sentence("半个请求", "half a request"), b'{"'),
    (Sentence("列表代替对象", "a list instead of an object"), b"[]"),
    (Sentence("不是 UTF-8 的字节", "bytes that are not UTF-8"), b"\xff\xfe\xff"),
    (Sentence("一百万个空格", "a million spaces"), b" " * HUGE_BYTES),
)

Check = Callable[[Asker, Notebook], Awaitable[None]]


async def check_unknown_code(asker: Asker, notebook: Notebook) -> None:
    """Ask about codes of the right form that nobody can have."""
    text, pattern = await _living(asker), _pattern(asker)
    if text is None:
        notebook.not_tried(CheckId.UNKNOWN_CODE, _NO_CODE)
        return
    characters = CHARACTERS[pattern.alphabet]
    for name, token in (
        (Sentence("随机的码", "a random code"), "".join(secrets.choice(characters) for _ in range(pattern.length))),
        (Sentence("全零的码", "a code of zeros"), "0" * pattern.length),
    ):
        heard = await asker.ask(_with_token(text, pattern, token))
        _weigh(notebook, CheckId.UNKNOWN_CODE, name, heard, UNKNOWN)


async def check_nearby_code(asker: Asker, notebook: Notebook) -> None:
    """Ask about texts that differ a little from a living code."""
    text, pattern = await _living(asker), _pattern(asker)
    if text is None:
        notebook.not_tried(CheckId.NEARBY_CODE, _NO_CODE)
        return
    token = text[len(pattern.prefix) : len(pattern.prefix) + pattern.length]
    for name, changed in neighbours_of(token, CHARACTERS[pattern.alphabet]):
        heard = await asker.ask(_with_token(text, pattern, changed))
        _weigh(notebook, CheckId.NEARBY_CODE, name, heard, NO)


async def check_malformed_text(asker: Asker, notebook: Notebook) -> None:
    """Ask about texts that are no codes."""
    for name, text in MALFORMED:
        heard = await asker.ask(text)
        _weigh(notebook, CheckId.MALFORMED_TEXT, name, heard, NO)


async def check_old_code(asker: Asker, notebook: Notebook) -> None:
    """Ask about codes that ran out or were replaced."""
    for index, text in enumerate(asker.given.old, 1):
        heard = await asker.ask(text)
        _weigh(notebook, CheckId.OLD_CODE, Sentence(f"旧码 {index}", f"old code {index}"), heard, NO)
    if not asker.given.old:
        why = Sentence("测试人员表没有 old（旧码）", "the list of test people has no codes under old")
        notebook.not_tried(CheckId.OLD_CODE, why)


async def check_used_code(asker: Asker, notebook: Notebook) -> None:
    """Ask twice about a code that is good once."""
    if not asker.profile.one_time_code:
        why = Sentence("档案中的码不是一次性的", "by the profile a code is not good only once")
        notebook.not_tried(CheckId.USED_CODE, why)
        return
    text = await _living(asker)
    if text is None:
        notebook.not_tried(CheckId.USED_CODE, _NO_CODE)
        return
    await asker.ask(text)
    heard = await asker.ask(text)
    _weigh(notebook, CheckId.USED_CODE, Sentence("同一张码第二次", "the same code again"), heard, NO)


async def check_wrong_credentials(asker: Asker, notebook: Notebook) -> None:
    """Ask as somebody else."""
    profile, given = asker.profile, asker.given
    parameter = DIALECTS[profile.family].caller_parameter
    text = await _living(asker)
    if text is None or (parameter is None and not given.credentials):
        why = Sentence("这种接口不分辨谁在询问", "this interface does not know who asks")
        notebook.not_tried(CheckId.WRONG_CREDENTIALS, _NO_CODE if text is None else why)
        return
    for name in given.credentials:
        wrong = {**given.credentials, name: "nobody-has-this-credential"}
        heard = await asker.ask(text, credentials=wrong)
        _weigh(notebook, CheckId.WRONG_CREDENTIALS, Sentence(f"凭证 {name} 不对", f"a wrong {name}"), heard, NO)
    if parameter is not None:
        another = replace(profile, parameters={**profile.parameters, parameter: "nobody"})
        heard = await asker.ask(text, profile=another)
        about_it = Sentence(f"参数 {parameter} 不对", f"a wrong {parameter}")
        _weigh(notebook, CheckId.WRONG_CREDENTIALS, about_it, heard, NO)


async def check_replayed_request(asker: Asker, notebook: Notebook) -> None:
    """Send a request again that is good once."""
    if not DIALECTS[asker.profile.family].request_is_good_once:
        why = Sentence("这种接口的请求不是一次性的", "no request of this interface is good only once")
        notebook.not_tried(CheckId.REPLAYED_REQUEST, why)
        return
    text = await _living(asker)
    first = None if text is None else await asker.ask(text)
    if text is None or first is None or first.record is None:
        notebook.not_tried(CheckId.REPLAYED_REQUEST, _NO_CODE if text is None else NO_RECORD)
        return
    before = tuple(answer for answer in first.answers[:-1] if answer is not None)
    heard = await asker.send(first.requests[-1], before, text)
    _weigh(notebook, CheckId.REPLAYED_REQUEST, Sentence("同一请求第二次", "the same request again"), heard, NO)


async def check_request_by_get(asker: Asker, notebook: Notebook) -> None:
    """Ask by GET, with everything in the address."""
    text = await _living(asker)
    if text is None:
        notebook.not_tried(CheckId.REQUEST_BY_GET, _NO_CODE)
        return
    request = next(asker.begin(text))
    query = _query_of(request)
    heard = await asker.send(BackEndRequest("GET", f"{request.path}?{query}", request.headers), (), text)
    name = Sentence("GET 方式", "a question by GET")
    notebook.weigh(CheckId.REQUEST_BY_GET, name, GAVE_A_RECORD if heard.record is not None else _broke(heard))


async def check_broken_request(asker: Asker, notebook: Notebook) -> None:
    """Send requests that cannot be read."""
    text = await _living(asker)
    if text is None:
        notebook.not_tried(CheckId.BROKEN_REQUEST, _NO_CODE)
        return
    request = next(asker.begin(text))
    for name, body in BROKEN_BODIES:
        heard = await asker.send(replace(request, body=body), (), text)
        notebook.weigh(CheckId.BROKEN_REQUEST, name, GAVE_A_RECORD if heard.record is not None else _broke(heard))


REFUSALS: Final[tuple[Check, ...]] = (
    check_unknown_code,
    check_nearby_code,
    check_malformed_text,
    check_old_code,
    check_used_code,
    check_wrong_credentials,
    check_replayed_request,
    check_request_by_get,
    check_broken_request,
)

NO_RECORD: Final = Sentence("有效的码没有得到回答", "a living code was not answered")
_NO_CODE: Final = Sentence("测试人员表中的码不够", "too few codes in the list of test people")


def _weigh(notebook: Notebook, check: CheckId, name: Sentence, heard: Heard, wanted: frozenset[ReasonId]) -> None:
    """Note whether a question was refused as it must be; what cannot be read says neither."""
    if heard.is_unreadable or heard.is_late:
        notebook.not_tried(check, say_heard(heard))
    elif heard.record is not None:
        notebook.failed(check, name, GAVE_A_RECORD)
    else:
        notebook.weigh(check, name, None if heard.outcome in wanted else say_heard(heard))


def _broke(heard: Heard) -> Sentence | None:
    return say_heard(heard) if heard.is_breakdown or heard.is_late else None


async def _living(asker: Asker) -> str | None:
    """Return a code of the first person who has one left."""
    for person in asker.given.people:
        if (text := await asker.show(person)) is not None:
            return text
    return None


def _pattern(asker: Asker) -> QrPattern:
    pattern = asker.profile.qr
    if pattern is None:
        raise LookupError(f"region {asker.profile.region} has no code of its own")
    return pattern


def _with_token(text: str, pattern: QrPattern, token: str) -> str:
    return pattern.prefix + token + text[len(pattern.prefix) + pattern.length :]


def neighbours_of(token: str, characters: str) -> Iterator[tuple[Sentence, str]]:
    """Yield what is nearly ``token``, of some ``characters``, and never it: how it differs, and the text."""
    first, last = (characters[(characters.index(each) + 1) % len(characters)] for each in (token[0], token[-1]))
    yield Sentence("末位不同", "another last character"), token[:-1] + last
    yield Sentence("首位不同", "another first character"), first + token[1:]
    yield Sentence("多一个字符", "one character more"), token + "0"
    yield Sentence("少一个字符", "one character less"), token[:-1]
    if token.swapcase() != token:
        yield Sentence("大小写互换", "upper and lower case exchanged"), token.swapcase()


def _query_of(request: BackEndRequest) -> str:
    """Return a request's fields as a query."""
    if request.headers.get("content-type", "").startswith("application/json"):
        return urlencode(json.loads(request.body))
    return request.body.decode()
