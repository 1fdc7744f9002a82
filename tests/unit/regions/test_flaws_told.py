"""What is said of a source's answer is said in closed words: operators can read all of it, and no person is in it."""

import ast
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from tests.house.tree import PACKAGE, syntax_of
from tongxing.regions.families.reading import Flaw, is_told_flaw

SAYING = {"Undecidable", "Rejected", "unreadable", "refusal", "ExchangeFailed"}
FILES = (
    *sorted((PACKAGE / "regions").rglob("*.py")),
    PACKAGE / "connectors" / "http_exchange.py",
    PACKAGE / "connectors" / "back_end.py",
)
FILLED_WITH = (
    "42",
    "302",
    "1.4",
    "4",
    "healthStatus",
    "signing_secret",
    "ConnectError",
    "not listed",
    "NaN",
    "a listed error",
)


def said_in(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield each detail that a file gives an error, with every filling of its gaps that is worth a try."""
    for node in ast.walk(syntax_of(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SAYING and node.args:
            detail = node.args[-1]
            if isinstance(detail, ast.Constant) and isinstance(detail.value, str):
                yield node.lineno, [detail.value]
            elif isinstance(detail, ast.JoinedStr):
                parts = [
                    (str(part.value),) if isinstance(part, ast.Constant) else FILLED_WITH for part in detail.values
                ]
                yield node.lineno, ["".join(filled) for filled in product(*parts)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_detail_that_is_raised_of_an_answer_can_be_told(path: Path) -> None:
    untold = [(line, ways[0]) for line, ways in said_in(path) if not any(map(is_told_flaw, ways))]
    assert untold == []


def test_details_were_found_at_all() -> None:
    assert sum(len(list(said_in(path))) for path in FILES) > 40


@pytest.mark.parametrize("flaw", Flaw)
def test_every_flaw_can_be_told(flaw: Flaw) -> None:
    assert is_told_flaw(flaw)


@pytest.mark.parametrize(
    "detail",
    [
        "",
        "王小明",
        "990101199003071233",
        "field 王小明",
        "field 990101199003071233",
        "a page of HTML\n",
        "green",
        "region 42: 王",
    ],
)
def test_nothing_else_is_told(detail: str) -> None:
    assert not is_told_flaw(detail)
