"""Heads of the log of digests: one form, everything signed, and nothing read before its signature."""

from datetime import date

import pytest

from tests.world import World
from tongxing.core.words import FEDERATION
from tongxing.crypto.suites import SignatureMismatch
from tongxing.wire.cbor import WireError, encode_canonical
from tongxing.wire.cose import encode_sign1
from tongxing.wire.digest_log import COUNT_MAX, LogHead, encode_log_head, parse_log_head

KEY = World().statement_key(FEDERATION)
HEAD = LogHead(date(2020, 6, 1), 100_000, bytes(range(32)))


def encoded(head: LogHead = HEAD) -> bytes:
    return encode_log_head(head, alg=KEY.public.cose_alg, kid=KEY.public.kid, sign=KEY.sign)


def of_claims(claims: object, typ: str = "tongxing-digest-log") -> bytes:
    payload = encode_canonical(claims)
    return encode_sign1(payload, alg=KEY.public.cose_alg, kid=KEY.public.kid, content_type=typ, sign=KEY.sign)


@pytest.mark.parametrize(
    "head", [HEAD, LogHead(date(1970, 1, 1), 0, bytes(32)), LogHead(HEAD.day, COUNT_MAX, HEAD.head)]
)
def test_a_head_is_read_as_it_was_signed(head: LogHead) -> None:
    unverified = parse_log_head(encoded(head))
    assert unverified.kid == KEY.public.kid
    assert unverified.head_after(KEY.public.verify) == head


def test_one_flipped_bit_anywhere_is_refused() -> None:
    data = encoded()
    for place in range(len(data)):
        for bit in range(8):
            flipped = bytearray(data)
            flipped[place] ^= 1 << bit
            if bytes(flipped[:]) == data:
                continue
            try:
                unverified = parse_log_head(bytes(flipped))
            except WireError:
                continue
            if unverified.kid != KEY.public.kid:
                continue
            with pytest.raises(SignatureMismatch):
                unverified.head_after(KEY.public.verify)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        encoded()[:-1],
        encoded() + b"\0",
        bytes(513),
        of_claims({1: 18414, 2: 1, 3: bytes(32)}, "tongxing-statement"),
        of_claims({1: 18414, 2: 1}),
        of_claims({1: 18414, 2: 1, 3: bytes(32), 4: 1}),
        of_claims({1: 18414, 2: 1, 3: bytes(31)}),
        of_claims({1: 18414, 2: -1, 3: bytes(32)}),
        of_claims({1: 18414, 2: COUNT_MAX + 1, 3: bytes(32)}),
        of_claims({1: 10_000_000, 2: 1, 3: bytes(32)}),
        of_claims({1: True, 2: 1, 3: bytes(32)}),
        of_claims([18414, 1, bytes(32)]),
    ],
)
def test_what_is_no_head_is_refused_before_any_signature_is_looked_at(data: bytes) -> None:
    with pytest.raises(WireError):
        parse_log_head(data)
