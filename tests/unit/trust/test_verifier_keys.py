"""The days' verifier keys: each gateway reads its own part, and nobody else any."""

from datetime import date, timedelta

import pytest

from tests.unit.trust.samples import AT, GUANGXI, HUBEI, INSECURE_TEST_PAIR
from tongxing.core.errors import Refused
from tongxing.crypto.sealing import SealingPair, seal_to
from tongxing.trust.verifier_keys import DAYS_MAX, VerifierKey, encode_verifier_keys, open_verifier_keys
from tongxing.wire.cbor import encode_canonical, parse_canonical

TODAY = AT.date()
OTHER_PAIR = SealingPair.from_seed(b"insecure test other pair 32 byte")
INFO = b"tongxing verifier keys, version 0, region 42"
KEYS = tuple(VerifierKey(TODAY + timedelta(days=offset), bytes([offset + 1]) * 32) for offset in (-1, 0, 1))
SECTION = encode_verifier_keys(KEYS, {HUBEI: INSECURE_TEST_PAIR.public, GUANGXI: OTHER_PAIR.public})


def parts() -> dict[object, object]:
    value = parse_canonical(SECTION, 10_000)
    assert isinstance(value, dict)
    return value


def sealed(value: object) -> bytes:
    return encode_canonical({"42": seal_to(INSECURE_TEST_PAIR.public, encode_canonical(value), INFO)})


def test_each_recipient_opens_the_keys_of_all_days() -> None:
    assert open_verifier_keys(SECTION, HUBEI, INSECURE_TEST_PAIR) == KEYS
    assert open_verifier_keys(SECTION, GUANGXI, OTHER_PAIR) == KEYS


def test_who_is_no_recipient_gets_none() -> None:
    section = encode_verifier_keys(KEYS, {GUANGXI: OTHER_PAIR.public})
    assert open_verifier_keys(section, HUBEI, INSECURE_TEST_PAIR) == ()


def test_the_keys_are_nowhere_in_clear() -> None:
    assert not any(key.raw in SECTION for key in KEYS)
    assert "01" * 8 not in repr(KEYS)


def test_another_regions_part_cannot_be_opened() -> None:
    with pytest.raises(Refused, match="not sealed to the key"):
        open_verifier_keys(SECTION, GUANGXI, INSECURE_TEST_PAIR)


def test_a_part_moved_under_another_number_cannot_be_opened() -> None:
    moved = encode_canonical({"45": parts()["42"]})
    with pytest.raises(Refused, match="not sealed to the key"):
        open_verifier_keys(moved, GUANGXI, INSECURE_TEST_PAIR)


def test_the_section_made_here_is_the_form_that_is_documented() -> None:
    assert open_verifier_keys(sealed([["2020-04-01", b"k" * 32]]), HUBEI, INSECURE_TEST_PAIR) == (
        VerifierKey(date(2020, 4, 1), b"k" * 32),
    )


@pytest.mark.parametrize(
    "section",
    [
        b"",
        encode_canonical([]),
        encode_canonical({"42": "text"}),
        encode_canonical({"42": bytes(5_000)}),
        encode_canonical({"42": b"short"}),
        encode_canonical({"42": seal_to(INSECURE_TEST_PAIR.public, b"\xff", INFO)}),
        sealed({}),
        sealed([["2020-04-01"]]),
        sealed([["2020-04-01", b"k" * 31]]),
        sealed([["20200401", b"k" * 32]]),
        sealed([["2020-02-30", b"k" * 32]]),
        sealed([["2020-04-01", b"k" * 32]] * 2),
        sealed([[f"2020-04-{day:02}", b"k" * 32] for day in range(1, DAYS_MAX + 2)]),
    ],
    ids=range(13),  # what is sealed is new each time, and a test has one name in every process
)
def test_a_section_of_another_form_is_refused(section: bytes) -> None:
    with pytest.raises(Refused, match="malformed: verifier keys"):
        open_verifier_keys(section, HUBEI, INSECURE_TEST_PAIR)


def test_a_recipient_to_whom_nothing_can_be_sealed_is_refused_by_number() -> None:
    with pytest.raises(Refused, match="region 42"):
        encode_verifier_keys(KEYS, {HUBEI: b"\0" * 32})
