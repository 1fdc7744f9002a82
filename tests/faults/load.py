"""Load over HTTP while things break: a back end that docks reports, devices that scan. Each remembers what it was told.

A report is told from every other by the second as of which it is, so that what the stores hold can be counted.
One that was not acknowledged is sent again, as a back end does, until it is.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import psycopg

from tongxing.core.calendar import BEIJING
from tongxing.core.errors import Fault
from tongxing.core.words import PlaceKind
from tongxing.simulation.callers import Caller, Device, ProblemAnswered, Scanned
from tongxing.simulation.federation import SEED, Federation
from tongxing.simulation.people import Circumstance, dock_row, make_people
from tongxing.simulation.scenes import FOUNDED_AT, GUANGXI, HUBEI

FIRST_AS_OF: Final = datetime(2020, 3, 24, 0, 0, tzinfo=BEIJING)
"""Before any record that the federation's own people have."""

REPORTS_MAX: Final = 20_000
ROWS_A_CALL: Final = 5
_PEOPLE_OF_THE_FEDERATION: Final = 200
_OWN_PEOPLE: Final = 2_000
_REVISIONS_PER_SECOND: Final = 1_000
_HELD: Final = b"SELECT 1 FROM reports WHERE issuer = %s AND revision BETWEEN %s AND %s"
_SHOWN: Final = (Circumstance.GREEN_LOW_RISK_COUNTY, Circumstance.GREEN_LOW_RISK_COUNTY, Circumstance.RED_CONFIRMED)


@dataclass
class Reports:
    """What became of reports, by the number of each."""

    sent: set[int] = field(default_factory=set)
    acknowledged: set[int] = field(default_factory=set)
    unanswered_calls: int = 0
    set_aside: list[Any] = field(default_factory=list)


@dataclass
class Scans:
    """What devices were told: outcomes by the verdict's reference; how often each code passed, and whether it may."""

    verdicts: dict[str, str] = field(default_factory=dict)
    told_twice: int = 0
    unanswered: int = 0
    used_codes: int = 0
    passed_twice: int = 0
    red_passed: int = 0
    turned_red: int = 0
    turned_red_passed: int = 0


