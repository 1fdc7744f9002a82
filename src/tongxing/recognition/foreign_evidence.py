"""Foreign codes shown beside a health code or a typed document: what of them counts as evidence, and what is said.

A fact counts where its code is verified by the bundle's trust and names the person whom the guard has in front of
them: the name that the guard read on the identity document, compared with the code's own and with its
transliteration. A name that differs, or is in another script, or was not read, leaves the facts out, whether they would
help or not; the guard is told why, and the auditor what was borne of its issuer. Nothing here raises, and nothing
changes but what a rule table sees of proofs.

Spec: issue "codes from outside", *Arrivals*; ICAO 9303-3, section 6 (``core.names``).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final

import msgspec

from tongxing.core.entered import check_moment
from tongxing.core.errors import Rejected
from tongxing.core.foreign_codes import ALL_CHECKS, ForeignCode, ForeignName
from tongxing.core.names import NameMatch, NameRefused, compare_names
from tongxing.core.proofs import Proof
from tongxing.core.reasons import ReasonId
from tongxing.core.verdicts import Note
from tongxing.recognition.foreign_codes import ForeignTrusts, read_foreign_texts
from tongxing.recognition.stages import Scan

_CHUNK: Final = re.compile(r"shc:/[0-9]+/[0-9]+/")
_ICAO_FILLER: Final = "<"

REFUSED_NOTES: Final[Mapping[ReasonId, Note]] = MappingProxyType(
    {
        ReasonId.FOREIGN_EXPIRED: Note.FOREIGN_EXPIRED,
        ReasonId.FOREIGN_NOT_ACTIVE: Note.FOREIGN_NOT_ACTIVE,
        ReasonId.FOREIGN_REVOKED: Note.FOREIGN_REVOKED,
        ReasonId.SIGNATURE_INVALID: Note.FOREIGN_FORGED,
        ReasonId.ALGORITHM_REFUSED: Note.FOREIGN_FORGED,
        ReasonId.UNKNOWN_KEY: Note.FOREIGN_SIGNER_UNKNOWN,
        ReasonId.UNKNOWN_ISSUER: Note.FOREIGN_SIGNER_UNKNOWN,
        ReasonId.KEY_USAGE_REFUSED: Note.FOREIGN_SIGNER_UNKNOWN,
        ReasonId.CHUNKS_MISSING: Note.FOREIGN_INCOMPLETE,
    }
)
"""What is said of a code that is not used; any other reason means that it cannot be read."""

_MATCH_NOTES: Final[Mapping[NameMatch, Note]] = MappingProxyType(
    {
        NameMatch.SAME: Note.FOREIGN_USED,
        NameMatch.LIKELY: Note.FOREIGN_USED_NAME_LIKELY,
        NameMatch.OTHER_SCRIPT: Note.FOREIGN_NAME_OTHER_SCRIPT,
        NameMatch.DIFFERS: Note.FOREIGN_NAME_DIFFERS,
    }
)
_MATCHING: Final = frozenset({NameMatch.SAME, NameMatch.LIKELY})
_BEST_FIRST: Final = (NameMatch.SAME, NameMatch.LIKELY, NameMatch.OTHER_SCRIPT, NameMatch.DIFFERS)


def weigh_foreign_codes(scan: Scan, trusts: ForeignTrusts, at: datetime) -> Scan:
    """Return ``scan`` with the facts of foreign codes among its proofs, and what is said of each code as notes."""
    proofs: list[Proof] = []
    notes: dict[Note, None] = {}
    remarks: list[str] = []
    for texts in group_texts(scan.foreign_texts):
        try:
            found, read = read_foreign_texts(texts)
            shown = trusts[found].verify(read, at, ALL_CHECKS)
        except Rejected as refused:
            notes[REFUSED_NOTES.get(refused.reason, Note.FOREIGN_UNREADABLE)] = None
            remarks.append(f"foreign code: {refused.reason}")
            continue
        remarks.append(" ".join((f"{shown.format} verified", *shown.departures)))
        match = match_name(shown, scan.document_name)
        notes[Note.FOREIGN_NAME_NEEDED if match is None else _MATCH_NOTES[match]] = None
        if match in _MATCHING:
            proofs.extend(_of_the_past(shown.proofs, at))
    return msgspec.structs.replace(
        scan,
        proofs=(*scan.proofs, *proofs),
        asked=scan.asked | {proof.kind for proof in proofs},
        foreign_texts=(),
        notes=tuple(notes),
        remark="; ".join(remarks),
    )


def group_texts(texts: Iterable[str]) -> Sequence[Sequence[str]]:
    """Return the texts code by code: all chunks of cards are one, since a card's chunks name no card."""
    alone: list[tuple[str, ...]] = []
    chunks: list[str] = []
    for text in texts:
        if _CHUNK.match(text) is not None:
            chunks.append(text)
        else:
            alone.append((text,))
    return [*alone, tuple(chunks)] if chunks else alone


def match_name(shown: ForeignCode, document_name: str) -> NameMatch | None:
    """Compare a code's names with the one read on the document; None where none was read or the code has none."""
    if not document_name or not shown.names:
        return None
    found = {_compare(written, document_name) for name in shown.names for written in _ways_of_writing(name)}
    return next((match for match in _BEST_FIRST if match in found), NameMatch.DIFFERS)


def _ways_of_writing(name: ForeignName) -> Iterator[str]:
    """Yield a name as it was written and as it was transliterated, each with either part first."""
    for parts in ((name.family, name.given), (name.family_icao, name.given_icao)):
        known = [part.replace(_ICAO_FILLER, " ").strip() for part in parts if part]
        if any(known):
            yield " ".join(known)
            yield " ".join(reversed(known))


def _compare(written: str, document_name: str) -> NameMatch:
    try:
        return compare_names(written, document_name)
    except NameRefused:
        return NameMatch.DIFFERS


def _of_the_past(proofs: Iterable[Proof], at: datetime) -> Iterator[Proof]:
    for proof in proofs:
        try:
            check_moment(proof, at)
        except ValueError:
            continue
        yield proof
