"""The package's own data files: profiles, rule tables, divisions. Read here and nowhere else."""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Final

from tongxing.core.errors import Fault
from tongxing.risk.divisions import Gazetteer, parse_divisions

PROFILES: Final = "profiles"
RULES: Final = "rules"


def load_files(folder: str) -> Mapping[str, bytes]:
    """Return every TOML file of a data folder, by name. Raises ``Fault`` if the package is incomplete."""
    try:
        found = resources.files("tongxing").joinpath("data", folder)
        return {file.name: file.read_bytes() for file in found.iterdir() if file.name.endswith(".toml")}
    except OSError as error:
        raise Fault(f"packaged data {folder}: {error.strerror}") from error


@cache
def load_gazetteer() -> Gazetteer:
    """Return the gazetteer of divisions; read once a process."""
    try:
        data = resources.files("tongxing").joinpath("data", "divisions", "divisions.csv").read_bytes()
    except OSError as error:
        raise Fault(f"packaged divisions: {error.strerror}") from error
    return parse_divisions(data)
