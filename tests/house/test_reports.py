"""A report or a matrix is what its own command makes: profiles, rules, levels and code are those of the page."""

import re
import shlex
import sys
from pathlib import Path

import pytest

import tongxing.cli
from tests.house.tree import ROOT, page
from tongxing.cli.matrix_page import DAYS_SHOWN, name_page

REPORTS = sorted(path.name for kind in ("report", "matrix") for path in (ROOT / "docs").glob(f"{kind}-*.md"))


def command_of(report: str) -> list[str]:
    """Return the words of the command that stands at the head of a report."""
    block = re.search(r"^```sh\n(.+?)\n```", page(f"docs/{report}"), re.MULTILINE)
    assert block is not None
    return shlex.split(block[1])


@pytest.mark.parametrize("report", REPORTS)
def test_the_command_at_the_head_of_a_report_makes_it_byte_for_byte(
    report: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When this fails: run that command, read what changed, and commit it."""
    program, *arguments = command_of(report)
    assert program == "tongxing"
    assert arguments.count("docs") == 1
    monkeypatch.setattr(sys, "argv", [program, *(str(tmp_path) if word == "docs" else word for word in arguments)])
    with pytest.raises(SystemExit) as ended:
        tongxing.cli.main()
    assert not ended.value.code
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert report in made
    assert [name for name, content in made.items() if (ROOT / "docs" / name).read_bytes() != content] == []


def test_the_report_of_2020_03_21_stands_in_the_docs() -> None:
    assert "report-2020-03-21.md" in REPORTS


def test_the_matrix_stands_in_the_docs_for_each_day_that_its_pages_link() -> None:
    assert {name for name in REPORTS if name.startswith("matrix-")} == {name_page(day) for day in DAYS_SHOWN}
