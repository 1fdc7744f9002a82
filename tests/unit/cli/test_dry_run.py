"""``tongxing rules dry-run``: what it prints and writes, and what it refuses by name."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.unit.cli.conftest import Run
from tests.unit.recognition.test_dry_run import BEIJINGS, HUBEIS
from tests.unit.rules.tables import SHIPPED
from tongxing.cli import EXIT_REFUSED

ON = ("rules", "dry-run", "--on", "2020-03-21")


def test_the_run_of_a_day_is_one_document_and_says_of_when_its_risks_are(run: Run) -> None:
    ended, out, _ = run(*ON, "--json")
    told = json.loads(out)["in_force"]
    assert ended == 0
    assert told["cities"] == 337
    assert told["total"]["pairs"] == 337 * 336 * 4
    assert told["risks_as_of"].startswith("2020-03-21T16:00")
    assert told["exceptions"].keys() == {HUBEIS, BEIJINGS}


def test_without_an_exception_both_runs_are_told(run: Run) -> None:
    _, out, _ = run(*ON, "--without", HUBEIS, "--json")
    told = json.loads(out)
    assert told.keys() == {"in_force", "changed"}
    gained = told["changed"]["total"]["nothing_asked"] - told["in_force"]["total"]["nothing_asked"]
    assert gained == told["in_force"]["exceptions"][HUBEIS] > 0


def test_with_a_table_the_rules_are_tried_as_if_it_were_in_force(run: Run, tmp_path: Path) -> None:
    table = tmp_path / "11.toml"
    text = (SHIPPED / "11.toml").read_text(encoding="utf-8")
    table.write_text(
        text.replace(
            'measures = ["take_temperature", "declare_stay", "report_to_community"]', 'measures = ["take_temperature"]'
        ),
        encoding="utf-8",
    )
    _, out, _ = run(*ON, "--with", table, "--json")
    told = json.loads(out)
    assert told["changed"]["exceptions"] == told["in_force"]["exceptions"]
    spared = told["in_force"]["measures"]["declare_stay"] - told["changed"]["measures"]["declare_stay"]
    assert spared == told["in_force"]["exceptions"][BEIJINGS]


def test_tables_name_provinces_measures_and_rows(run: Run) -> None:
    ended, out, _ = run(*ON)
    assert ended == 0
    for said in ("Hubei", "take the temperature", f"{HUBEIS} (exception)", "91.6%"):
        assert said in out


def test_pictures_are_written_whole(run: Run, tmp_path: Path) -> None:
    svg, png = tmp_path / "map.svg", tmp_path / "map.png"
    assert run(*ON, "--svg", svg, "--png", png, "--language", "zh", "--place", "factory", "--json")[0] == 0
    assert ET.fromstring(svg.read_bytes()).tag.endswith("svg")  # noqa: S314 - our own text
    assert "湖北" in svg.read_text(encoding="utf-8")
    assert png.read_bytes().startswith(b"\x89PNG")
    assert {path.name for path in tmp_path.iterdir()} == {"map.svg", "map.png"}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--on", "yesterday"), "not a day such as 2020-03-21"),
        (("--on", "2021-03-23"), "no levels ship for 2021-03-23"),
        (("--on", "2020-03-21", "--without", "42/hubei/nothing"), f"in force: {BEIJINGS}, {HUBEIS}"),
        (("--on", "2020-03-21", "--with", "nowhere.toml"), "nowhere.toml: No such file"),
        (("--on", "2020-03-21", "--rules", "nowhere"), "no rule table"),
        (("--on", "2020-03-21", "--cases", "a.csv", "--list", "b.json"), "give one of them"),
        (("--on", "2020-03-21", "--list", __file__), "not JSON"),
        (("--on", "2020-03-21", "--svg", "nowhere/map.svg"), "nowhere/map.svg: No such file"),
    ],
)
def test_what_cannot_be_run_is_refused_by_name(run: Run, arguments: tuple[str, ...], told: str) -> None:
    ended, _, errors = run("rules", "dry-run", *arguments)
    assert ended == EXIT_REFUSED
    assert told in errors
    assert "Traceback" not in errors
