"""``tongxing regions``: listed by day, shown with evidence, every fault named, compared by cause; never a traceback."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.regions.samples import EVERY_PACKAGED, ZHEJIANG_TEXT, profile_text
from tongxing.cli import EXIT_REFUSED

Run = Callable[..., tuple[int, str, str]]


def told_as_json(run: Run, *arguments: object) -> Any:
    ended, out, err = run("regions", *arguments, "--json")
    assert (ended, err) == (0, "")
    return json.loads(out)


def test_every_region_that_ships_is_listed_as_it_was_on_a_day(run: Run) -> None:
    rows = told_as_json(run, "list", "--on", "2020-03-21")
    assert [row["region"] for row in rows] == sorted(profile.region for profile in EVERY_PACKAGED)
    guangdong = next(row for row in rows if row["region"] == "44")
    assert [status["en"] for status in guangdong["statuses"]] == ["blue", "red", "under review"]
    later = next(row for row in told_as_json(run, "list", "--on", "2020-06-01") if row["region"] == "44")
    assert [status["en"] for status in later["statuses"]] == ["green", "yellow", "red", "under review"]
    assert set(guangdong["evidence"]) == {"sum", "assumed"}


def test_the_list_reads_in_both_languages(run: Run) -> None:
    assert "湖北健康码" in run("regions", "list")[1]
    english = run("regions", "list", "--lang", "en")[1]
    assert "Hubei Health Code" in english
    assert not re.search(r"[\u4e00-\u9fff]", english)


def test_a_region_is_shown_with_the_evidence_of_each_fact_and_its_days_of_change(run: Run) -> None:
    told = told_as_json(run, "show", "22", "--on", "2020-04-16")
    assert {fact["sure"] for fact in told["facts"]} == {"sum", "assumed"}
    assert all(fact["source"] for fact in told["facts"])
    assert "2020-04-17" in told["days_of_change"]
    ended, out, _ = run("regions", "show", "22", "--on", "2020-04-16", "--lang", "en")
    assert ended == 0
    assert "shown for: a close contact under medical observation: orange  [press or summary]" in out
    assert "changes on: 2020-02-01, 2020-04-17" in out


def test_a_file_is_shown_as_a_region_is(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(ZHEJIANG_TEXT, encoding="utf-8")
    assert told_as_json(run, "show", file, "--on", "2020-03-21")["region"] == "33"
    assert told_as_json(run, "diff", file, f"{file}@2020-05-01", "--on", "2020-03-21")["differences"] == []


def test_one_region_is_compared_on_two_days_by_cause(run: Run) -> None:
    told = told_as_json(run, "diff", "22@2020-04-16", "22@2020-04-17")
    contact = next(each for each in told["differences"] if each["about"] == "close_contact")
    assert [said["en"] for said in contact["before"]] == ["orange"]
    assert [said["en"] for said in contact["after"]] == ["red"]
    assert "没有差异" in run("regions", "diff", "42", "42")[1]


def test_two_regions_are_compared_by_what_they_mean_and_not_by_how_they_write_it(run: Run) -> None:
    """Anhui writes 2 where Guangxi writes yellow: that is no difference of what is shown for a cause."""
    told = told_as_json(run, "diff", "34", "45", "--on", "2020-03-21")
    assert not [each for each in told["differences"] if each["topic"] == "cause"]
    assert [each for each in told["differences"] if each["topic"] == "family"]
    close_contact = next(
        each
        for each in told_as_json(run, "diff", "42", "44", "--on", "2020-06-01")["differences"]
        if each["about"] == "close_contact"
    )
    assert (close_contact["before"][0]["en"], close_contact["after"][0]["en"]) == ("yellow", "red")


def test_a_whole_profile_passes_the_check(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "42.toml"
    file.write_text(profile_text("42"), encoding="utf-8")
    ended, out, err = run("regions", "check", file)
    assert (ended, err) == (0, "")
    assert "0 faults" in out


def test_the_check_names_every_fault_of_a_file(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "many.toml"
    text = ZHEJIANG_TEXT.replace('region = "33"', 'region = "x"').replace('colour = "red"', 'colour = "pink"')
    text = text.replace('told = "fever"\n', 'told = "fever"\nonce = true\n').replace('sure = "assumed"\n', "")
    file.write_text(text.replace('prefix = "ZJJKM."', 'prefix = "1"'), encoding="utf-8")
    ended, out, _ = run("regions", "check", file, "--json")
    assert ended == EXIT_REFUSED
    faults = json.loads(out)[0]["faults"]
    for said in (
        *("region is not a GB/T 2260 number", "sure is missing", "begins with a digit", "unknown key once"),
        "colour is none of",
    ):
        assert sum(said in fault for fault in faults) == 1
    assert len(faults) == 5


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('setters = [{ who = "database", does = "sets", evidence = "all" }]', "", "setters is missing"),
        ('[[status.meaning]]\ntold = "none"\ncause = "nothing_found"\nevidence = "all"\n', "", "meaning is missing"),
        ('{ step = "limit", hours = 48, evidence = "all" }', '{ step = "limit", hours = 48 }', "evidence is missing"),
        ('{ step = "limit", hours = 48, evidence = "all" },', "", "appeals: limit: none on 2020-02-01"),
        ('{ step = "limit", hours = 48', '{ step = "limit", hours = 12', "a later step is due before an earlier one"),
        ('prefix = "ZJJKM."', 'prefix = "HBJKM."', "profiles 42 and 33 overlap"),
    ],
)  # fmt: skip
def test_a_slip_is_named_with_its_place(run: Run, tmp_path: Path, old: str, new: str, said: str) -> None:
    file = tmp_path / "slip.toml"
    assert old in ZHEJIANG_TEXT
    file.write_text(ZHEJIANG_TEXT.replace(old, new, 1), encoding="utf-8")
    ended, out, _ = run("regions", "check", file)
    assert ended == EXIT_REFUSED
    assert said in out


def test_two_files_that_could_be_confused_are_told_of_both(run: Run, tmp_path: Path) -> None:
    mine, theirs = tmp_path / "33.toml", tmp_path / "98.toml"
    mine.write_text(ZHEJIANG_TEXT, encoding="utf-8")
    theirs.write_text(ZHEJIANG_TEXT.replace('region = "33"', 'region = "98"'), encoding="utf-8")
    ended, out, _ = run("regions", "check", mine, theirs)
    assert ended == EXIT_REFUSED
    assert out.count("overlap") == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "99"), "no profile ships for region '99'"),
        (("show", "/44"), "no profile ships for region"),
        (("show", "44@yesterday"), "not a day"),
        (("list", "--on", "2020-02-30"), "not a day"),
        (("diff", "44", "missing.toml"), "missing.toml"),
        (("check", "missing.toml"), "missing.toml"),
    ],
)
def test_what_cannot_be_done_is_refused_by_name(run: Run, arguments: tuple[str, ...], said: str) -> None:
    ended, _, err = run("regions", *arguments)
    assert ended == EXIT_REFUSED
    assert said in err
    assert "Traceback" not in err


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a = " + b"[" * 50_000, b"#" * 70_000, b""])
def test_what_is_no_profile_at_all_is_checked_without_a_traceback(run: Run, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "bad.toml"
    file.write_bytes(content)
    ended, out, err = run("regions", "check", file)
    assert (ended, err) == (EXIT_REFUSED, "")
    assert "0 faults" not in out
