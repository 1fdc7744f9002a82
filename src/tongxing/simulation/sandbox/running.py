"""Runs the sandbox: opens the sites, asks each once, says how it is used, and serves until Ctrl-C or SIGTERM."""

import asyncio
import contextlib
import secrets
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from rich.console import Console

from tongxing.api.server import serve_app
from tongxing.connectors.conversing import Conversation
from tongxing.core.errors import Fault
from tongxing.core.words import RegionId
from tongxing.regions.answers import SourceAnswer
from tongxing.regions.profile import Profile
from tongxing.simulation.backends.faults import Faults
from tongxing.simulation.processes import LOOPBACK, bind_port, choose_ports
from tongxing.simulation.sandbox.application import Sandbox
from tongxing.simulation.sandbox.conversing import rehearse
from tongxing.simulation.sandbox.sites import Site, check_people, clock_on, open_site
from tongxing.simulation.sandbox.telling import tell_sites

PORT_OPTION: Final = "--port"


@dataclass(frozen=True, slots=True)
class SandboxWanted:
    """What is to be served. Ports from ``first_port`` on: the switchboard's, the regions' in order; 0: free ones."""

    profiles: Sequence[Profile]
    first_port: int
    people: int
    seed: int
    faults: Faults
    day: date | None = None
    shown: int = 3


def run_sandbox(wanted: SandboxWanted, console: Console) -> None:
    """Serve until SIGINT or SIGTERM, all in this process.

    Raises Refused for a port in use, too many people, or a region without statuses on the day.
    """
    check_people(wanted.people, len(wanted.profiles))
    board_port, *ports = choose_ports(len(wanted.profiles) + 1, wanted.first_port, PORT_OPTION)
    with contextlib.ExitStack() as held:
        bound = [held.enter_context(contextlib.closing(bind_port(port, PORT_OPTION))) for port in (board_port, *ports)]
        clock = clock_on(wanted.day, datetime.now(UTC))
        sites = {
            profile.region: open_site(profile, clock, Faults(), people=wanted.people, seed=wanted.seed, port=port)
            for profile, port in zip(wanted.profiles, ports, strict=True)
        }
        asyncio.run(_serve(sites, wanted, board_port, bound, console))


async def _serve(
    sites: Mapping[RegionId, Site], wanted: SandboxWanted, board_port: int, bound: list[socket.socket], console: Console
) -> None:
    rehearsed = {region: await _ask_once(site) for region, site in sites.items() if site.has_code}
    # Only now: a fault that never ends would keep the sandbox from ever being ready.
    for site in sites.values():
        faults = site.premises.faults
        faults.kind, faults.seconds = wanted.faults.kind, wanted.faults.seconds
    app = Sandbox(sites, rehearsed, board_port)
    url = f"http://{LOOPBACK}:{board_port}/"
    await serve_app(app, *bound, listening=lambda: tell_sites(console, sites, rehearsed, url, wanted.shown))


async def _ask_once(site: Site) -> Conversation:
    """Ask a back end about its first person. Raises Fault if it is not understood by its own family."""
    person = next(site.one_in_each())
    conversation = await rehearse(site, site.dialect.show(person), site.premises.clock.now(), secrets.token_hex(8))
    if not isinstance(conversation.outcome, SourceAnswer):
        raise Fault(
            f"the back end of region {site.profile.region} does not answer its own family: {conversation.outcome}"
        )
    return conversation
