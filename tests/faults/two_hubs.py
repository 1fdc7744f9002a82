"""Two processes of the hub on one database take in the same batch at once, and batches on the same people at once.

Every row counts once, both tell the same, and where the database had to break a circle the batch goes on.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

import msgspec

from tests.faults.counting import Count, rows_of
from tests.faults.ground import Ground
from tests.faults.handed_in import Told, batch_of, first_number, gateway_of, hand_in, moment_of, new_subjects
from tests.faults.result import Result
from tests.faults.supply import REVISIONS_PER_SECOND
from tongxing.core.subjects import SubjectKey
from tongxing.simulation.callers import Caller
from tongxing.simulation.founding import HUB
from tongxing.simulation.processes import LOOPBACK, choose_ports
from tongxing.simulation.scenes import HUBEI

ROWS_MAX: Final = 1_000
APART_SECONDS_MAX: Final = 0.05
TRIES_MAX: Final = 100
_SECOND: Final = "second-hub"
_HELD: Final = b"SELECT subject, revision FROM reports WHERE issuer = %s"
_BATCHES: Final = b"SELECT count(*) FROM ingest_batches WHERE sender = %s AND number >= %s AND taken_at_us IS NOT NULL"
_DEADLOCKS: Final = b"SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"


def run_two_hubs(ground: Ground, rounds: int, seed: int, tell: Callable[[str], None] = lambda _: None) -> Result:
    """Hand in the same batch to both ``rounds`` times, then ``rounds`` times two batches on the same people."""
    result, began, draw = Result("two hubs at once"), time.monotonic(), random.Random(seed)
    first = number = first_number(ground, HUBEI)
    deadlocks = _deadlocks(ground)
    newest: dict[SubjectKey, int] = {}
    statuses: Counter[str] = Counter()
    batches = 0
    with _second_hub(ground) as urls, ThreadPoolExecutor(2) as pair:
        hubs = [gateway_of(ground, HUBEI, url) for url in urls]
        for nth in range(rounds):
            people = new_subjects(draw.randint(1, ROWS_MAX))
            body = batch_of(HUBEI, people, 2, draw)
            told = _at_once(pair, draw, hubs, [(number, body), (number, body)], statuses)
            result.check(told[0] == told[1], f"the same batch was told {told[0]} and {told[1]}")
            _check_counts(result, told[:1], len(people))
            newest |= dict.fromkeys(people, 2)
            number, batches = number + 1, batches + 1
            tell(f"{nth + 1} of {rounds}: the same batch at both")
        for nth in range(rounds):
            people = new_subjects(draw.randint(ROWS_MAX // 2, ROWS_MAX))
            bodies = [batch_of(HUBEI, list(each), days, draw) for each, days in ((people, 2), (people[::-1], 1))]
            draw.shuffle(bodies)
            told = _at_once(pair, draw, hubs, [(number, bodies[0]), (number + 1, bodies[1])], statuses)
            _check_counts(result, told, len(people))
            newest |= dict.fromkeys(people, 1)
            number, batches = number + 2, batches + 2
            tell(f"{nth + 1} of {rounds}: two batches on the same people")
        for hub in hubs:
            hub.close()
    ((taken,),) = rows_of(ground.records[HUB], _BATCHES, HUBEI, first)
    result.counts = [
        Count("batches", batches, min(taken, batches), max(0, batches - taken), 0, max(0, taken - batches)),
        _count_people(ground, newest),
    ]
    result.done = [("the same batch at both, at once", f"{rounds} times")]
    result.done.append(("two batches on the same people in opposite order, at once", f"{rounds} times"))
    result.told = [(f"answers {status}", f"{times} times") for status, times in sorted(statuses.items())]
    result.told.append(("circles that the database broke (deadlocks)", str(_deadlocks(ground) - deadlocks)))
    result.seconds = time.monotonic() - began
    return result


def _at_once(
    pair: ThreadPoolExecutor,
    draw: random.Random,
    hubs: list[Caller],
    batches: list[tuple[int, bytes]],
    statuses: Counter[str],
) -> list[Told]:
    """Hand in one batch at each hub, a random moment apart; what is told to come later does."""
    start = threading.Barrier(len(hubs))
    later = [0.0, draw.choice((0.0, draw.uniform(0, APART_SECONDS_MAX)))]
    draw.shuffle(later)

    def send(hub: Caller, number: int, body: bytes, wait: float) -> Told:
        start.wait()
        time.sleep(wait)
        told = hand_in(hub, number, body)
        for _ in range(TRIES_MAX):
            statuses[str(told.status)] += 1
            if told.status != 503:
                break
            time.sleep(0.05)
            told = hand_in(hub, number, body)
        return told

    return list(pair.map(send, hubs, *zip(*batches, strict=True), later))


def _check_counts(result: Result, every: list[Told], rows: int) -> None:
    for told in every:
        is_taken = told.status == 200 and told.answer["taken_at"] is not None
        result.check(is_taken, f"a batch was told {told}")
        result.check(is_taken and sum(told.counts) == rows, f"the counts of a batch of {rows} rows are {told}")


def _count_people(ground: Ground, newest: dict[SubjectKey, int]) -> Count:
    """Count the people whose newest report is the one that is held; of another revision it is lost."""
    held = {bytes(subject): revision for subject, revision in rows_of(ground.records[HUB], _HELD, HUBEI)}
    present = sum(
        held.get(subject, 0) // REVISIONS_PER_SECOND == moment_of(days).timestamp() for subject, days in newest.items()
    )
    return Count("people with their newest report", len(newest), present, len(newest) - present, 0, 0)


def _deadlocks(ground: Ground) -> int:
    ((deadlocks,),) = rows_of(ground.records[HUB], _DEADLOCKS)
    return int(deadlocks)


@contextmanager
def _second_hub(ground: Ground) -> Iterator[tuple[str, str]]:
    """Run another process of the hub on the same record; give the addresses of both."""
    processes = ground.federation.processes
    spec = processes.spec(HUB)
    (port,) = choose_ports(1, 0)
    urls = msgspec.json.encode([f"http://{LOOPBACK}:{port}"]).decode()
    told = {**spec.environment, "TONGXING_LISTEN_PORT": str(port), "TONGXING_PUBLIC_URLS": urls}
    second = replace(spec, name=_SECOND, port=port, log=spec.log.with_name(f"{_SECOND}.log"), environment=told)
    processes.start(second)
    try:
        yield spec.url, second.url
    finally:
        processes.stop(_SECOND)
