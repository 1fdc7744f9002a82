"""``tongxing regions matrix``: a pair in words, every case as CSV or JSON, a page; each wrong word refused by name."""

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from tests.unit.regions.samples import EVERY_PACKAGED
from tongxing.cli import EXIT_REFUSED
from tongxing.cli.matrix_page import make_page
from tongxing.core.verdicts import Outcome
from tongxing.core.words import PlaceKind
from tongxing.recognition.matrix import make_matrix
from tongxing.rules.book import RuleBook

Run = Callable[..., tuple[int, str, str]]
NO_CODE_IN_BEIJING_YET = date(2020, 2, 5)
PAIRS = len(EVERY_PACKAGED) * (len(EVERY_PACKAGED) - 1)


def test_a_pair_is_told_with_what_is_shown_what_is_lost_the_outcome_and_why(run: Run) -> None:
    ended, out, err = run("regions", "matrix", "--on", "2020-03-21", "--from", 42, "--to", 44, "--lang", "en")
    assert (ended, err) == (0, "")
    assert out.startswith("Hubei → Guangdong\n")
    assert "  yellow mqjcz: a close contact under medical observation, level 10 → red\n" in out
    assert "    - the status shown here does not tell the cause\n" in out
    assert ": STOP. The report of Hubei has the high level; by the rules here you may not pass.\n" in out
    assert "PASS WITH MEASURES (take the temperature" in out
    assert "an expired report → not shown" in out
    assert not re.search(r"[\u4e00-\u9fff]", out)


def test_a_pair_is_told_in_chinese_and_where_no_code_is_read(run: Run) -> None:
    ended, out, _ = run("regions", "matrix", "--on", "2022-07-01", "--from", "44", "--to", "11")
    assert ended == 0
    assert out.startswith("广东省 → 北京市\n")
    assert "公共管理服务机构（低风险地区不查验）: 转人工确认。" in out
    assert "交通卡口、居住小区（低风险地区不查验）: 通行。" in out


def test_the_whole_is_told_by_kind_of_place_and_every_pair_is_counted(run: Run) -> None:
    ended, out, _ = run("regions", "matrix", "--on", "2020-03-21", "--lang", "en")
    assert ended == 0
    lines = [line for line in out.splitlines() if line.startswith("  ")]
    assert len(lines) == len(PlaceKind)
    for line in lines:
        assert sum(map(int, re.findall(r" (\d+)(?:,|$)", line))) == PAIRS


def test_csv_and_json_hold_the_same_cases(run: Run) -> None:
    of_pair = ("regions", "matrix", "--on", "2020-03-21", "--from", "4401", "--to", "42")
    lines = list(csv.DictReader(io.StringIO(run(*of_pair, "--csv")[1])))
    objects = json.loads(run(*of_pair, "--json")[1])
    assert lines == [{key: "" if value is None else str(value) for key, value in each.items()} for each in objects]
    assert {each["status"] for each in objects} == {"blue", "red", "init"}
    assert {each["traffic_gate_outcome"] for each in objects} == {"PASS_WITH_MEASURES", "STOP", "REFER"}


def test_csv_holds_every_pair(run: Run) -> None:
    lines = list(csv.DictReader(io.StringIO(run("regions", "matrix", "--on", "2022-07-01", "--csv")[1])))
    assert len({(line["issuer"], line["host"]) for line in lines}) == PAIRS
    assert {line["factory_outcome"] for line in lines} <= set(Outcome)


def test_before_a_region_had_a_code_that_is_what_is_told(run: Run) -> None:
    asked = ("regions", "matrix", "--on", "2020-01-15", "--from", "42", "--to", "11")
    assert run(*asked, "--lang", "en") == (0, "no code yet\n", "")
    assert json.loads(run(*asked, "--json")[1]) == []
    assert run(*asked, "--csv") == (0, "", "")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--on", "21.3.2020"), "21.3.2020"),
        (("--on", "9999-12-31"), "9999-12-31"),
        (("--on", "2020-03-21", "--from", "99"), "'99'"),
        (("--on", "2020-03-21", "--to", "x" * 60), "x" * 40),
        (("--on", "2020-03-21", "--csv", "--json"), "one of them"),
        (("--on", "2020-03-21", "--csv", "--page", "."), "one of them"),
        (("--on", "2020-03-21", "--from", "42", "--page", "."), "every pair"),
        (("--on", "2020-03-21", "--page", "/nowhere/at/all"), "/nowhere/at/all"),
    ],
)
def test_what_is_wrong_is_refused_by_name(run: Run, arguments: tuple[str, ...], named: str) -> None:
    ended, out, err = run("regions", "matrix", *arguments)
    assert (ended, out) == (EXIT_REFUSED, "")
    assert err.startswith("refused: ")
    assert named in err


def test_a_page_of_any_day_is_written(run: Run, tmp_path: Path) -> None:
    ended, out, _ = run("regions", "matrix", "--on", "2020-02-20", "--page", tmp_path)
    assert ended == 0
    page = (tmp_path / "matrix-2020-02-20.md").read_text(encoding="utf-8")
    assert str(tmp_path / "matrix-2020-02-20.md") in out
    assert "`no_rule_in_force`" in page
    assert "PASS | PASS WITH MEASURES" in page


def test_regions_without_a_code_yet_are_named_on_the_page() -> None:
    page = make_page(make_matrix(EVERY_PACKAGED, RuleBook({}), NO_CODE_IN_BEIJING_YET), "a command")
    assert "No code yet: Beijing." in page
