import base64
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxing.core.errors import Refused
from tongxing.core.limits import CLOCK_SKEW, NONCE_MAX_CHARACTERS, NONCE_MIN_CHARACTERS, REQUEST_SIGNATURE_LIFE
from tongxing.core.problems import ProblemId
from tongxing.crypto.http_signatures import SignedBy, sign_request, verify_request
from tongxing.crypto.keys import PublicKey, SigningKey
from tongxing.crypto.suites import SuiteId

URL = "http://gateway.example:8000/v1/verifications/picture?place_kind=factory"
BODY = b'{"qr_text":"998611"}'
TYPE = {"Content-Type": "application/json"}
AT = datetime(2020, 4, 10, 8, 0, 20, tzinfo=UTC)
NONCE = "nonce-0123456789"
KEY = SigningKey.from_seed(SuiteId.EDDSA, bytes(range(32)))
ES256 = SigningKey.from_seed(SuiteId.ES256, bytes(range(32)))
KNOWN = {key.public.kid.hex(): key.public for key in (KEY, ES256)}


def signed(
    key: SigningKey = KEY, *, method: str = "POST", url: str = URL, body: bytes = BODY, nonce: str = NONCE
) -> dict[str, str]:
    headers = TYPE if body else {}
    added = sign_request(method=method, url=url, headers=headers, body=body, key=key, created=AT, nonce=nonce)
    return {**headers, **added}


def verified(
    headers: Mapping[str, str],
    *,
    method: str = "POST",
    url: str = URL,
    body: bytes = BODY,
    at: datetime = AT,
    known: Mapping[str, PublicKey] = KNOWN,
) -> SignedBy:
    return verify_request(method=method, url=url, headers=headers, body=body, resolve=known.get, at=at)


def problem_of(headers: Mapping[str, str], **changes: object) -> ProblemId:
    with pytest.raises(Refused) as refused:
        verified(headers, **changes)  # type: ignore[arg-type] # each test changes one argument
    return refused.value.problem


def altered(headers: Mapping[str, str], name: str, old: str, new: str) -> dict[str, str]:
    assert old in headers[name]
    return {**headers, name: headers[name].replace(old, new)}


@pytest.mark.parametrize("key", [KEY, ES256], ids=["EdDSA", "ES256"])
@pytest.mark.parametrize(("method", "body"), [("POST", BODY), ("GET", b""), ("DELETE", b"")])
def test_a_signed_request_tells_its_key_nonce_and_time(key: SigningKey, method: str, body: bytes) -> None:
    headers = signed(key, method=method, body=body)
    assert verified(headers, method=method, body=body) == SignedBy(key.public.kid.hex(), NONCE, AT)


def test_header_names_are_read_in_any_case() -> None:
    assert verified({name.lower(): value for name, value in signed().items()}).nonce == NONCE


@pytest.mark.parametrize(
    "change",
    [
        {"method": "PUT"},
        {"url": URL.replace("gateway", "elsewhere")},
        {"url": URL.replace("/v1/", "/v2/")},
        {"url": URL.replace("factory", "traffic_gate")},
        {"url": URL.split("?", maxsplit=1)[0]},
        {"body": BODY.replace(b"1", b"2")},
        {"body": b""},
        {"body": BODY + b" "},
    ],
    ids=repr,
)
@pytest.mark.parametrize("key", [KEY, ES256], ids=["EdDSA", "ES256"])
def test_a_signature_fits_only_the_request_it_was_made_for(change: dict[str, object], key: SigningKey) -> None:
    assert problem_of(signed(key), **change) is ProblemId.SIGNATURE_INVALID


def test_the_content_type_is_covered() -> None:
    assert problem_of({**signed(), "Content-Type": "text/plain"}) is ProblemId.SIGNATURE_INVALID


def test_the_scheme_is_left_to_the_proxy() -> None:
    assert verified(signed(), url=URL.replace("http:", "https:")).nonce == NONCE


@pytest.mark.parametrize("missing", ["Signature", "Signature-Input"])
def test_an_unsigned_request_is_unauthenticated(missing: str) -> None:
    headers = {name: value for name, value in signed().items() if name != missing}
    assert problem_of(headers) is ProblemId.UNAUTHENTICATED