class Load:
    """Sends until it is told to stop. ``hub`` is the address of the hub's record.

    Three parts, a thread each: reports of ever new people; one-time codes scanned at once by two devices and once
    more; people who turn red, whose documents are read at a gate once the hub holds that they did.
    """

    def __init__(self, federation: Federation, hub: str, pause_seconds: float) -> None:
        self.reports = Reports()
        self.scans = Scans()
        self._federation = federation
        self._pause_seconds = pause_seconds
        self._stopping = threading.Event()
        self._hub = hub
        self._parts = ThreadPoolExecutor(3)
        self._running: list[Future[None]] = []

    def start(self) -> None:
        """Begin."""
        self._running = [self._parts.submit(self._until_stopped, step) for step in self._steps()]

    def stop(self) -> None:
        """End once what was begun is answered, every report acknowledged. Raises what a part of it raised."""
        self._stopping.set()
        for part in self._running:
            part.result()
        self._parts.shutdown()

    def _steps(self) -> Iterator[Callable[[], None]]:
        rows = _rows_to_send()
        back_end = self._federation.back_ends[HUBEI]
        yield lambda: self._dock(back_end, [next(rows) for _ in range(ROWS_A_CALL)])
        first, second, third = (self._federation.device(GUANGXI, kind) for kind in list(PlaceKind)[:3])
        turns = iter(range(10**9))
        pair = ThreadPoolExecutor(2)
        yield lambda: self._scan_twice(_SHOWN[next(turns) % len(_SHOWN)], first, second, pair)
        turning = _people_turning()
        yield lambda: self._turn_red(back_end, third, *next(turning))

    def _until_stopped(self, step: Callable[[], None]) -> None:
        while not self._stopping.is_set():
            step()
            self._stopping.wait(self._pause_seconds)

    def _dock(self, back_end: Caller, rows: list[tuple[int, dict[str, object]]]) -> None:
        numbers = {number for number, _ in rows}
        self.reports.sent |= numbers
        told = self._until_acknowledged(back_end, [row for _, row in rows])
        self.reports.set_aside += told["set_aside"]
        if told["stored"] + told["unchanged"] + told["waiting"] == len(rows):
            self.reports.acknowledged |= numbers

    def _until_acknowledged(self, back_end: Caller, rows: list[dict[str, object]]) -> Any:
        while True:
            try:
                return back_end.post("/v1/docked-reports", {"rows": rows})
            except (Fault, ProblemAnswered):
                self.reports.unanswered_calls += 1
                time.sleep(self._pause_seconds)

    def _turn_red(self, back_end: Caller, device: Device, green: dict[str, object], red: dict[str, object]) -> None:
        """A person is green, is read so at a gate, turns red, and must not pass from when the hub holds that."""
        self._until_acknowledged(back_end, [green])
        self._read(device, green)
        self._until_acknowledged(back_end, [red])
        while not self._is_held(red):
            time.sleep(self._pause_seconds)
        outcomes = [self._read(device, red), self._read(device, red)]
        self.scans.turned_red += any(outcomes)
        self.scans.turned_red_passed += "PASS" in outcomes

    def _is_held(self, row: Mapping[str, Any]) -> bool:
        first = row["refreshed_at_seconds"] * _REVISIONS_PER_SECOND
        try:
            with psycopg.connect(self._hub) as connection:
                held = connection.execute(_HELD, (HUBEI, first, first + _REVISIONS_PER_SECOND - 1)).fetchone()
        except psycopg.OperationalError:
            return False  # it was killed just now
        return held is not None

    def _read(self, device: Device, row: Mapping[str, Any]) -> str | None:
        return self._answered(device, lambda: device.verify_document(row["document"]))

    def _scan_twice(self, shown: Circumstance, first: Device, second: Device, pair: ThreadPoolExecutor) -> None:
        """Two devices scan a code at once, and the first once more."""
        qr_text = self._federation.show_code(HUBEI, shown).qr_text
        self.scans.used_codes += 1
        outcomes = [*pair.map(lambda device: self._scan(device, qr_text), (first, second)), self._scan(first, qr_text)]
        passed = Counter(outcomes)["PASS"]
        self.scans.passed_twice += passed > 1
        self.scans.red_passed += passed > 0 and shown is Circumstance.RED_CONFIRMED

    def _scan(self, device: Device, qr_text: str) -> str | None:
        return self._answered(device, lambda: device.scan(qr_text))

    def _answered(self, device: Device, ask: Callable[[], Scanned]) -> str | None:
        """Return the outcome that a device is told, and remember it; None where it is told none."""
        try:
            scanned = ask()
        except Fault:
            self.scans.unanswered += 1
            return None
        except ProblemAnswered as problem:
            self.scans.unanswered += 1
            if problem.status == 401:
                _renew(device)
            return None
        outcome = str(scanned.guard["outcome"])
        self.scans.told_twice += scanned.ref in self.scans.verdicts
        self.scans.verdicts[scanned.ref] = outcome
        return outcome


def _renew(device: Device) -> None:
    """Open a session again: a gateway that was killed knows none."""
    try:
        device.renew_session()
    except (Fault, ProblemAnswered):
        return


def _rows_to_send() -> Iterator[tuple[int, dict[str, object]]]:
    """Yield reports with their numbers, each of another person; the federation's own people are left out."""
    people = make_people(HUBEI, count=_OWN_PEOPLE + REPORTS_MAX, seed=SEED, at=FOUNDED_AT)
    for number in range(REPORTS_MAX):
        as_of = FIRST_AS_OF + timedelta(seconds=number)
        yield number, _as_of(dock_row(people[_OWN_PEOPLE + number], as_of), as_of)


def _people_turning() -> Iterator[tuple[dict[str, object], dict[str, object]]]:
    """Yield what is said first and then of people who turn red, each as of seconds before any of ``_rows_to_send``."""
    people = make_people(HUBEI, count=_OWN_PEOPLE, seed=SEED, at=FOUNDED_AT)
    for number in range(_PEOPLE_OF_THE_FEDERATION, _OWN_PEOPLE):
        at = FIRST_AS_OF + timedelta(seconds=2 * (number - _OWN_PEOPLE))
        row = dock_row(people[number], at)
        green = {**row, "status": "green", "told": ["wjyc"]}
        red = {**row, "status": "red", "told": ["qzbl"]}
        yield _as_of(green, at), _as_of(red, at + timedelta(seconds=1))


def _as_of(row: dict[str, object], at: datetime) -> dict[str, object]:
    return {**row, "since_seconds": None, "refreshed_at_seconds": int(at.timestamp())}
