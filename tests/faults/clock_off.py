"""One region's clock is off by hours, its gateway's and its back end's: ahead, then behind; then it is set right.

Whoever's clocks agree is not disturbed. What the region acknowledged meanwhile arrives once its clock is right, and
whoever turns red then is red, though the region said something else of them as of hours ahead.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any, Final

from tests.faults.counting import count_region, wait_until, wait_until_arrived
from tests.faults.ground import Ground
from tests.faults.handed_in import request_key
from tests.faults.load import Docking, answer, left_in_outbox
from tests.faults.result import Result
from tests.faults.supply import Row, as_of
from tongxing.core.problems import ProblemId
from tongxing.core.words import PlaceKind
from tongxing.simulation.callers import Caller, ProblemAnswered
from tongxing.simulation.clock import SharedClock
from tongxing.simulation.founding import HUB, back_end_name, gateway_name
from tongxing.simulation.people import Circumstance
from tongxing.simulation.scenes import GUANGXI, HUBEI

CALLS: Final = 4
CATCH_UP_SECONDS: Final = 60.0
RETRY_SECONDS: Final = 0.2


def run_clock_off(ground: Ground, every: Sequence[int], tell: Callable[[str], None] = lambda _: None) -> Result:
    """Set Hubei's clock off by each of so many hours, go on for a while, and set it right."""
    result, began = Result("a region's clock off by hours"), time.monotonic()
    told: Counter[str] = Counter()
    for hours in every:
        tell(f"Hubei's clock is off by {hours:+} h")
        docking, other = Docking(ground.supply(HUBEI)), Docking(ground.supply(GUANGXI))
        usual = docking.back_end
        person = next(ground.supply(HUBEI).turning())[0]
        with _own_clock(ground) as clock, Caller(usual.url, usual.key, clock) as back_end:
            docking.back_end = back_end
            docking.dock(RETRY_SECONDS)
            _say(docking, person, "green", clock)
            clock.advance(timedelta(hours=hours))
            _check_refusals(ground, result, usual, clock)
            for _ in range(CALLS):
                docking.dock(RETRY_SECONDS)
                other.dock(RETRY_SECONDS)
            _say(docking, person, "green", clock)
            result.check(wait_until_arrived(ground.records[HUB], GUANGXI, other.reports), "others were held up")
            _look_at_gates(ground, result, told, hours)
            clock.set(ground.federation.clock.now())
            tell("it is right again")
            empty = wait_until(lambda: not left_in_outbox(ground), CATCH_UP_SECONDS)
            result.check(empty, f"{hours:+} h: the outbox is not empty though the clock is right")
            _turn_red(ground, result, docking, person, hours)
            for each in (docking, other):
                counts = count_region(ground.records, each)
                result.counts += [replace(count, what=f"{hours:+} h: {count.what}") for count in counts]
            docking.back_end = usual
        result.done.append((f"clock of gateway and back end off by {hours:+} h, then right", f"{CALLS} docking calls"))
    result.told += [(what, f"{times} times") for what, times in sorted(told.items())]
    result.seconds = time.monotonic() - began
    return result


@contextmanager
def _own_clock(ground: Ground) -> Iterator[SharedClock]:
    """Give Hubei's gateway and back end a clock of their own, which is right at first."""
    federation = ground.federation
    state, processes = federation.grounds.state, federation.processes
    path = state.node("clocks") / f"{HUBEI}-{time.monotonic_ns()}"
    clock = SharedClock.create(path, federation.clock.now())
    specs = [processes.spec(name) for name in (gateway_name(HUBEI), back_end_name(HUBEI))]
    shared = str(state.clock)
    processes.start_as(
        *(
            replace(spec, arguments=tuple(str(path) if each == shared else each for each in spec.arguments))
            for spec in specs
        )
    )
    try:
        yield clock
    finally:
        processes.start_as(*specs)


def _check_refusals(ground: Ground, result: Result, usual: Caller, clock: SharedClock) -> None:
    """Whoever signs by another clock is refused, and told why: the region at the hub, and a right one by the region."""
    grounds = ground.federation.grounds
    with Caller(grounds.url(HUB), request_key(ground.federation, HUBEI), clock) as gateway:
        asking: list[tuple[str, Callable[[], object]]] = [
            ("the region's gateway at the hub", partial(gateway.get, "/v1/datasets/reports/watermark")),
            ("whose clock is right at the region's gateway", partial(usual.post, "/v1/tickets")),
        ]
        for what, ask in asking:
            try:
                ask()
            except ProblemAnswered as problem:
                result.told.append((what, f"{problem.status} {problem.problem}"))
                result.check(problem.problem == ProblemId.CLOCK_SKEW, f"{what} was told {problem}")
            else:
                result.check(False, f"{what} was not refused")


def _look_at_gates(ground: Ground, result: Result, told: Counter[str], hours: int) -> None:
    """Scan at Guangxi's gate: nobody of Hubei passes who is red, and Guangxi's own people are not held up."""
    federation, device = ground.federation, ground.federation.device(GUANGXI, PlaceKind.TRAFFIC_GATE)
    for region, circumstance in (
        (HUBEI, Circumstance.GREEN_LOW_RISK_COUNTY),
        (HUBEI, Circumstance.RED_CONFIRMED),
        (GUANGXI, Circumstance.GREEN_LOW_RISK_COUNTY),
    ):
        shown = federation.show_code(region, circumstance).qr_text
        guard = answer(device, partial(device.scan, shown)).guard
        outcome = str(guard["outcome"])
        told[f"{hours:+} h: {circumstance} of {region} at Guangxi's gate: {outcome}, {guard['reason']}"] += 1
        result.check("PASS" not in outcome or circumstance is not Circumstance.RED_CONFIRMED, "a red code passed")
        result.check("PASS" in outcome or region == HUBEI, f"Guangxi's own people were told {outcome}")


def _turn_red(ground: Ground, result: Result, docking: Docking, person: Row, hours: int) -> None:
    """Somebody of whom the region said green by the wrong clock turns red by the right one: nobody passes them."""
    device = ground.federation.device(GUANGXI, PlaceKind.TRAFFIC_GATE)
    told = _say(docking, person, "red", ground.federation.clock)
    result.check(not told["set_aside"], f"{hours:+} h: who turned red afterwards was set aside: {told['set_aside']}")

    def is_stopped() -> bool:
        outcome = answer(device, partial(device.verify_document, person["document"])).guard["outcome"]
        return "PASS" not in str(outcome)

    wait_until(lambda: not left_in_outbox(ground), CATCH_UP_SECONDS)
    result.check(is_stopped(), f"{hours:+} h: who turned red afterwards passes")


def _say(docking: Docking, person: Row, status: str, clock: SharedClock) -> Any:
    row = {**person, "status": status, "told": ["wjyc"] if status == "green" else ["qzbl"]}
    return docking.until_acknowledged([as_of(row, clock.now())], RETRY_SECONDS)
