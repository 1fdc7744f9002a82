"""P-256 keys and revocation lists that issuers of foreign codes publish, from sorted trust material.

Each key has all names by which a code may call it: a JWK its ``kid``; a certificate what its entry says, as text, as
bytes and as base64url, and the key's thumbprint. A name only finds a key; what verifies is the key.
Specs: RFC 7517, RFC 7638; SMART Health Cards Framework, *Determining keys* and *Revocation*; DID Core 1.0.
"""

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from tongxing.crypto.key_material import load_p256, load_p256_material, thumbprint
from tongxing.crypto.keys import PublicKey
from tongxing.crypto.lenient_certificates import CertificateRefused, decode_certificate_text
from tongxing.crypto.suites import KeyRefused
from tongxing.trust.trust_material import MaterialFault, MaterialFinding, TrustMaterial, sort_material
from tongxing.wire.cbor import WireError
from tongxing.wire.strict_json import decode_base64url, encode_base64url, parse_strict_json

_NAME_MAX_CHARACTERS: Final = 512
_RIDS_MAX: Final = 1_000_000
_EMBEDDED_MAX_BYTES: Final = 64 * 1024
_POINT_BYTES: Final = (33, 65)


@dataclass(frozen=True, slots=True)
class PublishedKey:
    """One key: ``kids`` are its names; ``issuer`` is empty where it is anybody's.

    ``list_counter`` is the newest revocation list that its issuer says there is, 0 for none. ``is_named`` is false
    where a list names its keys by what no code can say, such as a digest where codes have a text.
    """

    key: PublicKey
    kids: frozenset[str]
    issuer: str = ""
    list_counter: int = 0
    is_named: bool = True


@dataclass(frozen=True, slots=True)
class RevocationList:
    """What one key's issuer took back: ``always``, or only what was valid ``before`` a second."""

    counter: int
    always: frozenset[str]
    before: Mapping[str, float]

    def has(self, rid: str, not_before: float) -> bool:
        """True if a card of this revocation id and time is withdrawn."""
        return rid in self.always or not_before < self.before.get(rid, 0)


def read_jwks(material: TrustMaterial, findings: list[MaterialFinding]) -> list[PublishedKey]:
    """Return the keys of all JWKs."""
    return [key for place, issuer, jwk in material.jwks if (key := _read_jwk(jwk, issuer, place, findings))]


def read_entries(material: TrustMaterial, findings: list[MaterialFinding]) -> list[PublishedKey]:
    """Return the keys of all entries of key id and certificate; JSON that stands there as base64 is sorted too."""
    found: list[PublishedKey] = []
    for place, kid, text in material.entries:
        names, is_named = _names_of(kid)
        try:
            data = _decode_entry(text)
            inner = _embedded(data)
            if inner is not None:
                told = (replace(key, kids=key.kids | names, is_named=is_named) for key in read_jwks(inner, findings))
                found += [*told, *read_documents(inner, findings)]
                continue
            key = load_p256_material(data)
        except (CertificateRefused, KeyRefused) as refused:
            findings.append(MaterialFinding(place, MaterialFault.KEY_OF_OTHER_KIND, str(refused)))
            continue
        found.append(PublishedKey(key, names | {thumbprint(key)}, is_named=is_named))
    return found


def read_documents(material: TrustMaterial, findings: list[MaterialFinding]) -> list[PublishedKey]:
    """Return the assertion keys of all DID documents, named by what follows ``#``, each its document's own."""
    found = []
    for place, document in material.documents:
        did, methods = document.get("id"), document.get("verificationMethod")
        if not isinstance(did, str) or not isinstance(methods, list):
            findings.append(MaterialFinding(place, MaterialFault.UNKNOWN_SHAPE))
            continue
        allowed = document.get("assertionMethod")
        for number, method in enumerate([*methods, *(allowed if isinstance(allowed, list) else ())]):
            if not isinstance(method, dict):
                continue
            there, name = f"{place}.verificationMethod[{number}]", method.get("id")
            if number < len(methods) and not (isinstance(allowed, list) and name in allowed):
                findings.append(MaterialFinding(there, MaterialFault.NOT_FOR_ASSERTIONS))
                continue
            key = _read_jwk(method.get("publicKeyJwk"), did, there, findings)
            if key is not None and isinstance(name, str):
                found.append(PublishedKey(key.key, frozenset({name[:_NAME_MAX_CHARACTERS].rpartition("#")[2]}), did))
    return found


def read_revocations(material: TrustMaterial, findings: list[MaterialFinding]) -> dict[str, RevocationList]:
    """Return the newest revocation list of each key id. Spec: SMART Health Cards Framework, *Revocation*."""
    found: dict[str, RevocationList] = {}
    for place, value in material.revocations:
        kid, counter, rids = value.get("kid"), value.get("ctr", 0), value.get("rids")
        if not isinstance(kid, str) or not isinstance(counter, int) or not isinstance(rids, list):
            findings.append(MaterialFinding(place, MaterialFault.LIST_UNREADABLE))
            continue
        told = [each for each in rids[:_RIDS_MAX] if isinstance(each, str)]
        if len(told) != len(rids):
            findings.append(MaterialFinding(place, MaterialFault.LIST_UNREADABLE, "ids that are no text, or too many"))
        read = _read_rids(counter, told)
        if kid not in found or found[kid].counter < counter:
            found[kid] = read
        elif found[kid].counter == counter:
            found[kid] = _joined(found[kid], read)
    return found


