"""The secret behind subject keys is rotated while the federation works: nobody is lost and nobody is let off."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.scenario.conftest import run_docked_federation
from tongxing.core.calendar import BEIJING
from tongxing.core.words import PlaceKind
from tongxing.simulation.arranging import as_seen_by, dock, document_of, newcomer, show
from tongxing.simulation.federation import Federation
from tongxing.simulation.founding import HUB, gateway_name
from tongxing.simulation.people import Circumstance, Person
from tongxing.simulation.scenes import ANHUI, GUANGXI, HUBEI

pytestmark = pytest.mark.scenario

DAY = datetime(2020, 3, 25, 12, 0, tzinfo=BEIJING)


@pytest.fixture(scope="module")
def rotating(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Federation]:
    """Give a federation of this file's own: its secret goes on, and no secret goes back."""
    yield from run_docked_federation(tmp_path_factory.mktemp("rotating") / "state")


def rotate(federation: Federation) -> None:
    program = str(Path(sys.executable).with_name("tongxing"))
    folder = federation.grounds.keys_dir(HUB)
    done = subprocess.run([program, "keys", "rotate-subjects", folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    federation.processes.stop(HUB)
    federation.processes.restart(HUB)


def outcome_at_the_gate(federation: Federation, person: Person) -> tuple[str, str]:
    """Return what the person's code and what the person's document come to at Guangxi's gate."""
    device = federation.device(GUANGXI, PlaceKind.TRAFFIC_GATE)
    device.renew_session()
    by_code = device.scan(show(federation, person)).guard["outcome"]
    return by_code, device.verify_document(document_of(person)).guard["outcome"]


def test_while_both_versions_count_reports_under_either_are_one_persons(rotating: Federation) -> None:
    """Anhui's red was handed in under the old key; Hubei docks the same person under the new one."""
    rotating.clock.set(DAY)
    person = newcomer(rotating, HUBEI, Circumstance.GREEN_LOW_RISK_COUNTY)
    untouched = newcomer(rotating, HUBEI, Circumstance.GREEN_LOW_RISK_COUNTY)
    dock(rotating, ANHUI, as_seen_by(rotating, ANHUI, person, Circumstance.RED_UNEXPLAINED))
    assert outcome_at_the_gate(rotating, person) == ("STOP", "STOP")
    rotate(rotating)
    # A gateway that has just started holds no key from before; the others' cached ones have had their time.
    for region in (GUANGXI, HUBEI):
        rotating.processes.stop(gateway_name(region))
        rotating.processes.restart(gateway_name(region))
    rotating.clock.advance(timedelta(hours=2))
    assert outcome_at_the_gate(rotating, person) == ("STOP", "STOP")
    assert outcome_at_the_gate(rotating, untouched) == ("PASS", "PASS")
    dock(rotating, HUBEI, person)
    assert outcome_at_the_gate(rotating, person) == ("STOP", "STOP")
    rotating.clock.advance(timedelta(seconds=1))
    dock(rotating, ANHUI, as_seen_by(rotating, ANHUI, person, Circumstance.GREEN_LOW_RISK_COUNTY))
    assert outcome_at_the_gate(rotating, person) == ("PASS", "PASS")
