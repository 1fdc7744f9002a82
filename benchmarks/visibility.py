"""From a region's back end to another region's verdict: how long a new report takes to be seen, under steady load.

A person of Hubei is green at a gate of Guangxi, by their document. Hubei's back end hands in that they are red; from
that moment the gate asks again and again until its verdict is another. Between them lie Hubei's gateway with a durable
outbox, the hub, and Guangxi's gateway. Beside it stands the shortest way there is: the report put at the hub by one
signed call, and read there by another. Meanwhile both regions have other work, in processes of their own: Hubei's back
end hands in reports, and codes of Hubei are scanned in Guangxi.
"""

import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing.connection import Connection
from typing import Any, Final, Self

import msgspec

from benchmarks.crowd import Crowd, CrowdGenerator
from benchmarks.figures import Figure, Result, Scale, percentile
from benchmarks.load import LoadFailed, arrivals, http_request
from benchmarks.machine import kept_off, server_core
from benchmarks.two_regions import TwoRegions, two_regions
from tongxing.core.causes import Cause, HeldCause
from tongxing.core.levels import Level, Standing
from tongxing.core.reports import Report
from tongxing.core.verdicts import Outcome
from tongxing.core.words import PlaceKind
from tongxing.simulation.arranging import as_seen_by, document_of, in_gateways_name, show
from tongxing.simulation.callers import Device, ProblemAnswered
from tongxing.simulation.founding import gateway_name
from tongxing.simulation.people import Circumstance, Person, dock_row
from tongxing.simulation.scenes import GUANGXI, HUBEI
from tongxing.wire.reports import encode_report

PUSHES_A_SECOND: Final = 15.0
SCANS_A_SECOND: Final = 15.0
EVERY_SECONDS: Final = 0.4
LOOKS_A_DEVICE: Final = 9
"""A device may ask for ten documents a minute."""

_LINES: Final = 64
_NOT_GREEN_BELOW: Final = 100
"""The first people of a region stand in every circumstance; those after them are nearly all green."""

_SEED: Final = 5
_PAUSES: Final = (0.0, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, *[0.2] * LOOKS_A_DEVICE)


@dataclass(slots=True)
class _Seen:
    """Milliseconds from the moment of handing in."""

    seen: list[float] = field(default_factory=list)
    acknowledged: list[float] = field(default_factory=list)
    at_hub: list[float] = field(default_factory=list)


def measure_visibility(scale: Scale) -> Result:
    """Let people turn red one after the other, beside steady load, and others' reports be put at the hub by turns."""
    seen, seconds = _Seen(), scale.probes * EVERY_SECONDS + 1.0
    with two_regions(_NOT_GREEN_BELOW + 2 * scale.probes + scale.crowd_people) as regions, kept_off(server_core()):
        greens = [person for person in regions.people if person.circumstance is Circumstance.GREEN_LOW_RISK_COUNTY]
        probed, put, others = (
            greens[: scale.probes],
            greens[scale.probes : 2 * scale.probes],
            greens[2 * scale.probes :],
        )
        with _Gates(regions) as gates, _steady(_loads(regions, others, seconds)) as loads:
            began = time.perf_counter()
            for number, (person, other) in enumerate(zip(probed, put, strict=True)):
                time.sleep(max(0.0, began + number * EVERY_SECONDS - time.perf_counter()))
                gates.turn_red(person, seen)
                gates.put_at_hub(other, seen)
    pushed, scanned = loads
    return Result(
        "visibility",
        tuple(figure for percent in (50, 99) for figure in _figures(percent, seen)),
        {
            "reports followed": len(seen.seen),
            "reports handed in beside, a second": round(len(pushed.answered) / pushed.seconds, 1),
            "codes scanned beside, a second": round(len(scanned.answered) / scanned.seconds, 1),
            "beside: not answered 200": sum(
                len(each.turned_away) + each.others.total() for each in (pushed, scanned)
            ),
            "beside: p99 of a scan (ms)": round(scanned.milliseconds(99), 1),
        },
    )  # fmt: skip


