"""``tongxing store copy`` says what it copied, and refuses without a traceback or a password."""

import asyncio
import json
from pathlib import Path

import pytest

from tests.contract.samples import row
from tests.real_servers import Databases
from tests.unit.cli.conftest import Run
from tongxing.cli import EXIT_REFUSED
from tongxing.stores.sqlite.stores import open_stores


@pytest.fixture
def source(tmp_path: Path) -> Path:
    async def fill() -> None:
        stores = open_stores(tmp_path / "node.sqlite")
        await stores.reports.put_reports([row(1), row(2)])
        await stores.aclose()

    asyncio.run(fill())
    return tmp_path / "node.sqlite"


def test_what_was_copied_is_told(
    run: Run, source: Path, postgres_databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TONGXING_RECORD", postgres_databases.new())
    status, told, _ = run("store", "copy", source)
    assert status == 0
    assert "2 rows copied and compared" in told
    status, told, _ = run("store", "copy", source, "--record", postgres_databases.new(), "--json")
    assert (status, json.loads(told)["copied"]["reports"]) == (0, 2)


@pytest.mark.parametrize("address", ["mysql://me:s3cret@db/record", "postgresql://me:s3cret@db"])
def test_an_address_of_no_database_is_refused_unquoted(run: Run, source: Path, address: str) -> None:
    status, _, told = run("store", "copy", source, "--record", address)
    assert status == EXIT_REFUSED
    assert "postgresql://" in told
    assert "s3cret" not in told
