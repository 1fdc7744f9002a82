"""No alteration of a transit pass is accepted with another content, and none is an unhandled error."""

from hypothesis import given
from hypothesis import strategies as st

from tongxing.core.errors import Rejected
from tongxing.core.reasons import ReasonId
from tongxing.core.transit import Plate
from tongxing.core.words import RegionId
from tongxing.crypto.keys import SigningKey
from tongxing.crypto.suites import SignatureMismatch, SuiteId
from tongxing.wire.transit_pass import PREFIX, TransitPassClaims, encode_transit_pass, parse_transit_pass

KEY = SigningKey.from_seed(SuiteId.EDDSA, bytes(range(32)))
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"
divisions = st.from_regex(r"(?:[0-9]{2}){1,3}", fullmatch=True)
plates = st.builds(
    lambda province, office, rest: Plate(province + office + "".join(rest)),
    st.sampled_from("京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"),
    st.sampled_from(LETTERS[:24]),
    st.lists(st.sampled_from(LETTERS), min_size=5, max_size=6),
)


@st.composite
def drawn_claims(draw: st.DrawFn) -> TransitPassClaims:
    issued_at = draw(st.integers(1 << 16, (1 << 32) - 600_000))
    valid_from = issued_at + draw(st.integers(0, 200_000))
    return TransitPassClaims(
        RegionId(draw(st.sampled_from(["42", "4201", "45"]))),
        draw(st.binary(min_size=16, max_size=16)),
        issued_at,
        valid_from,
        valid_from + draw(st.integers(1, 200_000)),
        draw(st.binary(min_size=16, max_size=16)),
        draw(plates),
        tuple(draw(st.lists(divisions, min_size=1, max_size=16, unique=True))),
    )


CLAIMS = TransitPassClaims(
    RegionId("42"), bytes(16), 1_586_505_600, 1_586_505_600, 1_586_592_000, bytes(16), Plate("鄂A12345"), ("42", "45")
)


def encoded(claims: TransitPassClaims) -> str:
    return encode_transit_pass(claims, alg=KEY.public.cose_alg, kid=KEY.public.kid, sign=KEY.sign)


def accepted(qr_text: str) -> TransitPassClaims | None:
    try:
        read = parse_transit_pass(qr_text)
    except Rejected as rejected:
        if rejected.reason not in {ReasonId.MALFORMED_CODE, ReasonId.UNSUPPORTED_VERSION}:
            raise
        return None
    if read.kid != KEY.public.kid or read.alg != KEY.public.cose_alg:
        return None
    try:
        return read.claims_after(KEY.public.verify)
    except SignatureMismatch:
        return None


def bytes_of(qr_text: str) -> bytes:
    number = int(qr_text.removeprefix(PREFIX))
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


@given(drawn_claims())
def test_a_pass_gives_back_what_was_put_in(claims: TransitPassClaims) -> None:
    assert accepted(encoded(claims)) == claims


def test_no_flipped_bit_of_a_pass_is_accepted() -> None:
    """All positions."""
    good = bytes_of(encoded(CLAIMS))
    number = int.from_bytes(good, "big")
    for bit in range(8 * len(good)):
        assert accepted(PREFIX + str(number ^ 1 << bit)) is None, f"bit {bit} from the end"


def test_no_changed_digit_of_a_pass_is_accepted() -> None:
    good = encoded(CLAIMS)
    for place, digit in enumerate(good):
        other = str((int(digit) + 1) % 10)
        assert accepted(good[:place] + other + good[place + 1 :]) is None, f"digit {place}"


@given(st.one_of(st.from_regex(r"99871[0-9]{0,800}", fullmatch=True), st.text(max_size=60)))
def test_no_random_text_is_accepted(text: str) -> None:
    assert accepted(text) is None
    assert accepted(PREFIX + text) is None


@given(st.binary(min_size=1, max_size=330))
def test_no_random_bytes_are_accepted(data: bytes) -> None:
    good = bytes_of(encoded(CLAIMS))
    for opening in (b"", good[:40], good[:-64]):
        assert accepted(PREFIX + str(int.from_bytes(opening + data, "big"))) is None
