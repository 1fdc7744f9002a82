"""Bundles: what is taken, what is refused and by which word."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.trust.samples import (
    AT,
    DAY,
    INSECURE_TEST_OTHER,
    INSECURE_TEST_ROOT,
    ROOTS,
    accepted,
    content,
    sections,
    signed,
)
from tongxing.core.errors import Refused
from tongxing.core.limits import BUNDLE_MAX_BYTES, CLOCK_SKEW
from tongxing.core.problems import ProblemId
from tongxing.crypto.keys import SigningKey
from tongxing.crypto.suites import SuiteId
from tongxing.trust.bundle import (
    CONTENT_TYPE,
    SECTIONS,
    AcceptedBundle,
    accept_bundle,
    encode_bundle,
    encode_files,
    parse_files,
    restore_bundle,
)
from tongxing.trust.refusing import BundleFault, has_fault
from tongxing.wire.cbor import encode_canonical
from tongxing.wire.cose import encode_sign1, parse_sign1

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
ONE_SECOND = timedelta(seconds=1)


def fault_of(data: bytes, held: AcceptedBundle | None = None, after: timedelta = timedelta(0)) -> BundleFault:
    """Return the one word for which a bundle is refused."""
    with pytest.raises(Refused) as refused:
        accept_bundle(data, held=held, roots=ROOTS, at=AT + after)
    assert refused.value.problem is ProblemId.BUNDLE_REFUSED
    (fault,) = [each for each in BundleFault if has_fault(refused.value, each)]
    return fault


def payload(**changes: object) -> dict[str, Any]:
    """Return what ``content()`` becomes at the wire, with changes."""
    value: dict[str, Any] = {
        "version": 0,
        "number": 1,
        "issued_at_seconds": int(AT.timestamp()),
        "expires_at_seconds": int((AT + 7 * DAY).timestamp()),
        "previous_digest": None,
        "sections": dict(sections()),
    }
    return {name: each for name, each in {**value, **changes}.items() if each is not ...}


def envelope(value: object, *, content_type: str = CONTENT_TYPE, key: SigningKey = INSECURE_TEST_ROOT) -> bytes:
    data = value if isinstance(value, bytes) else encode_canonical(value)
    return encode_sign1(data, alg=key.public.cose_alg, kid=key.public.kid, content_type=content_type, sign=key.sign)


def test_a_cold_start_takes_a_bundle_of_any_number() -> None:
    for number in (1, 7, 1_000_000):
        bundle = accepted(content(number))
        assert (bundle.number, bundle.issued_at, bundle.expires_at) == (number, AT, AT + 7 * DAY)
        assert bundle.sections == sections()


def test_the_payload_at_the_wire_is_as_documented() -> None:
    assert signed(content()) == envelope(payload())


def test_the_successor_of_what_is_held_is_taken() -> None:
    held = accepted(content())
    following = accept_bundle(signed(content(2, held)), held=held, roots=ROOTS, at=AT)
    assert (following.number, following.previous_digest) == (2, held.digest)


def test_the_held_bundle_is_taken_again_even_after_its_end() -> None:
    held = accepted(content())
    assert accept_bundle(signed(content()), held=held, roots=ROOTS, at=AT + 30 * DAY) == held


def test_an_older_bundle_is_a_rollback() -> None:
    held = accepted(content(5))
    assert fault_of(signed(content(4)), held) is BundleFault.ROLLBACK


def test_another_bundle_of_the_same_number_is_a_fork() -> None:
    held = accepted(content(5))
    assert fault_of(signed(content(5, expires_at=AT + DAY)), held) is BundleFault.FORK


def test_a_number_that_leaves_one_out_is_a_gap() -> None:
    held = accepted(content(5))
    assert fault_of(signed(content(7)), held) is BundleFault.GAP


def test_a_successor_of_another_bundle_is_a_broken_chain() -> None:
    held, other = accepted(content(5)), accepted(content(5, expires_at=AT + DAY))
    assert fault_of(signed(content(6, other)), held) is BundleFault.BROKEN_CHAIN


def test_a_bundle_from_the_future_is_refused_beyond_the_skew_of_clocks() -> None:
    data = signed(content(issued_at=AT + CLOCK_SKEW))
    assert accept_bundle(data, held=None, roots=ROOTS, at=AT).number == 1
    assert fault_of(data, after=-ONE_SECOND) is BundleFault.FUTURE
    held = accepted(content())
    assert fault_of(signed(content(2, held, issued_at=AT + DAY, expires_at=AT + 2 * DAY)), held) is BundleFault.FUTURE


def test_a_cold_start_refuses_a_bundle_from_the_moment_of_its_end() -> None:
    data = signed(content())
    assert accept_bundle(data, held=None, roots=ROOTS, at=AT + 7 * DAY - ONE_SECOND).number == 1
    assert fault_of(data, after=7 * DAY) is BundleFault.EXPIRED


def test_a_verifier_that_was_away_walks_the_chain_over_bundles_that_have_ended() -> None:
    held = first = accepted(content())
    now = AT + 40 * DAY
    for number in range(2, 6):
        issued_at = AT + (number - 1) * 10 * DAY
        data = signed(content(number, held, issued_at=issued_at, expires_at=issued_at + 7 * DAY))
        held = accept_bundle(data, held=held, roots=ROOTS, at=now)
    assert (held.number, held.expires_at > now) == (5, True)
    assert first.expires_at < now


def test_a_bundle_of_a_stranger_is_refused_by_its_signature() -> None:
    assert fault_of(encode_bundle(content(), INSECURE_TEST_OTHER)) is BundleFault.SIGNATURE


def test_a_stranger_with_the_roots_key_id_is_refused_by_its_signature() -> None:
    data = encode_sign1(
        encode_canonical(payload()),
        alg=INSECURE_TEST_ROOT.public.cose_alg,
        kid=INSECURE_TEST_ROOT.public.kid,
        content_type=CONTENT_TYPE,
        sign=INSECURE_TEST_OTHER.sign,
    )
    assert fault_of(data) is BundleFault.SIGNATURE


def test_another_algorithm_than_the_roots_is_refused() -> None:
    key = INSECURE_TEST_ROOT
    data = encode_sign1(
        encode_canonical(payload()), alg=-7, kid=key.public.kid, content_type=CONTENT_TYPE, sign=key.sign
    )
    assert fault_of(data) is BundleFault.SIGNATURE


def test_any_of_several_roots_may_sign() -> None:
    roots = [INSECURE_TEST_OTHER.public, INSECURE_TEST_ROOT.public]
    for key in (INSECURE_TEST_OTHER, INSECURE_TEST_ROOT):
        assert accept_bundle(encode_bundle(content(), key), held=None, roots=roots, at=AT).number == 1


def test_without_roots_nothing_is_accepted() -> None:
    with pytest.raises(Refused):
        accept_bundle(signed(content()), held=None, roots=[], at=AT)


def test_what_was_signed_as_something_else_is_no_bundle() -> None:
    assert fault_of(envelope(payload(), content_type="tongxing-statement")) is BundleFault.MALFORMED


def test_a_bundle_that_is_too_large_is_refused_before_it_is_read() -> None:
    assert fault_of(bytes(BUNDLE_MAX_BYTES + 1)) is BundleFault.TOO_LARGE
    with pytest.raises(Refused, match="too large"):
        signed(content(sections={**sections(), "more": bytes(BUNDLE_MAX_BYTES)}))


@given(st.data())
def test_any_changed_byte_is_refused(data: st.DataObject) -> None:
    good = signed(content())
    place = data.draw(st.integers(min_value=0, max_value=len(good) - 1))
    change = data.draw(st.integers(min_value=1, max_value=255))
    bad = good[:place] + bytes([good[place] ^ change]) + good[place + 1 :]
    assert fault_of(bad) in {BundleFault.MALFORMED, BundleFault.SIGNATURE}


@given(st.integers(min_value=0, max_value=600))
def test_a_cut_or_lengthened_bundle_is_refused(length: int) -> None:
    good = signed(content())
    bad = good + b"\0" if length >= len(good) else good[:length]
    assert fault_of(bad) in {BundleFault.MALFORMED, BundleFault.SIGNATURE}


@given(st.binary(max_size=200))
def test_random_bytes_are_malformed(data: bytes) -> None:
    assert fault_of(data) is BundleFault.MALFORMED


MALFORMED: Mapping[str, object] = {
    "no map": [],
    "not deterministic": b"\xa1\x18\x01\x02",
    "field missing": payload(number=...),
    "field unknown": payload(more=1),
    "newer version": payload(version=1),
    "version as bool": payload(version=False),
    "number zero": payload(number=0),
    "number as text": payload(number="1"),
    "number as bool": payload(number=True),
    "number beyond": payload(number=1 << 53, previous_digest=b"\0" * 32),
    "times turned round": payload(expires_at_seconds=int(AT.timestamp())),
    "life too long": payload(expires_at_seconds=int((AT + 7 * DAY).timestamp()) + 1),
    "time beyond": payload(issued_at_seconds=1 << 40, expires_at_seconds=(1 << 40) + 5),
    "time negative": payload(issued_at_seconds=-5, expires_at_seconds=5),
    "first with a predecessor": payload(previous_digest=b"\0" * 32),
    "second without a predecessor": payload(number=2),
    "digest too short": payload(number=2, previous_digest=b"\0" * 31),
    "digest as text": payload(number=2, previous_digest="0" * 32),
    "sections no map": payload(sections=[]),
    "section no bytes": payload(sections={**sections(), "more": "text"}),
    "section without a name": payload(sections={**sections(), "": b""}),
    "section with a path as its name": payload(sections={**sections(), "a/b": b""}),
    "section with a number as its name": payload(sections=dict[object, object](sections()) | {1: b""}),
    "too many sections": payload(sections={**sections(), **{f"s{number}": b"" for number in range(28)}}),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_what_a_root_signed_in_another_form_is_malformed(name: str) -> None:
    assert fault_of(envelope(MALFORMED[name])) is BundleFault.MALFORMED


@pytest.mark.parametrize("missing", SECTIONS)
def test_a_bundle_without_one_of_its_sections_is_refused_by_both_sides(missing: str) -> None:
    left = {name: data for name, data in sections().items() if name != missing}
    assert fault_of(envelope(payload(sections=left))) is BundleFault.MALFORMED
    with pytest.raises(Refused, match=missing):
        signed(content(sections=left))


def test_an_unknown_section_is_passed_over() -> None:
    bundle = accepted(content(sections={**sections(), "later": b"?"}))
    assert bundle.sections["later"] == b"?"


def test_nothing_that_no_verifier_would_take_is_signed() -> None:
    for bad in (content(0), content(expires_at=AT), content(expires_at=AT + 8 * DAY), content(2, previous_digest=None)):
        with pytest.raises(Refused, match="malformed"):
            signed(bad)


def test_another_signature_over_the_same_content_is_the_same_bundle() -> None:
    """ECDSA signatures can be turned into others by anybody; the chain must not depend on them."""
    key = SigningKey.from_seed(SuiteId.ES256, b"insecure test P-256 key 32 bytes")
    data = encode_bundle(content(), key)
    signature = parse_sign1(data).signature
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    turned = r.to_bytes(32, "big") + (P256_ORDER - s).to_bytes(32, "big")
    assert decode_dss_signature(encode_dss_signature(r, P256_ORDER - s)) == (r, P256_ORDER - s)
    held = accept_bundle(data, held=None, roots=[key.public], at=AT)
    twin = accept_bundle(data.replace(signature, turned), held=held, roots=[key.public], at=AT)
    assert twin.digest == held.digest


def test_what_was_accepted_before_is_restored_whatever_the_time() -> None:
    assert restore_bundle(signed(content(3)), roots=ROOTS) == accepted(content(3))


def test_restoring_checks_the_signature_anew() -> None:
    with pytest.raises(Refused, match="signature"):
        restore_bundle(encode_bundle(content(), INSECURE_TEST_OTHER), roots=ROOTS)


def test_the_sections_of_an_accepted_bundle_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        accepted(content()).sections["rules"] = b""  # type: ignore[index]  # that is the claim


names = st.text("abc019_-.", min_size=1, max_size=64)


@given(st.dictionaries(names, st.binary(max_size=50), max_size=8))
def test_files_of_a_section_are_read_back_as_they_were(files: dict[str, bytes]) -> None:
    assert parse_files(encode_files(files)) == files


@pytest.mark.parametrize(
    "section",
    [b"", b"\xff", encode_canonical([]), encode_canonical({"a": "text"}), encode_canonical({"../a": b""})],
)
def test_a_section_that_holds_no_files_is_refused(section: bytes) -> None:
    with pytest.raises(Refused) as refused:
        parse_files(section)
    assert has_fault(refused.value, BundleFault.MALFORMED)


def test_a_file_with_a_path_as_its_name_is_not_put_into_a_section() -> None:
    with pytest.raises(Refused):
        encode_files({"../../42.toml": b""})
