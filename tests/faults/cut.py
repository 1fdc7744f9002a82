"""The network between a gateway and the hub is cut while both sides go on writing.

For as long as told, in four ways one after the other: connections are refused; they hang; what is asked is
swallowed; what is answered is swallowed, so that the hub takes in batches and nobody learns of it. Meanwhile both
regions dock, codes are scanned and documents read at the gates of the region that is cut off. Then it is mended.
"""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, Final

import httpx
import msgspec

from tests.faults.counting import count_region, wait_until
from tests.faults.ground import Ground
from tests.faults.link import Cut, Link, link_to
from tests.faults.load import ROWS_A_CALL, Load, answer, left_in_outbox
from tests.faults.result import Result
from tongxing.core.errors import Fault
from tongxing.core.verdicts import Note
from tongxing.core.words import PlaceKind
from tongxing.simulation.callers import Device, ProblemAnswered, Scanned
from tongxing.simulation.founding import HUB, gateway_name
from tongxing.simulation.people import Circumstance
from tongxing.simulation.scenes import GUANGXI, HUBEI

PAUSE_SECONDS: Final = 0.2
CALLS_WITH_KNOWN: Final = 8
"""One docking call in so many is of people whose subject keys the gateway would have to ask of the hub."""

WHOLE_SECONDS: Final = 1.5
DOCUMENT_SECONDS: Final = 7.0
"""A device that reads more documents than ten a minute is told that it is limited."""

CATCH_UP_SECONDS: Final = 120.0
_WAYS: Final = (Cut.REFUSES, Cut.HANGS, Cut.ASKING, Cut.ANSWERING)
_GREEN: Final = "a green code of Guangxi"


def run_cut(ground: Ground, seconds: float, seed: int, tell: Callable[[str], None] = lambda _: None) -> Result:
    """Cut Hubei's gateway off from the hub for ``seconds``; what is held afterwards is counted at both sides."""
    result, began = Result("network cut"), time.monotonic()
    ways = random.Random(seed).sample(_WAYS, len(_WAYS))
    with link_to(ground.federation.grounds.ports[HUB]) as link, _through(ground, link):
        load = Load(ground, PAUSE_SECONDS, (HUBEI, GUANGXI), gates=False)
        load.docking[HUBEI].make_known(
            int((seconds + 2 * WHOLE_SECONDS) * ROWS_A_CALL / PAUSE_SECONDS),
            unless=lambda number: number // ROWS_A_CALL % CALLS_WITH_KNOWN == 0,
        )
        load.start()
        try:
            time.sleep(WHOLE_SECONDS)
            as_of = _as_of(ground)
            verdicts: Counter[str] = Counter()
            behind = 0.0
            before = len(load.reports.acknowledged)
            for way in ways:
                tell(f"cut for {seconds / len(ways):.0f} s: {way}")
                link.cut(way)
                _look_at_gates(ground, result, verdicts, until=time.monotonic() + seconds / len(ways))
                result.done.append((f"cut: {way}", f"{seconds / len(ways):.0f} s"))
                if way is not Cut.ANSWERING:
                    behind = (ground.federation.clock.now() - _as_of(ground)).total_seconds()
            during = len(load.reports.acknowledged) - before
            link.cut(Cut.NONE)
            mended = time.monotonic()
            time.sleep(WHOLE_SECONDS)
        finally:
            link.cut(Cut.NONE)
            load.stop()
        result.check(wait_until(lambda: not left_in_outbox(ground), CATCH_UP_SECONDS), "the outbox is not empty")
        result.check(wait_until(lambda: _as_of(ground) > as_of, CATCH_UP_SECONDS), "the watermark stands still")
        caught_up = time.monotonic() - mended
        for docking in load.docking.values():
            result.counts += count_region(ground.records, docking)
    result.told = [
        ("reports acknowledged by the gateway while it was cut off", str(during)),
        ("the hub told that Hubei's reports are complete until, at most", f"{behind:.0f} s before"),
        ("bytes swallowed", f"{link.swallowed_bytes:,}"),
        ("docking calls without an answer, sent again", str(load.reports.unanswered_calls)),
        *((f"at the gates meanwhile: {what}", f"{times} times") for what, times in sorted(verdicts.items())),
        ("outbox empty and watermark moved on after mending", f"{caught_up:.1f} s"),
    ]
    result.check(during, "nothing was acknowledged while the gateway was cut off")
    result.seconds = time.monotonic() - began
    return result


