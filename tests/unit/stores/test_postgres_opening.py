"""A database is opened if it is ours or empty, on a server that keeps what it acknowledges; else it stays as it was."""

import asyncio
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from tests.contract.samples import row
from tests.real_servers import Databases, RunningPostgres
from tongxing.core.errors import Fault
from tongxing.services.ports import PutCount
from tongxing.stores.migrations import NEWEST
from tongxing.stores.postgres.faults import check_address, store_name
from tongxing.stores.postgres.opening import connect, prepare
from tongxing.stores.postgres.stores import open_stores
from tongxing.stores.postgres.tables import PARTITIONS, is_partitioned, partition_names
from tongxing.stores.schema import METADATA


def ask(address: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(address, autocommit=True) as connection:
        cursor = connection.execute(query.encode())
        return cursor.fetchall() if cursor.description else []


def set_for_database(address: str, setting: str) -> None:
    ((name,),) = ask(address, "SELECT current_database()")
    ask(address, f"ALTER DATABASE {name} SET {setting}")


@pytest.fixture
def empty(postgres_databases: Databases) -> str:
    """A database that holds nothing at all."""
    return postgres_databases.new()


def is_table_of_ours(_: object, name: str | None, kind: str, *__: object) -> bool:
    partitions = {part for table in METADATA.tables for part in partition_names(table)}
    return kind != "table" or name not in partitions


def test_a_new_database_has_the_tables_of_the_schema(empty: str) -> None:
    prepare(empty)
    engine = sqlalchemy.create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(empty))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": is_table_of_ours})
        assert compare_metadata(context, METADATA) == []
    engine.dispose()


def test_what_is_keyed_by_a_subject_is_spread_by_it_and_nothing_else_is(empty: str) -> None:
    prepare(empty)
    query = """
        SELECT c.relname, pg_get_partkeydef(c.oid), count(*) FROM pg_class c JOIN pg_inherits i ON i.inhparent = c.oid
        WHERE c.relkind = 'p' GROUP BY c.oid, c.relname
    """
    spread = {table: (key, parts) for table, key, parts in ask(empty, query)}
    assert spread == {
        name: ("HASH (subject)", PARTITIONS) for name, table in METADATA.tables.items() if is_partitioned(table)
    }
    assert {"reports", "evidence", "subject_links", "looks"} <= set(spread)


def test_texts_are_compared_by_their_bytes_wherever_the_server_stands(empty: str) -> None:
    prepare(empty)
    query = """
        SELECT DISTINCT attcollation::regcollation::text FROM pg_attribute JOIN pg_class ON attrelid = pg_class.oid
        WHERE relnamespace = 'public'::regnamespace AND atttypid = 'text'::regtype AND attnum > 0
    """
    assert ask(empty, query) == [('"C"',)]


def test_of_nodes_that_start_at_once_on_a_new_database_one_makes_it_and_all_can_use_it(empty: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(prepare, [empty] * 4))
    assert ask(empty, "SELECT version_num FROM alembic_version") == [(NEWEST,)]


