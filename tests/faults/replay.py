"""A region hands in last week's batches again: nothing changes at the hub.

The same numbers with the same bytes, out of order; the old content under new numbers; other bytes under an old number.
"""

import random
import time
from collections.abc import Callable
from typing import Any, Final

from tests.faults.counting import Count, rows_of
from tests.faults.ground import Ground
from tests.faults.handed_in import batch_of, first_number, gateway_of, hand_in, held_batches, held_digest, new_subjects
from tests.faults.result import Result
from tongxing.simulation.callers import Caller
from tongxing.simulation.founding import HUB
from tongxing.simulation.scenes import HUBEI

LAST_WEEK: Final = 7
YESTERDAY: Final = 1
_MARK: Final = b"SELECT number, as_of_us FROM ingest_watermarks WHERE sender = %s AND dataset = 'reports'"
_SUBJECTS: Final = b"SELECT subject FROM reports WHERE issuer = %s"


def run_replay(
    ground: Ground, batches: int, rows: int, seed: int, tell: Callable[[str], None] = lambda _: None
) -> Result:
    """Hand in ``batches`` of ``rows`` each, newer ones for half of these people, and the first ones again."""
    result, began, draw = Result("last week's batches again"), time.monotonic(), random.Random(seed)
    hub = ground.federation.grounds.url(HUB)
    with gateway_of(ground, HUBEI, hub) as gateway:
        people = [new_subjects(rows) for _ in range(batches)]
        first = first_number(ground, HUBEI)
        old = [batch_of(HUBEI, each, LAST_WEEK, draw) for each in people]
        new = [batch_of(HUBEI, each[: rows // 2], YESTERDAY, draw) for each in people]
        # In any order, the lowest number last: how far the region is, is told by the highest.
        order = [*draw.sample(range(1, 2 * batches), 2 * batches - 1), 0]
        told = {nth: hand_in(gateway, first + nth, [*old, *new][nth]) for nth in order}
        result.check(all(each.status == 200 for each in told.values()), "a batch was not taken in at first")
        ((number, _as_of),) = rows_of(ground.records[HUB], _MARK, HUBEI)
        result.check(number == first + 2 * batches - 1, f"the region's highest batch is told as {number}")
        before = _everything(ground, gateway)
        known = held_batches(ground, HUBEI)
        tell(f"{len(told)} batches handed in; now the first {batches} again")

        for nth in draw.sample(range(batches), batches):
            again = hand_in(gateway, first + nth, old[nth])
            result.check(again == told[nth], f"batch {nth} was told {again}, and at first {told[nth]}")
        result.done.append((f"the same {batches} batches of {rows} rows, same numbers", "told as at first"))
        result.check(_everything(ground, gateway) == before, "the same batches changed what the hub holds")
        result.check(held_batches(ground, HUBEI) == known, "the same batches were counted as new ones")

        stored = 0
        for nth, body in enumerate(old):
            again = hand_in(gateway, first + 2 * batches + nth, body)
            result.check(again.status == 200, f"old content under a new number was told {again}")
            stored += again.counts[0] if again.status == 200 else 0
        result.check(not stored, f"{stored} old rows were stored anew")
        result.done.append((f"the same rows under {batches} new numbers", f"{stored} rows stored"))
        result.check(_held(ground, gateway) == before[0], "old content under new numbers changed what the hub holds")
        changed = _everything(ground, gateway)

        refused = 0
        for nth in range(batches):
            other = new[nth] if nth % 2 else b"".join(reversed(old[nth].splitlines(keepends=True)))
            refused += hand_in(gateway, first + nth, other).status == 409
        result.check(refused == batches, f"other bytes under an old number were taken {batches - refused} times")
        result.done.append((f"other bytes under {batches} old numbers", f"409 {refused} times"))
        result.check(_everything(ground, gateway) == changed, "refused batches changed what the hub holds")
    held = {bytes(subject) for (subject,) in rows_of(ground.records[HUB], _SUBJECTS, HUBEI)}
    every = {subject for each in people for subject in each}
    result.counts = [Count("people handed in", len(every), len(every & held), len(every - held), 0, 0)]
    (count, digest), _ = before[0]
    result.told = [("reports of Hubei at the hub, before and after", f"{count:,}, digest {digest[:12]}…")]
    result.seconds = time.monotonic() - began
    return result


def _held(ground: Ground, gateway: Caller) -> tuple[tuple[int, str], object]:
    """Return what the database holds, and what the hub says of it by day."""
    sums: list[Any] = []
    after = ""
    while not sums or after:
        sums.append(gateway.post("/v1/report-sums", {"after": after, "until": ""}))
        after = sums[-1]["next_after"]
    return held_digest(ground, HUBEI), [each["days"] for each in sums]


def _everything(ground: Ground, gateway: Caller) -> tuple[tuple[tuple[int, str], object], tuple[int, ...]]:
    """Return that and how far the hub says the region is, which old batches may not turn back."""
    ((number, _as_of),) = rows_of(ground.records[HUB], _MARK, HUBEI)
    return _held(ground, gateway), (number,)
