"""Two regions and a hub on a real PostgreSQL and a real Valkey Cluster, for whoever breaks them."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psycopg

from tests.faults.supply import Supply
from tests.real_cluster import RunningCluster
from tests.real_servers import Databases, RunningPostgres
from tongxing.core.words import RegionId
from tongxing.simulation.federation import Federation, run_federation
from tongxing.simulation.founding import HUB, Grounds, gateway_name
from tongxing.simulation.scenes import GUANGXI, HUBEI, SCENES
from tongxing.simulation.state import claim_state
from tongxing.stores.copying import copy_record
from tongxing.stores.postgres.opening import prepare

NODES: Final = (HUB, gateway_name(HUBEI), gateway_name(GUANGXI))
PEOPLE: Final = 200


@dataclass(frozen=True, slots=True)
class Ground:
    """What runs, and the address of each node's record: on ``postgres``, with ``cluster`` as index before all.

    Of the federation's regions Hubei and Guangxi must be there.
    """

    federation: Federation
    records: Mapping[str, str]
    postgres: RunningPostgres
    cluster: RunningCluster
    _supplies: dict[RegionId, Supply] = field(default_factory=dict)

    def supply(self, region: RegionId) -> Supply:
        """Return what a region's back end has to say: one supply for all faults."""
        return self._supplies.setdefault(region, Supply(self.federation, region))


@contextmanager
def running_ground(folder: Path, postgres: RunningPostgres, cluster: RunningCluster) -> Iterator[Ground]:
    """Run a federation of Hubei and Guangxi whose nodes have a database each, and one index before them."""
    databases = Databases(postgres, prepare)
    records = {name: databases.take() for name in NODES}
    index = json.dumps([f"valkey://{host}:{port}" for host, port in cluster.addresses])

    def settle(grounds: Grounds) -> Mapping[str, Mapping[str, str]]:
        for name, address in records.items():
            copy_record(grounds.database(name), address, lambda _: None)
        _make_starts_short(postgres)
        return {name: {"TONGXING_RECORD": address, "TONGXING_INDEX": index} for name, address in records.items()}

    with (
        claim_state(folder) as state,
        run_federation(state, people=PEOPLE, first_port=0, regions=(HUBEI, GUANGXI), settle=settle) as federation,
    ):
        federation.clock.set(SCENES[0].at)
        federation.begin_era("faults")
        yield Ground(federation, records, postgres, cluster)


def _make_starts_short(postgres: RunningPostgres) -> None:
    """Have PostgreSQL sync its files by one call when it starts after a kill, and begin from now.

    It loses nothing by that; each of its thousands of files by itself takes a busy machine longer than all the rest.
    """
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET recovery_init_sync_method = 'syncfs'")
        connection.execute("CHECKPOINT")
