"""Foreign codes: the closed table of formats, told apart by their first characters, each with its verifier.

The formats are families like any other, but that nobody is asked: a foreign code is authentic by its signature alone,
proves facts and never has a level or a colour. What decides on a person is a health code shown beside it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from tongxing.core.errors import Rejected
from tongxing.core.foreign_codes import ALL_CHECKS, ForeignCheck, ForeignCode, ForeignFormat
from tongxing.core.limits import BUNDLE_MAX_BYTES, SCAN_MAX_CHARACTERS
from tongxing.core.reasons import ReasonId
from tongxing.trust.dcc import verify_dcc
from tongxing.trust.dcc_signers import load_dcc_signers
from tongxing.trust.nzcp import load_nzcp_issuers, verify_nzcp
from tongxing.trust.refusing import BundleFault, refuse
from tongxing.trust.shc import load_shc_issuers, verify_shc
from tongxing.trust.trust_material import MaterialFinding, TrustMaterial, sort_material
from tongxing.wire.cbor import WireError
from tongxing.wire.dcc import PREFIX as DCC_PREFIX
from tongxing.wire.dcc import is_dcc
from tongxing.wire.nzcp import FAMILY_PREFIX as NZCP_FAMILY
from tongxing.wire.shc import PREFIX as SHC_PREFIX
from tongxing.wire.strict_json import parse_strict_json

FOREIGN_TEXTS_MAX: Final = 16
"""A card in more QR codes than that is no card."""

Verify = Callable[[Sequence[str], datetime, frozenset[ForeignCheck]], ForeignCode]
"""Takes the texts of one foreign code, a moment and what to check. Raises ``Rejected``."""

_JWS_START: Final = "eyJ"
_IGNORED: Final = "\r\n\t\ufeff"
_IN_A_LINK: Final = f"#{SHC_PREFIX}"


@dataclass(frozen=True, slots=True)
class ForeignTrust:
    """Trust material as one format reads it; ``findings`` tell what of it is not used, and why."""

    verify: Verify
    findings: tuple[MaterialFinding, ...]


@dataclass(frozen=True, slots=True)
class ForeignFamily:
    """One format: which texts claim to be of it, and how its trust is loaded. Loading never raises."""

    format: ForeignFormat
    recognises: Callable[[str], bool]
    load: Callable[[TrustMaterial], ForeignTrust]


def _load_dcc(material: TrustMaterial) -> ForeignTrust:
    signers = load_dcc_signers((kid, text) for _, kid, text in material.entries)

    def verify(texts: Sequence[str], at: datetime, checks: frozenset[ForeignCheck]) -> ForeignCode:
        return verify_dcc(_only(texts), signers, at, checks)

    places = [place for place, _, _ in material.entries]
    found = (MaterialFinding(places[each.place], each.fault, each.detail) for each in signers.findings)
    return ForeignTrust(verify, (*material.findings, *found))


def _load_shc(material: TrustMaterial) -> ForeignTrust:
    issuers = load_shc_issuers(material)

    def verify(texts: Sequence[str], at: datetime, checks: frozenset[ForeignCheck]) -> ForeignCode:
        return verify_shc(texts, issuers, at, checks)

    return ForeignTrust(verify, issuers.findings)


def _load_nzcp(material: TrustMaterial) -> ForeignTrust:
    issuers = load_nzcp_issuers(material)

    def verify(texts: Sequence[str], at: datetime, checks: frozenset[ForeignCheck]) -> ForeignCode:
        return verify_nzcp(_only(texts), issuers, at, checks)

    return ForeignTrust(verify, issuers.findings)


FOREIGN_FAMILIES: Final[Mapping[ForeignFormat, ForeignFamily]] = MappingProxyType(
    {
        family.format: family
        for family in (
            ForeignFamily(ForeignFormat.DCC, is_dcc, _load_dcc),
            ForeignFamily(
                ForeignFormat.SHC,
                lambda text: text.startswith((SHC_PREFIX, _JWS_START)) or _IN_A_LINK in text,
                _load_shc,
            ),
            ForeignFamily(ForeignFormat.NZCP, lambda text: text.startswith(NZCP_FAMILY), _load_nzcp),
        )
    }
)
"""Every format that is read, by name."""

ForeignTrusts = Mapping[ForeignFormat, ForeignTrust]
"""The trust of every format."""

FOREIGN_TRUST_SECTION: Final = "foreign_trust"
"""The bundle's section of trust in foreign codes. It need not be there: then nobody outside is believed."""

NOBODY_OUTSIDE: Final[ForeignTrusts] = MappingProxyType(
    {name: family.load(sort_material(None)) for name, family in FOREIGN_FAMILIES.items()}
)


@lru_cache(maxsize=2)
def parse_foreign_trust(section: bytes | None) -> ForeignTrusts:
    """Return the trust in a bundle's section: one JSON text of any shape that ``trust_material`` sorts.

    The same section is read once: it stays over many bundles. Raises ``Refused(BUNDLE_REFUSED)`` for what is no JSON.
    """
    if section is None:
        return NOBODY_OUTSIDE
    material = sort_material(parse_trust_text(section))
    return MappingProxyType({name: family.load(material) for name, family in FOREIGN_FAMILIES.items()})


def parse_trust_text(section: bytes) -> object:
    """Return the JSON of a section of trust. Raises ``Refused(BUNDLE_REFUSED)``."""
    try:
        return parse_strict_json(section, BUNDLE_MAX_BYTES)
    except WireError as error:
        raise refuse(BundleFault.MALFORMED, f"trust in foreign codes: {error}") from error


def find_format(qr_text: str) -> ForeignFormat | None:
    """Return which foreign format a scanned text claims to be of, well-formed or not; None if of none."""
    plain = qr_text.lstrip(_IGNORED)
    return next((each.format for each in FOREIGN_FAMILIES.values() if each.recognises(plain)), None)


def read_foreign_texts(
    shown: Sequence[str], checks: frozenset[ForeignCheck] = ALL_CHECKS
) -> tuple[ForeignFormat, tuple[str, ...]]:
    """Return the format of what was shown and its texts as the verifiers take them.

    What a file or a form adds around a text is taken off; chunks may stand in one text, one a line. Raises
    ``Rejected``: ``EMPTY_SCAN``, ``SCAN_TOO_LONG``, ``NOT_A_CODE``. A test case that does not label the prefix is an EU
    certificate without one.
    """
    if len(shown) > FOREIGN_TEXTS_MAX or sum(map(len, shown)) > FOREIGN_TEXTS_MAX * SCAN_MAX_CHARACTERS:
        raise Rejected(ReasonId.SCAN_TOO_LONG, f"{len(shown)} texts")
    texts = tuple(plain for text in shown if (plain := text.strip(_IGNORED)) and not plain.isspace())
    if not texts:
        raise Rejected(ReasonId.EMPTY_SCAN)
    found = find_format(texts[0])
    if found is ForeignFormat.SHC:
        parts = [part.rpartition("#")[2] for text in texts for part in text.split()]
        return found, tuple(dict.fromkeys(parts))
    if found is ForeignFormat.NZCP:
        return found, tuple(text.strip() for text in texts)
    if found is None:
        if ForeignCheck.UNPREFIX in checks:
            raise Rejected(ReasonId.NOT_A_CODE, "the text begins as no foreign code does")
        return ForeignFormat.DCC, tuple(DCC_PREFIX + text for text in texts)
    return found, texts


def _only(texts: Sequence[str]) -> str:
    if len(texts) != 1:
        raise Rejected(ReasonId.SEVERAL_CODES, f"{len(texts)} texts of a code that has one")
    return texts[0]
