"""Particulars of a region beside its statuses: the code's names, documents, how it is kept fresh, terms of appeal.

Each rests on evidence with its dates, so that a name or a term that changed is a second row. Read from
the profile by ``profile_parts``.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from tongxing.core.subjects import DocumentType
from tongxing.core.words import Sentence
from tongxing.regions.statuses import Evidence


class RefreshKind(StrEnum):
    """What keeps a person's status fresh."""

    DATA = "data"
    REPORT = "report"
    FACE_CHECK = "face_check"


REFRESH_WORDS: Final[dict[RefreshKind, Sentence]] = {
    RefreshKind.DATA: Sentence("后台数据更新", "the sources' data are renewed"),
    RefreshKind.REPORT: Sentence("本人健康申报", "the person reports their health"),
    RefreshKind.FACE_CHECK: Sentence("本人人脸核验", "the person's face is checked"),
}


class AppealStep(StrEnum):
    """The steps of an appeal against a status, each with its term, counted from the appeal."""

    ACKNOWLEDGE = "acknowledge"
    DECIDE = "decide"
    LIMIT = "limit"


APPEAL_WORDS: Final[dict[AppealStep, Sentence]] = {
    AppealStep.ACKNOWLEDGE: Sentence("受理", "acknowledged"),
    AppealStep.DECIDE: Sentence("办结", "decided"),
    AppealStep.LIMIT: Sentence("最长时限", "at the very latest"),
}


@dataclass(frozen=True, slots=True)
class CodeName:
    """The name of the region's code, for the time that its evidence is in force."""

    name: Sentence
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class DocumentInUse:
    """A type of identity document under which a code can be had."""

    type: DocumentType
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Refresh:
    """What keeps a status fresh, and how often it is done or must be done at the latest."""

    kind: RefreshKind
    every: timedelta
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class AppealTerm:
    """Within what time of an appeal a step of it is due. Zero is *at once*."""

    step: AppealStep
    within: timedelta
    evidence: Evidence
