"""The trust list of EU certificates: which signers are known, by key id.

Lists come from other states, and what stands in them is not ours to mend: an entry that cannot be read is a finding
with its place, never a failure, and all others count. Several entries may share a key id, and all of them are tried.
Spec: EU eHealth Network, *Guidelines on Technical Specifications for DCC*, volume 1, section 3.3.2.

Invariant: any entries whatever give a list.
"""

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from tongxing.core.words import Sentence
from tongxing.crypto.foreign_signers import ForeignSigner, load_foreign_signer
from tongxing.crypto.lenient_certificates import CertificateRefused

DCC_SIGNERS_MAX: Final = 50_000
"""Ten times the longest list there was; what comes after is left out, and said so."""

_KID_MAX_CHARACTERS: Final = 128


class SignerFault(StrEnum):
    """What is wrong with an entry of a trust list. With the last three its signer counts all the same."""

    CERTIFICATE_MISSING = "certificate_missing"
    CERTIFICATE_UNREADABLE = "certificate_unreadable"
    LIST_TOO_LONG = "list_too_long"
    KID_UNREADABLE = "kid_unreadable"
    KID_OF_OTHER_KIND = "kid_of_other_kind"
    CERTIFICATE_NOT_DER = "certificate_not_der"


SIGNER_FAULT_WORDS: Final[Mapping[SignerFault, Sentence]] = MappingProxyType(
    {
        SignerFault.CERTIFICATE_MISSING: Sentence("没有证书", "there is no certificate"),
        SignerFault.CERTIFICATE_UNREADABLE: Sentence("证书无法读取", "the certificate cannot be read"),
        SignerFault.LIST_TOO_LONG: Sentence("列表过长，其余未读", "the list is too long; the rest was not read"),
        SignerFault.KID_UNREADABLE: Sentence(
            "密钥编号无法读取，按证书计算", "the key id cannot be read and was reckoned from the certificate"
        ),
        SignerFault.KID_OF_OTHER_KIND: Sentence("密钥编号与证书摘要不符", "the key id is not that of the certificate"),
        SignerFault.CERTIFICATE_NOT_DER: Sentence("证书不是规范的DER编码", "the certificate is not quite DER"),
    }
)


@dataclass(frozen=True, slots=True)
class SignerFinding:
    """What was found at one place of a list, counted from 0; ``detail`` is for whoever keeps the list."""

    place: int
    fault: SignerFault
    detail: str = ""


@dataclass(frozen=True, slots=True)
class DccSigners:
    """A loaded trust list: all signers in order, and what was found wrong."""

    signers: tuple[ForeignSigner, ...]
    findings: tuple[SignerFinding, ...]
    _by_kid: Mapping[bytes, tuple[ForeignSigner, ...]]

    def find(self, kid: bytes) -> tuple[ForeignSigner, ...]:
        """Return all signers that ``kid`` may name, those first whose list says so; empty if there is none."""
        return self._by_kid.get(kid, ())


def load_dcc_signers(entries: Iterable[tuple[object, object]]) -> DccSigners:
    """Load entries of key id (base64, or None) and certificate (any text of one). Never raises for what they hold.

    A stated key id counts; what can be reckoned from the certificate counts after it.
    """
    signers: list[ForeignSigner] = []
    findings: list[SignerFinding] = []
    by_kid: dict[bytes, dict[ForeignSigner, None]] = {}
    other_kids: list[tuple[bytes, ForeignSigner]] = []
    for place, (kid_text, certificate) in enumerate(entries):
        if place == DCC_SIGNERS_MAX:
            findings.append(SignerFinding(place, SignerFault.LIST_TOO_LONG))
            break
        signer = _load_signer(place, certificate, findings)
        if signer is None:
            continue
        signers.append(signer)
        stated = _read_kid(place, kid_text, findings)
        if stated is not None and stated != signer.kids[0]:
            findings.append(SignerFinding(place, SignerFault.KID_OF_OTHER_KIND, stated.hex()))
        by_kid.setdefault(stated or signer.kids[0], {})[signer] = None
        other_kids.extend((kid, signer) for kid in signer.kids)
    for kid, signer in other_kids:
        by_kid.setdefault(kid, {})[signer] = None
    return DccSigners(
        tuple(signers), tuple(findings), MappingProxyType({kid: tuple(named) for kid, named in by_kid.items()})
    )


def _load_signer(place: int, certificate: object, findings: list[SignerFinding]) -> ForeignSigner | None:
    if not isinstance(certificate, str) or not certificate.strip():
        findings.append(SignerFinding(place, SignerFault.CERTIFICATE_MISSING))
        return None
    try:
        signer = load_foreign_signer(certificate)
    except CertificateRefused as refused:
        findings.append(SignerFinding(place, SignerFault.CERTIFICATE_UNREADABLE, str(refused)))
        return None
    findings.extend(SignerFinding(place, SignerFault(each)) for each in signer.departures if each in _SAME_SLUG)
    return signer


_SAME_SLUG: Final = frozenset(map(str, SignerFault))


def _read_kid(place: int, text: object, findings: list[SignerFinding]) -> bytes | None:
    if text is None or text == "":
        return None
    if isinstance(text, str) and len(text) <= _KID_MAX_CHARACTERS:
        compact = text.strip().replace("-", "+").replace("_", "/").rstrip("=")
        try:
            return base64.b64decode(compact + "=" * (-len(compact) % 4), validate=True) or None
        except (binascii.Error, ValueError):
            pass
    findings.append(SignerFinding(place, SignerFault.KID_UNREADABLE))
    return None
