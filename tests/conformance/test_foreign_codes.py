"""The published examples of foreign codes: each verified as its makers say, and none ever accepted when altered.

The examples stand beside the repository, in ``shared/data``; where they are not, these tests say so and are skipped.
"""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.dcc_samples import SAMPLES
from tests.foreign_issuers import as_base32, did_document, immunization, jwks_of, make_card, make_pass
from tongxing.cli.proof_lines import LoadedTrust, answer_line
from tongxing.core.errors import Rejected
from tongxing.core.foreign_codes import ALL_CHECKS, ForeignCheck, ForeignFormat
from tongxing.core.proofs import ProofKind
from tongxing.core.reasons import ReasonId
from tongxing.recognition.foreign_codes import FOREIGN_FAMILIES, ForeignTrust, read_foreign_texts
from tongxing.trust.trust_material import sort_material
from tongxing.wire.nzcp import PREFIX
from tongxing.wire.qr import read_picture
from tongxing.wire.strict_json import decode_base64url, encode_base64url

SHARED = Path(__file__).parents[3] / "shared" / "data"
NO_DATA = "NO DATA: shared/data is not beside the repository; no published example was verified"
AT = datetime(2023, 7, 1, tzinfo=UTC)
NZ_AT = datetime(2022, 7, 1, tzinfo=UTC)
OWN_AT = datetime(2022, 5, 1, tzinfo=UTC)

FORMS = ("f-qr-code-numeric-value-0", "d-jws")

published = pytest.mark.skipif(not (SHARED / "shc").is_dir(), reason=NO_DATA)


def trust_of(found: ForeignFormat, *paths: Path) -> ForeignTrust:
    return FOREIGN_FAMILIES[found].load(sort_material(*(json.loads(path.read_bytes()) for path in paths)))


def told(text: str, trust: ForeignTrust, at: datetime) -> ReasonId | None:
    """Return why a text is refused, None where it is verified."""
    try:
        trust.verify(read_foreign_texts([text])[1], at, ALL_CHECKS)
    except Rejected as refused:
        return refused.reason
    return None


def shc_trust() -> ForeignTrust:
    lists = (SHARED / "shc").glob("crl-*.json")
    return trust_of(ForeignFormat.SHC, SHARED / "shc" / "jwks.json", *lists)


def nzcp_trust() -> ForeignTrust:
    return trust_of(ForeignFormat.NZCP, SHARED / "nzcp" / "did.json")


@published
@pytest.mark.parametrize("form", FORMS)
def test_the_cards_of_the_framework_are_verified_and_the_revoked_one_is_not(form: str) -> None:
    texts = {number: (SHARED / "shc" / f"example-{number}-{form}.txt").read_text() for number in ("00", "03")}
    assert told(texts["00"], shc_trust(), AT) is None
    assert told(texts["03"], shc_trust(), AT) is ReasonId.FOREIGN_REVOKED
    without_list = trust_of(ForeignFormat.SHC, SHARED / "shc" / "jwks.json")
    assert told(texts["03"], without_list, AT) is None
    assert told(texts["03"], without_list, datetime(2024, 7, 1, tzinfo=UTC)) is ReasonId.FOREIGN_EXPIRED
    assert told(texts["00"], shc_trust(), datetime(2023, 6, 1, tzinfo=UTC)) is ReasonId.FOREIGN_NOT_ACTIVE


@published
def test_a_published_card_proves_a_vaccination_with_booster() -> None:
    text = (SHARED / "shc" / "example-00-d-jws.txt").read_text()
    card = shc_trust().verify(read_foreign_texts([text])[1], AT, ALL_CHECKS)
    assert [(proof.kind, proof.boosted) for proof in card.proofs] == [(ProofKind.VACCINATION, True)]


@published
@pytest.mark.parametrize(
    ("name", "reason"),
    [("valid", None), ("expired", ReasonId.FOREIGN_EXPIRED), ("modified-signature", ReasonId.SIGNATURE_INVALID)],
)
def test_the_passes_of_the_specification_are_told_apart(name: str, reason: ReasonId | None) -> None:
    assert told((SHARED / "nzcp" / f"{name}.txt").read_text(), nzcp_trust(), NZ_AT) is reason


@published
def test_the_picture_of_a_pass_holds_its_text() -> None:
    text = read_picture((SHARED / "nzcp" / "valid.png").read_bytes())
    assert text == (SHARED / "nzcp" / "valid.txt").read_text().strip()
    assert told(text, nzcp_trust(), datetime(2021, 11, 2, 20, tzinfo=UTC)) is ReasonId.FOREIGN_NOT_ACTIVE


