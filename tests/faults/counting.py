"""What the records hold after all that broke, against what was told: read from the databases, not from the nodes."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import psycopg

from tests.faults.load import Docking, Load, Reports, Scans
from tests.faults.supply import FIRST_AS_OF, REPORTS_MAX, REVISIONS_PER_SECOND
from tongxing.core.subjects import SubjectKey
from tongxing.core.words import RegionId
from tongxing.simulation.founding import HUB, gateway_name
from tongxing.simulation.scenes import GUANGXI
from tongxing.stores.sql.reports import parse_body

ARRIVAL_SECONDS: Final = 60.0
REPORTS: Final = b"SELECT subject, body FROM reports WHERE issuer = %s AND revision BETWEEN %s AND %s"
PASSAGES: Final = b"SELECT ref, outcome FROM passages"


@dataclass(frozen=True, slots=True)
class Count:
    """One kind of thing: how many were acknowledged, and of these and of all others what is held."""

    what: str
    acknowledged: int
    present_once: int
    lost: int
    doubled: int
    invented: int

    @property
    def is_whole(self) -> bool:
        """True if all that was acknowledged is held once, and nothing that nobody sent."""
        return self.present_once == self.acknowledged and not (self.lost or self.doubled or self.invented)


def count_all(records: Mapping[str, str], load: Load) -> list[Count]:
    """Count reports at their gateway and at the hub, and verdicts, once all that was sent has arrived."""
    counts = [count for docking in load.docking.values() for count in count_region(records, docking)]
    passages = rows_of(records[gateway_name(GUANGXI)], PASSAGES)
    return [*counts, count_verdicts([row for row in passages if row[0] not in load.scans.told_before], load.scans)]


def count_region(records: Mapping[str, str], docking: Docking) -> list[Count]:
    """Count one region's reports at its gateway and at the hub, once all that was sent has arrived."""
    region, reports = docking.region, docking.reports
    gateway, hub = records[gateway_name(region)], records[HUB]
    wait_until_arrived(hub, region, reports)
    return [
        count_reports(f"reports of {region} at the gateway", held_numbers(gateway, region, reports.first), reports),
        count_reports(f"reports of {region} at the hub", held_numbers(hub, region, reports.first), reports),
    ]


def wait_until_arrived(hub: str, region: RegionId, reports: Reports) -> bool:
    """Wait until the hub holds what was acknowledged; what never arrives is counted as lost."""
    return wait_until(lambda: reports.acknowledged <= held_numbers(hub, region, reports.first).keys())


def count_reports(what: str, held: Counter[int], reports: Reports) -> Count:
    """Compare the numbers that are held with those that were sent and acknowledged."""
    return Count(
        what,
        acknowledged=len(reports.acknowledged),
        present_once=sum(held[number] == 1 for number in reports.acknowledged),
        lost=sum(held[number] == 0 for number in reports.acknowledged),
        doubled=sum(times > 1 for times in held.values()),
        invented=sum(number not in reports.sent for number in held),
    )


def count_verdicts(rows: Sequence[tuple[Any, ...]], scans: Scans) -> Count:
    """Compare passages with the verdicts that were told. One more for each scan without an answer may be held."""
    held = Counter(ref for ref, _ in rows)
    same = {ref for ref, outcome in rows if scans.verdicts.get(ref) == outcome}
    return Count(
        "verdicts",
        acknowledged=len(scans.verdicts),
        present_once=sum(held[ref] == 1 for ref in same),
        lost=len(scans.verdicts.keys() - held.keys()),
        doubled=sum(times > 1 for times in held.values()) + scans.told_twice,
        invented=max(0, len(held.keys() - scans.verdicts.keys()) - scans.unanswered),
    )


def held_numbers(address: str, region: RegionId, first: int = 0) -> Counter[int]:
    """Return how often each report is held from number ``first`` on. What is older is of people who turn red."""
    return numbers_in(rows_of(address, REPORTS, *values_of(region, first)))


def values_of(region: RegionId, first: int) -> tuple[str, int, int]:
    """Return what ``REPORTS`` asks for: a region's numbered reports from ``first`` on."""
    return region, _revision(first), _revision(REPORTS_MAX)


def numbers_in(rows: Iterable[tuple[Any, ...]]) -> Counter[int]:
    """Return how often each report is among rows of subject and body."""
    held: Counter[int] = Counter()
    for subject, body in rows:
        as_of = parse_body(SubjectKey(subject), body).report.as_of
        number = round((as_of - FIRST_AS_OF).total_seconds())
        held[number] += 1
    return held


def _revision(number: int) -> int:
    """Return the lowest revision that the report with a number can have."""
    return (int(FIRST_AS_OF.timestamp()) + number) * REVISIONS_PER_SECOND


def rows_of(address: str, query: bytes, *values: object) -> list[tuple[Any, ...]]:
    """Return what a record on PostgreSQL answers."""
    with psycopg.connect(address) as connection:
        return connection.execute(query, values).fetchall()


def wait_until(is_so: Callable[[], bool], seconds: float = ARRIVAL_SECONDS) -> bool:
    """Wait until something is so; return whether it became so in time."""
    last_try = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > last_try:
            return False
        time.sleep(0.1)
    return True
