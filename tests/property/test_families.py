"""Whatever bytes a back end sends, a family returns a source's answer or refuses with a reason: nothing else, ever."""

import contextlib
import json
import re
from collections.abc import Iterator
from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.regions.dialect_samples import FURTHER, UNSIGNED, UNSIGNED_QR
from tests.unit.regions.samples import (
    ANHUI,
    AT,
    BEIJING,
    CHECKED,
    CONTENT,
    CREDENTIALS,
    EVERY_PACKAGED,
    GOOD,
    GUANGXI,
    GUANGXI_QR,
    HUBEI,
    HUBEI_QR,
    QR_OF,
    WITH_BACK_END,
    ask_with,
    colour,
    info,
    json_answer,
    numeric,
    words,
)
from tongxing.core.errors import Refused, Rejected, Undecidable
from tongxing.core.reasons import REASONS, Stage
from tongxing.regions.answers import BackEndAnswer, SourceAnswer
from tongxing.regions.docking import DockRow, parse_dock_row
from tongxing.regions.families import (
    FAMILIES,
    day_password,
    gate_numeric,
    keyed_call,
    national_levels,
    signed_numeric,
    travel_card,
    unsigned_json,
)
from tongxing.regions.families import paper as paper_family
from tongxing.regions.families import words as words_family
from tongxing.regions.profile import Profile
from tongxing.regions.translation import Translated, translate

CASES = tuple((profile, QR_OF[profile.region]) for profile in WITH_BACK_END)
FURTHER_FAMILIES = (
    *(gate_numeric, national_levels, keyed_call, day_password),
    *(unsigned_json, travel_card, paper_family),
)
NAMES = sorted(
    {"errcode", "data", "bizExtData", "desensitizeCardId", "content", "person", "fxdj", "warnType", "updateTime"}
    | {"code", "code_color", "code_content", "refresh_time", "user_name"}
    | {"alipay_ebpp_industry_gov_healthcode_verify_response"}
    | {field.value for fields in (words_family.Field, signed_numeric.Field) for field in fields}
    | {field.value for module in FURTHER_FAMILIES for field in module.Field}
)

GOOD_TEXTS = [
    *("0", "00", "01", "10", "10000", "92", "420100", "token-1", "green", "yellow", "未见异常", "1", "2", "42"),
    "2020-03-20 08:00:00",
]
texts = st.text(max_size=20) | st.sampled_from([*GOOD_TEXTS, *QR_OF.values()])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | texts, inner, max_size=6),
    max_leaves=20,
)
answers = st.builds(
    BackEndAnswer,
    st.just(200) | st.integers(100, 599),
    st.sampled_from(["application/json", "application/json;charset=utf-8", "", "text/html"]) | st.text(max_size=30),
    st.binary(max_size=300) | json_values.map(lambda value: json.dumps(value).encode()),
)


def check_refusal(refusal: Rejected | Undecidable) -> None:
    assert REASONS[refusal.reason].stage is Stage.STATUS


def check_translation(told: object, profile: Profile) -> None:
    assert isinstance(told, SourceAnswer)
    with contextlib.suppress(Undecidable):
        assert isinstance(translate(told, profile, at=AT, revision=1), Translated)


def check_asking(profile: Profile, qr_text: str, sent: list[BackEndAnswer]) -> None:
    try:
        told = ask_with(profile, qr_text, sent)
    except (Rejected, Undecidable) as refusal:
        check_refusal(refusal)
        return
    check_translation(told, profile)


@given(st.sampled_from(CASES), st.lists(answers, min_size=2, max_size=2))
@settings(max_examples=300)
def test_arbitrary_answers_give_a_source_answer_or_a_reason(
    case: tuple[Profile, str], sent: list[BackEndAnswer]
) -> None:
    profile, qr_text = case
    asking = FAMILIES[profile.family].ask(qr_text, profile, AT, "q", CREDENTIALS)
    next(asking)
    try:
        for answer in sent:
            asking.send(answer)
    except StopIteration as end:
        check_translation(end.value, profile)
    except (Rejected, Undecidable) as refusal:
        check_refusal(refusal)