def test_a_key_that_nobody_enrolled_is_unauthenticated() -> None:
    assert problem_of(signed(), known={}) is ProblemId.UNAUTHENTICATED


def test_a_key_id_cannot_be_put_on_another_keys_signature() -> None:
    other = SigningKey.from_seed(SuiteId.EDDSA, bytes(32))
    forged = altered(signed(other), "Signature-Input", other.public.kid.hex(), KEY.public.kid.hex())
    assert problem_of(forged) is ProblemId.SIGNATURE_INVALID


def test_a_resolver_that_hands_out_another_key_is_noticed() -> None:
    other = SigningKey.from_seed(SuiteId.EDDSA, bytes(32))
    assert problem_of(signed(other), known={other.public.kid.hex(): KEY.public}) is ProblemId.SIGNATURE_INVALID


def test_the_algorithm_is_the_keys_and_not_the_requests() -> None:
    assert problem_of(altered(signed(), "Signature-Input", "ed25519", "ecdsa-p256-sha256")) is (
        ProblemId.SIGNATURE_INVALID
    )
    assert problem_of(altered(signed(), "Signature-Input", "ed25519", "hmac-sha256")) is ProblemId.SIGNATURE_INVALID


@pytest.mark.parametrize(
    "covered", ['"@method" ', '"@authority" ', '"@path" ', '"@query" ', '"content-type" ', ' "content-digest"']
)
def test_nothing_that_must_be_covered_can_be_left_out(covered: str) -> None:
    """Not even by whoever holds the key."""
    assert problem_of(resigned(altered(signed(), "Signature-Input", covered, ""))) is ProblemId.SIGNATURE_INVALID


def test_a_rightly_signed_request_of_another_application_is_refused() -> None:
    elsewhere = resigned(altered(signed(), "Signature-Input", 'tag="tongxing"', 'tag="elsewhere"'))
    assert problem_of(elsewhere) is ProblemId.SIGNATURE_INVALID


def test_a_rightly_signed_request_without_a_tag_or_nonce_or_time_is_refused() -> None:
    for parameter in (';tag="tongxing"', f';nonce="{NONCE}"', f";created={int(AT.timestamp())}"):
        without = resigned(altered(signed(), "Signature-Input", parameter, ""))
        assert problem_of(without) is ProblemId.SIGNATURE_INVALID


def test_a_key_answers_to_its_own_id_only() -> None:
    renamed = resigned(altered(signed(), "Signature-Input", KEY.public.kid.hex(), "another-name"))
    assert problem_of(renamed, known={"another-name": KEY.public}) is ProblemId.SIGNATURE_INVALID


def test_an_end_that_the_signer_set_is_kept() -> None:
    ends = int(AT.timestamp()) + 10
    headers = resigned(altered(signed(), "Signature-Input", ";tag=", f";expires={ends};tag="))
    assert verified(headers, at=AT + timedelta(seconds=10) + CLOCK_SKEW).nonce == NONCE
    assert problem_of(headers, at=AT + timedelta(seconds=11) + CLOCK_SKEW) is ProblemId.CLOCK_SKEW


def resigned(headers: Mapping[str, str]) -> dict[str, str]:
    """Return a request whose parameters were changed by whoever holds the key."""
    return {**headers, "Signature": f"sig1=:{as_base64(KEY.sign(signature_base(headers)))}:"}


def signature_base(headers: Mapping[str, str]) -> bytes:
    """Return what is signed, by a reading of RFC 9421 (section 2.5) of this test's own."""
    values = {
        "@method": "POST",
        "@authority": "gateway.example:8000",
        "@path": "/v1/verifications/picture",
        "@query": "?place_kind=factory",
        "content-type": headers["Content-Type"],
        "content-digest": headers["Content-Digest"],
    }
    parameters = headers["Signature-Input"].removeprefix("sig1=")
    names = [item.strip('"') for item in parameters[1 : parameters.index(")")].split()]
    lines = [f'"{name}": {values[name]}' for name in names]
    return "\n".join([*lines, f'"@signature-params": {parameters}']).encode()


