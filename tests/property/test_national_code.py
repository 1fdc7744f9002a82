"""No alteration of a national code is ever accepted with another content, and none is an unhandled error.

Accepted means here what it means to a verifier: the text is parsed, the key is found by the issuer and the
key id that the code claims, the algorithm is the key's, the signature fits.
"""

from collections.abc import Mapping

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxing.core.errors import Rejected
from tongxing.core.levels import Level
from tongxing.core.reasons import ReasonId
from tongxing.core.reports import Origin, OriginBasis, Precision
from tongxing.core.words import RegionId
from tongxing.crypto.keys import PublicKey, SigningKey
from tongxing.crypto.sealing import SealBroken, SymmetricKey
from tongxing.crypto.suites import SignatureMismatch, SuiteId
from tongxing.wire.national_code import PREFIX, NationalCodeClaims, encode_national_code, parse_national_code
from tongxing.wire.sealed_part import SealedContent, fit_hint, open_content, seal_content

KEYS = {suite: SigningKey.from_seed(suite, bytes(range(32))) for suite in SuiteId}
OTHER_KEYS = {suite: SigningKey.from_seed(suite, bytes(range(1, 33))) for suite in SuiteId}
ISSUERS = ("42", "4201", "45")
DIRECTORY: Mapping[tuple[str, bytes], PublicKey] = {
    (issuer, key.public.kid): key.public for issuer in ISSUERS for key in [*KEYS.values(), *OTHER_KEYS.values()]
}
DAY_KEY = SymmetricKey(bytes(range(32)))
CONTENT = SealedContent(
    Level.LOW,
    colour_only=False,
    origin=Origin("421181", Precision.EXACT, OriginBasis.DECLARED_STAY),
    masked_hint="张**",
    others_consulted=True,
)
CLAIMS = seal_content(
    NationalCodeClaims(RegionId("42"), bytes(range(16)), 1_586_505_600, 1_586_505_660, bytes(range(16, 32)), b""),
    CONTENT,
    DAY_KEY.seal,
)
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

drawn_claims = st.builds(
    lambda issuer, issued_at, life, credential_id, token: NationalCodeClaims(
        RegionId(issuer), credential_id, issued_at, issued_at + life, token, b""
    ),
    st.sampled_from(ISSUERS),
    st.integers(1 << 16, (1 << 32) - 1_000),
    st.integers(1, 999),
    st.binary(min_size=16, max_size=16),
    st.binary(min_size=16, max_size=16),
)
drawn_contents = st.builds(
    SealedContent, st.sampled_from(Level), st.booleans(), st.just(CONTENT.origin), st.text(max_size=8), st.booleans()
)


def encoded(claims: NationalCodeClaims = CLAIMS, suite: SuiteId = SuiteId.EDDSA) -> str:
    key = KEYS[suite]
    return encode_national_code(claims, alg=key.public.cose_alg, kid=key.public.kid, sign=key.sign)


def accepted(qr_text: str) -> NationalCodeClaims | None:
    """Return the claims of a code that a verifier accepts, None for one that it refuses; anything else raises."""
    try:
        code = parse_national_code(qr_text)
    except Rejected as rejected:
        if rejected.reason not in {ReasonId.MALFORMED_CODE, ReasonId.UNSUPPORTED_VERSION}:
            raise
        return None
    key = DIRECTORY.get((code.issuer_claimed, code.kid))
    if key is None or key.cose_alg != code.alg:
        return None
    try:
        return code.claims_after(key.verify)
    except SignatureMismatch:
        return None


def bytes_of(qr_text: str) -> bytes:
    number = int(qr_text.removeprefix(PREFIX))
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def text_of(data: bytes) -> str:
    return PREFIX + str(int.from_bytes(data, "big"))


@pytest.mark.parametrize("suite", SuiteId)
@given(claims=drawn_claims, content=drawn_contents)
def test_a_code_gives_back_what_was_put_in(suite: SuiteId, claims: NationalCodeClaims, content: SealedContent) -> None:
    sealed = seal_content(claims, content, DAY_KEY.seal)
    read = accepted(encoded(sealed, suite))
    assert read == sealed
    assert open_content(read, DAY_KEY.open) == msgspec.structs.replace(
        content, masked_hint=fit_hint(content.masked_hint)
    )


@pytest.mark.parametrize("suite", SuiteId)
@pytest.mark.parametrize("issuer", ISSUERS)
def test_no_flipped_bit_is_accepted(suite: SuiteId, issuer: str) -> None:
    """All positions."""
    good = bytes_of(encoded(msgspec.structs.replace(CLAIMS, issuer=RegionId(issuer)), suite))
    number = int.from_bytes(good, "big")
    for bit in range(8 * len(good)):
        assert accepted(PREFIX + str(number ^ 1 << bit)) is None, f"bit {bit} from the end"


@pytest.mark.parametrize("suite", SuiteId)
def test_no_changed_digit_is_accepted(suite: SuiteId) -> None:
    """All positions, all digits; the prefix too."""
    good = encoded(suite=suite)
    for place, digit in enumerate(good):
        for other in "0123456789":
            if other != digit:
                assert accepted(good[:place] + other + good[place + 1 :]) is None, f"digit {place}"


