"""The rooms keep their floors: no import upwards or sideways, none by string, crypto libraries in one room."""

import ast
import re
import subprocess
import sys
import tomllib
from typing import Any, TypeGuard

from tests.house.tree import FLOORS, PACKAGE, ROOT, imports_of, name_of, source_modules, syntax_of

IMPORTERS_BY_STRING = {"__import__", "import_module", "exec", "eval", "run_module", "run_path", "walk_packages"}
IMPORTLIB_ALLOWED = ("importlib.resources", "importlib.metadata")
"""They read the package's data and its version; they import nothing."""

SERVERS_IMPORT_STRING = re.compile(r"tongxing(\.\w+)+:\w+(\(\))?")
"""``tongxing.room.module:thing`` is how servers and entry points import by string."""

DECLARATIONS = ("Index(", "app.command(", "app.add_typer(")
"""Calls that declare a thing by themselves: an index adds itself to its table, a command to its program."""


def contracts() -> dict[str, dict[str, Any]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    return {contract["id"]: contract for contract in settings["contracts"]}


def names_an_import(node: ast.AST) -> TypeGuard[ast.Constant]:
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and SERVERS_IMPORT_STRING.fullmatch(node.value) is not None
    )


def test_every_room_has_a_floor() -> None:
    rooms = {path.name for path in PACKAGE.iterdir() if path.is_dir() and (path / "__init__.py").exists()}
    assert rooms - {"data"} <= {room for floor in FLOORS for room in floor}


def test_data_hold_no_code() -> None:
    modules = sorted((PACKAGE / "data").rglob("*.py"))
    assert [name_of(path) for path in modules for node in syntax_of(path).body if not isinstance(node, ast.Expr)] == []


def test_the_linter_holds_exactly_the_floors_of_the_design() -> None:
    layers = [
        tuple(room.strip(" ()") for room in layer.split("|")) for layer in reversed(contracts()["floors"]["layers"])
    ]
    assert [sorted(layer) for layer in layers] == [sorted(floor) for floor in FLOORS]


def test_no_contract_ignores_an_import() -> None:
    for contract in contracts().values():
        assert not contract.get("ignore_imports"), contract["id"]
        assert "unmatched_ignore_imports_alerting" not in contract, contract["id"]


def test_the_floors_hold() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_nothing_is_imported_by_string() -> None:
    found = []
    for path in source_modules():
        tree = syntax_of(path)
        for line, name in imports_of(tree):
            by_string = name.split(".")[0] in {"importlib", "runpy", "pkgutil"}
            if by_string and not name.startswith(IMPORTLIB_ALLOWED):
                found.append(f"{name_of(path)}:{line} imports {name}")
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                # A method of that name on a value (a database connection's exec) is no import.
                if called in IMPORTERS_BY_STRING and (isinstance(node.func, ast.Name) or "import" in called):
                    found.append(f"{name_of(path)}:{node.lineno} calls {called}")
            elif names_an_import(node):
                found.append(f"{name_of(path)}:{node.lineno} names {ast.unparse(node)}")
    assert found == []


def test_importing_a_module_does_nothing() -> None:
    found = [
        f"{name_of(path)}:{statement.lineno}"
        for path in source_modules()
        if path.name != "__main__.py" and "migrations" not in path.parts
        for statement in syntax_of(path).body
        if isinstance(statement, ast.For | ast.While | ast.With | ast.Try)
        or (isinstance(statement, ast.Expr) and not ast.unparse(statement).startswith(("'", '"', *DECLARATIONS)))
    ]
    assert found == []
