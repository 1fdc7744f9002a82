"""Opening the file of a node: new, ours, and everything that must not be touched."""

import asyncio
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from tests.contract.samples import passage, row
from tongxing.core.errors import Fault
from tongxing.stores.migrations import FOLDER, NEWEST
from tongxing.stores.schema import METADATA
from tongxing.stores.sqlite import opening
from tongxing.stores.sqlite.opening import APPLICATION_ID, open_writer
from tongxing.stores.sqlite.stores import open_stores
from tongxing.wire.cbor import encode_canonical

NOBODY = 65_534


def close(path: Path) -> None:
    """Open and close the stores at ``path``, as a start and a stop of a node do."""
    asyncio.run(_close(path))


async def _close(path: Path) -> None:
    await open_stores(path).aclose()


def run_child(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False)


def test_a_new_file_and_its_log_are_their_owners_alone(tmp_path: Path) -> None:
    """Whatever the umask is."""
    before = os.umask(0)
    try:
        stores = open_stores(tmp_path / "node.db")
        modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
        asyncio.run(stores.aclose())
    finally:
        os.umask(before)
    assert modes == {"node.db": 0o600, "node.db-wal": 0o600, "node.db-shm": 0o600}


def test_a_new_file_has_the_tables_of_the_schema(tmp_path: Path) -> None:
    path = tmp_path / "node.db"
    close(path)
    engine = sqlalchemy.create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    engine.dispose()


def test_a_migrated_file_and_a_file_made_from_the_schema_have_the_same_statements(tmp_path: Path) -> None:
    """Finer than the comparison of tables: conditions of indexes, strictness, tables without row id."""
    close(tmp_path / "migrated.db")
    engine = sqlalchemy.create_engine(f"sqlite:///{tmp_path / 'made.db'}")
    METADATA.create_all(engine)
    engine.dispose()
    assert statements_of(tmp_path / "migrated.db") == statements_of(tmp_path / "made.db")


def statements_of(path: Path) -> dict[str, str]:
    query = "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name != 'alembic_version'"
    with closing(sqlite3.connect(path)) as connection:
        return {name: " ".join(sql.split()) for name, sql in connection.execute(query)}


def test_the_newest_version_is_that_of_the_last_step() -> None:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    assert ScriptDirectory.from_config(config).get_heads() == [NEWEST]


def test_a_file_is_marked_as_ours_and_synced_at_each_commit(tmp_path: Path) -> None:
    with closing(open_writer(tmp_path / "node.db")) as connection:
        settings = {
            name: connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("application_id", "journal_mode", "synchronous", "secure_delete")
        }
    assert settings == {"application_id": APPLICATION_ID, "journal_mode": "wal", "synchronous": 2, "secure_delete": 1}


def test_a_file_that_is_up_to_date_is_opened_without_the_migration_tools(tmp_path: Path) -> None:
    path = tmp_path / "node.db"
    close(path)
    program = """
import sys, pathlib
from tongxing.stores.sqlite.stores import open_stores
from tongxing.wire.cbor import encode_canonical
open_stores(pathlib.Path(sys.argv[1]))
print(sorted({"sqlalchemy", "alembic"} & set(sys.modules)))
"""
    assert run_child(program, str(path)).stdout == "[]\n"


def text_file(path: Path) -> None:
    path.write_text("This is no database. " * 500, encoding="utf-8")


