"""A file of an earlier version is brought to the newest, and keeps everything that it held."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace as replace_credential
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy
from alembic import command
from alembic.config import Config
from msgspec.structs import replace

from tests.contract.samples import AT, HUBEI, credential, ending, extension, passage, row, ticket
from tongxing.core.errors import Fault
from tongxing.core.levels import Level
from tongxing.core.subjects import SubjectKey
from tongxing.core.verdicts import Outcome
from tongxing.services.ports import Credential, PassageRecord, PutCount
from tongxing.stores.migrations import FOLDER, NEWEST
from tongxing.stores.rows import encode_moment
from tongxing.stores.sql.stores import NodeStores
from tongxing.stores.sqlite.opening import APPLICATION_ID
from tongxing.stores.sqlite.stores import open_stores
from tongxing.wire.cbor import encode_canonical
from tongxing.wire.reports import encode_origin, encode_report

FIRST = "0001"
PASSAGES = 1_300
"""More than one step of any kind takes."""


def make_file(path: Path, version: str) -> None:
    """Make an empty file as a node of that version made it."""
    engine = sqlalchemy.create_engine(f"sqlite:///{path}")
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    with engine.begin() as connection:
        connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
        config.attributes["connection"] = connection
        command.upgrade(config, version)
    engine.dispose()


@contextmanager
def connected(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path)) as connection, connection:
        yield connection


def put_passage(connection: sqlite3.Connection, held: PassageRecord) -> None:
    """Write a passage as the first version did."""
    connection.execute(
        "INSERT INTO passages (ref, at_us, host, place_kind, device_id, outcome, reason, issuer, views,"
        " expires_at_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            held.ref,
            encode_moment(held.at),
            held.host,
            held.place_kind,
            held.device_id,
            held.outcome,
            held.reason,
            held.issuer,
            held.views,
            encode_moment(held.expires_at),
        ),
    )


def put_credential(connection: sqlite3.Connection, held: Credential) -> None:
    """Write a credential as the first version did."""
    connection.execute(
        "INSERT INTO credentials (key_id, role, suite, public_key, label, region, valid_until_us, revoked)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (held.key_id, held.role, held.public.suite, held.public.raw, held.label, held.region, None, int(held.revoked)),
    )


def old_passage(number: int) -> PassageRecord:
    """Return a passage as it must be found after the first version's file was migrated."""
    held = passage(f"p{number}", kept=timedelta(days=14))
    at = AT + timedelta(seconds=number)
    return replace(
        held, at=at, kept_until=at + timedelta(days=14), direction=None, site_pseudonym=None, outcome=Outcome.REFER
    )


@pytest.fixture
def first_version(tmp_path: Path) -> Path:
    """A file of the first version with passages, credentials and one row of everything else."""
    path = tmp_path / "node.db"
    make_file(path, FIRST)
    with connected(path) as connection:
        for number in range(PASSAGES):
            put_passage(connection, old_passage(number))
        put_credential(connection, credential(1))
        put_credential(connection, replace_credential(credential(2), revoked=True))
    return path


def using(path: Path, *works: object) -> None:
    """Open the stores, which migrates, and hand them to each work."""

    async def use() -> None:
        stores = open_stores(path)
        try:
            for work in works:
                await work(stores)  # type: ignore[operator]
        finally:
            await stores.aclose()

    asyncio.run(use())


def test_passages_of_the_first_version_are_found_and_have_an_end(first_version: Path) -> None:
    async def check(stores: NodeStores) -> None:
        found = [await stores.passages.find(f"p{number}") for number in range(PASSAGES)]
        assert found == [old_passage(number) for number in range(PASSAGES)]
        assert await stores.passages.purge_passages(AT + timedelta(days=14) - timedelta(microseconds=1)) == 0
        assert await stores.passages.purge_passages(AT + timedelta(days=14)) == 1
        assert await stores.passages.find("p0") is None
        assert await stores.passages.find("p1") == old_passage(1)

    using(first_version, check)


