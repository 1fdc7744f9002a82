"""What deploy/ says, read as Compose and systemd read it."""

import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from tests.house.tree import ROOT
from tests.world import ROOT as BUNDLE_ROOT
from tongxing.app.key_files import public_text

DEPLOY: Final = ROOT / "deploy"
UNITS: Final = DEPLOY / "systemd"
NODES: Final = ("hub", "gateway")
GIVEN: Final = {
    "HUB_PUBLIC_URL": "https://hub.example",
    "GATEWAY_PUBLIC_URL": "https://gateway.example",
    "BACK_END_URL": "https://back-end.example",
    "BUNDLE_ROOT": public_text(BUNDLE_ROOT.public),
    "POSTGRES_PASSWORD": "synthetic1",
    "HUB_DATABASE_PASSWORD": "synthetic2",
    "GATEWAY_DATABASE_PASSWORD": "synthetic3",
    "VALKEY_PASSWORD": "synthetic4",
}
"""What an operator writes into deploy/.env."""

_ASKED: Final = re.compile(r"\$\{(\w+):\?\}")
Unit = Mapping[str, list[tuple[str, str]]]


def compose_text() -> str:
    """Return the compose file as it is."""
    return (DEPLOY / "compose.yaml").read_text(encoding="utf-8")


def asked_variables() -> set[str]:
    """Return the variables that the compose file needs; one that is not given stops Compose."""
    return set(_ASKED.findall(compose_text()))


def read_compose() -> dict[str, Any]:
    """Return the compose file with what an operator gives."""
    read: dict[str, Any] = yaml.safe_load(_ASKED.sub(lambda asked: GIVEN[asked[1]], compose_text()))
    return read


def read_environment(path: Path) -> dict[str, str]:
    """Return the assignments of an environment file; quotes are taken off as systemd does."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    named = [line.partition("=") for line in lines]
    return {name: "".join(shlex.split(value)) for name, _, value in named}


def unit_files() -> tuple[Path, ...]:
    """Return every unit."""
    return tuple(sorted(path for path in UNITS.iterdir() if path.suffix in (".service", ".target")))


def read_unit(name: str) -> Unit:
    """Return the settings of a unit by section, in their order. A line that is none of them fails."""
    sections: dict[str, list[tuple[str, str]]] = {}
    section = None
    for line in (UNITS / name).read_text(encoding="utf-8").splitlines():
        if heading := re.fullmatch(r"\[(\w+)\]", line):
            section = sections.setdefault(heading[1], [])
        elif line and not line.startswith("#"):
            assert section is not None, line
            setting = re.fullmatch(r"([A-Z]\w+)=(.*)", line)
            assert setting, line
            section.append((setting[1], setting[2]))
    return sections


def all_of(unit: Unit, section: str, name: str) -> list[str]:
    """Return the words of a setting."""
    return [word for key, value in unit[section] if key == name for word in value.split()]


def setting_names(text: str) -> Iterator[str]:
    """Yield every name of a node's setting that a text holds."""
    yield from re.findall(r"\bTONGXING_[A-Z_]+", text)
