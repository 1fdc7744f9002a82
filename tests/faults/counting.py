"""What the records hold after all that broke, against what was told: read from the databases, not from the nodes."""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import psycopg

from tests.faults.load import FIRST_AS_OF, Load, Reports, Scans
from tongxing.core.subjects import SubjectKey
from tongxing.simulation.founding import HUB, gateway_name
from tongxing.simulation.scenes import GUANGXI, HUBEI
from tongxing.stores.sql.reports import parse_body

ARRIVAL_SECONDS: Final = 60.0
_REPORTS: Final = b"SELECT subject, body FROM reports WHERE issuer = %s"
_PASSAGES: Final = b"SELECT ref, outcome FROM passages"


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
    gateway, hub = records[gateway_name(HUBEI)], records[HUB]
    wait_until_arrived(hub, load.reports)
    return [
        count_reports("reports at the gateway", held_numbers(gateway), load.reports),
        count_reports("reports at the hub", held_numbers(hub), load.reports),
        count_verdicts(_rows(records[gateway_name(GUANGXI)], _PASSAGES), load.scans),
    ]


def wait_until_arrived(hub: str, reports: Reports) -> None:
    """Wait until the hub holds what was acknowledged; what never arrives is counted as lost."""
    _wait_until(lambda: reports.acknowledged <= held_numbers(hub).keys())


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


def count_verdicts(rows: list[tuple[str, str]], scans: Scans) -> Count:
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


def held_numbers(address: str) -> Counter[int]:
    """Return how often each report is held, by its number. What is older is of people who turn red."""
    held: Counter[int] = Counter()
    for subject, body in _rows(address, _REPORTS, HUBEI):
        as_of = parse_body(SubjectKey(subject), body).report.as_of
        number = round((as_of - FIRST_AS_OF).total_seconds())
        held[number] += number >= 0
    return +held


def _rows(address: str, query: bytes, *values: str) -> list[tuple[Any, Any]]:
    with psycopg.connect(address) as connection:
        return connection.execute(query, values).fetchall()


def _wait_until(is_so: Callable[[], bool]) -> None:
    last_try = time.monotonic() + ARRIVAL_SECONDS
    while not is_so() and time.monotonic() < last_try:
        time.sleep(0.2)
