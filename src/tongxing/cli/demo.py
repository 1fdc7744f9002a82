"""``tongxing demo``: a federation on this machine, and its scenes."""

from pathlib import Path
from typing import Annotated

import typer

from tongxing.simulation.play import run_demo


def demo(
    *,
    once: Annotated[bool, typer.Option("--once", help="Stop after the scenes.")] = False,
    people: Annotated[int, typer.Option(min=20, max=1_000_000, help="How many synthetic people to dock.")] = 10_000,
    state_dir: Annotated[Path, typer.Option(help="Where the federation keeps its state.")] = Path("var/demo"),
    first_port: Annotated[int, typer.Option(min=1_024, max=65_000, help="First of twelve ports on loopback.")] = 8_420,
) -> None:
    """Start hub, gateways and back ends, dock people, play the scenes; exit 1 if a verdict is not the expected one."""
    raise typer.Exit(run_demo(once=once, people=people, state_dir=state_dir, first_port=first_port))
