"""``tongxing simulate``: a sandbox for integrators, with any region's back end or all of them."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tongxing.cli.files import read_file
from tongxing.regions.profile import PROFILE_MAX_BYTES, Profile, parse_profile
from tongxing.simulation.sandbox.running import SandboxWanted, run_sandbox
from tongxing.simulation.sandbox.sites import choose_profiles, parse_fault


def simulate(
    region: Annotated[str, typer.Argument(help="A region's number, as 42 or 4401; all; or a profile's .toml file.")],
    *,
    port: Annotated[
        int, typer.Option(help="The switchboard's port on loopback; the regions' follow in order. 0: free ones.")
    ] = 8_500,
    people: Annotated[int, typer.Option(help="How many synthetic people in each region.")] = 1_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same people.")] = 1,
    fault: Annotated[str | None, typer.Option(help="A fault that every back end has from the start, as html.")] = None,
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day that it is in the sandbox; today if absent.")
    ] = None,
    show: Annotated[int, typer.Option(min=0, max=100, help="How many people of each region to print.")] = 3,
) -> None:
    """Serve regions' back ends over HTTP in their own dialects, with synthetic people and a switchboard."""
    wanted = SandboxWanted(
        profiles=_find_profiles(region),
        first_port=port,
        people=people,
        seed=seed,
        faults=parse_fault(fault),
        day=None if on is None else on.date(),
        shown=show,
    )
    run_sandbox(wanted, Console(highlight=False, soft_wrap=True))


def _find_profiles(region: str) -> Sequence[Profile]:
    """Return the profile in a file that is named, else the packaged ones. Raises Refused for neither."""
    if region.endswith(".toml"):
        return [parse_profile(read_file(Path(region), PROFILE_MAX_BYTES))]
    return choose_profiles(region)