def test_no_digit_left_out_doubled_or_swapped_is_accepted() -> None:
    good = encoded()
    for place in range(len(good)):
        cut, doubled = good[:place] + good[place + 1 :], good[:place] + good[place] + good[place:]
        swapped = good[:place] + good[place : place + 2][::-1] + good[place + 2 :]
        assert [text for text in {cut, doubled, swapped} - {good} if accepted(text) is not None] == []


@pytest.mark.parametrize("suite", SuiteId)
@given(data=st.data())
def test_no_number_of_changed_bytes_is_accepted_with_another_content(suite: SuiteId, data: st.DataObject) -> None:
    altered = bytearray(bytes_of(encoded(suite=suite)))
    for _ in range(data.draw(st.integers(1, 6))):
        altered[data.draw(st.integers(0, len(altered) - 1))] = data.draw(st.integers(0, 255))
    assert accepted(text_of(bytes(altered))) in {None, CLAIMS}


@given(st.binary(min_size=1, max_size=230))
def test_no_random_bytes_are_accepted(data: bytes) -> None:
    for opening in (b"", bytes_of(encoded())[:31], bytes_of(encoded())[:-64]):
        assert accepted(text_of(opening + data)) is None


@given(st.text(max_size=40))
def test_no_random_text_is_accepted(text: str) -> None:
    good = encoded()
    for qr_text in (text, PREFIX + text, good + text if text else "", good[:40] + text + good[41:]):
        assert qr_text == good or accepted(qr_text) is None


@given(st.from_regex(r"99861[0-9]{0,540}", fullmatch=True))
def test_no_random_digits_are_accepted(qr_text: str) -> None:
    assert accepted(qr_text) is None


def test_es256s_second_signature_for_the_same_content_changes_nothing_else() -> None:
    """ECDSA is malleable: (r, n - s) fits too. So a text is never an identifier; the credential id is."""
    good = bytes_of(encoded(suite=SuiteId.ES256))
    twin = good[:-32] + (P256_ORDER - int.from_bytes(good[-32:], "big")).to_bytes(32, "big")
    assert twin != good
    assert accepted(text_of(twin)) == CLAIMS


@pytest.mark.parametrize("suite", SuiteId)
def test_a_signature_fits_no_other_claims_or_header(suite: SuiteId) -> None:
    good = bytes_of(encoded(suite=suite))
    others = [
        msgspec.structs.replace(CLAIMS, expires_at=CLAIMS.expires_at + 1),
        msgspec.structs.replace(CLAIMS, issued_at=CLAIMS.issued_at + 1),
        msgspec.structs.replace(CLAIMS, credential_id=bytes(16)),
        msgspec.structs.replace(CLAIMS, extension_token=bytes(16)),
        msgspec.structs.replace(CLAIMS, sealed=bytes(40)),
        msgspec.structs.replace(CLAIMS, issuer=RegionId("45")),
        msgspec.structs.replace(CLAIMS, issuer=RegionId("4201")),
    ]
    for other in others:
        assert accepted(text_of(bytes_of(encoded(other, suite))[:-64] + good[-64:])) is None
    for key in [*KEYS.values(), *OTHER_KEYS.values()]:
        forged = encode_national_code(CLAIMS, alg=key.public.cose_alg, kid=key.public.kid, sign=lambda _: good[-64:])
        assert accepted(forged) == (CLAIMS if key is KEYS[suite] else None)


def test_the_algorithm_a_code_claims_never_chooses_the_suite() -> None:
    """Every pair of key and claimed algorithm; only the key's own is accepted, whoever signed."""
    for signer in KEYS.values():
        for claimed in (-7, -8, -36, 5, 0):
            qr_text = encode_national_code(CLAIMS, alg=claimed, kid=signer.public.kid, sign=signer.sign)
            assert (accepted(qr_text) is not None) == (claimed == signer.public.cose_alg)


@given(st.binary(min_size=32, max_size=32), st.integers(0, 63))
def test_a_sealed_part_opens_only_where_it_was_made(other_key: bytes, place: int) -> None:
    with pytest.raises(SealBroken):
        open_content(CLAIMS, SymmetricKey(other_key if other_key != DAY_KEY.raw else bytes(32)).open)
    around = bytearray(CLAIMS.seal_additional_data)
    around[place] ^= 1
    with pytest.raises(SealBroken):
        DAY_KEY.open(CLAIMS.seal_nonce, CLAIMS.sealed, bytes(around))


@given(st.lists(st.tuples(drawn_claims, drawn_contents), min_size=2, max_size=6))
def test_what_is_inside_never_shows_in_the_length(made: list[tuple[NationalCodeClaims, SealedContent]]) -> None:
    same_issuer = [msgspec.structs.replace(claims, issuer=RegionId("42")) for claims, _ in made]
    sealed = [
        seal_content(claims, content, DAY_KEY.seal) for claims, (_, content) in zip(same_issuer, made, strict=True)
    ]
    assert len({len(bytes_of(encoded(claims))) for claims in sealed}) == 1
