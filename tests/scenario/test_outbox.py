"""Cut off and back: what a gateway acknowledged reaches the hub once, in order, whoever is killed meanwhile."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from tests.scenario.conftest import run_docked_federation
from tongxing.core.causes import Cause
from tongxing.core.errors import Fault
from tongxing.simulation.arranging import as_seen_by, in_gateways_name, keys_of
from tongxing.simulation.callers import Caller, ProblemAnswered
from tongxing.simulation.federation import Federation
from tongxing.simulation.founding import HUB, gateway_name
from tongxing.simulation.people import Circumstance, Person, dock_row
from tongxing.simulation.scenes import GUANGXI, HUBEI, SCENES

pytestmark = pytest.mark.scenario

CATCH_UP_SECONDS = 60.0
KILLS = 6
CONTACT, GREEN = Circumstance.YELLOW_CLOSE_CONTACT, Circumstance.GREEN_LOW_RISK_COUNTY


@pytest.fixture(scope="module")
def federation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Federation]:
    """Give a federation of this file's own: a day goes by, and no bundle goes back."""
    yield from run_docked_federation(tmp_path_factory.mktemp("outbox") / "state")


def told_at_hub(federation: Federation, person: Person) -> dict[str, Any] | None:
    """Return what the hub tells of a person in Hubei's name."""
    with in_gateways_name(federation, GUANGXI) as gateway:
        answer = gateway.post("/v1/report-queries", {"subject_keys": keys_of(gateway, person)})
    own = [row["report"] for row in answer["reports"] if row["report"]["issuer"] == HUBEI]
    assert len(own) <= 1
    return own[0] if own else None


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + CATCH_UP_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, "the hub was not told"
        time.sleep(0.1)


def row_of(federation: Federation, person: Person, circumstance: Circumstance) -> dict[str, Any]:
    federation.clock.advance(timedelta(seconds=1))
    return dock_row(as_seen_by(federation, HUBEI, person, circumstance), federation.clock.now())


def dock_however(back_end: Caller, row: dict[str, Any]) -> None:
    """Hand in a row as a back end does: again and again, until it is acknowledged."""
    while True:
        with suppress(Fault, ProblemAnswered):
            if not back_end.post("/v1/docked-reports", {"rows": [row]})["set_aside"]:
                return
        time.sleep(0.05)


def test_a_region_cut_off_for_a_day_catches_up_by_itself_though_its_gateway_was_killed(federation: Federation) -> None:
    """One person is known at the gateway when the hub goes; the other's keys are not, and are lost by the kill."""
    federation.clock.set(SCENES[0].at)
    federation.begin_era("outbox")
    back_end, known, unknown = federation.back_ends[HUBEI], federation.take_person(HUBEI), federation.take_person(HUBEI)
    dock_however(back_end, row_of(federation, known, GREEN))
    federation.processes.kill(HUB)
    try:
        for circumstance in (CONTACT, GREEN, CONTACT):
            docked = back_end.post("/v1/docked-reports", {"rows": [row_of(federation, known, circumstance)]})
            assert (docked["stored"], docked["waiting"]) == (1, 0)
        federation.processes.kill(gateway_name(HUBEI))
        federation.processes.restart(gateway_name(HUBEI))
        docked = back_end.post("/v1/docked-reports", {"rows": [row_of(federation, unknown, CONTACT)]})
        assert (docked["stored"], docked["waiting"]) == (0, 1)
        federation.processes.kill(gateway_name(HUBEI))
        federation.processes.restart(gateway_name(HUBEI))
        federation.clock.advance(timedelta(hours=23))
    finally:
        federation.processes.restart(HUB)
    for person in (known, unknown):
        wait_until(lambda who=person: (told_at_hub(federation, who) or {}).get("level") == "10")  # type: ignore[misc]
        told = told_at_hub(federation, person)
        assert told is not None
        assert told["causes"][0]["cause"] == Cause.CLOSE_CONTACT


def test_whoever_is_killed_meanwhile_every_acknowledged_report_is_at_the_hub_once_and_the_last_one_counts(
    federation: Federation,
) -> None:
    federation.clock.set(SCENES[0].at)
    federation.begin_era("outbox killed")
    back_end, drawn = federation.back_ends[HUBEI], random.Random(7)
    people = [federation.take_person(HUBEI) for _ in range(12)]
    rows = [(person, each, row_of(federation, person, each)) for each in (CONTACT, GREEN, CONTACT) for person in people]
    ended = threading.Event()

    def push() -> None:
        for _person, _circumstance, row in rows:
            dock_however(back_end, row)
            time.sleep(0.1)
        ended.set()

    pushing = threading.Thread(target=push)
    pushing.start()
    kills = 0
    while kills < KILLS or not ended.is_set():
        time.sleep(drawn.random() / 2)
        name = drawn.choice([HUB, gateway_name(HUBEI)])
        if kills < KILLS:
            federation.processes.kill(name)
            federation.processes.restart(name)
            kills += 1
    pushing.join()
    for person in people:
        wait_until(lambda who=person: (told_at_hub(federation, who) or {}).get("level") == "10")  # type: ignore[misc]
    with in_gateways_name(federation, HUBEI) as gateway:
        wait_until(lambda: gateway.get("/v1/datasets/reports/watermark")["as_of"] is not None)


def test_after_all_that_both_sides_agree_by_every_day_and_a_full_re_sync_changes_nothing(
    federation: Federation,
) -> None:
    federation.clock.set(SCENES[0].at)
    federation.begin_era("outbox reconciled")
    operator = federation.operators[HUBEI]

    def compare(resend: str) -> list[dict[str, Any]]:
        told: list[dict[str, Any]] = []
        after = ""
        while not told or after:
            told.append(operator.post("/v1/reconciliations", {"after": after, "resend": resend}))
            after = told[-1]["next_after"]
        return told

    wait_until(lambda: all(each["here"] == each["there"] for each in compare("nothing")))
    held = compare("nothing")
    assert sum(day["count"] for each in held for day in each["here"]) > 100
    assert sum(each["queued"] for each in compare("all")) > 100
    wait_until(lambda: compare("nothing")[-1]["waiting"] == 0)
    assert [each["there"] for each in compare("nothing")] == [each["there"] for each in held]
