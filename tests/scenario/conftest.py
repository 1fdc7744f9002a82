"""The federation that the scenario tests share: processes on loopback, 1,000 people, started once a worker.

Each test sets its own clock and leaves nothing broken, so that they hold in any order and alone.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tongxing.simulation.federation import Federation, run_federation
from tongxing.simulation.founding import REGIONS
from tongxing.simulation.state import claim_state

PEOPLE = 1_000


def run_docked_federation(path: Path) -> Iterator[Federation]:
    """Run a federation whose people are docked, on free ports."""
    with claim_state(path) as state, run_federation(state, people=PEOPLE, first_port=0) as federation:
        for region in REGIONS:
            assert list(federation.dock(region, PEOPLE))[-1] == PEOPLE // len(REGIONS)
        yield federation


@pytest.fixture(scope="session")
def federation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Federation]:
    """Give the shared federation."""
    yield from run_docked_federation(tmp_path_factory.mktemp("federation") / "state")
