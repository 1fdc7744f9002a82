"""``tongxing ingest``: a file goes to a real hub whole, wherever it was broken off; what is bad is listed by row."""

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from tests.contract.samples import GUANGXI, row
from tests.running_hub import RunningHub, running_hub
from tests.unit.cli.conftest import Run
from tests.unit.cli.test_risk import listed
from tests.unit.services.test_ingesting import lines
from tests.world import World, insecure_test_seed
from tongxing.app.node_keys import GATEWAY_FILES
from tongxing.core.levels import Level

ROWS = 300


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningHub, Path]]:
    """A hub in the present, and the key file of Hubei's gateway."""
    folder, now = tmp_path_factory.mktemp("hub"), datetime.now(UTC)
    key = folder / "request.json"
    seed = insecure_test_seed("request 42").hex()
    key.write_text(json.dumps({"kind": "tongxing-key", "suite": GATEWAY_FILES["request"], "seed_hex": seed}))
    key.chmod(0o600)
    with running_hub(
        folder / "hub", World(issued_at=now).bundle(), [(now, listed("二七街道甲社区"))], lambda _: ()
    ) as running:
        yield running, key


def file_of(folder: Path, first: int, count: int = ROWS) -> Path:
    path = folder / "reports.jsonl"
    path.write_bytes(lines(*(row(number) for number in range(first, first + count))))
    return path


def test_a_file_goes_to_the_hub_in_batches_and_again_changes_nothing(
    run: Run, hub: tuple[RunningHub, Path], tmp_path: Path
) -> None:
    running, key = hub
    path = file_of(tmp_path, 1_000)
    asked = ("ingest", path, "--to", running.url, "--key", key, "--rows", "70", "--json")
    status, told, errors = run(*asked)
    assert (status, errors) == (0, "")
    assert json.loads(told) == {
        "rows": ROWS, "stored": ROWS, "unchanged": 0, "outranked": 0, "set_aside": 0, "waiting": 0,
    }  # fmt: skip
    (path.parent / f"{path.name}.progress.json").unlink()
    status, told, _ = run(*asked)
    assert (status, json.loads(told)["unchanged"]) == (0, ROWS)


def test_what_is_set_aside_is_listed_by_its_row_in_the_file_and_the_status_says_so(
    run: Run, hub: tuple[RunningHub, Path], tmp_path: Path
) -> None:
    running, key = hub
    path = tmp_path / "reports.jsonl"
    good = [lines(row(number)) for number in range(2_000, 2_010)]
    path.write_bytes(b"".join([*good[:4], b"not JSON\n", *good[4:9], lines(row(1, issuer=GUANGXI)), *good[9:]]))
    status, told, _ = run("ingest", path, "--to", running.url, "--key", key, "--rows", "3")
    assert status == 3
    assert "set aside 2" in told
    noted = (tmp_path / "reports.jsonl.set-aside.tsv").read_text().splitlines()
    assert noted == ["5\tnot JSON", "11\ta region reports for itself only"]


def test_a_file_broken_off_by_a_kill_goes_on_where_it_was(
    run: Run, hub: tuple[RunningHub, Path], tmp_path: Path
) -> None:
    running, key = hub
    path = file_of(tmp_path, 3_000, 1_500)
    asked = ["ingest", str(path), "--to", running.url, "--key", str(key), "--rows", "5"]
    process = subprocess.Popen(
        [sys.executable, "-c", "from tongxing.cli import main; main()", *asked], stdout=subprocess.DEVNULL
    )
    note = tmp_path / "reports.jsonl.progress.json"
    deadline = time.monotonic() + 60
    while not note.exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    done = json.loads(note.read_bytes())["rows"]
    assert 0 < done < 1_500
    status, told, _ = run(*asked, "--json")
    assert status == 0
    counts = json.loads(told)
    assert counts["rows"] == 1_500 == counts["stored"] + counts["unchanged"]
    assert counts["unchanged"] <= 5


def test_a_note_of_another_file_or_way_is_refused(run: Run, hub: tuple[RunningHub, Path], tmp_path: Path) -> None:
    running, key = hub
    path = file_of(tmp_path, 5_000, 3)
    assert run("ingest", path, "--to", running.url, "--key", key)[0] == 0
    path.write_bytes(path.read_bytes() + lines(row(5_009, level=Level.HIGH)))
    status, _, errors = run("ingest", path, "--to", running.url, "--key", key)
    assert status == 2
    assert "another file or another way" in errors


@pytest.mark.parametrize("ending", ["jsonl.gz", "jsonl.zst", "parquet", "arrow"])
def test_files_of_every_kind_say_the_same(run: Run, hub: tuple[RunningHub, Path], tmp_path: Path, ending: str) -> None:
    running, key = hub
    first = 6_000 + 10 * ["jsonl.gz", "jsonl.zst", "parquet", "arrow"].index(ending)
    text = lines(*(row(number) for number in range(first, first + 5)))
    path = tmp_path / f"reports.{ending}"
    table = pa.Table.from_pylist([json.loads(line) for line in text.splitlines()])
    if ending == "parquet":
        pq.write_table(table, path)
    elif ending == "arrow":
        with pa.ipc.new_file(path, table.schema) as writer:
            writer.write_table(table)
    else:
        path.write_bytes(gzip.compress(text) if ending.endswith("gz") else zstandard.ZstdCompressor().compress(text))
    status, told, errors = run("ingest", path, "--to", running.url, "--key", key, "--json")
    assert (status, errors) == (0, "")
    assert json.loads(told)["stored"] == 5


@pytest.mark.parametrize("ending", ["jsonl.gz", "jsonl.zst", "parquet", "arrow"])
def test_a_file_that_is_not_what_its_name_says_is_refused_in_a_sentence(
    run: Run, hub: tuple[RunningHub, Path], tmp_path: Path, ending: str
) -> None:
    running, key = hub
    path = tmp_path / f"reports.{ending}"
    path.write_bytes(b"something else entirely")
    status, _, errors = run("ingest", path, "--to", running.url, "--key", key)
    assert status == 2
    assert str(path) in errors
    assert "Traceback" not in errors


def test_a_hub_that_is_away_is_waited_for_and_then_told(run: Run, hub: tuple[RunningHub, Path], tmp_path: Path) -> None:
    _, key = hub
    path = file_of(tmp_path, 7_000, 3)
    status, _, errors = run("ingest", path, "--to", "http://127.0.0.1:9", "--key", key, "--patience", "0")
    assert status == 2
    assert "away" in errors
