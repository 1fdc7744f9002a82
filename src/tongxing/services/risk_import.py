"""Import the platform's risk list: place every row, report how many how well, and make the bundle's section of it."""

from dataclasses import dataclass
from datetime import datetime

from tongxing.risk.divisions import Gazetteer
from tongxing.risk.import_report import ImportReport, report_import
from tongxing.risk.official_list import parse_official_list
from tongxing.risk.placing import place_list
from tongxing.risk.risk_map import RiskMap, encode_risk_section
from tongxing.services.publishing import PublishingDesk
from tongxing.trust.bundle import AcceptedBundle


@dataclass(frozen=True, slots=True)
class ImportedList:
    """An imported list: the report for the operator, and the section for the bundle."""

    report: ImportReport
    section: bytes


def import_risk_list(data: bytes, gazetteer: Gazetteer, *, at: datetime) -> ImportedList:
    """Read and place a list as the platform answered it; raises ``Refused(RISK_LIST_REFUSED)`` by name."""
    official = parse_official_list(data, at=at)
    placed = place_list(official, gazetteer)
    return ImportedList(report_import(official, placed), encode_risk_section(RiskMap.of(placed)))


async def publish_risk_list(imported: ImportedList, desk: PublishingDesk) -> AcceptedBundle:
    """Publish an imported list in the next bundle.

    Raises ``Refused(RISK_LIST_REFUSED)`` if the list in force is younger; that one then stays.
    """
    return await desk.publish_risk(imported.section)
