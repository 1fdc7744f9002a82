"""Regenerates ``vectors/transit-pass``: ``python -m vectors.regenerate_transit_pass``.

Each file is one presented transit pass with one fault, named after it, or with none (``valid-…``). Who is
right goes as far as a verifier without a network comes: it cannot ask for the driver (``gateway_away``).
``docs/specs/transit-pass.md`` describes the fields. Running it twice changes nothing.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

from tongxing.core.limits import TRANSIT_PASS_LIFE_MAX, TRANSIT_ROUTE_MAX
from tongxing.core.reasons import ReasonId
from tongxing.wire.cose import encode_protected
from tongxing.wire.transit_pass import PREFIX
from vectors.making_codes import (
    CLOCK,
    HUBEI,
    HUBEI_ES256,
    HUBEI_KEY,
    HUNAN,
    WUHAN,
    make_directory,
    seconds_of,
    signing_key,
    with_order_added,
)
from vectors.making_codes import GOOD as NATIONAL_CODE
from vectors.making_tokens import encode_files, write_files
from vectors.making_transit_passes import (
    GOOD_PASS,
    HOUR,
    ISSUED,
    OTHER_PASS,
    PASSES,
    pass_claims,
    pass_payload,
    pass_text,
    pass_vector,
)

FOLDER = Path(__file__).parent / "transit-pass"
ASKED = ReasonId.GATEWAY_AWAY
_LIFE = int(TRANSIT_PASS_LIFE_MAX.total_seconds())


def _right() -> dict[str, dict[str, Any]]:
    plain, city = pass_claims(), pass_claims(issuer=WUHAN)
    longest = pass_claims(life=_LIFE, plate="鄂A1234挂", route=tuple(f"4501{n:02d}" for n in range(TRANSIT_ROUTE_MAX)))
    ahead = pass_claims(issued_at=ISSUED + 50, valid_from=ISSUED + 50)
    inside = pass_claims(route=("45",))
    return {
        "valid-eddsa": pass_vector("Right in every part; EdDSA.", GOOD_PASS, ASKED, told=plain),
        "valid-es256": pass_vector("Right in every part; ES256.", pass_text(plain, HUBEI_ES256), ASKED, told=plain),
        "valid-city-issuer": pass_vector(
            "A city's own pass, under a region number of four digits.",
            pass_text(city, signing_key("wuhan")),
            ASKED,
            told=city,
        ),
        "valid-longest": pass_vector(
            "As long as a pass can be: 72 hours, sixteen divisions, a trailer's plate.",
            pass_text(longest),
            ASKED,
            told=longest,
        ),
        "valid-last-second": pass_vector(
            "One second before it ends.", GOOD_PASS, ASKED, at=CLOCK + timedelta(hours=48, seconds=-21), told=plain
        ),
        "valid-begins-within-skew": pass_vector("Begins 30 seconds ahead.", pass_text(ahead), ASKED, told=ahead),
        "valid-route-holds-host": pass_vector(
            "The route names the host's whole province.", pass_text(inside), ASKED, told=inside
        ),
        "valid-route-begins-in-a-city-of-the-host": pass_vector(
            "A city's pass, shown in the province of that city, from which the route begins.",
            pass_text(city, signing_key("wuhan")),
            ASKED,
            host=HUBEI,
            told=city,
        ),
    }


def _unreadable_texts() -> dict[str, tuple[str, str]]:
    digits = GOOD_PASS.removeprefix(PREFIX)
    return {
        "prefix-alone": ("Nothing follows the prefix.", PREFIX),
        "version-not-a-digit": ("A letter stands where the version does.", f"9987a{digits}"),
        "leading-zero": ("A zero before the number: the same bytes, another text.", f"{PREFIX}0{digits}"),
        "letter-among-digits": ("One digit became a letter.", f"{PREFIX}{digits[:50]}O{digits[51:]}"),
        "space-at-the-end": ("A space, which some number readers skip.", f"{GOOD_PASS} "),
        "digits-of-another-script": (
            "Full-width digits, which some number readers accept.",
            PREFIX + "".join(chr(0xFF10 + int(digit)) for digit in digits),
        ),
        "last-digit-missing": ("The last digit was not read.", GOOD_PASS[:-1]),
        "too-many-digits": ("More digits than a pass may have.", f"{PREFIX}{'9' * 772}"),
        "national-code-under-this-prefix": (
            "A national code's bytes: its typ is another.",
            PREFIX + NATIONAL_CODE[len(PREFIX) :],
        ),
        "bytes-after-the-envelope": ("A byte follows.", PASSES.digits_of(PASSES.bytes_of(GOOD_PASS) + b"\0")),
        "no-tag": ("The COSE_Sign1 has no tag.", PASSES.digits_of(PASSES.bytes_of(GOOD_PASS)[1:])),
    }


def _unreadable_tokens() -> dict[str, tuple[str, str]]:
    public = HUBEI_KEY.public
    statement = encode_protected(public.cose_alg, public.kid, "tongxing-statement")
    late = {4: ISSUED, 5: ISSUED}
    return {
        "typ-of-a-statement": ("Signed as a statement.", PASSES.make(protected=statement)),
        "unprotected-header-not-empty": (
            "The unprotected header says something.",
            PASSES.make(unprotected=b"\xa1\x01\x26"),
        ),
        "claim-missing": ("No plate.", PASSES.make(payload=pass_payload(without=-65552))),
        "claim-too-many": ("A claim that no pass has.", PASSES.make(payload=pass_payload({-65560: 1}))),
        "ends-when-it-begins": ("Valid for no time.", PASSES.make(payload=pass_payload(late))),
        "begins-before-its-issue": ("Valid before it was made.", PASSES.make(payload=pass_payload({5: ISSUED - 1}))),
        "time-as-text": ("A time in letters.", PASSES.make(payload=pass_payload({4: "1586605600"}))),
        "plate-of-no-province": (
            "A plate that no office gives.",
            PASSES.make(payload=pass_payload({-65552: "中A12345"})),
        ),
        "plate-in-small-letters": ("A second spelling.", PASSES.make(payload=pass_payload({-65552: "鄂a12345"}))),
        "plate-with-other-words": (
            "Words for the guard where the plate stands.",
            PASSES.make(payload=pass_payload({-65552: "鄂A12345 OK"})),
        ),
        "route-empty": ("A route to nowhere.", PASSES.make(payload=pass_payload({-65553: []}))),
        "route-too-long": (
            "Seventeen divisions.",
            PASSES.make(payload=pass_payload({-65553: [f"{n:02d}" for n in range(11, 28)]})),
        ),
        "route-twice-the-same": ("A division twice.", PASSES.make(payload=pass_payload({-65553: ["42", "45", "42"]}))),
        "route-of-numbers": ("Divisions as numbers.", PASSES.make(payload=pass_payload({-65553: [42, 45]}))),
        "division-of-three-digits": ("Half a division.", PASSES.make(payload=pass_payload({-65553: ["42", "450"]}))),
        "pass-id-too-short": ("15 bytes.", PASSES.make(payload=pass_payload({7: bytes(15)}))),
        "issuer-of-three-digits": ("No region has such a number.", PASSES.make(payload=pass_payload({1: "420"}))),
    }


def _keys_refused() -> dict[str, tuple[str, str, ReasonId]]:
    unknown = ReasonId.UNKNOWN_KEY
    another = encode_protected(-7, HUBEI_KEY.public.kid, "tongxing-transit-pass")
    return {
        "issuer-not-in-directory": (
            "An issuer that takes no part.",
            pass_text(pass_claims(issuer=HUNAN), signing_key("hunan")),
            ReasonId.UNKNOWN_ISSUER,
        ),
        "key-of-another-issuer": (
            "Signed by Guangxi in Hubei's name.",
            pass_text(pass_claims(), signing_key("guangxi")),
            unknown,
        ),
        "key-for-statements": (
            "Hubei's own key, but not for codes and passes.",
            pass_text(pass_claims(), signing_key("hubei statements")),
            unknown,
        ),
        "key-no-longer-valid": ("A key that has ended.", pass_text(pass_claims(), signing_key("hubei old")), unknown),
        "algorithm-of-another-suite": (
            "An EdDSA key, and a header that says ES256.",
            PASSES.make(protected=another),
            ReasonId.ALGORITHM_REFUSED,
        ),
    }


def _forged() -> dict[str, tuple[str, str]]:
    good, other = PASSES.bytes_of(GOOD_PASS), PASSES.bytes_of(OTHER_PASS)
    return {
        "signature-bit-flipped": ("The last bit flipped.", PASSES.flip_bit(GOOD_PASS, 0)),
        "plate-exchanged": (
            "Another vehicle's plate under the same signature.",
            PASSES.digits_of(good.replace("鄂A12345".encode(), "鄂A12346".encode())),
        ),
        "route-extended": (
            "Another division in the place of one.",
            PASSES.digits_of(good.replace(b"450100", b"440100")),
        ),
        "end-moved": (
            "Ends a second later than its issuer said.",
            PASSES.digits_of(
                good.replace(
                    pass_claims().expires_at.to_bytes(4, "big"), (pass_claims().expires_at + 1).to_bytes(4, "big")
                )
            ),
        ),
        "signature-of-another-pass": (
            "The signature of another pass of the same issuer.",
            PASSES.digits_of(good[:-64] + other[-64:]),
        ),
        "signature-with-order-added": ("S + L in the place of S.", PASSES.make(alter=with_order_added)),
        "signature-empty": ("No signature.", PASSES.make(alter=lambda _: b"")),
    }


def _at_the_wrong_time() -> dict[str, dict[str, Any]]:
    tomorrow = pass_text(pass_claims(valid_from=ISSUED + 24 * HOUR))
    return {
        "ended": pass_vector("A day after its end.", GOOD_PASS, ReasonId.TRANSIT_EXPIRED, at=CLOCK + timedelta(days=3)),
        "ends-this-second": pass_vector(
            "Shown in the second in which it ends.",
            GOOD_PASS,
            ReasonId.TRANSIT_EXPIRED,
            at=CLOCK + timedelta(hours=48, seconds=-20),
        ),
        "begins-tomorrow": pass_vector("Made today for tomorrow.", tomorrow, ReasonId.TRANSIT_NOT_YET_VALID),
        "life-too-long": pass_vector(
            "Claims to be valid until 72 hours and a second after its issue.",
            pass_text(pass_claims(life=_LIFE + 1)),
            ReasonId.TRANSIT_LIFE_TOO_LONG,
        ),
        "bundle-too-old": pass_vector(
            "The checkpoint's bundle has expired.",
            GOOD_PASS,
            ReasonId.BUNDLE_TOO_OLD,
            bundle={"issued_at_seconds": seconds_of("2020-04-02"), "expires_at_seconds": seconds_of("2020-04-09")},
        ),
    }


def _off_route() -> dict[str, dict[str, Any]]:
    elsewhere = pass_text(pass_claims(route=("42", "43", "44")))
    off = ReasonId.TRANSIT_OFF_ROUTE
    return {
        "host-not-on-the-route": pass_vector("From Hubei to Guangdong, shown in Guangxi.", elsewhere, off),
        "issuer-not-on-the-route": pass_vector(
            "Made in Hubei for a way that leads elsewhere, shown in Hubei.",
            pass_text(pass_claims(route=("43", "44"))),
            off,
            host=HUBEI,
        ),
    }


def vectors() -> dict[str, dict[str, Any]]:
    """Return every vector by its file's name, without the suffix."""
    suspended = {"directory": make_directory(hubei_suspended=True)}
    unreadable = {**_unreadable_texts(), **_unreadable_tokens()}
    return {
        **_right(),
        "another-version": pass_vector(
            "The digit of the version is 2.", f"99872{GOOD_PASS[5:]}", ReasonId.UNSUPPORTED_VERSION
        ),
        **{name: pass_vector(title, text, ReasonId.MALFORMED_CODE) for name, (title, text) in unreadable.items()},
        **{name: pass_vector(title, text, reason) for name, (title, text, reason) in _keys_refused().items()},
        "issuer-suspended": pass_vector(
            "Its issuer is suspended.", GOOD_PASS, ReasonId.ISSUER_SUSPENDED, bundle=suspended
        ),
        **{name: pass_vector(title, text, ReasonId.SIGNATURE_INVALID) for name, (title, text) in _forged().items()},
        **_at_the_wrong_time(),
        **_off_route(),
    }


def files() -> dict[str, str]:
    """Return the text of every file by its name."""
    return encode_files(vectors())


if __name__ == "__main__":
    write_files(FOLDER, files())