def test_a_database_of_another_program_is_left_as_it_was(empty: str) -> None:
    ask(empty, "CREATE TABLE theirs (number int)")
    with pytest.raises(Fault, match="another program"):
        prepare(empty)
    assert ask(empty, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'") == [("theirs",)]


@pytest.mark.parametrize(("revision", "words"), [("9999", "newer version"), ("4f2a", "none of ours")])
def test_a_database_of_no_version_that_is_known_is_left_as_it_was(empty: str, revision: str, words: str) -> None:
    ask(empty, "CREATE TABLE alembic_version (version_num text)")
    ask(empty, f"INSERT INTO alembic_version VALUES ('{revision}')")  # noqa: S608 - a test's own value
    with pytest.raises(Fault, match=words):
        prepare(empty)


def test_a_database_is_one_nodes_alone(empty: str) -> None:
    prepare(empty, "gateway of 45")
    prepare(empty, "gateway of 45")
    with pytest.raises(Fault, match="another node"):
        prepare(empty, "gateway of 42")


def test_a_server_without_syncs_is_refused(postgres: RunningPostgres) -> None:
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")
        try:
            with pytest.raises(Fault, match="fsync"):
                wait_for(lambda: prepare(postgres.url()), lambda: ask(postgres.url(), "SHOW fsync") == [("off",)])
        finally:
            connection.execute("ALTER SYSTEM RESET fsync")
            connection.execute("SELECT pg_reload_conf()")
    wait_for(lambda: None, lambda: ask(postgres.url(), "SHOW fsync") == [("on",)])


def wait_for(then: Callable[[], None], is_so: Callable[[], bool]) -> None:
    for _ in range(1_000):
        if is_so():
            return then()
    raise AssertionError


def test_a_database_that_does_not_commit_to_disk_by_itself_does_for_us(empty: str) -> None:
    set_for_database(empty, "synchronous_commit = off")
    assert ask(empty, "SHOW synchronous_commit") == [("off",)]
    with connect(empty) as connection:
        assert connection.execute("SHOW synchronous_commit").fetchall() == [("on",)]


def test_a_database_in_another_encoding_is_refused(postgres: RunningPostgres) -> None:
    ask(postgres.url(), "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    with pytest.raises(Fault, match="LATIN1"):
        prepare(postgres.url("latin"))


@pytest.mark.parametrize("database", ["nowhere", "../etc"])
def test_a_database_that_is_not_there_is_named_and_no_password_is(postgres: RunningPostgres, database: str) -> None:
    with pytest.raises(Fault, match=database) as fault:
        prepare(postgres.url(database).replace("tongxing@", "tongxing:s3cret@"))
    assert "s3cret" not in str(fault.value)


def test_a_server_that_is_away_is_told_as_that() -> None:
    with pytest.raises(Fault, match="cannot be reached"):
        prepare("postgresql://tongxing@127.0.0.1:9/record")


@pytest.mark.parametrize(
    "address", ["", "record", "mysql://a/b", "postgresql://", "postgresql://[", "postgresql://a@b"]
)
def test_what_is_no_address_of_a_database_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="postgresql://"):
        check_address(address)


def test_a_stores_name_holds_no_password() -> None:
    assert store_name("postgresql://me:s3cret@db.example:5433/record") == "postgresql://me@db.example:5433/record"


@pytest.mark.parametrize("rows", [[row(1)], [row(number) for number in range(1_000)]], ids=["one", "by COPY"])
def test_a_database_that_may_only_be_read_is_a_fault_and_is_read(
    postgres_databases: Databases, rows: Sequence[Any]
) -> None:
    address = postgres_databases.take()

    async def use() -> None:
        first = await open_stores(address)
        assert await first.reports.put_reports(rows) == PutCount(len(rows), 0, 0)
        await first.aclose()
        set_for_database(address, "default_transaction_read_only = on")
        stores = await open_stores(address)
        with pytest.raises(Fault, match="cannot be written"):
            await stores.check_ready()
        with pytest.raises(Fault, match="cannot be written"):
            await stores.reports.put_reports([row(5_000)])
        assert await stores.reports.reports_of(rows[0].subject) == (rows[0],)
        await stores.aclose()

    asyncio.run(use())


def test_a_lookup_of_one_person_reads_one_partition_and_few_pages(postgres_databases: Databases) -> None:
    address = postgres_databases.take()

    async def fill() -> None:
        stores = await open_stores(address)
        for start in range(0, 3_000, 1_000):
            await stores.reports.put_reports([row(number) for number in range(start, start + 1_000)])
        await stores.aclose()

    asyncio.run(fill())
    ask(address, "ANALYZE reports")
    query = f"SELECT body FROM reports WHERE subject = '\\x{row(7).subject.hex()}' ORDER BY issuer"  # noqa: S608 - as above
    ((plans,),) = ask(address, f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {query}")
    (told,) = plans
    scanned = set(re.findall(r"reports_p\d\d(?!_)", str(told)))
    pages = told["Plan"]["Shared Hit Blocks"] + told["Plan"]["Shared Read Blocks"]
    postgres_databases.give_back([address])
    assert len(scanned) == 1
    assert 0 < pages <= 8
