"""``tongxing proofs verify``: one code by text or picture, many by JSON lines; every line has an answer."""

import base64
import io
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.foreign_issuers import (
    EXPIRES_AT,
    KEY,
    NOT_BEFORE,
    as_digits,
    card_payload,
    deflate,
    did_document,
    immunization,
    jwk_of,
    jwks_of,
    make_card,
    make_pass,
    sign_jws,
)
from tongxing.cli.proof_lines import LINE_MAX_BYTES, LoadedTrust, answer_line, answer_lines
from tongxing.wire.qr import encode_qr_png

Run = Callable[..., tuple[int, str, str]]
NOW = datetime(2022, 5, 1, tzinfo=UTC)
CARD = make_card(immunization("2022-01-05"))
POINT = base64.b64encode(KEY.public.raw).decode()


def answered(**line: Any) -> tuple[bool, str]:
    answer = answer_line(json.dumps(line).encode(), LoadedTrust(), NOW)
    assert answer.id == line.get("id")
    return answer.valid, answer.reason


VALID = (True, "verified")


@pytest.mark.parametrize(
    "trust",
    [
        jwks_of(),
        [jwks_of()],
        {"keys": [jwk_of(KEY)]},
        [jwk_of(KEY)],
        {"https://cards.example/issuer": jwks_of()},
        {
            "directory": "https://d.example",
            "issuerInfo": [{"issuer": {"iss": "https://cards.example/issuer"}, "keys": [jwk_of(KEY)]}],
        },
        [{"kid_b64": jwk_of(KEY)["kid"], "cert_b64": POINT}],
        [{"kid_b64": base64.b64encode(str(jwk_of(KEY)["kid"]).encode()).decode(), "cert_b64": POINT}],
        [{"kid_b64": "AAAAAAAAAAA=", "cert_b64": POINT}],
        [{"cert_b64": base64.b64encode(json.dumps(jwks_of()).encode()).decode()}],
        [{"kid_b64": "x", "cert_b64": "broken"}, {"kid_b64": None}, 7, "", [[[[[[[[]]]]]]]], {"jwk": jwk_of(KEY)}],
    ],
)
def test_trust_is_taken_in_whatever_shape_it_is_published(trust: object) -> None:
    assert answered(id=1, qr=CARD, trust=trust) == VALID


def test_a_revocation_list_on_a_line_counts_wherever_it_stands() -> None:
    card, revoked = make_card(rid="r"), {"kid": jwk_of(KEY)["kid"], "ctr": 1, "rids": ["r"]}
    assert answered(id=1, qr=card, trust=jwks_of()) == VALID
    for name in ("crl", "crls", "revocation", "revocations", "revocation_list"):
        assert answered(id=1, qr=card, trust=jwks_of(), **{name: revoked}) == (False, "foreign_revoked")
        assert answered(id=1, qr=card, trust={**jwks_of(), name: [revoked]}) == (False, "foreign_revoked")


def test_a_line_adds_its_revocation_list_to_the_trust_of_the_command() -> None:
    card, revoked = make_card(rid="r"), {"kid": jwk_of(KEY)["kid"], "ctr": 1, "rids": ["r"]}
    held = LoadedTrust((jwks_of(),))
    lines = ({"qr": card}, {"qr": card, "crl": revoked}, {"qr": card, "crl": revoked, "trust": []}, {"qr": card})
    answers = [answer_line(json.dumps(line).encode(), held, NOW).reason for line in lines]
    assert answers == ["verified", "foreign_revoked", "unknown_key", "verified"]


