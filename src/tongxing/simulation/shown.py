"""What people of the further scenes show, and what they did before: the ways, paper, a document by number.

Each scan of one of these is by a person of the region whom nothing has happened to yet, so that a scene
leaves nothing behind for the next one. ``arranging`` does what is said here.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from tongxing.core.words import RegionId
from tongxing.simulation.people import Circumstance


@dataclass(frozen=True, slots=True)
class VisitorsCode:
    """Way 1: a person of ``home`` opens ``host``'s own code, whose back end asks its gateway about visitors."""

    circumstance: Circumstance
    home: RegionId
    host: RegionId


class Asked(StrEnum):
    """How a conversion was asked for."""

    BY_SHOWN_CODE = "by_shown_code"
    BY_DOCUMENT = "by_document"
    BY_CARRIED_STATEMENT = "by_carried_statement"


@dataclass(frozen=True, slots=True)
class ConvertedCode:
    """Way 2: a person of ``home`` gets ``host``'s code. ``turned``: what ``home`` says of them since then."""

    circumstance: Circumstance
    home: RegionId
    host: RegionId
    asked: Asked
    turned: Circumstance | None = None


@dataclass(frozen=True, slots=True)
class AssessedCode:
    """Way 3: a national code by the federation's assessor for a person of ``region``, who declared a stay there.

    ``local``: what the region itself has found besides.
    """

    region: RegionId
    local: Circumstance | None = None


@dataclass(frozen=True, slots=True)
class DisputedCode:
    """A local code of ``home``, while region ``other`` has reported the person as ``says``.

    ``run_out`` ago that report's time was over, and nobody has cleared it; None: it is current.
    """

    circumstance: Circumstance
    home: RegionId
    other: RegionId
    says: Circumstance
    run_out: timedelta | None = None


@dataclass(frozen=True, slots=True)
class PrintedCode:
    """A reference on paper, made by the person's region; it carries no status."""

    circumstance: Circumstance
    home: RegionId


@dataclass(frozen=True, slots=True)
class TypedDocument:
    """No phone and no paper: the guard types the number of the document in the person's presence."""

    circumstance: Circumstance
    home: RegionId


@dataclass(frozen=True, slots=True)
class TransitPass:
    """A transit pass that the driver's region has made; ``withdrawn``: and withdrawn since."""

    circumstance: Circumstance
    home: RegionId
    plate: str
    route: tuple[str, ...]
    withdrawn: bool = False


Arranged = VisitorsCode | ConvertedCode | AssessedCode | DisputedCode | PrintedCode | TypedDocument | TransitPass
