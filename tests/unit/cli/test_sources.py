"""An owner of a dataset at a real hub: docked by an operator, sends its file by document, says how far, compares."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.running_hub import running_hub
from tests.unit.cli.conftest import Run
from tests.unit.cli.test_risk import listed
from tests.world import World

NOW = datetime.now(UTC).replace(microsecond=0)
ROWS = 30


@dataclass(frozen=True)
class Owner:
    """The hub's address, and the key files of an operator of it and of the owner."""

    url: str
    operator: Path
    key: Path


def key_file(folder: Path, name: str) -> Path:
    path = folder / f"{name.replace(' ', '-').lower()}.json"
    seed = f"INSECURE_TEST_{name}".encode().ljust(32, b".")[:32].hex()
    path.write_text(json.dumps({"kind": "tongxing-key", "suite": "EdDSA", "seed_hex": seed}))
    path.chmod(0o600)
    return path


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Owner]:
    folder, now = tmp_path_factory.mktemp("hub"), datetime.now(UTC)
    with running_hub(
        folder / "hub", World(issued_at=now).bundle(), [(now, listed("二七街道甲社区"))], lambda _: ()
    ) as running:
        yield Owner(running.url, key_file(folder, "OPERATOR"), key_file(folder, "OWNER"))


@pytest.fixture
def docked(run: Run, hub: Owner) -> Owner:
    done = hub.key.with_name("docked")
    if done.exists():
        return hub
    public = json.loads(run("keys", "show", hub.key, "--json")[1])["public"]
    status, told, errors = run(
        *("sources", "dock", "vaccinations", "tests", "--to", hub.url, "--key", hub.operator),
        *("--public", public, "--label", "health commission"),
    )
    assert (status, errors) == (0, ""), errors
    assert "vaccinations, tests" in told
    done.touch()
    return hub


def rows(first: int, count: int = ROWS, **changes: Any) -> list[dict[str, Any]]:
    return [
        {
            "document": {"type": "20", "number": f"E99{number:06d}"},
            "kind": "test",
            "ref": f"t-{number}",
            "revision": 1,
            "since_seconds": int((NOW - timedelta(days=1 + number % 3)).timestamp()),
            "result": "negative",
            **changes,
        }
        for number in range(first, first + count)
    ]


def written(folder: Path, content: list[dict[str, Any]], name: str = "tests.jsonl") -> Path:
    path = folder / name
    path.write_text("".join(json.dumps(row) + "\n" for row in content))
    return path


def test_an_owner_hands_its_file_in_by_document_and_no_number_reaches_the_hubs_record(
    run: Run, docked: Owner, tmp_path: Path
) -> None:
    path = written(tmp_path, rows(1_000))
    asked = ("ingest", path, "--dataset", "tests", "--to", docked.url, "--key", docked.key, "--rows", "7", "--json")
    status, told, errors = run(*asked)
    assert (status, errors) == (0, "")
    assert (json.loads(told)["stored"], json.loads(told)["set_aside"]) == (ROWS, 0)
    (tmp_path / "tests.jsonl.progress.json").unlink()
    assert json.loads(run(*asked)[1])["unchanged"] == ROWS
    record = b"".join(file.read_bytes() for file in docked.operator.parent.rglob("node.sqlite*"))
    assert b"t-1000" in record
    assert b"E99001000" not in record


def test_a_document_that_is_none_sets_its_row_aside_and_says_no_number(run: Run, docked: Owner, tmp_path: Path) -> None:
    content = rows(2_000, 4)
    content[1]["document"] = {"type": "20", "number": "???"}
    content[2]["result"] = "boosted"
    path = written(tmp_path, content)
    status, told, _ = run("ingest", path, "--dataset", "tests", "--to", docked.url, "--key", docked.key)
    assert (status, "set aside 2" in told) == (3, True)
    noted = (tmp_path / "tests.jsonl.set-aside.tsv").read_text().splitlines()
    assert noted == ["2\tthe document of the row cannot be read", "3\ta test says negative, positive"]


def test_a_parquet_file_says_the_same(run: Run, docked: Owner, tmp_path: Path) -> None:
    path = tmp_path / "tests.parquet"
    pq.write_table(pa.Table.from_pylist([{**row, "retracted": False} for row in rows(3_000)]), path)
    told = run("ingest", path, "--dataset", "tests", "--to", docked.url, "--key", docked.key, "--json")
    assert json.loads(told[1])["stored"] == ROWS


def test_a_file_is_compared_with_the_hub_by_day(run: Run, docked: Owner, tmp_path: Path) -> None:
    said: dict[str, Any] = {"kind": "vaccination", "result": "complete"}
    path = written(tmp_path, rows(4_000, **said), "vaccinations.jsonl")
    asked = ("--dataset", "vaccinations", "--to", docked.url, "--key", docked.key)
    status, told, _ = run("sources", "reconcile", path, *asked)
    assert (status, "3 days differ" in told) == (3, True)
    assert run("ingest", path, *asked)[0] == 0
    status, told, errors = run("sources", "reconcile", path, *asked, "--json")
    assert (status, errors) == (0, "")
    assert {(day["same"], day["here"]["count"]) for day in json.loads(told)["days"]} == {(True, ROWS // 3)}
    changed = rows(4_000, **said)
    changed[0]["revision"] = 2
    status, told, _ = run("sources", "reconcile", written(tmp_path, changed, "changed.jsonl"), *asked)
    assert (status, "1 days differ" in told) == (3, True)


def test_the_owners_word_makes_the_dataset_fresh(run: Run, docked: Owner) -> None:
    status, told, errors = run("sources", "complete", "tests", "--to", docked.url, "--key", docked.key)
    assert (status, errors) == (0, "")
    assert "tests: whole until" in told


def test_a_key_that_no_operator_enrolled_hands_nothing_in(run: Run, docked: Owner, tmp_path: Path) -> None:
    stranger = key_file(tmp_path, "STRANGER")
    path = written(tmp_path, rows(5_000, 1))
    status, _, errors = run("ingest", path, "--dataset", "tests", "--to", docked.url, "--key", stranger)
    assert status == 2
    assert "Traceback" not in errors
