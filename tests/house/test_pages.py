"""What is written is still true: generated pages are current, decisions are whole, words exist."""

import ast
import re
import runpy
import tomllib

from tests.house.tree import PACKAGE, ROOT, functions_of, page, repository_files, source_modules, syntax_of
from tongxing.app.settings import NodeSettings
from tongxing.core.verdicts import Measure


def test_the_generated_pages_are_current() -> None:
    """When this fails: make docs."""
    pages = runpy.run_path(str(ROOT / "docs" / "generate.py"))["PAGES"]
    assert [name for name, make in pages.items() if page(name) != make()] == []


def test_every_decision_record_is_whole() -> None:
    found = []
    records = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
    for path in records:
        text = path.read_text(encoding="utf-8")
        parts = re.findall(r"^## (.+)$", text, re.MULTILINE)
        if parts != ["Question", "Considered", "Decision", "Consequences"]:
            found.append(f"{path.name} has the parts {parts}")
        if not text.startswith(f"# {int(path.name[:4])}. "):
            found.append(f"{path.name} does not begin with its number")
    assert found == []
    assert len({path.name[:4] for path in records}) == len(records)


def test_every_setting_is_explained() -> None:
    assert [name for name, field in NodeSettings.model_fields.items() if not field.description] == []


def test_the_changelog_knows_the_version() -> None:
    version = tomllib.loads(page("pyproject.toml"))["project"]["version"]
    assert re.search(rf"^## {re.escape(version)}\b", page("CHANGELOG.md"), re.MULTILINE)


def test_every_name_in_the_glossary_is_in_the_code() -> None:
    """The last column of the glossary names what a word is in code."""
    defined: set[str] = set()
    for path in source_modules():
        parts = path.relative_to(ROOT / "src").with_suffix("").parts
        defined |= {"/".join(parts[1:]), *parts}
        for node in ast.walk(syntax_of(path)):
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                defined.add(node.name)
                if isinstance(node, ast.ClassDef):
                    members: list[ast.expr] = [part.target for part in node.body if isinstance(part, ast.AnnAssign)]
                    members += [part.targets[0] for part in node.body if isinstance(part, ast.Assign)]
                    defined |= {f"{node.name}.{ast.unparse(member)}" for member in members}
            elif isinstance(node, ast.Name | ast.arg):
                defined.add(node.id if isinstance(node, ast.Name) else node.arg)
    rows = [line for line in page("docs/glossary.md").splitlines() if line.startswith("| **")]
    named = {name for row in rows for name in re.findall(r"`([^`]+)`", row.strip("| ").rsplit("|", 1)[1])}
    assert rows
    assert {name for name in named if name.strip("/") not in defined and not name.startswith("data/")} == set()


def test_every_test_and_file_that_a_page_names_is_there() -> None:
    there = {
        function.name
        for path in repository_files()
        if path.suffix == ".py" and (ROOT / "tests") in path.parents
        for function in functions_of(syntax_of(path))
    }
    pages = [path for path in repository_files() if path.suffix == ".md"]
    named = {name for path in pages for name in re.findall(r"`([^`\s]+)`", path.read_text(encoding="utf-8"))}
    tests = {name for name in named if name.startswith("test_")} - set(Measure)
    files = {name for name in named if re.match(r"(src|tests|docs|vectors|benchmarks|requirements)/[\w./-]+$", name)}
    rooms = {name for name in named if re.match(r"\w+/[\w/]+\.py$", name)} - files
    assert tests
    assert tests - there == set()
    assert {name for name in files if not (ROOT / name).exists() and "NN" not in name} == set()
    assert {name for name in rooms if not (PACKAGE / name).exists()} == set()


def test_no_page_is_an_orphan() -> None:
    """Every page of docs/ is reached from the README or the architecture page, in one or two steps."""
    pages = {path for path in repository_files() if path.suffix == ".md" and (ROOT / "docs") in path.parents}
    reached = {ROOT / "README.md"}
    while True:
        linked = {
            (path.parent / target).resolve()
            for path in reached
            for target in re.findall(r"\]\(([^)#\s]+\.md)", path.read_text(encoding="utf-8"))
        }
        if linked <= reached:
            break
        reached |= linked
    assert pages - reached == set()
