"""Floors 0 to 4 do no IO, read no clock and draw no randomness: they take bytes, a bundle and ``at=``."""

import ast

from tests.house.tree import imports_of, name_of, pure_modules, syntax_of

IMPURE_MODULES = {
    *("time", "random", "secrets", "uuid", "zoneinfo", "locale", "getpass", "platform"),
    *("os", "pathlib", "tempfile", "shutil", "glob", "fcntl", "mmap", "sys"),
    *("socket", "ssl", "http", "ftplib", "smtplib", "httpx", "requests", "anyio", "asyncio", "uvicorn", "fastapi"),
    *("threading", "multiprocessing", "subprocess", "concurrent", "signal"),
    *("logging", "structlog", "sqlite3", "sqlalchemy", "importlib", "rich", "typer"),
}
"""``os`` and ``pathlib`` for files, ``zoneinfo`` because it reads the machine's own tables, ``sys`` for its streams."""

IMPURE_CALLS = {
    *("open", "print", "input", "breakpoint"),
    *("now", "utcnow", "today", "time_ns", "monotonic", "perf_counter"),
    *("urandom", "token_bytes", "token_hex", "randbytes", "getrandbits", "generate", "generate_private_key"),
    *("read_text", "read_bytes", "write_text", "write_bytes", "urlopen"),
}

METHODS_OF_VALUES = {"open"}
"""Names that are impure only as a function: opening a sealed value or a picture held in memory reads no file."""


def test_the_pure_floors_import_nothing_that_reads_or_writes() -> None:
    found = [
        f"{name_of(path)}:{line} imports {name}"
        for path in pure_modules()
        for line, name in imports_of(syntax_of(path))
        if name.split(".")[0] in IMPURE_MODULES or name == "urllib.request.urlopen"
    ]
    assert found == []


def test_the_pure_floors_read_no_clock_and_draw_no_randomness() -> None:
    found = []
    for path in pure_modules():
        for node in ast.walk(syntax_of(path)):
            if not isinstance(node, ast.Call):
                continue
            if isinstance(node.func, ast.Name):
                impure = node.func.id in IMPURE_CALLS
            else:
                name = getattr(node.func, "attr", "")
                impure = name in IMPURE_CALLS - METHODS_OF_VALUES
            if impure:
                found.append(f"{name_of(path)}:{node.lineno} calls {ast.unparse(node.func)}")
    assert found == []


def test_the_pure_floors_do_not_await() -> None:
    found = [
        f"{name_of(path)}:{node.lineno}"
        for path in pure_modules()
        for node in ast.walk(syntax_of(path))
        if isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncWith | ast.AsyncFor)
    ]
    assert found == []
