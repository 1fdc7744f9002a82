"""A cluster on this machine: PostgreSQL, six Valkey servers, a hub of two processes, gateways, and 32 senders."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.cluster.senders import Sender, join_senders
from tests.faults.ground import Ground
from tests.real_cluster import RunningCluster
from tests.real_servers import Databases, RunningPostgres
from tongxing.core.words import RegionId
from tongxing.simulation.federation import Federation, run_federation
from tongxing.simulation.founding import HUB, REGIONS, Grounds, gateway_name
from tongxing.simulation.processes import ProcessSpec, choose_ports
from tongxing.simulation.state import claim_state
from tongxing.stores.copying import copy_record
from tongxing.stores.postgres.opening import prepare

SECOND_HUB: Final = "hub-2"
PEOPLE_OF_SCENES: Final = 500
"""Whom the scenes show, by the back ends of their regions: those who are loaded come beside them."""


@dataclass(frozen=True, slots=True)
class Nation:
    """What runs. ``hubs`` are the addresses of the hub's processes, which share one record."""

    ground: Ground
    hubs: tuple[str, ...]
    senders: Mapping[RegionId, Sender]

    @property
    def federation(self) -> Federation:
        """Hub, gateways and back ends."""
        return self.ground.federation


@contextmanager
def running_nation(
    folder: Path, postgres: RunningPostgres, cluster: RunningCluster, first_port: int = 0
) -> Iterator[Nation]:
    """Run the demo's federation on both, each node with a database of its own; every region has joined at the end.

    Raises as ``run_federation``.
    """
    databases = Databases(postgres, prepare)
    records = {name: databases.take() for name in (HUB, *map(gateway_name, REGIONS))}
    index = json.dumps([f"valkey://{host}:{port}" for host, port in cluster.addresses])
    told = {name: {"TONGXING_RECORD": address, "TONGXING_INDEX": index} for name, address in records.items()}

    def settle(grounds: Grounds) -> Mapping[str, Mapping[str, str]]:
        for name, address in records.items():
            copy_record(grounds.database(name), address, lambda _: None)
        return told

    with (
        claim_state(folder) as state,
        run_federation(state, people=PEOPLE_OF_SCENES, first_port=first_port, settle=settle) as federation,
    ):
        senders = join_senders(federation)
        # After that: it reads the newest bundle as it starts, and would else learn of the last ones a moment later.
        second = _second_hub(federation.grounds, told[HUB])
        federation.processes.start(second)
        yield Nation(Ground(federation, records, postgres, cluster), (federation.grounds.url(HUB), second.url), senders)


def _second_hub(grounds: Grounds, told: Mapping[str, str]) -> ProcessSpec:
    """Return another process of the hub: the same keys and the same record, an address of its own."""
    (port,) = choose_ports(1, 0)
    url = f"http://127.0.0.1:{port}"
    own = {
        "TONGXING_STATE_DIR": str(grounds.state.node(SECOND_HUB)),
        "TONGXING_LISTEN_PORT": str(port),
        "TONGXING_PUBLIC_URLS": json.dumps([url]),
    }
    environment = {**grounds.environment(HUB), **told, **own}
    arguments = ("node", "--clock", str(grounds.state.clock))
    return ProcessSpec(SECOND_HUB, arguments, port, grounds.log(SECOND_HUB), environment, "/readyz")