def test_a_pass_and_a_card_are_verified_on_lines() -> None:
    assert answered(id="pass", qr=make_pass(), trust=did_document()) == VALID
    assert answered(id=None, qr=make_pass(), trust=[{"kid_b64": "a2V5LTE=", "cert_b64": POINT}]) == VALID
    jws = sign_jws(deflate(json.dumps(card_payload()).encode()))
    chunks = [f"shc:/1/2/{as_digits(jws[:300])}", f"shc:/2/2/{as_digits(jws[300:])}"]
    assert answered(id=["any", "id"], qr=chunks, trust=jwks_of()) == VALID
    assert answered(id=4, qr="\n".join(chunks), trust=jwks_of()) == VALID
    assert answered(id=5, qr=chunks[:1], trust=jwks_of()) == (False, "chunks_missing")
    assert answered(id=6, qr=f" https://viewer.example/#{CARD}\n", trust=jwks_of()) == VALID


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        (None, VALID),
        ("", VALID),
        ("2022-04-16T00:00:00Z", VALID),
        ("2022-04-16T08:00:00.123456789+08:00", VALID),
        ("2022-04-16", VALID),
        ("2022-04-16 00:00", VALID),
        (NOT_BEFORE + 5, VALID),
        (f" {NOT_BEFORE + 5}", VALID),
        (str(EXPIRES_AT), (False, "foreign_expired")),
        (f"{EXPIRES_AT}000", (False, "clock_malformed")),
        (float(EXPIRES_AT), (False, "foreign_expired")),
        ("2021-04-16T00:00:00Z", (False, "foreign_not_active")),
        ("yesterday", (False, "clock_malformed")),
        ("2022-04-16t00:00:00z", VALID),
        ("0001-01-01T00:00:00+23:00", (False, "clock_malformed")),
        ("9999-12-31T23:59:59Z", (False, "clock_malformed")),
        ("1969-12-31", (False, "clock_malformed")),
        (1e300, (False, "clock_malformed")),
        (True, (False, "clock_malformed")),
        ([], (False, "clock_malformed")),
    ],
)
def test_the_clock_is_iso_8601_or_seconds_or_now(clock: object, expected: tuple[bool, str]) -> None:
    assert answered(id=1, qr=CARD, trust=jwks_of(), clock=clock) == expected


@pytest.mark.parametrize(
    ("checks", "expected"),
    [
        (None, (False, "foreign_expired")),
        ([], (False, "foreign_expired")),
        (["VERIFY"], VALID),
        (["EXPECTEDVERIFY", "expectedunprefix"], VALID),
        ({"EXPECTEDVERIFY": True}, VALID),
        ("VERIFY, UNPREFIX", VALID),
        (["EXPIRATIONCHECK"], (False, "foreign_expired")),
        (["VERIFY", "SIGNATURE"], (False, "check_unknown")),
        (["VERIFY", 5], (False, "checks_malformed")),
        (7, (False, "checks_malformed")),
        (["VERIFY"] * 100, (False, "checks_malformed")),
    ],
)
def test_checks_leave_out_what_is_not_labelled_and_none_means_all(checks: object, expected: tuple[bool, str]) -> None:
    assert answered(id=1, qr=CARD, trust=jwks_of(), clock="2030-01-01T00:00:00Z", checks=checks) == expected


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"garbage", "line_malformed"),
        (b'{"qr": "shc:/5676", "trust": [{"cert_b64": "-----BEGIN CERTIFICATE"}]}', "malformed_code"),
        (b"[]", "line_malformed"),
        (b'{"id":1,"id":2}', "line_malformed"),
        (b'{"id":1,"qr":NaN}', "line_malformed"),
        (b"\xff\xfe", "line_malformed"),
        (b"[" * 200_000, "line_malformed"),
        (b'{"trust":' + b'{"a":' * 5_000, "line_malformed"),
        (b'{"id":1}', "empty_scan"),
        (b'{"id":1,"qr":""}', "empty_scan"),
        (b'{"id":1,"qr":null,"checks":["EXPECTEDPICTUREDECODE"]}', "empty_scan"),
        (b'{"id":1,"qr":5}', "qr_malformed"),
        (b'{"id":1,"qr":["a",5]}', "qr_malformed"),
        (b'{"id":1,"qr":"a b c"}', "not_a_code"),
        (b'{"id":1,"qr":"https://a.example"}', "not_a_code"),
        (b'{"id":1,"qr":"HC1:"}', "malformed_code"),
        (b'{"id":1,"qr":"HC2:AAAA"}', "unsupported_version"),
        (b'{"id":1,"qr":"data:image/png;base64,AAAA"}', "picture_unreadable"),
        (b'{"id":1,"qr":"data:image/png;base64,?"}', "qr_malformed"),
        (b'{"id":1,"picture_b64":"AAAA"}', "picture_unreadable"),
    ],
)
def test_whatever_a_line_holds_it_has_an_answer(line: bytes, reason: str) -> None:
    answer = answer_line(line, LoadedTrust(), NOW)
    assert (answer.valid, answer.reason) == (False, reason)


def test_a_line_beyond_all_bounds_is_passed_over_and_the_next_one_answered() -> None:
    lines = io.BytesIO(b'{"id":1,"qr":"' + b"A" * LINE_MAX_BYTES + b'"}\n\n{"id":2,"qr":""}\n')
    told = [json.loads(each) for each in answer_lines(lines, LoadedTrust(), NOW)]
    assert [(each["id"], each["reason"]) for each in told] == [(None, "line_too_long"), (2, "empty_scan")]
    assert all(each.keys() == {"id", "valid", "reason"} for each in told)


