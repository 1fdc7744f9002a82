"""Writes the client's methods from the table of routes, as the OpenAPI document is written: ``make docs``.

One module for each kind of call, one method for each operation of the document, in the form that the formatter keeps.
What only a browser can use, the redirects of signing in, has no method.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from inspect import getdoc
from typing import Any, Final, get_args, get_origin

import msgspec

from tongxing.api.calls import JSON, NoQuery, Reply, RouteRow, types_of
from tongxing.api.openapi import kind_of_call
from tongxing.api.routes import GATEWAY_ROUTES, HUB_ROUTES

FOLDER: Final = "src/tongxing/client/"
REDIRECT: Final = 303

_VARIABLE: Final = re.compile(r"{(\w+)}")
_CALLS: Final = ("tongxing.client.calling", "Calls")
_SUMMARY_MAX: Final = 104
_WRITTEN: Final = "Written by `make docs` from the table of routes: edit there."

Names = set[tuple[str, str]]


def operations() -> Iterator[RouteRow[Any]]:
    """Yield the rows that the document describes and a program can call: of two with one path the gateway's."""
    described: dict[tuple[str, str], RouteRow[Any]] = {}
    rows: tuple[RouteRow[Any], ...] = (*GATEWAY_ROUTES, *HUB_ROUTES)
    for row in rows:
        described.setdefault((row.path, row.method), row)
    yield from (row for row in described.values() if row.status != REDIRECT)


def write_client() -> Mapping[str, str]:
    """Return the text of each module that is written, by its path in the repository."""
    kinds: dict[str, list[RouteRow[Any]]] = {}
    for row in operations():
        kinds.setdefault(kind_of_call(row), []).append(row)
    modules = {f"{FOLDER}calls/{kind}.py": _write_kind(kind, rows) for kind, rows in sorted(kinds.items())}
    return {
        **modules,
        f"{FOLDER}calls/__init__.py": f'"""The methods of the client, by kind of call. {_WRITTEN}"""\n',
        f"{FOLDER}node_client.py": _write_whole(sorted(kinds)),
    }


def _write_kind(kind: str, rows: Iterable[RouteRow[Any]]) -> str:
    names: Names = {_CALLS}
    methods = "\n".join(_write_method(row, names) for row in rows)
    head = f'"""The calls of the kind `{kind}`. {_WRITTEN}"""\n\n'
    quoting = "from urllib.parse import quote\n\n" if "quote(" in methods else ""
    named = f'class {_class_of(kind)}(Calls):\n    """The methods of the kind `{kind}`."""\n\n'
    return f"{head}{quoting}{_write_imports(names)}\n\n{named}{methods}"


def _write_whole(kinds: Iterable[str]) -> str:
    names = {(f"tongxing.client.calls.{kind}", _class_of(kind)) for kind in kinds}
    bases = "".join(f"    {_class_of(kind)},\n" for kind in kinds)
    said = '    """A node, called: each operation of a gateway and of the hub is a method."""\n'
    head = f'"""The client with all its methods. {_WRITTEN}"""'
    return f"{head}\n\n{_write_imports(names)}\n\nclass NodeClient(\n{bases}):\n{said}"


def _write_method(row: RouteRow[Any], names: Names) -> str:
    types = types_of(row)
    variables = _VARIABLE.findall(row.path)
    taken = [f"{variable}: str" for variable in variables]
    given = [f'"{row.method}"', _write_path(row.path)]
    if types.body is not None:
        taken.append(f"body: {_name(types.body, names)}")
        given.append("body=body")
    if types.query is not NoQuery:
        query = _name(types.query, names)
        needed = any(field.required for field in msgspec.structs.fields(types.query))
        taken.append(f"query: {query}" if needed else f"query: {query} | None = None")
        given.append("query=query")
    if types.body is bytes and row.media_types != (JSON,):
        taken.append(f'media_type: str = "{row.media_types[0]}"')
        given.append("media_type=media_type")
    taken = ["self", *taken]
    arguments = "self" if len(taken) == 1 else "".join(f"\n        {each}," for each in taken) + "\n    "
    answer, fetch = _answer(types.answer, names)
    given = [answer, *given] if fetch == "fetch" else given
    sent = "".join(f"\n            {each}," for each in given)
    returned = "" if answer == "None" else "return "
    return (
        f"    async def {row.name}({arguments}) -> {answer}:\n"
        f'        """{_summary(row)}"""\n'
        f"        {returned}await self.{fetch}({sent}\n        )\n"
    )


def _answer(kind: Any, names: Names) -> tuple[str, str]:  # noqa: ANN401 - any type that msgspec knows
    if kind is None:
        return "None", "fetch_bytes"
    if kind is Reply:
        return "bytes", "fetch_bytes"
    return _name(kind, names), "fetch"


def _write_path(path: str) -> str:
    if "{" not in path:
        return f'"{path}"'
    quoted = _VARIABLE.sub(lambda found: f"{{quote({found[1]}, safe='')}}", path)
    return f'f"{quoted}"'


def _name(kind: Any, names: Names) -> str:  # noqa: ANN401 - any type that msgspec knows
    """Return how a type is written, and remember where it is from."""
    origin = get_origin(kind)
    if origin is not None:
        return f"{_name(origin, names)}[{', '.join(_name(each, names) for each in get_args(kind))}]"
    if kind.__module__ != "builtins":
        names.add((kind.__module__, kind.__qualname__))
    return str(kind.__qualname__)


def _write_imports(names: Names) -> str:
    modules: dict[str, list[str]] = {}
    for module, name in sorted(names, key=lambda each: (each[0], each[1].lower())):
        modules.setdefault(module, []).append(name)
    return "".join(_write_import(module, of) for module, of in modules.items())


def _write_import(module: str, names: list[str]) -> str:
    if len(names) == 1:
        return f"from {module} import {names[0]}\n"
    return f"from {module} import (\n" + "".join(f"    {name},\n" for name in names) + ")\n"


def _summary(row: RouteRow[Any]) -> str:
    """Return the first line of a handler's docstring, up to its last comma where it would be too long here."""
    summary = (getdoc(row.handler) or "").partition("\n\n")[0]
    if len(summary) <= _SUMMARY_MAX:
        return summary
    return re.split(r"[,;:.](?=[^,;:.]*$)", summary[: _SUMMARY_MAX - 1])[0] + "."


def _class_of(kind: str) -> str:
    return "".join(part.capitalize() for part in kind.split("_")) + "Calls"
