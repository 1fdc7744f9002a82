"""A record is copied to PostgreSQL whole and unchanged, or not at all."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from tests.contract.samples import AT, credential, ending, extension, passage, row, subject, ticket
from tests.real_servers import Databases
from tests.unit.stores.test_postgres_opening import ask
from tongxing.core.errors import Fault, Refused
from tongxing.core.problems import ProblemId
from tongxing.core.reasons import ReasonId
from tongxing.services.ports import Alarm, ClaimResult
from tongxing.stores import copying
from tongxing.stores.copying import CopyProgress, copy_record
from tongxing.stores.postgres.stores import open_stores as open_postgres
from tongxing.stores.schema import METADATA
from tongxing.stores.sqlite.stores import open_stores

ROWS = 300


async def fill(path: Path) -> None:
    stores = open_stores(path)
    await stores.reports.put_reports([row(number, revision=1 + number % 3) for number in range(ROWS)])
    await stores.passages.record(*(passage(f"p{number}", views=None if number % 2 else b"v") for number in range(ROWS)))
    await stores.passages.record_ending(ending("p1"))
    await stores.tickets.issue(ticket())
    await stores.tickets.claim(b"k", AT + timedelta(hours=1), AT)
    await stores.credentials.enrol(credential())
    await stores.extensions.save(extension())
    await stores.bundles.save(1, b"digest", bytes(range(256)) * 100)
    for number in range(3):
        await stores.alarms.raise_alarm(Alarm(AT, ReasonId.TICKET_USED, None, f"第{number}"))
    await stores.aclose()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "node.sqlite"
    asyncio.run(fill(path))
    return path


def copy(source: Path, address: str) -> tuple[dict[str, int], list[CopyProgress]]:
    told: list[CopyProgress] = []
    return copy_record(source, address, told.append), told


def test_everything_is_found_as_it_was_and_new_rows_come_after_the_old(
    source: Path, postgres_databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "_ROWS_AT_ONCE", 128)
    address = postgres_databases.new()
    copied, told = copy(source, address)
    assert {table: rows for table, rows in copied.items() if rows} == {
        "reports": ROWS,
        "passages": ROWS,
        "endings": 1,
        "tickets": 1,
        "claims": 1,
        "credentials": 1,
        "extensions": 1,
        "bundles": 1,
        "alarms": 3,
    }
    assert [(each.done, each.checked) for each in told if each.table == "reports"] == [
        (done, checked) for checked in (False, True) for done in (128, 256, ROWS)
    ]

    async def check() -> None:
        stores, before = await open_postgres(address), open_stores(source)
        for number in range(ROWS):
            assert await stores.reports.reports_of(subject(number)) == await before.reports.reports_of(subject(number))
            assert await stores.passages.find(f"p{number}") == await before.passages.find(f"p{number}")
        assert await stores.tickets.claim(b"k", AT + timedelta(hours=1), AT) is ClaimResult.USED
        assert await stores.bundles.latest() == await before.bundles.latest()
        newest = Alarm(AT, ReasonId.TICKET_USED, None, "第3")
        await stores.alarms.raise_alarm(newest)
        assert await stores.alarms.recent(10) == (newest, *await before.alarms.recent(10))
        await stores.aclose()
        await before.aclose()

    asyncio.run(check())


def test_every_table_of_the_schema_is_copied(source: Path, postgres_databases: Databases) -> None:
    copied, _ = copy(source, postgres_databases.new())
    assert set(copied) == set(METADATA.tables)


def test_a_database_that_holds_a_row_is_refused_and_stays_as_it_was(
    source: Path, postgres_databases: Databases
) -> None:
    address = postgres_databases.take()
    ask(address, "INSERT INTO risk_changes VALUES ('42', 1, 'low', 'list')")
    with pytest.raises(Refused, match="risk_changes") as refused:
        copy(source, address)
    assert refused.value.problem is ProblemId.CONFLICT
    assert ask(address, "SELECT count(*) FROM reports") == [(0,)]
    postgres_databases.give_back([address])


def test_a_row_that_arrives_otherwise_is_noticed_and_nothing_is_kept(
    source: Path, postgres_databases: Databases
) -> None:
    address = postgres_databases.take()
    ask(
        address,
        "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.region = ''45''; RETURN NEW; END'",
    )
    ask(address, "CREATE TRIGGER spoil BEFORE INSERT ON credentials FOR EACH ROW EXECUTE FUNCTION spoil()")
    with closing(sqlite3.connect(source)) as connection, connection:
        connection.execute("UPDATE credentials SET region = '42'")
    with pytest.raises(Fault, match="credentials did not arrive"):
        copy(source, address)
    assert ask(address, "SELECT count(*) FROM reports") == [(0,)]


def test_a_node_that_still_writes_is_kept_out_meanwhile(source: Path, postgres_databases: Databases) -> None:
    seen: list[str] = []

    def write_meanwhile(told: CopyProgress) -> None:
        with closing(sqlite3.connect(source, timeout=0)) as connection, pytest.raises(sqlite3.OperationalError):
            connection.execute("DELETE FROM reports")
        seen.append(told.table)

    copy_record(source, postgres_databases.new(), write_meanwhile)
    assert "reports" in seen


def test_a_file_that_is_not_there_is_refused_and_not_made(tmp_path: Path, postgres_databases: Databases) -> None:
    with pytest.raises(Refused, match=r"node\.sqlite"):
        copy(tmp_path / "node.sqlite", postgres_databases.new())
    assert not (tmp_path / "node.sqlite").exists()


def test_an_interrupted_copy_leaves_nothing_and_can_be_made_again(source: Path, postgres_databases: Databases) -> None:
    address = postgres_databases.new()

    def stop(told: CopyProgress) -> None:
        if told.checked:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copy_record(source, address, stop)
    with psycopg.connect(address) as connection:
        assert connection.execute("SELECT count(*) FROM reports").fetchall() == [(0,)]
    assert copy(source, address)[0]["reports"] == ROWS
