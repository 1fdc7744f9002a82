"""Foreign codes and the trust in them: whatever is handed over, there is an answer and never an error."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxing.cli.proof_lines import LineFault, LoadedTrust, answer_line
from tongxing.core.errors import Rejected
from tongxing.core.foreign_codes import ALL_CHECKS
from tongxing.core.reasons import ReasonId
from tongxing.recognition.foreign_codes import FOREIGN_FAMILIES, read_foreign_texts
from tongxing.trust.trust_material import sort_material
from tongxing.wire.cbor import WireError
from tongxing.wire.strict_json import decode_base64url, encode_base64url, parse_strict_json

NAMES = ("keys", "kty", "crv", "x", "y", "kid", "d", "rids", "ctr", "issuerInfo", "issuer", "iss", "verificationMethod")
MORE_NAMES = (
    "assertionMethod",
    "id",
    "publicKeyJwk",
    "cert_b64",
    "kid_b64",
    "x5c",
    "jwk",
    "crlVersion",
    "certificates",
)
VALUES = (
    "EC",
    "P-256",
    "sig",
    "ES256",
    "AAAA",
    "did:web:a.example#key-1",
    "-----BEGIN CERTIFICATE-----",
    "-----BEGIN CERTIFICATE",
    "e30",
    "W10=",
)

texts = st.sampled_from(VALUES) | st.text(max_size=12)
shapes = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES + MORE_NAMES) | texts, inner, max_size=6)
    ),
    max_leaves=20,
)
NOW = datetime(2022, 5, 1, tzinfo=UTC)
starts = st.sampled_from(["", "HC1:", "shc:/", "shc:/1/2/", "NZCP:/1/", "eyJ", "NZCP:/", "HC9:"])


@given(shapes)
def test_any_trust_is_loaded_and_what_is_not_used_is_found(value: object) -> None:
    for family in FOREIGN_FAMILIES.values():
        trust = family.load(sort_material(value))
        assert all(finding.fault for finding in trust.findings)


@given(starts, st.text(max_size=80))
def test_any_text_is_refused_with_a_reason(start: str, rest: str) -> None:
    with pytest.raises(Rejected):
        verify_alone(start + rest)


def verify_alone(text: str) -> None:
    found, shown = read_foreign_texts([text])
    FOREIGN_FAMILIES[found].load(sort_material(None)).verify(shown, NOW, ALL_CHECKS)


@given(shapes, shapes, shapes, starts, st.text(max_size=20))
def test_any_line_has_an_answer(trust: object, clock: object, checks: object, start: str, rest: str) -> None:
    line = {"id": 1, "qr": start + rest, "trust": trust, "clock": clock, "checks": checks}
    answer = answer_line(json.dumps(line).encode("utf-8", "surrogatepass"), LoadedTrust(), NOW)
    assert not answer.valid
    assert answer.reason in set(ReasonId) | set(LineFault)


@given(st.binary(max_size=60))
def test_base64url_has_one_text(data: bytes) -> None:
    assert decode_base64url(encode_base64url(data)) == data


@given(st.text(alphabet="ABab01-_=+/. \n", max_size=12))
def test_whatever_base64url_is_taken_is_written_so(text: str) -> None:
    try:
        data = decode_base64url(text)
    except WireError:
        return
    assert encode_base64url(data) == text


@given(shapes)
def test_json_is_read_however_it_is_spaced(value: object) -> None:
    for indent in (None, 2):
        text = json.dumps(value, indent=indent).encode()
        try:
            assert parse_strict_json(text, 1 << 20) == value
        except WireError:
            # Whole numbers beyond 64 bits are read as others read them, or not at all; never as another value.
            assert any(each.isdigit() for each in text.decode())


@pytest.mark.parametrize("text", [b'{"a":1,"a":1}', b'[{"b":{"a":1,"a":2}}]', b'{"a":1, "\\u0061":2}'])
def test_a_name_twice_anywhere_is_refused(text: bytes) -> None:
    with pytest.raises(WireError, match="twice"):
        parse_strict_json(text, 1_000)
