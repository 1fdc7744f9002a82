"""Load over HTTP while things break: a back end that docks reports, devices that scan. Each remembers what it was told.

A report is told from every other by the second as of which it is, so that what the stores hold can be counted.
One that was not acknowledged is sent again, as a back end does, until it is.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any, Final

import psycopg

from tests.faults.ground import Ground
from tests.faults.supply import REVISIONS_PER_SECOND, Row, Supply
from tongxing.core.errors import Fault
from tongxing.core.words import PlaceKind, RegionId
from tongxing.simulation.callers import Device, ProblemAnswered, Scanned
from tongxing.simulation.founding import HUB, gateway_name
from tongxing.simulation.people import Circumstance
from tongxing.simulation.scenes import GUANGXI, HUBEI

ROWS_A_CALL: Final = 5
_HELD: Final = b"SELECT 1 FROM reports WHERE issuer = %s AND revision BETWEEN %s AND %s"
_LEFT: Final = b"""
    SELECT (SELECT count(*) FROM outbox_reports) + (SELECT count(*) FROM outbox_batches)
         + (SELECT count(*) FROM waiting_rows)
"""
_ROWS_AT_ONCE: Final = 500
_RETRY_SECONDS: Final = 0.1
_UNANSWERED_SECONDS_MAX: Final = 120.0
_UNAUTHORIZED: Final = 401
_SHOWN: Final = (Circumstance.GREEN_LOW_RISK_COUNTY, Circumstance.GREEN_LOW_RISK_COUNTY, Circumstance.RED_CONFIRMED)


@dataclass
class Reports:
    """What became of reports, by the number of each."""

    sent: set[int] = field(default_factory=set)
    acknowledged: set[int] = field(default_factory=set)
    unanswered_calls: int = 0
    set_aside: list[Any] = field(default_factory=list)
    first: int = 0
    """What has a lower number was sent before."""


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
    told_before: frozenset[str] = frozenset()


class Docking:
    """One region's back end: sends reports of ever new people, and sends again what was not acknowledged."""

    def __init__(self, supply: Supply, rows_a_call: int = ROWS_A_CALL) -> None:
        self.supply = supply
        self.back_end = supply.federation.back_ends[supply.region]
        self._rows_a_call = rows_a_call
        self.region = supply.region
        self.reports = Reports(first=self.supply.next_number)

    def make_known(self, count: int, unless: Callable[[int], bool] = lambda _: False) -> None:
        """Have the people of the next ``count`` reports docked already, as of a day before, but some.

        Their subject keys are known to the gateway then: it need not ask the hub for them.
        """
        numbers = range(self.supply.next_number, self.supply.next_number + count)
        rows = [self.supply.row_of(number, timedelta(days=1)) for number in numbers if not unless(number)]
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            self.until_acknowledged(rows[start : start + _ROWS_AT_ONCE], _RETRY_SECONDS)

    def dock(self, retry_after_seconds: float) -> set[int]:
        """Send the next reports until they are acknowledged; return their numbers."""
        return self._dock(lambda rows: self.until_acknowledged(rows, retry_after_seconds))

    def dock_once(self) -> None:
        """Send the next reports, once. Raises as ``Caller.post``: then nothing is acknowledged."""
        self._dock(lambda rows: self.back_end.post("/v1/docked-reports", {"rows": rows}))

    def _dock(self, send: Callable[[list[Row]], Any]) -> set[int]:
        rows = self.supply.take(self._rows_a_call)
        numbers = {number for number, _ in rows}
        self.reports.sent |= numbers
        told = send([row for _, row in rows])
        self.reports.set_aside += told["set_aside"]
        if told["stored"] + told["unchanged"] + told["waiting"] == len(rows):
            self.reports.acknowledged |= numbers
        return numbers

    def until_acknowledged(self, rows: Sequence[Mapping[str, Any]], retry_after_seconds: float) -> Any:
        """Send rows until they are acknowledged; return the answer. Raises Fault if they are not for too long."""
        last_try = time.monotonic() + _UNANSWERED_SECONDS_MAX
        while True:
            try:
                return self.back_end.post("/v1/docked-reports", {"rows": rows})
            except (Fault, ProblemAnswered) as problem:
                self.reports.unanswered_calls += 1
                if time.monotonic() > last_try:
                    raise Fault(f"region {self.region} cannot dock: {problem}") from problem
                time.sleep(retry_after_seconds)


@contextmanager
def pushing_on(docking: Docking, every_seconds: float) -> Iterator[None]:
    """Have a region dock at a pace, whatever else goes on."""
    stopping = threading.Event()

    def push() -> None:
        due = time.monotonic()
        while not stopping.is_set():
            docking.dock(_RETRY_SECONDS)
            due += every_seconds
            stopping.wait(max(0.0, due - time.monotonic()))

    with ThreadPoolExecutor(1) as one:
        running = one.submit(push)
        try:
            yield
        finally:
            stopping.set()
            running.result()


