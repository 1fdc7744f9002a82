"""What people hand over as trust in foreign codes, sorted by what it is: the formats read their own part of it.

Trust lists are published in as many shapes as there are systems, and each is told by its own fields: JWK sets and
snapshots of many issuers (SMART Health Cards), revocation lists, DID documents (NZ COVID Pass), lists of
``{kid_b64, cert_b64}`` and what states published for the EU's certificates. Nothing here is believed or verified:
whoever calls trusts the whole of it. What is of no known shape is a finding and never a failure.

Specs: RFC 7517 (JWK set); SMART Health Cards Framework, *Revocation*; VCI directory snapshot; W3C DID Core 1.0.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from tongxing.core.words import Sentence

MATERIAL_MAX: Final = 50_000
"""So many pieces are sorted; what comes after is left out, and said so."""

_DEPTH_MAX: Final = 6
_NAME_MAX_CHARACTERS: Final = 512
_CERTIFICATE_FIELDS: Final = (
    "cert_b64",
    "certificate",
    "cert",
    "rawData",
    "x509",
    "key_b64",
    "public_key",
    "publicKey",
)
_KID_FIELDS: Final = ("kid_b64", "kid", "keyId", "id")
_LIST_FIELDS: Final = ("certificates", "crl", "crls", "trust", "entries", "lists", "did", "didDocument", "jwks")
_ISSUER_STARTS: Final = ("https://", "http://", "did:")


class MaterialFault(StrEnum):
    """Why a piece of trust is not used."""

    UNKNOWN_SHAPE = "unknown_shape"
    TOO_MUCH = "too_much"
    KEY_UNREADABLE = "key_unreadable"
    KEY_OF_OTHER_KIND = "key_of_other_kind"
    PRIVATE_KEY = "private_key"
    KID_OF_OTHER_KIND = "kid_of_other_kind"
    NOT_FOR_ASSERTIONS = "not_for_assertions"
    LIST_UNREADABLE = "list_unreadable"


MATERIAL_FAULT_WORDS: Final[Mapping[MaterialFault, Sentence]] = {
    MaterialFault.UNKNOWN_SHAPE: Sentence("不是已知的信任列表格式", "not of any known form of a trust list"),
    MaterialFault.TOO_MUCH: Sentence("信任列表过长，其余未读", "the trust list is too long; the rest was not read"),
    MaterialFault.KEY_UNREADABLE: Sentence("密钥无法读取", "the key cannot be read"),
    MaterialFault.KEY_OF_OTHER_KIND: Sentence(
        "不是P-256签名密钥", "not a signature key of P-256"
    ),
    MaterialFault.PRIVATE_KEY: Sentence(
        "公布了私钥，已不可信", "a private key was published, so nothing it signs can be believed"
    ),
    MaterialFault.KID_OF_OTHER_KIND: Sentence("密钥编号与密钥不符", "the key id is not that of the key"),
    MaterialFault.NOT_FOR_ASSERTIONS: Sentence(
        "该密钥未用于签发证明", "the document does not say that the key is for assertions"
    ),
    MaterialFault.LIST_UNREADABLE: Sentence("撤销名单无法读取", "the revocation list cannot be read"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class MaterialFinding:
    """What was found at one place of the material, as in ``[3].keys[0]``."""

    place: str
    fault: StrEnum
    detail: str = ""


@dataclass(slots=True)
class TrustMaterial:
    """The pieces by kind, each with its place. ``jwks`` come with their issuer, empty where none is told."""

    entries: list[tuple[str, object, object]] = field(default_factory=list)
    jwks: list[tuple[str, str, Mapping[str, Any]]] = field(default_factory=list)
    documents: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    revocations: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    findings: list[MaterialFinding] = field(default_factory=list)

    @property
    def holds_trust(self) -> bool:
        """True if there is anything in it by which a code could be believed."""
        return bool(self.entries or self.jwks or self.documents)

    @property
    def size(self) -> int:
        """How many pieces there are."""
        return len(self.entries) + len(self.jwks) + len(self.documents) + len(self.revocations) + len(self.findings)


def sort_material(*values: object) -> TrustMaterial:
    """Return the pieces of what was handed over, as JSON values. Never raises for what they hold."""
    material = TrustMaterial()
    for place, value in enumerate(values):
        _sort(value, "" if len(values) == 1 else f"({place})", "", material, _DEPTH_MAX)
    return material


def _sort(value: object, place: str, issuer: str, into: TrustMaterial, depth: int) -> None:
    if value is None:
        return
    if into.size >= MATERIAL_MAX:
        if into.findings[-1:] != [MaterialFinding("", MaterialFault.TOO_MUCH)]:
            into.findings.append(MaterialFinding("", MaterialFault.TOO_MUCH))
    elif isinstance(value, str):
        into.entries.append((place, None, value))
    elif isinstance(value, list) and depth:
        for number, item in enumerate(value[: MATERIAL_MAX + 1]):
            _sort(item, f"{place}[{number}]", issuer, into, depth - 1)
    elif isinstance(value, dict) and depth:
        _sort_object(value, place, issuer, into, depth)
    else:
        into.findings.append(MaterialFinding(place, MaterialFault.UNKNOWN_SHAPE))


def _sort_object(value: Mapping[str, Any], place: str, issuer: str, into: TrustMaterial, depth: int) -> None:
    issuer = _issuer_of(value) or issuer
    certificate = next((value[name] for name in _CERTIFICATE_FIELDS if value.get(name) is not None), None)
    if "kty" in value:
        into.jwks.append((place, issuer, value))
    elif "verificationMethod" in value:
        into.documents.append((place, value))
    elif "rids" in value:
        into.revocations.append((place, value))
    elif isinstance(jwk := value.get("jwk", value.get("publicKeyJwk")), dict):
        into.jwks.append((place, issuer, {"kid": next(_kids_of(value), None), **jwk}))
    elif isinstance(certificate, str):
        into.entries.append((place, next(_kids_of(value), None), certificate))
    else:
        _sort_inside(value, place, issuer, into, depth)


def _sort_inside(value: Mapping[str, Any], place: str, issuer: str, into: TrustMaterial, depth: int) -> None:
    """Sort what an object holds: named lists, or one thing for each issuer or key id."""
    named = [name for name in ("keys", "issuerInfo", *_LIST_FIELDS) if isinstance(value.get(name), list | dict)]
    for name in named:
        _sort(value[name], f"{place}.{name}", issuer, into, depth - 1)
    if named:
        _sort_beside(value, place, into)
        return
    pairs = [(name, each) for name, each in value.items() if isinstance(each, str | list | dict)]
    if any(name in value for name in (*_KID_FIELDS, *_CERTIFICATE_FIELDS)) or not pairs:
        into.findings.append(MaterialFinding(place, MaterialFault.UNKNOWN_SHAPE))
        return
    for name, each in pairs[: MATERIAL_MAX + 1]:
        there = f"{place}.{name[:_NAME_MAX_CHARACTERS]}"
        if name.startswith(_ISSUER_STARTS) and not isinstance(each, str):
            _sort(each, there, name, into, depth - 1)
        elif isinstance(each, dict):
            _sort(each, there, issuer, into, depth - 1)
        else:
            texts = each if isinstance(each, list) else [each]
            into.entries.extend((there, name, text) for text in texts[:MATERIAL_MAX])


def _sort_beside(value: Mapping[str, Any], place: str, into: TrustMaterial) -> None:
    """Sort what stands beside named lists: what was taken back counts under any name, a key only under those."""
    for name, each in value.items():
        if not isinstance(each, list | dict) or name in {"keys", "issuerInfo", "issuer", *_LIST_FIELDS}:
            continue
        there = f"{place}.{name[:_NAME_MAX_CHARACTERS]}"
        inside = each.values() if isinstance(each, dict) else each
        lists = [one for one in (each, *inside) if isinstance(one, dict) and "rids" in one]
        into.revocations.extend((there, one) for one in lists)
        if not lists:
            into.findings.append(MaterialFinding(there, MaterialFault.UNKNOWN_SHAPE))


def _kids_of(value: Mapping[str, Any]) -> Any:  # noqa: ANN401 - an iterator of whatever stands there
    return (value[name] for name in _KID_FIELDS if isinstance(value.get(name), str))


def _issuer_of(value: Mapping[str, Any]) -> str:
    """Return whose keys an object holds: ``{"issuer": "https://…"}``, ``{"issuer": {"iss": …}}`` or ``{"iss": …}``."""
    issuer = value.get("issuer", value.get("iss"))
    if isinstance(issuer, dict):
        issuer = issuer.get("iss")
    return issuer[:_NAME_MAX_CHARACTERS] if isinstance(issuer, str) else ""
