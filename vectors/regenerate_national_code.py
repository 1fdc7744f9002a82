"""Regenerates ``vectors/national-code``: ``python -m vectors.regenerate_national_code``.

Each file is one presented code with one fault, named after it, and all that a verifier needs to come to
the expected verdict: the clock, the keys, the risk areas. ``docs/specs/national-code.md`` describes the
fields. Running it twice changes nothing; a test holds the committed files against it.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from tongxing.core.levels import Level
from tongxing.core.limits import NATIONAL_CODE_LIFE_MAX
from tongxing.core.reasons import ReasonId
from tongxing.crypto.digests import sha256
from tongxing.crypto.sealing import SymmetricKey
from tongxing.wire.national_code import PREFIX
from tongxing.wire.sealed_part import seal_content
from vectors.making_codes import (
    CLOCK,
    CODES,
    CONTENT,
    FROM_A_LOW_RISK_COUNTY,
    GOOD,
    GUANGXI,
    HUBEI_ES256,
    HUBEI_KEY,
    HUNAN,
    INSECURE_TEST_VERIFIER_KEYS,
    ISSUED,
    OTHER,
    TODAY,
    WUHAN,
    claims_of,
    claims_with_content,
    make_directory,
    make_header,
    make_payload,
    make_vector,
    seconds_of,
    signing_key,
    text_of,
    with_order_added,
)
from vectors.making_tokens import encode_files, write_files

FOLDER = Path(__file__).parent / "national-code"


def _passing() -> dict[str, dict[str, Any]]:
    plain, before_midnight = claims_of(), datetime(2020, 4, 9, 23, 59, 50, tzinfo=UTC)
    city = claims_of(issuer=WUHAN)
    longest = claims_of(life=int(NATIONAL_CODE_LIFE_MAX.total_seconds()))
    ahead = claims_of(issued_at=int(CLOCK.timestamp()) + 30)
    yesterday = SymmetricKey(INSECURE_TEST_VERIFIER_KEYS["2020-04-09"])
    late = claims_of(issued_at=int(before_midnight.timestamp()), key=yesterday)
    passes = ReasonId.LOW_LEVEL_LOW_ORIGIN
    last_second = CLOCK + timedelta(seconds=39)
    return {
        "valid-eddsa": make_vector("Right in every part; EdDSA.", GOOD, passes, "PASS", told=plain),
        "valid-es256": make_vector(
            "Right in every part; ES256.", text_of(plain, HUBEI_ES256), passes, "PASS", told=plain
        ),
        "valid-city-issuer": make_vector(
            "A city's own code, under a region number of four digits.",
            text_of(city, signing_key("wuhan")),
            passes,
            "PASS",
            told=city,
        ),
        "valid-longest-life": make_vector(
            "Lives for 120 seconds, no more.", text_of(longest), passes, "PASS", told=longest
        ),
        "valid-last-second": make_vector(
            "One second before it expires.", GOOD, passes, "PASS", at=last_second, told=plain
        ),
        "valid-issued-within-skew": make_vector(
            "The issuer's clock is 30 seconds ahead.", text_of(ahead), passes, "PASS", told=ahead
        ),
        "valid-across-midnight": make_vector(
            "Issued before midnight UTC, shown after it: yesterday's verifier key opens it.",
            text_of(late),
            passes,
            "PASS",
            at=before_midnight + timedelta(seconds=30),
            told=late,
        ),
    }


def _authentic_but_not_passing() -> dict[str, dict[str, Any]]:
    level = {word: claims_of(content=msgspec.structs.replace(FROM_A_LOW_RISK_COUNTY, level=word)) for word in Level}
    nowhere = claims_of(content=msgspec.structs.replace(FROM_A_LOW_RISK_COUNTY, origin=None))
    return {
        "valid-level-medium": make_vector(
            "Authentic, of the medium level.",
            text_of(level[Level.MEDIUM]),
            ReasonId.LEVEL_MEDIUM,
            "PASS_WITH_MEASURES",
            told=level[Level.MEDIUM],
        ),
        "valid-level-high": make_vector(
            "Authentic, of the high level.",
            text_of(level[Level.HIGH]),
            ReasonId.LEVEL_HIGH,
            "STOP",
            told=level[Level.HIGH],
        ),
        "valid-no-origin": make_vector(
            "Authentic, but it does not say where the person comes from.",
            text_of(nowhere),
            ReasonId.ORIGIN_UNKNOWN,
            told=nowhere,
        ),
    }


def _unreadable_texts() -> dict[str, tuple[str, str]]:
    digits = GOOD.removeprefix(PREFIX)
    return {
        "prefix-alone": ("Nothing follows the prefix.", PREFIX),
        "version-not-a-digit": ("A letter stands where the version does.", f"9986a{digits}"),
        "leading-zero": ("A zero before the number: the same bytes, another text.", f"{PREFIX}0{digits}"),
        "letter-among-digits": ("One digit became a letter.", f"{PREFIX}{digits[:50]}O{digits[51:]}"),
        "underscore-among-digits": (
            "An underscore, which some number readers skip.",
            f"{PREFIX}{digits[:50]}_{digits[50:]}",
        ),
        "sign-before-digits": ("A plus sign, which some number readers skip.", f"{PREFIX}+{digits}"),
        "space-at-the-end": ("A space, which some number readers skip.", f"{GOOD} "),
        "digits-of-another-script": (
            "Full-width digits, which some number readers accept.",
            PREFIX + "".join(chr(0xFF10 + int(digit)) for digit in digits),
        ),
        "last-digit-missing": ("The last digit was not read.", GOOD[:-1]),
        "first-digit-missing": ("The first digit after the prefix was not read.", PREFIX + digits[1:]),
        "too-many-digits": ("531 digits after the prefix: more than 220 bytes.", PREFIX + "9" * 531),
    }


def _unreadable_tokens() -> dict[str, tuple[str, str]]:
    data = CODES.bytes_of(GOOD)
    return {
        "bytes-after-the-envelope": ("A byte follows the signature.", CODES.digits_of(data + b"\0")),
        "signature-cut-off": ("The last byte is missing.", CODES.digits_of(data[:-1])),
        "no-tag": ("The envelope without its tag.", CODES.digits_of(data[1:])),
        "another-tag": ("The tag of a MAC instead of a signature.", CODES.digits_of(b"\xd1" + data[1:])),
        "long-head": ("A length in two bytes that fits in one.", CODES.digits_of(data[:2] + b"\x59\x00" + data[3:])),
        "unprotected-header-not-empty": (
            "A key id in the unprotected header.",
            CODES.make(unprotected=b"\xa1\x04\x41\x00"),
        ),
        "typ-of-a-statement": (
            "A signed thing of another kind.",
            CODES.make(protected=make_header(typ="tongxing-statement")),
        ),
        "header-with-content-type": (
            "A label too many in the protected header.",
            CODES.make(protected=make_header(content_type=60)),
        ),
        "header-in-another-order": (
            "The protected header's labels in another order.",
            CODES.make(protected=_turned(make_header())),
        ),
        "kid-of-four-bytes": (
            "A key id of four bytes.",
            CODES.make(protected=make_header(kid=HUBEI_KEY.public.kid[:4])),
        ),
    }


def _unreadable_claims() -> dict[str, tuple[str, str]]:
    return {
        "claim-missing": ("No extension token.", CODES.make(payload=make_payload(without=-65537))),
        "claim-too-many": ("A claim that is not in the specification.", CODES.make(payload=make_payload({3: "45"}))),
        "claims-in-another-order": (
            "The claims in another order.",
            CODES.make(payload=_issued_first(make_payload())),
        ),
        "credential-id-too-short": (
            "A credential id of 15 bytes.",
            CODES.make(payload=make_payload({7: bytes(15)})),
        ),
        "issuer-not-a-number": ("The issuer is not a region number.", CODES.make(payload=make_payload({1: "4O"}))),
        "issuer-of-three-digits": ("A region number of three digits.", CODES.make(payload=make_payload({1: "420"}))),
        "expires-when-issued": (
            "Expires at the moment of its issue.",
            CODES.make(payload=make_payload({4: ISSUED})),
        ),
        "time-in-too-many-bytes": (
            "A time of 1970 in four bytes, which needs two.",
            CODES.make(payload=make_payload().replace(ISSUED.to_bytes(4, "big"), (65_535).to_bytes(4, "big"))),
        ),
        "time-as-text": ("The time of issue as a text.", CODES.make(payload=make_payload({6: str(ISSUED)}))),
    }


def _turned(header: bytes) -> bytes:
    """Return a header with ``typ`` before ``alg`` and ``kid``."""
    return header[:1] + header[13:] + header[1:13]


def _issued_first(payload: bytes) -> bytes:
    """Return the claims with ``iat`` before ``exp``."""
    return payload[:5] + payload[11:17] + payload[5:11] + payload[17:]


def _refused_keys() -> dict[str, tuple[str, str, ReasonId]]:
    unknown_key, refused = ReasonId.UNKNOWN_KEY, ReasonId.ALGORITHM_REFUSED
    public = HUBEI_KEY.public.raw
    return {
        "issuer-not-in-directory": (
            "Signed by a region that takes no part.",
            text_of(claims_of(issuer=HUNAN), signing_key("hunan")),
            ReasonId.UNKNOWN_ISSUER,
        ),
        "issuer-bit-flipped": ("42 became 43.", CODES.flip_bit(GOOD, 8 * (64 + 2 + 100)), ReasonId.UNKNOWN_ISSUER),
        "key-not-in-directory": (
            "Signed by a key that its issuer never published.",
            text_of(claims_of(), signing_key("hunan")),
            unknown_key,
        ),
        "key-of-another-issuer": ("Guangxi's name, Hubei's key.", text_of(claims_of(issuer=GUANGXI)), unknown_key),
        "key-for-statements": (
            "Signed by a key that its issuer published for statements.",
            text_of(claims_of(), signing_key("hubei statements")),
            unknown_key,
        ),
        "key-no-longer-valid": (
            "Signed by a key that ended nine days ago.",
            text_of(claims_of(), signing_key("hubei old")),
            unknown_key,
        ),
        "key-not-yet-valid": (
            "Signed by a key that begins in three weeks.",
            text_of(claims_of(), signing_key("hubei next")),
            unknown_key,
        ),
        "kid-bit-flipped": (
            "One bit of the key id flipped.",
            CODES.flip_bit(GOOD, 8 * (64 + 2 + 104 + 3 + 15)),
            unknown_key,
        ),
        "algorithm-of-another-suite": (
            "An EdDSA key, and a header that says ES256.",
            CODES.make(protected=make_header(alg=-7)),
            refused,
        ),
        "algorithm-es256-said-to-be-eddsa": (
            "An ES256 key, and a header that says EdDSA.",
            CODES.make(protected=make_header(alg=-8, kid=HUBEI_ES256.public.kid), key=HUBEI_ES256),
            refused,
        ),
        "algorithm-unknown": (
            "An algorithm that is in no suite.",
            CODES.make(protected=make_header(alg=-36)),
            refused,
        ),
        "algorithm-mac-under-the-public-key": (
            "A MAC, keyed with what everybody knows.",
            CODES.make(protected=make_header(alg=5), alter=lambda signature: sha256(public + signature)),
            refused,
        ),
    }


def _forged() -> dict[str, tuple[str, str]]:
    other = CODES.bytes_of(text_of(OTHER))[-64:]
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    return {
        "signature-bit-flipped": ("The last bit flipped.", CODES.flip_bit(GOOD, 0)),
        "sealed-part-bit-flipped": ("One bit of the sealed part flipped.", CODES.flip_bit(GOOD, 8 * 66)),
        "extension-token-bit-flipped": (
            "One bit of the extension token flipped.",
            CODES.flip_bit(GOOD, 8 * (66 + 47)),
        ),
        "credential-id-bit-flipped": (
            "One bit of the credential id flipped.",
            CODES.flip_bit(GOOD, 8 * (66 + 69)),
        ),
        "expiry-moved": (
            "Expires a second later than its issuer said.",
            CODES.digits_of(
                CODES.bytes_of(GOOD).replace(
                    claims_of().expires_at.to_bytes(4, "big"), (claims_of().expires_at + 1).to_bytes(4, "big")
                )
            ),
        ),
        "signature-of-another-code": (
            "The signature of another code of the same issuer.",
            CODES.make(alter=lambda _: other),
        ),
        "signature-by-another-key": (
            "Hubei's key id, another region's signature.",
            CODES.digits_of(CODES.bytes_of(GOOD)[:-64] + signing_key("hunan").sign(b"anything")),
        ),
        "signature-of-zeros": ("64 zero bytes.", CODES.make(alter=lambda _: bytes(64))),
        "signature-empty": ("No signature.", CODES.make(alter=lambda _: b"")),
        "signature-of-63-bytes": (
            "A byte of the signature is missing.",
            CODES.make(alter=lambda signature: signature[:-1]),
        ),
        "signature-with-order-added": (
            "S + L in the place of S: the same equation, other bytes (RFC 8032, 5.1.7).",
            CODES.make(alter=with_order_added),
        ),
        "es256-of-zeros": ("r and s are zero.", CODES.make(key=HUBEI_ES256, alter=lambda _: bytes(64))),
        "es256-r-is-the-order": (
            "r is not below the order of the curve.",
            CODES.make(key=HUBEI_ES256, alter=lambda signature: order.to_bytes(32, "big") + signature[32:]),
        ),
        "es256-bit-flipped": ("The last bit flipped.", CODES.flip_bit(text_of(claims_of(), HUBEI_ES256), 0)),
    }


def _at_the_wrong_time() -> dict[str, dict[str, Any]]:
    life = int(NATIONAL_CODE_LIFE_MAX.total_seconds()) + 1
    ahead = text_of(claims_of(issued_at=int(CLOCK.timestamp()) + 31))
    after = timedelta(seconds=40)
    old_bundle = {"issued_at_seconds": seconds_of("2020-04-02"), "expires_at_seconds": seconds_of("2020-04-09")}
    expired = ReasonId.CODE_EXPIRED
    return {
        "expired": make_vector("Shown ten minutes after its issue.", GOOD, expired, at=CLOCK + timedelta(minutes=10)),
        "expires-this-second": make_vector("Shown in the second in which it expires.", GOOD, expired, at=CLOCK + after),
        "issued-in-the-future": make_vector(
            "31 seconds ahead of the checkpoint's clock.", ahead, ReasonId.CODE_NOT_YET_VALID
        ),
        "life-too-long": make_vector(
            "Claims a life of 121 seconds.", text_of(claims_of(life=life)), ReasonId.CODE_LIFE_TOO_LONG
        ),
        "bundle-too-old": make_vector(
            "The checkpoint's bundle has expired.", GOOD, ReasonId.BUNDLE_TOO_OLD, bundle=old_bundle
        ),
        "bundle-from-the-future": make_vector(
            "The checkpoint's bundle was issued later than its clock says.",
            GOOD,
            ReasonId.BUNDLE_FROM_THE_FUTURE,
            bundle={"issued_at_seconds": int(CLOCK.timestamp()) + 31},
        ),
    }


def _sealed_wrongly() -> dict[str, tuple[str, str]]:
    lifted = msgspec.structs.replace(claims_of(), sealed=OTHER.sealed)
    elsewhere = msgspec.structs.replace(claims_of(), issuer=GUANGXI)
    other_issuer = msgspec.structs.replace(
        claims_of(), sealed=seal_content(elsewhere, FROM_A_LOW_RISK_COUNTY, TODAY.seal).sealed
    )
    tomorrow = SymmetricKey(INSECURE_TEST_VERIFIER_KEYS["2020-04-11"])
    padded = CONTENT[:-1] + b"\1"
    level = bytes((CONTENT[0] | 0xC0,)) + CONTENT[1:]
    division = CONTENT[:1] + (3 << 20 | 1_000_000).to_bytes(3, "big") + CONTENT[4:]
    hint = CONTENT[:5] + b"\xff" + CONTENT[6:]
    without_basis = bytes((CONTENT[0] & 0xFC,)) + CONTENT[1:]
    unsealed = msgspec.structs.replace(claims_of(), sealed=CONTENT.ljust(40, b"\0"))
    return {
        "sealed-under-another-days-key": ("Sealed under tomorrow's verifier key.", text_of(claims_of(key=tomorrow))),
        "sealed-part-of-another-code": ("The sealed part was made for another code.", text_of(lifted)),
        "sealed-for-another-issuer": ("The sealed part was made for another issuer.", text_of(other_issuer)),
        "sealed-part-in-clear": ("The content was not sealed at all.", text_of(unsealed)),
        "sealed-level-unknown": ("A level that does not exist.", text_of(claims_with_content(level))),
        "sealed-filling-not-zero": ("The filling says something.", text_of(claims_with_content(padded))),
        "sealed-division-unknown": ("A division of seven digits.", text_of(claims_with_content(division))),
        "sealed-origin-without-basis": (
            "An origin that rests on nothing.",
            text_of(claims_with_content(without_basis)),
        ),
        "sealed-hint-not-text": ("A masked hint that is not UTF-8.", text_of(claims_with_content(hint))),
        "sealed-content-too-short": ("No filling.", CODES.make(payload=make_payload({-65538: bytes(39)}))),
    }


def vectors() -> dict[str, dict[str, Any]]:
    """Return every vector by its file's name, without the suffix."""
    suspended = {"directory": make_directory(hubei_suspended=True)}
    no_keys: dict[str, Any] = {"INSECURE_TEST_verifier_keys_hex": {}}
    sealed = _sealed_wrongly()
    too_short = sealed.pop("sealed-content-too-short")
    unreadable = {
        **_unreadable_texts(),
        **_unreadable_tokens(),
        **_unreadable_claims(),
        "sealed-part-too-short": too_short,
    }
    return {
        **_passing(),
        **_authentic_but_not_passing(),
        "another-version": make_vector(
            "The digit of the version is 2.", f"99862{GOOD[5:]}", ReasonId.UNSUPPORTED_VERSION
        ),
        **{name: make_vector(title, text, ReasonId.MALFORMED_CODE) for name, (title, text) in unreadable.items()},
        **{name: make_vector(title, text, reason) for name, (title, text, reason) in _refused_keys().items()},
        "issuer-suspended": make_vector("Its issuer is suspended.", GOOD, ReasonId.ISSUER_SUSPENDED, bundle=suspended),
        **{name: make_vector(title, text, ReasonId.SIGNATURE_INVALID) for name, (title, text) in _forged().items()},
        **_at_the_wrong_time(),
        "verifier-key-missing": make_vector(
            "The checkpoint has no verifier key.", GOOD, ReasonId.VERIFIER_KEY_MISSING, bundle=no_keys
        ),
        **{name: make_vector(title, text, ReasonId.SEALED_PART_UNREADABLE) for name, (title, text) in sealed.items()},
    }


def files() -> dict[str, str]:
    """Return the text of every file by its name."""
    return encode_files(vectors())


if __name__ == "__main__":
    write_files(FOLDER, files())
