"""The package's own data files: profiles, rule tables, divisions. Read here and nowhere else."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib import resources
from typing import Final

from tongxing.core.errors import Fault
from tongxing.core.words import RegionId
from tongxing.regions.profile import Profile, parse_profile
from tongxing.risk.case_levels import CaseLevels
from tongxing.risk.divisions import Gazetteer, parse_divisions
from tongxing.risk.level_table import parse_level_table

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
def load_profiles() -> Mapping[RegionId, Profile]:
    """Return every profile that ships, by region, a city behind its province; read once a process."""
    profiles = map(parse_profile, load_files(PROFILES).values())
    return {profile.region: profile for profile in sorted(profiles, key=lambda each: each.region)}


@cache
def load_gazetteer() -> Gazetteer:
    """Return the gazetteer of divisions; read once a process."""
    try:
        folder = resources.files("tongxing").joinpath("data", "divisions")
        divisions, streets = (folder.joinpath(f"{name}.csv").read_bytes() for name in ("divisions", "streets"))
    except OSError as error:
        raise Fault(f"packaged divisions: {error.strerror}") from error
    return parse_divisions(divisions, streets)


def load_case_levels(on: date) -> CaseLevels | None:
    """Return the levels computed from case counts that ship for a day, or None if none ship for it.

    ``tongxing.risk.level_table.map_case_levels`` makes a ``RiskMap`` of them.
    """
    file = resources.files("tongxing").joinpath("data", "risk", f"levels-{on}.csv")
    if not file.is_file():
        return None
    try:
        return parse_level_table(file.read_bytes())
    except OSError as error:
        raise Fault(f"packaged levels of {on}: {error.strerror}") from error
