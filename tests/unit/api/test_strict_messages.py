"""Messages are taken as they are meant or not at all: digits, ends of texts, names, kinds of pictures."""

import json
from typing import Any

import msgspec
import pytest

from tongxing.api.bodies import decode_json
from tongxing.api.messages import (
    CodeMessage,
    ConsultationMessage,
    DirectoryRecordMessage,
    DockedReportsMessage,
    ExplanationMessage,
)
from tongxing.api.openapi import encode_document
from tongxing.api.routes import GATEWAY_ROUTES, HUB_ROUTES
from tongxing.api.rule_messages import TrialMessage
from tongxing.app.settings import load_settings
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId


@pytest.mark.parametrize("region", ["42\n", "４２", "٤٢", "421", "4", "42 ", "4200\n"])
def test_a_region_is_two_or_four_ascii_digits_and_nothing_after_them(region: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"region": region}, TrialMessage)


@pytest.mark.parametrize(
    ("kind", "message", "field"),
    [
        (ConsultationMessage, {"issuer": "42", "query_id_hex": "0" * 32, "sealed_hex": "00"}, "sealed_hex"),
        (ExplanationMessage, {"host": "42", "ref": "0a", "qr_text": "x"}, "ref"),
        (ExplanationMessage, {"host": "42", "ref": "0a", "qr_text": "x"}, "host"),
        (
            CodeMessage,
            {"serial": "0" * 32, "random": "0" * 32, "document": {"type": "10", "number": "x"}, "name": "x"},
            "serial",
        ),
    ],
)
def test_no_line_feed_hides_behind_a_text(kind: type[msgspec.Struct], message: dict[str, Any], field: str) -> None:
    msgspec.convert(message, kind)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({**message, field: message[field] + "\n"}, kind)


def test_a_sealing_key_ends_where_it_ends() -> None:
    record = {"region": "42", "name_zh": "湖北", "name_en": "Hubei", "url": "http://h", "keys": []}
    key = {"use": "request", "public": "EdDSA:00", "valid_from": "2020-03-01T00:00:00Z"}
    given = {**record, "keys": [key], "sealing_public_hex": "0" * 64 + "\n"}
    with pytest.raises(msgspec.ValidationError, match="sealing_public_hex"):
        msgspec.convert(given, DirectoryRecordMessage)


@pytest.mark.parametrize("region", ["42\n", "４２", "٤٢"])
def test_a_nodes_region_is_ascii_digits_too(region: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGXING_REGION", region)
    with pytest.raises(Refused) as refused:
        load_settings()
    assert "TONGXING_REGION" in refused.value.detail


def test_published_patterns_are_of_the_dialect_of_json_schema() -> None:
    """ECMA 262 knows no end of text but the dollar."""
    published = encode_document([*GATEWAY_ROUTES, *HUB_ROUTES]).decode()
    patterns = [line for line in published.splitlines() if '"pattern":' in line]
    assert patterns
    assert all(line.rstrip(",").endswith('$"') and "Z)" not in line and "\\Z" not in line for line in patterns)


@pytest.mark.parametrize(
    "body",
    [
        b'{"rows": [], "rows": []}',
        b'{"rows": [{"name": "a", "name": "b"}]}',
        b'{"rows": [{"document": {"number": "1", "n\\u0075mber": "2"}}]}',
    ],
)
def test_a_name_given_twice_is_refused_however_deep_and_however_written(body: bytes) -> None:
    with pytest.raises(Refused) as refused:
        decode_json(msgspec.json.Decoder(DockedReportsMessage), body)
    assert (refused.value.problem, "twice" in refused.value.detail) == (ProblemId.BAD_REQUEST, True)


def test_what_names_nothing_twice_is_taken_whatever_its_numbers() -> None:
    body = json.dumps({"rows": [{"name": 1}, {"name": 2.5}]}).encode()
    assert len(decode_json(msgspec.json.Decoder(DockedReportsMessage), body).rows) == 2
