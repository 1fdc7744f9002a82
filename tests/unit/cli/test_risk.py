"""``tongxing risk``: lists compared, levels computed, and a running hub asked, with a bar and never a traceback."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from tests.running_hub import RunningHub, running_hub
from tests.unit.risk.test_case_levels import city, table
from tests.world import World
from tongxing.cli import EXIT_REFUSED
from tongxing.risk.level_table import parse_level_table

Run = Callable[..., tuple[int, str, str]]
SMALL_LIST = files("tongxing.simulation") / "small_risk_list.json"
AT = ("--at", "2022-12-31T00:00:00+08:00")
NOON = datetime(2022, 4, 15, 4, tzinfo=UTC)


def listed(*communities: str) -> bytes:
    row = {"province": "湖北省", "city": "武汉市", "county": "江岸区", "communitys": list(communities)}
    return json.dumps({"data": {"end_update_time": "2022-04-15 11时", "highlist": [row], "middlelist": []}}).encode()


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    """Give a hub with one list in force."""
    folder = tmp_path_factory.mktemp("hub")
    with running_hub(folder, World().bundle(), [(NOON, listed("二七街道甲社区"))], lambda _settings: ()) as running:
        yield running


def test_two_lists_are_compared_by_area_and_by_division(run: Run, tmp_path: Path) -> None:
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_bytes(SMALL_LIST.read_bytes())
    new.write_bytes(listed("二七街道甲社区"))
    ended, out, err = run("risk", "diff", old, new, *AT)
    assert (ended, err) == (0, "")
    assert "湖北省 武汉市 江岸区 二七街道甲社区: - -> high" in out
    told = json.loads(run("risk", "diff", old, new, *AT, "--json")[1])
    assert (told["areas_appeared"], told["areas_gone"]) == (1, 4)
    assert {"number": "420102", "name": "江岸区", "before": "high", "after": "mixed"} in told["divisions"]
    same = json.loads(run("risk", "diff", new, new, *AT, "--json")[1])
    assert (same["areas"], same["divisions"]) == ([], [])


def test_a_level_is_told_by_name_and_number_at_a_moment(run: Run, hub: RunningHub) -> None:
    ended, out, _ = run("risk", "level", "二七街道", "--hub", hub.url)
    assert ended == 0
    assert "湖北省 武汉市 江岸区 二七街道甲社区: high since 2022-04-15T03:00:00Z (official_list)" in out
    told: dict[str, Any] = json.loads(run("risk", "level", "420102", "--hub", hub.url, "--json")[1])
    assert [one["risk"] for one in told["divisions"]] == ["mixed"]
    ended, out, _ = run("risk", "level", "420102", "--hub", hub.url, "--at", "2019-12-01T00:00:00+08:00")
    assert (ended, "no list named it then" in out) == (0, True)


@pytest.mark.parametrize(
    "arguments",
    [("990101",), ("县",), ("江岸区", "--at", "yesterday")],
    ids=["no such number", "too short", "no moment"],
)
def test_what_cannot_be_asked_of_a_hub_is_refused(run: Run, hub: RunningHub, arguments: tuple[str, ...]) -> None:
    ended, out, err = run("risk", "level", *arguments, "--hub", hub.url)
    assert (ended, out) == (EXIT_REFUSED, "")
    assert err.startswith("refused: ")


def test_a_hub_that_is_away_or_no_address_is_told(run: Run) -> None:
    for address in ("http://127.0.0.1:9", "not an address"):
        ended, _, err = run("risk", "level", "江岸区", "--hub", address)
        assert ended == EXIT_REFUSED
        assert "Traceback" not in err


def test_levels_are_computed_told_with_their_assumptions_and_written_whole(run: Run, tmp_path: Path) -> None:
    cases, out_file = tmp_path / "cases.csv", tmp_path / "levels.csv"
    cases.write_bytes(table(*city(80, 131)))
    arguments = ("risk", "levels", "--cases", cases, "--on", "2020-03-21")
    ended, out, _ = run(*arguments, "--out", out_file, "--source", "a test")
    assert ended == 0
    assert "assumed (cluster_by_count)" in out
    written = parse_level_table(out_file.read_bytes())
    assert [(one.number, one.new) for one in written.units if one.level == "high"] == [("4501", 51)]
    assert "# Source: a test; SHA-256" in out_file.read_text("utf-8")
    told = json.loads(run(*arguments, "--json", "--cluster-from", "51")[1])
    assert told["above_low"] == [{"number": "4501", "level": "medium", "confirmed": 131, "new": 51}]
    ended, _, err = run("risk", "import", out_file)
    assert (ended, "Traceback" in err) == (0, False)


@pytest.mark.parametrize(
    "arguments",
    [("--on", "today"), ("--on", "2020-03-22"), ("--on", "2020-03-21", "--source", "two\nlines")],
    ids=["no day", "beyond the counts", "a source of two lines"],
)
def test_levels_that_cannot_be_computed_are_refused(run: Run, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    cases = tmp_path / "cases.csv"
    cases.write_bytes(table())
    ended, out, err = run("risk", "levels", "--cases", cases, *arguments)
    assert (ended, out) == (EXIT_REFUSED, "")
    assert err.startswith("refused: ")