def altered(text: str, start: int) -> Iterator[str]:
    """Yield ``text`` with one bit of one character flipped, at every character from ``start`` on and every bit."""
    for place in range(start, len(text)):
        for bit in range(7):
            yield text[:place] + chr(ord(text[place]) ^ (1 << bit)) + text[place + 1 :]


def altered_bytes(data: bytes) -> Iterator[bytes]:
    """Yield ``data`` with one bit flipped, at every place."""
    for bit in range(8 * len(data)):
        yield data[: bit // 8] + bytes([data[bit // 8] ^ 1 << bit % 8]) + data[bit // 8 + 1 :]


@pytest.mark.parametrize(
    ("found", "text", "trust"),
    [
        (ForeignFormat.SHC, make_card(immunization("2022-01-05")), jwks_of()),
        (ForeignFormat.NZCP, make_pass(), did_document()),
    ],
    ids=["shc", "nzcp"],
)
def test_no_flipped_bit_anywhere_is_ever_verified(found: ForeignFormat, text: str, trust: object) -> None:
    loaded = FOREIGN_FAMILIES[found].load(sort_material(trust))
    assert told(text, loaded, OWN_AT) is None
    verified = [each for each in altered(text, 0) if told(each, loaded, OWN_AT) is None]
    # What a file may have around a text is no part of it.
    assert [each for each in verified if each.strip("\r\n\t") != text] == []


@published
def test_no_flipped_bit_of_a_published_example_is_verified_in_text_or_in_what_the_text_stands_for() -> None:
    card, jws = ((SHARED / "shc" / f"example-00-{form}.txt").read_text() for form in FORMS)
    parts = jws.split(".")
    in_bytes = [
        ".".join([*parts[:place], encode_base64url(each), *parts[place + 1 :]])
        for place, part in enumerate(parts)
        for each in altered_bytes(decode_base64url(part))
    ]
    trust = shc_trust()
    assert [each for each in [*altered(card, 0), *in_bytes] if told(each, trust, AT) is None] == []
    text = (SHARED / "nzcp" / "valid.txt").read_text().strip()
    token = base64.b32decode(text.removeprefix(PREFIX) + "=" * (-len(text.removeprefix(PREFIX)) % 8))
    in_bytes = [PREFIX + as_base32(each) for each in altered_bytes(token)]
    trust = nzcp_trust()
    assert [each for each in [*altered(text, 0), *in_bytes] if told(each, trust, NZ_AT) is None] == []


def labelled(name: str, *, is_picture: bool) -> dict[ForeignCheck, bool]:
    """Return what a case of the EU labels of its text, or of its picture too; nothing where it has no picture."""
    sample = SAMPLES[name]
    if is_picture:
        return {} if sample.picture is None else sample.labels
    return {check: value for check, value in sample.labels.items() if check is not ForeignCheck.PICTUREDECODE}


LABELLED = [
    (name, is_picture) for name in SAMPLES for is_picture in (False, True) if labelled(name, is_picture=is_picture)
]


@pytest.mark.skipif(not SAMPLES, reason=NO_DATA)
@pytest.mark.parametrize(("name", "is_picture"), LABELLED)
def test_each_case_of_the_eu_is_answered_on_a_line_as_it_is_labelled(name: str, is_picture: bool) -> None:
    sample, labels = SAMPLES[name], labelled(name, is_picture=is_picture)
    case = json.loads(sample.path.read_bytes())
    shown = {"picture_b64": case["2DCODE"]} if is_picture else {"qr": sample.qr_text}
    line = {
        "id": name,
        "trust": [{"kid_b64": None, "cert_b64": case["TESTCTX"]["CERTIFICATE"]}],
        "clock": case["TESTCTX"]["VALIDATIONCLOCK"],
        "checks": [f"EXPECTED{check}" for check in labels],
        **shown,
    }
    answer = answer_line(json.dumps(line).encode(), LoadedTrust(), AT)
    assert (answer.valid, answer.reason == "verified") == (all(labels.values()),) * 2, answer


@published
def test_each_published_file_has_the_same_answer_on_a_line() -> None:
    trust = json.loads((SHARED / "nzcp" / "did.json").read_bytes())
    for name in ("valid", "expired", "modified-signature"):
        text = (SHARED / "nzcp" / f"{name}.txt").read_text()
        line = {"id": name, "qr": text, "trust": trust, "clock": NZ_AT.isoformat()}
        answer = answer_line(json.dumps(line).encode(), LoadedTrust(), AT)
        expected = told(text, nzcp_trust(), NZ_AT)
        assert (answer.id, answer.valid, answer.reason) == (name, expected is None, expected or "verified")