def file_of_another_program(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")


def file_with_another_mark(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA application_id = 1")


def file_of_a_newer_version(path: Path) -> None:
    close(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.execute("PRAGMA journal_mode = DELETE")


def file_of_a_strange_version(path: Path) -> None:
    close(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'abc'")
        connection.execute("PRAGMA journal_mode = DELETE")


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (text_file, "not one of ours"),
        (file_of_another_program, "another program"),
        (file_with_another_mark, "another program"),
        (file_of_a_newer_version, "newer version"),
        (file_of_a_strange_version, "none of ours"),
    ],
)
def test_a_file_that_is_not_for_us_is_told_so_and_left_as_it_was(
    tmp_path: Path, make: Callable[[Path], None], sentence: str
) -> None:
    path = tmp_path / "node.db"
    make(path)
    before = path.read_bytes()
    with pytest.raises(Fault, match=sentence) as fault:
        open_stores(path)
    assert str(path) in str(fault.value)
    assert path.read_bytes() == before
    assert sorted(tmp_path.iterdir()) == [path]


def test_a_missing_folder_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(Fault, match="does its folder exist"):
        open_stores(tmp_path / "missing" / "node.db")


def test_a_folder_in_the_place_of_the_file_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(Fault, match="cannot be opened"):
        open_stores(tmp_path)


def test_an_empty_file_becomes_a_store(tmp_path: Path) -> None:
    path = tmp_path / "node.db"
    path.touch()
    close(path)
    assert "passages" in statements_of(path)


@pytest.fixture
def readable_folder() -> Iterator[Path]:
    """A folder that a user without rights can enter: pytest's own are closed to others."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        folder.chmod(0o755)


def test_a_place_that_cannot_keep_a_log_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Fault, match="no write-ahead log"):
        open_stores(Path(":memory:"))


@pytest.mark.parametrize("mode", ["WAL", "DELETE"], ids=["while it is migrated", "before it is read"])
def test_a_file_that_another_process_keeps_locked_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    monkeypatch.setattr(opening, "BUSY_SECONDS", 0.1)
    path = tmp_path / "node.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute(f"PRAGMA journal_mode = {mode}")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(Fault, match="keeps it locked"):
            open_stores(path)
        other.execute("ROLLBACK")
    close(path)


@pytest.mark.parametrize("folder_mode", [0o555, 0o777], ids=["read-only folder", "read-only file"])
def test_a_file_that_cannot_be_written_is_told_so(readable_folder: Path, folder_mode: int) -> None:
    path = readable_folder / "node.db"
    close(path)
    path.chmod(0o444)
    readable_folder.chmod(folder_mode)
    program = f"""
import os, sys, pathlib
from tongxing.core.errors import Fault
from tongxing.stores.sqlite.stores import open_stores
from tongxing.wire.cbor import encode_canonical
if os.geteuid() == 0:
    os.setuid({NOBODY})
try:
    open_stores(pathlib.Path(sys.argv[1]))
except Fault as fault:
    print(fault)
"""
    result = run_child(program, str(path))
    assert "cannot be written" in result.stdout, result
    assert str(path) in result.stdout


def test_a_damaged_file_is_a_fault_and_never_an_empty_answer(tmp_path: Path) -> None:
    path = tmp_path / "node.db"

    async def fill() -> None:
        stores = open_stores(path)
        await asyncio.gather(*(stores.passages.record(passage(f"p{number}")) for number in range(300)))
        await stores.aclose()

    asyncio.run(fill())
    with path.open("r+b") as file:
        file.seek(4_096)
        file.write(os.urandom(path.stat().st_size - 4_096))

    async def find() -> None:
        stores = open_stores(path)
        try:
            await stores.passages.find("p1")
        finally:
            await stores.aclose()

    with pytest.raises(Fault, match=r"damaged|failed"):
        asyncio.run(find())


def test_a_report_that_cannot_be_read_is_a_fault_and_never_no_report(tmp_path: Path) -> None:
    path = tmp_path / "node.db"

    async def run(body: bytes) -> None:
        stores = open_stores(path)
        try:
            await stores.reports.put_reports([row()])
            with closing(sqlite3.connect(path, isolation_level=None)) as other:
                other.execute("UPDATE reports SET revision = 2, body = ?", (body,))
            await stores.reports.reports_of(row().subject)
        finally:
            await stores.aclose()

    for body in (b"", encode_canonical({}), encode_canonical({"report": {}})):
        with pytest.raises(Fault, match="cannot be read"):
            asyncio.run(run(body))


def test_several_processes_that_start_at_once_on_a_new_file_all_work(tmp_path: Path) -> None:
    path = tmp_path / "node.db"
    program = """
import asyncio, sys, pathlib
from tests.contract.samples import passage, row
from tongxing.stores.sqlite.stores import open_stores
from tongxing.wire.cbor import encode_canonical

async def main(path, name):
    stores = open_stores(path)
    for number in range(20):
        await stores.passages.record(passage(f"{name}-{number}"))
    await stores.aclose()

asyncio.run(main(pathlib.Path(sys.argv[1]), sys.argv[2]))
"""
    root = Path(__file__).parents[3]
    children = [
        subprocess.Popen([sys.executable, "-c", program, str(path), f"process{number}"], cwd=root)
        for number in range(4)
    ]
    assert [child.wait() for child in children] == [0] * 4
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM passages").fetchone() == (80,)


def test_erased_views_are_gone_from_the_file_itself(tmp_path: Path) -> None:
    path = tmp_path / "node.db"
    views = b"these bytes must not stay behind" * 100

    async def record_and_erase() -> None:
        stores = open_stores(path)
        await stores.passages.record(passage(views=views))
        await stores.passages.record(passage("p2", views=None))
        assert await stores.passages.purge_views(passage().expires_at) == 1
        await stores.aclose()

    asyncio.run(record_and_erase())
    assert b"must not stay" not in path.read_bytes()
    assert sorted(tmp_path.iterdir()) == [path]


def test_a_store_is_ready_until_it_is_closed(tmp_path: Path) -> None:
    async def run() -> None:
        stores = open_stores(tmp_path / "node.db")
        await stores.check_ready()
        await stores.aclose()
        with pytest.raises(Fault, match="closed"):
            await stores.check_ready()
        with pytest.raises(Fault):
            await stores.passages.find("p1")
        with pytest.raises(Fault):
            await stores.alarms.recent(1)

    asyncio.run(run())