@given(st.sampled_from(NAMES), json_values)
@settings(max_examples=300)
def test_any_field_may_hold_anything(name: str, value: object) -> None:
    content = {**CONTENT, name: value}
    person = {**dict(CONTENT["person"]), name: value}  # type: ignore[call-overload]
    for second in (info(content), info({**CONTENT, "person": person}), {**info(CONTENT), name: value}):
        check_asking(HUBEI, HUBEI_QR, [json_answer(CHECKED), json_answer(second)])
    check_asking(GUANGXI, GUANGXI_QR, [json_answer(colour(**{name: value}))])
    for spoilt in (words(**{name: value}), {**words(), name: value}):
        check_asking(BEIJING, QR_OF["11"], [json_answer(spoilt)])
    inner = numeric()["data"]
    assert isinstance(inner, dict)
    for spoilt in (numeric(**{name: value}), {**numeric(), name: value}, {**numeric(), "data": {**inner, name: value}}):
        check_asking(ANHUI, QR_OF["34"], [json_answer(spoilt)])


def spoilt_anywhere(value: object, name: str, spoilt: object) -> Iterator[object]:
    """Yield ``value`` once for each object in it, with ``name`` in that object replaced or added."""
    if isinstance(value, dict):
        yield {**value, name: spoilt}
        for key, inner in value.items():
            for changed in spoilt_anywhere(inner, name, spoilt):
                yield {**value, key: changed}
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            for changed in spoilt_anywhere(inner, name, spoilt):
                yield [*value[:index], changed, *value[index + 1 :]]


@given(st.sampled_from(FURTHER), st.sampled_from(NAMES), json_values)
@settings(max_examples=600)
def test_any_field_of_any_object_may_hold_anything(profile: Profile, name: str, value: object) -> None:
    good = GOOD[profile.region]
    for which, answer in enumerate(good):
        for body in spoilt_anywhere(json.loads(answer.body), name, value):
            check_asking(profile, QR_OF[profile.region], [*good[:which], json_answer(body), *good[which + 1 :]])


@given(st.text(max_size=120) | st.text('{"codeId":US0123456789abcdef,lastReportTime-} ', max_size=120), st.data())
def test_an_unsigned_text_is_told_whole_or_not_at_all(text: str, data: st.DataObject) -> None:
    """What is recognised is what the template writes: no byte more, none other, in no other order."""
    at = data.draw(st.integers(0, len(UNSIGNED_QR)))
    spoilt = UNSIGNED_QR[:at] + text + UNSIGNED_QR[at + data.draw(st.integers(0, 3)) :]
    if FAMILIES["unsigned_json"].recognises(spoilt, UNSIGNED):
        told = json.loads(spoilt)
        assert list(told) == ["codeId", "lastReportTime"]
        assert json.dumps(told, separators=(",", ":")) == spoilt
        assert re.fullmatch("US[0-9a-f]{32}", told["codeId"])
        datetime.fromisoformat(told["lastReportTime"])


@given(st.sampled_from(CASES), st.data())
@settings(max_examples=300)
def test_a_spoilt_byte_never_escapes_the_reasons(case: tuple[Profile, str], data: st.DataObject) -> None:
    profile, qr_text = case
    sent = list(GOOD[profile.region])
    which = data.draw(st.integers(0, len(sent) - 1))
    body = bytearray(sent[which].body)
    body[data.draw(st.integers(0, len(body) - 1))] ^= data.draw(st.integers(1, 255))
    sent[which] = BackEndAnswer(200, "application/json", bytes(body))
    check_asking(profile, qr_text, sent)


@given(
    st.dictionaries(
        st.sampled_from(
            ["document", "name", "status", "told", "since_seconds", "division", "person_ref", "derived_from"]
        ),
        json_values,
    )
)
def test_arbitrary_rows_are_read_or_refused(row: dict[str, object]) -> None:
    try:
        read = parse_dock_row(row, HUBEI)
    except Refused:
        return
    assert isinstance(read, DockRow)
    check_translation(read.answer, HUBEI)


@given(st.text(max_size=80) | st.text("HBJKM.GX:abc012-_", max_size=60) | st.sampled_from(sorted(QR_OF.values())))
def test_any_text_is_recognised_by_at_most_one_family_and_region(text: str) -> None:
    claims = {
        profile.family if profile.qr is None else str(profile.region)
        for profile in EVERY_PACKAGED
        if FAMILIES[profile.family].recognises(text, profile)
    }
    assert len(claims | ({"national"} if FAMILIES["national"].recognises(text, HUBEI) else set())) <= 1
