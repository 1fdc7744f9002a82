"""The form of the house: short functions and modules, no drawers for odds and ends, no broad except."""

import ast
import statistics

from tests.house.tree import defined_names, functions_of, name_of, repository_files, source_modules, syntax_of

FUNCTION_MAX_LINES = 60
FUNCTION_95TH_PERCENTILE_MAX_LINES = 45
MODULE_MAX_LINES = 450
DRAWERS = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"}


def python_files() -> list[str]:
    return [name_of(path) for path in repository_files() if path.suffix == ".py"]


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def test_no_function_is_longer_than_a_screen() -> None:
    found = [
        f"{name_of(path)}:{function.lineno} {function.name} has {lines_of(function)} lines"
        for path in repository_files()
        if path.suffix == ".py"
        for function in functions_of(syntax_of(path))
        if lines_of(function) > FUNCTION_MAX_LINES
    ]
    assert found == []


def test_functions_are_short_at_the_tail() -> None:
    lengths = [lines_of(function) for path in source_modules() for function in functions_of(syntax_of(path))]
    assert statistics.quantiles(lengths, n=20)[-1] <= FUNCTION_95TH_PERCENTILE_MAX_LINES


def test_no_module_is_too_long_to_read_in_one_go() -> None:
    found = [
        f"{name_of(path)} has {count} lines"
        for path in repository_files()
        if path.suffix == ".py" and (count := len(path.read_text(encoding="utf-8").splitlines())) > MODULE_MAX_LINES
    ]
    assert found == []


def test_no_module_is_a_drawer_for_odds_and_ends() -> None:
    found = [
        name
        for name in python_files()
        if DRAWERS & {word for part in name.removesuffix(".py").split("/") for word in part.split("_")}
    ]
    assert found == []


def test_nothing_is_called_a_helper_or_a_manager() -> None:
    found = [
        f"{name_of(path)}:{node.lineno} {node.name}"
        for path in source_modules()
        for node in ast.walk(syntax_of(path))
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.lower().endswith(("helper", "helpers", "manager", "utils"))
    ]
    assert found == []


def test_code_alone_is_never_a_name() -> None:
    """A code is a QR's text, a national code or a reason: the name says which."""
    found = [
        f"{name_of(path)}:{line} {name}"
        for path in source_modules()
        for line, name in defined_names(syntax_of(path))
        if name.strip("_") in {"code", "codes"}
    ]
    assert found == []


def test_every_module_says_what_it_is_for() -> None:
    found = [name_of(path) for path in source_modules() if not ast.get_docstring(syntax_of(path))]
    assert found == []


def test_no_except_is_broad() -> None:
    """Only the edges may catch everything, and they say so beside the line."""
    found = []
    for path in source_modules():
        lines = path.read_text(encoding="utf-8").splitlines()
        for node in ast.walk(syntax_of(path)):
            if isinstance(node, ast.ExceptHandler):
                caught = {ast.unparse(node.type)} if node.type is not None else {"everything"}
                if caught & {"everything", "Exception", "BaseException"} and "edge" not in lines[node.lineno - 1]:
                    found.append(f"{name_of(path)}:{node.lineno}")
    assert found == []