class _Gates:
    """Guangxi's gate, Hubei's back end, and Hubei's gateway as far as it calls the hub."""

    def __init__(self, regions: TwoRegions) -> None:
        self._regions = regions
        self._federation = regions.federation
        self._held = ExitStack()
        self._numbers = iter(range(10**9))

    def __enter__(self) -> Self:
        self._pool = self._held.enter_context(ThreadPoolExecutor(1))
        self._hub = self._held.enter_context(in_gateways_name(self._federation, HUBEI))
        return self

    def __exit__(self, *_exception: object) -> None:
        self._held.close()

    def turn_red(self, person: Person, seen: _Seen) -> None:
        """Hand in that a green person is red, and look until a gate sees it. Raises ``LoadFailed`` if it never does."""
        red = as_seen_by(self._federation, HUBEI, person, Circumstance.RED_CONFIRMED)
        row = dock_row(red, self._federation.clock.now())
        with self._device() as first, self._device() as second:
            self._see_green(person)
            began = time.perf_counter()
            acknowledged = self._pool.submit(self._hand_in, row)
            for look, pause in enumerate(_PAUSES[: 2 * LOOKS_A_DEVICE]):
                time.sleep(pause)
                if _read(first if look < LOOKS_A_DEVICE else second, person) == Outcome.STOP:
                    seen.seen.append(1000 * (time.perf_counter() - began))
                    break
            else:
                raise LoadFailed("a red person's report was not seen")
            seen.acknowledged.append(1000 * (acknowledged.result() - began))

    def _see_green(self, person: Person) -> None:
        """Look until a gate lets a green person pass: a machine with other work may be late once."""
        outcome = ""
        with self._device() as device:
            for _ in range(LOOKS_A_DEVICE):
                outcome = _read(device, person)
                if outcome == Outcome.PASS:
                    return
                time.sleep(_PAUSES[-1])
        raise LoadFailed(f"a green person's verdict is {outcome}")

    def put_at_hub(self, person: Person, seen: _Seen) -> None:
        """Put a report at the hub and read it there."""
        since = self._federation.clock.now()
        held = (HeldCause(Cause.CLOSE_CONTACT, since),)
        number = int(since.timestamp() * 1000)
        report = Report(HUBEI, Standing.CURRENT, Level.HIGH, held, number, since, since + timedelta(days=1))
        subject = self._regions.keys[person.document.number]
        began = time.perf_counter()
        self._hub.post("/v1/reports", {"reports": [{"subject": subject, "report": encode_report(report)}]})
        told = self._hub.post("/v1/report-queries", {"subject_keys": [subject]})["reports"]
        seen.at_hub.append(1000 * (time.perf_counter() - began))
        if not any(row["report"]["revision"] == number for row in told):
            raise LoadFailed("the hub does not tell the report that it has acknowledged")

    def _hand_in(self, row: dict[str, object]) -> float:
        told = self._federation.back_ends[HUBEI].post("/v1/docked-reports", {"rows": [row]})
        if not told["stored"]:
            raise LoadFailed(f"the report was not stored: {told}")
        return time.perf_counter()

    @contextmanager
    def _device(self) -> Iterator[Device]:
        """Yield a new device of Guangxi's: each may ask for few documents a minute."""
        grounds = self._federation.grounds
        key = grounds.load_key(f"gate-{next(self._numbers)}")
        self._regions.enrol_device(key)
        with Device(grounds.url(gateway_name(GUANGXI)), key, self._federation.clock, PlaceKind.TRAFFIC_GATE) as device:
            device.renew_session()
            yield device


def _read(device: Device, person: Person) -> str:
    try:
        return str(device.verify_document(document_of(person)).guard["outcome"])
    except ProblemAnswered as problem:
        return problem.problem


def _loads(regions: TwoRegions, people: Sequence[Person], seconds: float) -> list[Callable[[], Crowd]]:
    """Return what hands in reports and what scans codes, for so long."""
    federation = regions.federation
    pushes = list(arrivals(int(seconds * PUSHES_A_SECOND), PUSHES_A_SECOND, _SEED))
    scans = list(arrivals(int(seconds * SCANS_A_SECOND), SCANS_A_SECOND, _SEED + 1))
    gate = federation.device(GUANGXI, PlaceKind.FACTORY)
    headers = {"content-type": "application/json", "authorization": f"Bearer {gate.renew_session()}"}
    ports = federation.grounds.ports[gateway_name(GUANGXI)], federation.grounds.ports[gateway_name(HUBEI)]
    shown = [show(federation, people[number % len(people)]) for number in range(len(scans))]
    bodies = [msgspec.json.encode({"qr_text": text, "place_kind": gate.place_kind}) for text in shown]
    scanning = [http_request("/v1/verifications", body, headers, ports[0]) for body in bodies]
    now = federation.clock.now()
    bodies = [
        msgspec.json.encode(
            {"rows": [dock_row(people[number % len(people)], now + timedelta(seconds=2 + number // len(people)))]}
        )
        for number in range(len(pushes))
    ]
    pushing = regions.docked(bodies, pushes)
    return [lambda: _send(ports[1], pushing, pushes), lambda: _send(ports[0], scanning, scans)]


def _send(port: int, requests: Sequence[bytes], moments: Sequence[float]) -> Crowd:
    generator = CrowdGenerator(port, _LINES, b"")
    try:
        return generator.run(requests, moments)
    finally:
        generator.close()


@contextmanager
def _steady(loads: Sequence[Callable[[], Crowd]]) -> Iterator[list[Crowd]]:
    """Run loads in processes of their own; what came of them is in the list at the end."""
    context = multiprocessing.get_context("fork")
    told: list[Crowd] = []
    running = []
    for load in loads:
        here, there = context.Pipe(duplex=False)
        process = context.Process(target=_tell, args=(load, there), daemon=True)
        process.start()
        there.close()
        running.append((process, here))
    try:
        yield told
        told += [here.recv() for _, here in running]
    finally:
        for process, _ in running:
            process.kill()
            process.join()


def _tell(load: Callable[[], Crowd], to: "Connection[Any, Any]") -> None:
    to.send(load())


def _figures(percent: int, seen: _Seen) -> Iterator[Figure]:
    name, at_hub = f"p{percent}", percentile(seen.at_hub, percent)
    yield Figure(
        f"report handed in at a back end, seen in another region's verdict, {name}",
        percentile(seen.seen, percent),
        "ms",
        f"put at the hub and read there, {name}",
        at_hub,
    )
    yield Figure(
        f"of which until it was acknowledged, {name}",
        percentile(seen.acknowledged, percent),
        "ms",
        f"until it was seen, {name}",
        percentile(seen.seen, percent),
    )