@contextmanager
def _through(ground: Ground, link: Link) -> Iterator[None]:
    """Have Hubei's gateway reach the hub by the link only; as before at the end."""
    processes, grounds = ground.federation.processes, ground.federation.grounds
    hub, gateway = processes.spec(HUB), processes.spec(gateway_name(HUBEI))
    urls = msgspec.json.encode([grounds.url(HUB), link.url]).decode()
    told = ((hub, {"TONGXING_PUBLIC_URLS": urls}), (gateway, {"TONGXING_HUB_URL": link.url}))
    processes.start_as(*(replace(spec, environment={**spec.environment, **own}) for spec, own in told))
    try:
        yield
    finally:
        processes.start_as(hub, gateway)


def _look_at_gates(ground: Ground, result: Result, verdicts: Counter[str], until: float) -> None:
    """Scan and read at Hubei's gates, at least once each; nobody passes of whom only the hub could tell."""
    federation, device = ground.federation, ground.federation.device(HUBEI, PlaceKind.TRAFFIC_GATE)
    person = federation.people[GUANGXI].pick(Circumstance.GREEN_LOW_RISK_COUNTY)
    document = {"type": str(person.document.type), "number": person.document.number}
    read_at = 0.0
    while True:
        green = federation.show_code(GUANGXI, Circumstance.GREEN_LOW_RISK_COUNTY).qr_text
        red = federation.show_code(GUANGXI, Circumstance.RED_UNEXPLAINED).qr_text
        asking: list[tuple[str, Callable[[], Scanned]]] = [
            (_GREEN, partial(device.scan, green)),
            ("a red code of Guangxi", partial(device.scan, red)),
        ]
        if time.monotonic() > read_at + DOCUMENT_SECONDS:
            read_at = time.monotonic()
            asking.append(("a document of Guangxi", partial(device.verify_document, document)))
        for what, ask in asking:
            told = _told(ground, device, ask)
            verdicts[f"{what}: {told}"] += 1
            may_pass = what == _GREEN and Note.OTHER_REGIONS_NOT_CONSULTED in told
            result.check(may_pass or "PASS" not in told, f"{what} was told {told} while the hub was out of reach")
        if time.monotonic() >= until:
            return
        time.sleep(PAUSE_SECONDS)


def _told(ground: Ground, device: Device, ask: Callable[[], Scanned]) -> str:
    """Return the outcome that a device is told, with its reason and what was noted of other regions."""
    try:
        guard = answer(device, ask)
    except (Fault, ProblemAnswered) as problem:
        return problem.problem if isinstance(problem, ProblemAnswered) else "no answer"
    trail: dict[str, Any] = ground.federation.operators[HUBEI].get(f"/v1/verdicts/{guard.ref}/trail")
    noted = [note for note in trail["notes"] if note == Note.OTHER_REGIONS_NOT_CONSULTED]
    return ", ".join(filter(None, [str(guard.guard["outcome"]), guard.guard["reason"], *noted]))


def _as_of(ground: Ground) -> datetime:
    """Return up to when the hub tells everybody that Hubei's reports are complete."""
    told = httpx.get(ground.federation.grounds.url(HUB) + "/v1/federation-status", timeout=10, trust_env=False).json()
    (state,) = [each for each in told["datasets"] if (each["dataset"], each["region"]) == ("reports", HUBEI)]
    as_of = state["as_of"]
    return datetime.fromisoformat(as_of) if as_of else ground.federation.clock.now().replace(year=2000)