def _read_rids(counter: int, rids: Iterable[str]) -> RevocationList:
    """Return what a list takes back; with a time that nobody can read, a card is taken back whenever it began."""
    always, before = set(), dict[str, float]()
    for each in rids:
        rid, dot, seconds = each.partition(".")
        if dot and seconds.isascii() and seconds.isdecimal() and len(seconds) <= 12:  # noqa: PLR2004 - seconds, for long enough
            before[rid] = max(before.get(rid, 0), int(seconds))
        else:
            always.add(rid)
    return RevocationList(counter, frozenset(always), before)


def _joined(one: RevocationList, other: RevocationList) -> RevocationList:
    """Return what either of two lists of one counter takes back."""
    before = {rid: max(one.before.get(rid, 0), other.before.get(rid, 0)) for rid in {**one.before, **other.before}}
    return RevocationList(one.counter, one.always | other.always, before)


def _read_jwk(value: object, issuer: str, place: str, findings: list[MaterialFinding]) -> PublishedKey | None:
    """Return the key of one JWK, or None with a finding that says why. Spec: RFC 7518, section 6.2.1."""
    if not isinstance(value, dict):
        findings.append(MaterialFinding(place, MaterialFault.UNKNOWN_SHAPE))
        return None
    if "d" in value:
        findings.append(MaterialFinding(place, MaterialFault.PRIVATE_KEY))
        return None
    uses = value.get("use") in {None, "sig"} and value.get("alg") in {None, "ES256"}
    if value.get("kty") != "EC" or value.get("crv") not in {None, "P-256"} or not uses:
        findings.append(MaterialFinding(place, MaterialFault.KEY_OF_OTHER_KIND))
        return None
    try:
        key = _key_of_jwk(value)
    except (KeyRefused, WireError, CertificateRefused) as refused:
        findings.append(MaterialFinding(place, MaterialFault.KEY_UNREADABLE, str(refused)))
        return None
    own, kid, counter = thumbprint(key), value.get("kid"), value.get("crlVersion")
    kids = {own}
    if isinstance(kid, str) and kid not in kids:
        findings.append(MaterialFinding(place, MaterialFault.KID_OF_OTHER_KIND))
        kids.add(kid[:_NAME_MAX_CHARACTERS])
    return PublishedKey(key, frozenset(kids), issuer, counter if isinstance(counter, int) else 0, isinstance(kid, str))


def _key_of_jwk(value: Mapping[str, Any]) -> PublicKey:
    x, y, chain = value.get("x"), value.get("y"), value.get("x5c")
    if isinstance(x, str) and isinstance(y, str):
        return load_p256(decode_base64url(x[:_NAME_MAX_CHARACTERS]), decode_base64url(y[:_NAME_MAX_CHARACTERS]))
    if isinstance(chain, list) and chain and isinstance(chain[0], str):
        return load_p256_material(decode_certificate_text(chain[0]))
    raise KeyRefused("neither coordinates nor a certificate")


def _decode_entry(text: object) -> bytes:
    """Return the bytes that stand in an entry as base64: a certificate, a key, a point, or JSON."""
    if not isinstance(text, str) or len(text) > 2 * _EMBEDDED_MAX_BYTES:
        raise CertificateRefused("no text, or a very long one")
    if text.lstrip()[:1] in {"{", "["}:
        return text.encode()
    data = _decode_base64(text)
    if data is not None and (len(data) in _POINT_BYTES or data.lstrip()[:1] in {b"{", b"["}):
        return data
    return decode_certificate_text(text)


def _embedded(data: bytes) -> TrustMaterial | None:
    if data.lstrip()[:1] not in {b"{", b"["}:
        return None
    try:
        return sort_material(parse_strict_json(data, _EMBEDDED_MAX_BYTES))
    except WireError as error:
        raise CertificateRefused(str(error)) from error


def _names_of(kid: object) -> tuple[frozenset[str], bool]:
    """Return what a code may call a key whose id is told as base64, or as it is; and whether that is a text."""
    if not isinstance(kid, str) or not kid:
        return frozenset(), False
    plain = kid.strip()[:_NAME_MAX_CHARACTERS]
    names = {plain, plain.replace("+", "-").replace("/", "_").rstrip("=")}
    data = _decode_base64(plain)
    is_text = data is None or (data.isascii() and data.decode("ascii").isprintable())
    if data is not None:
        names |= {encode_base64url(data), data.decode("ascii")} if is_text else {encode_base64url(data)}
    return frozenset(names | {each.rpartition("#")[2] for each in names}), is_text


def _decode_base64(text: str) -> bytes | None:
    compact = "".join(text.split()).replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(compact + "=" * (-len(compact) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