class Load:
    """Sends until it is told to stop.

    Parts, a thread each: reports of ever new people, from each of ``docking``; and with ``gates`` one-time codes
    scanned at once by two devices and once more, and people who turn red, whose documents are read at a gate once
    the hub holds that they did.
    """

    def __init__(
        self, ground: Ground, pause_seconds: float, docking: Sequence[RegionId] = (HUBEI,), *, gates: bool = True
    ) -> None:
        self.docking = {region: Docking(ground.supply(region)) for region in docking}
        self.scans = Scans()
        self._ground = ground
        self._federation = ground.federation
        self._hub = ground.records[HUB]
        self._pause_seconds = pause_seconds
        self._gates = gates
        self._stopping = threading.Event()
        self._running: list[Future[None]] = []
        self._parts = ThreadPoolExecutor(len(docking) + 2)

    @property
    def reports(self) -> Reports:
        """What became of Hubei's."""
        return self.docking[HUBEI].reports

    def start(self) -> None:
        """Begin."""
        if self._gates:
            with psycopg.connect(self._ground.records[gateway_name(GUANGXI)]) as connection:
                refs = connection.execute(b"SELECT ref FROM passages").fetchall()
            self.scans.told_before = frozenset(ref for (ref,) in refs)
        self._running = [self._parts.submit(self._until_stopped, step) for step in self._steps()]

    def stop(self) -> None:
        """End once what was begun is answered, every report acknowledged. Raises what a part of it raised."""
        self._stopping.set()
        for part in self._running:
            part.result()
        self._parts.shutdown()

    def _steps(self) -> Iterator[Callable[[], object]]:
        for docking in self.docking.values():
            yield partial(docking.dock, self._pause_seconds)
        if not self._gates:
            return
        first, second, third = (self._federation.device(GUANGXI, kind) for kind in list(PlaceKind)[:3])
        turns = iter(range(10**9))
        pair = ThreadPoolExecutor(2)
        yield lambda: self._scan_twice(_SHOWN[next(turns) % len(_SHOWN)], first, second, pair)
        turning = self._ground.supply(HUBEI).turning()
        back_end = self.docking[HUBEI]
        yield lambda: self._turn_red(back_end, third, *next(turning))

    def _until_stopped(self, step: Callable[[], object]) -> None:
        while not self._stopping.is_set():
            step()
            self._stopping.wait(self._pause_seconds)

    def _turn_red(self, back_end: Docking, device: Device, green: dict[str, object], red: dict[str, object]) -> None:
        """A person is green, is read so at a gate, turns red, and must not pass from when the hub holds that."""
        back_end.until_acknowledged([green], self._pause_seconds)
        self._read(device, green)
        back_end.until_acknowledged([red], self._pause_seconds)
        while not self._is_held(red):
            time.sleep(self._pause_seconds)
        outcomes = [self._read(device, red), self._read(device, red)]
        self.scans.turned_red += any(outcomes)
        self.scans.turned_red_passed += "PASS" in outcomes

    def _is_held(self, row: Mapping[str, Any]) -> bool:
        first = row["refreshed_at_seconds"] * REVISIONS_PER_SECOND
        try:
            with psycopg.connect(self._hub) as connection:
                held = connection.execute(_HELD, (HUBEI, first, first + REVISIONS_PER_SECOND - 1)).fetchone()
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
            if problem.status == _UNAUTHORIZED:
                _renew(device)
            return None
        outcome = str(scanned.guard["outcome"])
        self.scans.told_twice += scanned.ref in self.scans.verdicts
        self.scans.verdicts[scanned.ref] = outcome
        return outcome


def answer(device: Device, ask: Callable[[], Scanned]) -> Scanned:
    """Return what a device is told; of a gateway that was started again it opens a session first."""
    try:
        return ask()
    except ProblemAnswered as problem:
        if problem.status != _UNAUTHORIZED:
            raise
    device.renew_session()
    return ask()


def left_in_outbox(ground: Ground) -> int:
    """Return how much of Hubei's gateway has not arrived at the hub: reports, batches, rows that wait for keys."""
    with psycopg.connect(ground.records[gateway_name(HUBEI)]) as connection:
        ((left,),) = connection.execute(_LEFT).fetchall()
    return int(left)


def _renew(device: Device) -> None:
    """Open a session again: a gateway that was killed knows none."""
    try:
        device.renew_session()
    except (Fault, ProblemAnswered):
        return
