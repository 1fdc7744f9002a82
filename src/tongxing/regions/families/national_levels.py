"""The family ``national_levels``: one query by QR text; a risk of 00, 01 or 10 from every province that reports.

The content is what Hebei's public client received of the national platform (facts, B), in one request, which is
assumed:

    POST query {qrCode, requestId}
    → {errcode, data: {qrCode, fxdj, person, healthyReport: [{healthyStaus, xzqh, updateTime, warnType}]}}

``fxdj`` is the overall risk and must be the worst of the reports, else the answer contradicts itself. What is
told is the worst report: by the region itself where it is as bad as any, else by whoever reported it, and then it
is *derived from* them, so that relaying makes no second opinion of it (law 4). A province that reports an empty
risk has no record and says nothing; where nobody says anything the status is empty. Terminals took the risk for a
number, and 1 for 10: a number is not read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from tongxing.core.errors import Undecidable
from tongxing.core.reasons import ReasonId
from tongxing.core.words import RegionId
from tongxing.regions.answers import TOLD_MAX, SourceAnswer
from tongxing.regions.families.envelope import Envelope
from tongxing.regions.families.family import Asking
from tongxing.regions.families.make_validate import RETURN_CODES, TOLD_SEPARATOR
from tongxing.regions.families.reading import (
    AnswerObject,
    Flaw,
    check_record_behind,
    unreadable,
)
from tongxing.regions.families.requests import json_request
from tongxing.regions.profile import Profile

REPORTS_MAX: Final = 64
"""Twice as many as there are provinces."""

RISKS: Final = ("", "00", "01", "10")
"""From nothing said to the worst. Seen."""

ALL_IS_WELL: Final = "0"


class Field(StrEnum):
    """Every name of this interface: replace a name here if the standard's table says otherwise."""

    QR_TEXT = "qrCode"  # seen in another call; that the answer repeats it is assumed
    REQUEST_ID = "requestId"  # assumed
    RETURN_CODE = "errcode"  # seen
    DATA = "data"  # seen
    OVERALL = "fxdj"  # seen
    PERSON = "person"  # seen
    MASKED_NAME = "desensitizeName"  # seen
    PERSON_REF = "personId"  # assumed
    REPORTS = "healthyReport"  # seen
    STATUS = "healthyStaus"  # seen, in this spelling
    REPORTER = "xzqh"  # assumed, after xzqhfxdj
    TOLD = "warnType"  # seen; that each report has one is assumed
    REFRESHED_AT = "updateTime"  # assumed


_ENVELOPE: Final = Envelope(Field.RETURN_CODE, Field.DATA, ALL_IS_WELL, RETURN_CODES)


@dataclass(frozen=True, slots=True)
class _ProvinceReport:
    reporter: RegionId
    risk: str
    told: tuple[str, ...]
    refreshed_at: datetime | None


class NationalLevels:
    """The family ``national_levels``."""

    name: Final = "national_levels"

    def recognises(self, text: str, profile: Profile) -> bool:
        """True if ``text`` has the form of the region's QR text."""
        return profile.is_own_code(text)

    def ask(self, text: str, profile: Profile, at: datetime, query_id: str, credentials: Mapping[str, str]) -> Asking:  # noqa: ARG002 - as the protocol has it
        """Ask in one request; see the protocol for what is raised."""
        asked = {Field.QR_TEXT: text, Field.REQUEST_ID: query_id}
        told = _ENVELOPE.open((yield json_request(profile.parameters["query_path"], asked, query_id)))
        if told.word(Field.QR_TEXT) != text:
            raise Undecidable(ReasonId.OTHER_PERSONS_RECORD, "QR text differs")
        reports = [_read_report(entry) for entry in told.objects(Field.REPORTS, REPORTS_MAX)]
        if len({report.reporter for report in reports}) != len(reports):
            raise unreadable("one province reports twice")
        worst = _worst(reports, profile.region)
        if told.text(Field.OVERALL) != ("" if worst is None else worst.risk):
            raise unreadable(Flaw.CONTRADICTION)
        person = told.object(Field.PERSON)
        return check_record_behind(
            SourceAnswer(
                status="" if worst is None else worst.risk,
                told=() if worst is None else worst.told,
                refreshed_at=None if worst is None else worst.refreshed_at,
                masked_name=person.find_name(Field.MASKED_NAME),
                person_ref=person.find_ref(Field.PERSON_REF),
                derived_from=None if worst is None or worst.reporter == profile.region else worst.reporter,
            )
        )


NATIONAL_LEVELS: Final = NationalLevels()


def _read_report(entry: AnswerObject) -> _ProvinceReport:
    reporter, risk = entry.find_region(Field.REPORTER), entry.text(Field.STATUS)
    if reporter is None:
        raise unreadable(f"field {Field.REPORTER}")
    if risk not in RISKS:
        raise unreadable(f"field {Field.STATUS}")
    told = entry.find_words(Field.TOLD, TOLD_SEPARATOR, TOLD_MAX)
    return _ProvinceReport(reporter, risk, told, entry.find_local_time(Field.REFRESHED_AT))


def _worst(reports: Sequence[_ProvinceReport], own: RegionId) -> _ProvinceReport | None:
    """Return the worst report that says anything; of equals the region's own, then the lowest number."""
    said = [report for report in reports if report.risk]
    return min(said, key=lambda each: (-RISKS.index(each.risk), each.reporter != own, each.reporter), default=None)
