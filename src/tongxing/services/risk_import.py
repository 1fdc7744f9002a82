"""Import a risk list: place every row, report how many how well, tell what it changes, put it in force, keep it.

Order of an import: (1) read and place the list, refused by name; (2) publish it in the next bundle, refused if it
is older than the one in force; (3) keep it in the history as what it changes. A list is in force wholly or not
at all; (2) and (3) are the ``RiskDesk``'s. Whoever is stopped between (2) and (3) imports the same list again:
it is published anew and kept.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from tongxing.core.limits import CLOCK_SKEW
from tongxing.crypto.digests import sha256
from tongxing.risk.divisions import Gazetteer
from tongxing.risk.history import RiskState, state_of_case_levels, state_of_list
from tongxing.risk.import_report import ImportReport, report_import, report_nothing
from tongxing.risk.level_table import map_case_levels, parse_level_table
from tongxing.risk.official_list import parse_official_list, refused
from tongxing.risk.placing import place_list, tell_nobody
from tongxing.risk.risk_map import RiskMap, encode_risk_section
from tongxing.services.publishing import PublishingDesk
from tongxing.trust.bundle import AcceptedBundle


@dataclass(frozen=True, slots=True)
class ImportedList:
    """An imported list: the report for the operator, the section for the bundle, and what the list says.

    The report of a table of levels is empty: it has no rows to place.
    """

    report: ImportReport
    section: bytes
    state: RiskState
    digest: bytes


def import_risk_list(
    data: bytes, gazetteer: Gazetteer, *, at: datetime, tell: Callable[[int, int], None] = tell_nobody
) -> ImportedList:
    """Read and place a list as the platform answered it; raises ``Refused(RISK_LIST_REFUSED)`` by name.

    ``tell`` hears how many of how many entries are placed.
    """
    official = parse_official_list(data, at=at)
    placed = place_list(official, gazetteer, tell)
    risk_map = RiskMap.of(placed)
    report = report_import(official, placed)
    return ImportedList(report, encode_risk_section(risk_map), state_of_list(placed, risk_map), sha256(data))


def import_level_table(data: bytes, gazetteer: Gazetteer, *, at: datetime) -> ImportedList:
    """Read a table of levels computed from case counts; raises ``Refused(RISK_LIST_REFUSED)`` by line."""
    levels = parse_level_table(data)
    state = state_of_case_levels(levels, gazetteer)
    if state.as_of > at + CLOCK_SKEW:
        raise refused(f"the levels are of {levels.on}, which is not over yet")
    return ImportedList(
        report_nothing(state.as_of), encode_risk_section(map_case_levels(levels, gazetteer)), state, sha256(data)
    )


async def publish_risk_list(imported: ImportedList, desk: PublishingDesk) -> AcceptedBundle:
    """Publish an imported list in the next bundle.

    Raises ``Refused(RISK_LIST_REFUSED)`` if the list in force is younger; that one then stays.
    """
    return await desk.publish_risk(imported.section)
