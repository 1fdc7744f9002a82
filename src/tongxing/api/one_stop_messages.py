"""The messages of one-stop queries: what a gateway asks the hub, and what each caller of a gateway is told."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from tongxing.api.messages import DocumentMessage, Message, ReportRow, SubjectKeysHex
from tongxing.api.way_messages import LookAnswer, SharedLookMessage
from tongxing.core.datasets import Dataset
from tongxing.core.evidence import EvidenceKind, ProofResult
from tongxing.core.looks import Purpose
from tongxing.core.one_stop import Panels
from tongxing.core.proofs import ProofKind
from tongxing.core.reports import OriginRisk
from tongxing.core.words import PlaceKind
from tongxing.recognition.own_report import OwnReportView
from tongxing.recognition.view_words import Words
from tongxing.recognition.views import GuardView


class HubOneStopMessage(Message, frozen=True):
    """Whom a gateway asks about, and the look that this is; no look only where a person asks about themselves."""

    subject_keys: SubjectKeysHex
    look: SharedLookMessage | None = None
    within_ms: Annotated[int, Meta(ge=0, le=10_000, description="so long the gateway waits; at most 800 count")] = 800
    details: Annotated[bool, Meta(description="false: reports alone, since the gateway has too much to do")] = True


class HubOneStopAnswer(msgspec.Struct, frozen=True):
    """Everything, for the gateway to cut for whoever asked it."""

    reports: list[ReportRow]
    panels: Panels
    decided_at: datetime


class OneStopMessage(Message, frozen=True):
    """Whom somebody asks about, on which ground and what for. A device says its kind of place too."""

    document: DocumentMessage
    purpose: Purpose = Purpose.ONE_STOP_QUERY
    consent: bool = False
    presence: bool = False
    place_kind: PlaceKind | None = None


class RegionReportAnswer(msgspec.Struct, frozen=True):
    """What one region, or the federation (00), reports. ``revision`` and what follows are the auditor's only."""

    region: str
    region_name: Words
    standing: str
    standing_words: Words
    level: str | None
    as_of: datetime
    valid_until: datetime | None
    of_other_document: bool
    revision: int | None = None
    derived_from: str | None = None
    sources_checked: list[str] | None = None


class FindingAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that a dataset holds; ``words`` say what, with its result and the risk of the place now.

    ``ref`` and ``revision`` are the auditor's only.
    """

    dataset: Dataset
    kind: EvidenceKind
    words: Words
    since: datetime
    until: datetime | None = None
    division: str | None = None
    risk: OriginRisk | None = None
    result: ProofResult | None = None
    ref: str | None = None
    revision: int | None = None


class SourceAnswer(msgspec.Struct, frozen=True):
    """One source. Without ``unavailable`` it was asked or handed in; ``as_of`` says until when nothing is missing."""

    name: str
    title: Words
    as_of: datetime | None
    is_late: bool
    is_live: bool
    unavailable: str | None
    unavailable_words: Words | None


class BandAnswer(msgspec.Struct, frozen=True):
    """What the rules of the place look at, as they see it."""

    kind: ProofKind
    band: str
    words: Words


class OneStopAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What whoever asked may know.

    - A device at a checkpoint: ``verdict``, ``bands`` of the kinds that its rules look at, and the sources that are
      missing. No level, no region, no place, no name.
    - A region's own system, on consent or in presence: ``together``, ``reports``, ``findings``, ``sources``.
    - The person: the same, and ``looks``.
    - An auditor: the same, with the numbers of reports and findings.
    """

    view: str
    sources: list[SourceAnswer]
    decided_at: datetime
    verdict: GuardView | None = None
    bands: list[BandAnswer] | None = None
    masked_hint: str | None = None
    together: OwnReportView | None = None
    reports: list[RegionReportAnswer] | None = None
    findings: list[FindingAnswer] | None = None
    looks: list[LookAnswer] | None = None
    looks_are_whole: bool | None = None
