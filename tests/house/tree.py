"""What the tests of the house look at: every file of the repository, every module and its syntax tree."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PACKAGE = ROOT / "src" / "tongxing"

FLOORS: tuple[tuple[str, ...], ...] = (
    ("core",),
    ("wire", "crypto"),
    ("trust",),
    ("regions", "rules", "risk"),
    ("recognition",),
    ("services",),
    ("stores", "connectors"),
    ("app",),
    ("api", "web", "offline"),
    ("simulation", "conformance", "client"),
    ("cli",),
)
"""The rooms, from the ground up."""

PURE_FLOORS = FLOORS[:5]


@cache
def repository_files() -> tuple[Path, ...]:
    """Return every file that is, or is about to be, part of the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return tuple(path for name in listed.split("\0") if name and (path := ROOT / name).is_file())


def page(name: str) -> str:
    """Return a file of the repository as text."""
    return (ROOT / name).read_text(encoding="utf-8")


@cache
def source_modules() -> tuple[Path, ...]:
    """Return the modules of the package."""
    return tuple(sorted(PACKAGE.rglob("*.py")))


@cache
def pure_modules() -> tuple[Path, ...]:
    """Return the modules of the floors that do no IO, read no clock and draw no randomness."""
    rooms = {room for floor in PURE_FLOORS for room in floor}
    return tuple(path for path in source_modules() if path.relative_to(PACKAGE).parts[0] in rooms)


@cache
def syntax_of(path: Path) -> ast.Module:
    """Return the syntax tree of a module."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def name_of(path: Path) -> str:
    """Return a path as people say it: from the root of the repository."""
    return path.relative_to(ROOT).as_posix()


def imports_of(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the line and the full name of everything that is imported, ``from`` imports with what they take."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                yield node.lineno, f"{node.module}.{alias.name}"


def functions_of(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield every function and method."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def defined_names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the line and name of everything a module defines: classes, functions, parameters, variables, attributes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id if isinstance(node, ast.Name) else node.attr