def as_base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def test_the_signature_is_over_the_base_of_rfc_9421() -> None:
    headers = signed()
    assert headers["Signature"] == f"sig1=:{as_base64(KEY.sign(signature_base(headers)))}:"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (f'nonce="{NONCE}"', 'nonce="another-nonce-01"'),
        ("created=", "created=1"),
        ('tag="tongxing"', 'tag="elsewhere"'),
        (";tag=", ";expires=1999999999;tag="),
    ],
)
def test_no_parameter_can_be_changed(old: str, new: str) -> None:
    assert problem_of(altered(signed(), "Signature-Input", old, new)) is ProblemId.SIGNATURE_INVALID


@pytest.mark.parametrize("length", [0, NONCE_MIN_CHARACTERS - 1, NONCE_MAX_CHARACTERS + 1])
def test_a_nonce_out_of_bounds_is_refused(length: int) -> None:
    assert problem_of(signed(nonce="n" * length)) is ProblemId.SIGNATURE_INVALID


OLDEST = REQUEST_SIGNATURE_LIFE + CLOCK_SKEW


@pytest.mark.parametrize("late", [timedelta(0), OLDEST, -CLOCK_SKEW])
def test_a_signature_is_good_for_its_life_and_the_skew_of_two_clocks(late: timedelta) -> None:
    assert verified(signed(), at=AT + late).created == AT


@pytest.mark.parametrize(
    "late", [OLDEST + timedelta(seconds=1), -CLOCK_SKEW - timedelta(seconds=1), timedelta(days=400)]
)
def test_a_signature_of_another_time_is_told_as_such(late: timedelta) -> None:
    assert problem_of(signed(), at=AT + late) is ProblemId.CLOCK_SKEW


def test_an_old_forgery_is_told_as_forged_not_as_old() -> None:
    assert problem_of(signed(), body=b"{}", at=AT + timedelta(days=1)) is ProblemId.SIGNATURE_INVALID


@pytest.mark.parametrize(
    "value",
    [
        "",
        "sig1",
        "sig1=1",
        'sig1=("@method"',
        'sig1=("@method");keyid=5',
        "sig1=();created=1",
        'sig1=("@method");keyid="x", sig2=("@method");keyid="x"',
        "sig1=" + "(" * 100,
        "é",
        'sig1=("@method");keyid="' + "x" * 5_000 + '"',
    ],
)
def test_a_malformed_signature_input_is_refused_without_a_crash(value: str) -> None:
    problem = problem_of({**signed(), "Signature-Input": value})
    assert problem in {ProblemId.SIGNATURE_INVALID, ProblemId.UNAUTHENTICATED}


@pytest.mark.parametrize("value", ["", "sig1", "sig1=:AAAA:", "sig1=:!:", "sig2=:AAAA:", "sig1=:" + "A" * 4_000 + ":"])
def test_a_malformed_signature_is_refused_without_a_crash(value: str) -> None:
    assert problem_of({**signed(), "Signature": value}) is ProblemId.SIGNATURE_INVALID


@pytest.mark.parametrize("value", ["", "sha-256", "sha-256=:AAAA:", "md5=:AAAA:", "sha-256=5"])
def test_a_malformed_digest_is_refused_without_a_crash(value: str) -> None:
    assert problem_of({**signed(), "Content-Digest": value}) is ProblemId.SIGNATURE_INVALID


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_in_the_signatures_fields_is_refused_without_a_crash(signature_input: str, signature: str) -> None:
    with pytest.raises(Refused):
        verified({**signed(), "Signature-Input": signature_input, "Signature": signature})


@pytest.mark.parametrize("url", ["", "/v1/status", "http://", "http://a b/", "nothing"])
def test_a_request_without_a_whole_url_cannot_be_signed(url: str) -> None:
    with pytest.raises(ValueError, match="cannot be signed"):
        signed(url=url)


def test_an_earlier_signature_is_replaced() -> None:
    first = signed()
    again = sign_request(method="POST", url=URL, headers=first, body=BODY, key=ES256, created=AT, nonce=NONCE)
    assert verified({**first, **again}).key_id == ES256.public.kid.hex()
