"""Evidence: what the federation's assessor weighs of one subject, piece by piece (domain sheet, *Report*)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tongxing.core.causes import Cause


class EvidenceKind(StrEnum):
    """What a piece of evidence is about. What a citizen declares is apart from what a health authority says."""

    CASE = "case"
    CONTACT = "contact"
    ENTRY = "entry"
    DECLARATION = "declaration"
    STAY = "stay"


AUTHORITY_KINDS = frozenset({EvidenceKind.CASE, EvidenceKind.CONTACT, EvidenceKind.ENTRY})
"""What only a health or border authority can say; the rest is the person's own declaration."""

CASE_CAUSES = frozenset({Cause.CONFIRMED_CASE, Cause.SUSPECTED_CASE, Cause.ASYMPTOMATIC_CASE, Cause.FEVER_CASE})
"""What kind of case a case can be."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece: ``ref`` is its source's own opaque number, ``revision`` counted by that source. Aware UTC.

    - ``CASE``: ``cause`` says which; ``since`` registered, ``until`` the discharge or the excluded suspicion.
    - ``CONTACT``: ``since`` the last contact, ``until`` the end of observation as the community reported it.
    - ``ENTRY``: ``since`` the entry from abroad, ``until`` the end of observation where it is another than usual.
    - ``DECLARATION``: ``since`` the moment of declaring; its stays are pieces of their own.
    - ``STAY``: in ``division`` from ``since`` to ``until``, None while the person is still there.

    A retracted piece is a tombstone that outranks every lower revision.
    """

    kind: EvidenceKind
    ref: str
    revision: int
    since: datetime
    until: datetime | None = None
    division: str | None = None
    cause: Cause | None = None
    retracted: bool = False