def test_a_passage_of_the_first_version_can_end(first_version: Path) -> None:
    async def check(stores: NodeStores) -> None:
        assert await stores.passages.record_ending(ending("p7")) == ending("p7")

    using(first_version, check)


def test_keys_of_the_first_version_stay_what_they_were_and_stand_at_no_site_and_in_no_division(
    first_version: Path,
) -> None:
    async def check(stores: NodeStores) -> None:
        assert await stores.credentials.find(credential(1).key_id) == credential(1)
        assert await stores.credentials.find(credential(2).key_id) == replace_credential(credential(2), revoked=True)
        await stores.credentials.enrol(credential(1))

    using(first_version, check)


def test_everything_else_of_the_first_version_is_as_it_was(tmp_path: Path) -> None:
    """What the second version writes into the tables that it did not touch is what the first one wrote there."""
    newest, path = tmp_path / "newest.db", tmp_path / "node.db"

    async def fill(stores: NodeStores) -> None:
        await stores.reports.put_reports([row()])
        await stores.tickets.issue(ticket())
        await stores.tickets.claim(b"k", AT + timedelta(hours=1), AT)
        await stores.nonces.remember("key", "nonce", AT)
        await stores.bundles.save(1, b"digest", b"data")
        await stores.extensions.save(extension())

    using(newest, fill)
    make_file(path, FIRST)
    untouched = ("reports", "tickets", "claims", "nonces", "bundles", "extensions")
    with connected(path) as connection:
        connection.execute("ATTACH ? AS newest", (str(newest),))
        for table in untouched:
            connection.execute(f"INSERT INTO main.{table} SELECT * FROM newest.{table}")  # noqa: S608 - our own names
    before = {table: rows_of(path, table) for table in untouched}
    using(path)
    assert {table: rows_of(path, table) for table in untouched} == before
    assert all(len(rows) == 1 for rows in before.values())


def rows_of(path: Path, table: str) -> list[tuple[object, ...]]:
    with connected(path) as connection:
        return connection.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608 - our own table names


def test_the_file_knows_its_new_version_and_opening_it_again_changes_nothing(first_version: Path) -> None:
    using(first_version)
    assert rows_of(first_version, "alembic_version") == [(NEWEST,)]
    before = first_version.read_bytes()
    using(first_version)
    assert first_version.read_bytes() == before


def test_a_step_that_fails_leaves_the_first_version_as_it_was(first_version: Path) -> None:
    """All of a migration or nothing: here a table of the new version is in the way."""
    with connected(first_version) as connection:
        connection.execute("CREATE TABLE endings (ref TEXT)")
    before = rows_of(first_version, "passages")
    with pytest.raises(Fault):
        open_stores(first_version)
    assert rows_of(first_version, "alembic_version") == [(FIRST,)]
    assert rows_of(first_version, "passages") == before


def test_reports_of_an_earlier_version_are_the_same_reports_afterwards(tmp_path: Path) -> None:
    """And what comes again is known: its bytes are those that were written anew."""
    path = tmp_path / "node.db"
    make_file(path, "0014")
    held = [row(number, level=Level.HIGH if number % 2 else Level.LOW) for number in range(2_100)]
    with connected(path) as connection:
        for each in held:
            origin = None if each.origin is None else encode_origin(each.origin)
            body = encode_canonical([each.report.strictness, encode_report(each.report), origin])
            values = (each.subject, each.report.issuer, each.report.revision, int(each.report.retracted), body)
            connection.execute("INSERT INTO reports VALUES (?, ?, ?, ?, ?)", values)
        connection.execute("INSERT INTO reports VALUES (?, '42', 1, 0, x'00')", (bytes(33),))

    async def check(stores: NodeStores) -> None:
        assert await stores.reports.reports_by(HUBEI, bytes(33), len(held)) == tuple(held)
        for start in range(0, len(held), 500):
            portion = held[start : start + 500]
            assert await stores.reports.put_reports(portion) == PutCount(0, len(portion), 0)
        with pytest.raises(Fault):
            await stores.reports.reports_of(SubjectKey(bytes(33)))

    using(path, check)