def test_a_picture_on_a_line_is_read() -> None:
    picture = base64.b64encode(encode_qr_png(make_pass(), 4)).decode()
    assert answered(id=1, picture_b64=picture, trust=did_document()) == VALID
    assert answered(id=1, qr=f"data:image/png;base64,{picture}", trust=did_document()) == VALID


def test_trust_of_one_line_is_not_the_next_ones() -> None:
    trust = LoadedTrust()
    asked = {"id": 1, "qr": CARD}
    first = answer_line(json.dumps({**asked, "trust": jwks_of()}).encode(), trust, NOW)
    second = answer_line(json.dumps(asked).encode(), trust, NOW)
    assert (first.reason, second.reason) == ("verified", "unknown_key")


def as_file(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content))
    return path


AT = ("--at", "2022-05-01T00:00:00Z")


def test_a_code_is_told_in_words_with_its_facts_and_a_masked_name(run: Run, tmp_path: Path) -> None:
    trust = as_file(tmp_path / "keys.json", jwks_of())
    ended, out, _ = run(
        "proofs", "verify", make_card(immunization("2022-01-05", "212")), "--trust", trust, *AT, "--lang", "en"
    )
    assert ended == 0
    assert "SMART Health Card: verified" in out
    assert "vaccination complete 2022-01-05" in out
    assert "Müller" not in out


def test_a_refused_code_ends_as_refer_with_its_reason(run: Run, tmp_path: Path) -> None:
    trust = as_file(tmp_path / "did.json", did_document())
    ended, out, _ = run("proofs", "verify", make_pass(), "--trust", trust, "--at", "2030-01-01", "--json")
    assert (ended, json.loads(out)["reason"], json.loads(out)["valid"]) == (11, "foreign_expired", False)


def test_a_picture_is_read_and_findings_of_the_trust_are_said(run: Run, tmp_path: Path) -> None:
    trust = as_file(tmp_path / "did.json", [did_document(), {"unheard": "of"}])
    picture = tmp_path / "pass.png"
    picture.write_bytes(encode_qr_png(make_pass(), 4))
    ended, out, err = run("proofs", "verify", "--image", picture, "--trust", trust, *AT)
    assert (ended, "验证通过" in out, "[1]" in err) == (0, True, True)


@pytest.mark.parametrize(
    "arguments",
    [
        ("x", "--trust", "/no/such/file"),
        ("x", "--at", "yesterday"),
        ("x", "--check", "SIGNATURE"),
        ("x", "--image", "y"),
    ],
)
def test_what_the_caller_did_wrong_is_refused(run: Run, arguments: tuple[str, ...]) -> None:
    ended, _, err = run("proofs", "verify", *arguments)
    assert (ended, "refused" in err) == (2, True)


def test_lines_from_standard_input_are_answered_in_order(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lines = [{"id": 1, "qr": make_pass()}, {"id": 2, "qr": "x"}, {"id": 3, "qr": make_pass(), "trust": []}]
    given = io.TextIOWrapper(io.BytesIO("\n".join(map(json.dumps, lines)).encode()))
    monkeypatch.setattr(sys, "stdin", given)
    ended, out, _ = run("proofs", "verify", "--trust", as_file(tmp_path / "did.json", did_document()), *AT)
    told = [json.loads(line) for line in out.splitlines()]
    assert ended == 0
    assert told == [
        {"id": 1, "valid": True, "reason": "verified"},
        {"id": 2, "valid": False, "reason": "not_a_code"},
        {"id": 3, "valid": False, "reason": "unknown_key"},
    ]


@pytest.mark.parametrize(
    ("content", "why"),
    [("no JSON", "trust in foreign codes: not JSON"), (json.dumps(jwks_of()), "http://127.0.0.1:9")],
)
def test_trust_is_read_before_it_is_published_and_a_hub_that_is_away_is_told(
    run: Run, tmp_path: Path, content: str, why: str
) -> None:
    trust, key = tmp_path / "trust.json", tmp_path / "operator.json"
    trust.write_text(content)
    assert run("keys", "new", key)[0] == 0
    ended, _, err = run("proofs", "publish-trust", trust, "--hub", "http://127.0.0.1:9", "--key", key)
    assert (ended, why in err) == (2, True)
