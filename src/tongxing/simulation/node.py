"""One process of a simulated federation, on the shared clock: a hub or gateway, a back end, the identity provider.

    python -m tongxing.simulation.node node     --clock FILE --socket FD
    python -m tongxing.simulation.node back-end --clock FILE --socket FD --region 42 --people 5000 --seed 1 --made-at …
                                                 [--profile 42=FILE] [--gateway URL --key FILE]
    python -m tongxing.simulation.node identity  --clock FILE --socket FD --people 5000 --seed 1 --made-at …
                                                 --origin URL --client 42=URL … [--profile 42=FILE …]

Started by ``processes`` with a bound socket and, on standard input, a pipe that ends with the parent.
``--profile`` names the file of a profile that does not ship. The settings of a hub or gateway come from
``TONGXING_…`` variables, as always.
"""

import argparse
import asyncio
import os
import signal
import socket
import threading
import time
from datetime import datetime
from pathlib import Path
from typing import Final

import httpx
from starlette.types import ASGIApp

from tongxing.api.server import serve_app
from tongxing.app.key_files import load_signing_key
from tongxing.app.packaged import PROFILES, load_files
from tongxing.app.system import system_entropy
from tongxing.connectors.http_exchange import SignedCaller
from tongxing.core.words import RegionId
from tongxing.regions.profile import Profile, parse_profile
from tongxing.simulation.backends import Faults, build_back_end_of
from tongxing.simulation.backends.recognising import GatewayRecognising
from tongxing.simulation.clock import SharedClock
from tongxing.simulation.people import People
from tongxing.simulation.sandbox.profile_people import make_people_of

ORPHAN_END_SECONDS: Final = 10.0
_STDIN: Final = 0


def main() -> None:
    """Serve until SIGTERM, or until the parent is gone."""
    watch_parent()
    given = _parse_arguments()
    clock = SharedClock(given.clock)
    bound = socket.socket(fileno=given.socket)
    if given.kind == "back-end":
        profile, people = _profile_and_people(given, given.region)
        app = build_back_end_of(profile, people, clock, Faults(), _build_recognising(given, clock))
        asyncio.run(serve_app(app, bound))
    elif given.kind == "identity":
        asyncio.run(serve_app(_build_identity_provider(given, clock), bound))
    else:
        _run_node(clock, bound)


def _run_node(clock: SharedClock, bound: socket.socket) -> None:
    """Run a hub or a gateway. Loaded only here: back ends need none of it, and start in half the time without."""
    from tongxing.api.serving import run_node  # noqa: PLC0415
    from tongxing.app.settings import load_settings  # noqa: PLC0415
    from tongxing.web.building import build_pages  # noqa: PLC0415

    settings = load_settings()
    run_node(settings, clock=clock, bound=bound, pages=build_pages(settings))


def _build_identity_provider(given: argparse.Namespace, clock: SharedClock) -> ASGIApp:
    """Return the identity provider for the people of each client's region. Loaded only here, as a node is."""
    from tongxing.simulation.identity_provider import IdentityProvider  # noqa: PLC0415

    clients = dict(client.split("=", 1) for client in given.client)
    regions = [RegionId(region) for region in clients]
    people = {region: _profile_and_people(given, region)[1] for region in regions}
    return IdentityProvider(given.origin, people, {region: clients[region] for region in regions}, clock).build()


def _profile_and_people(given: argparse.Namespace, region: RegionId) -> tuple[Profile, People]:
    files = dict(named.split("=", 1) for named in given.profile)
    profile = parse_profile(
        Path(files[region]).read_bytes() if region in files else load_files(PROFILES)[f"{region}.toml"]
    )
    return profile, make_people_of(profile, count=given.people, seed=given.seed, at=given.made_at)


def _build_recognising(given: argparse.Namespace, clock: SharedClock) -> GatewayRecognising | None:
    """Return what asks the back end's own gateway, if it was told where that is and has a key for it."""
    if given.gateway is None:
        return None
    client = httpx.AsyncClient(follow_redirects=False, trust_env=False)
    return GatewayRecognising(SignedCaller(client, load_signing_key(given.key), clock, system_entropy), given.gateway)


def watch_parent() -> None:
    """End this process soon after its parent is gone, however that went: read what never comes."""

    def wait_and_end() -> None:
        while os.read(_STDIN, 1):
            pass
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(ORPHAN_END_SECONDS)
        os._exit(1)

    threading.Thread(target=wait_and_end, name="watch-parent", daemon=True).start()


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tongxing.simulation.node")
    parser.add_argument("kind", choices=["node", "back-end", "identity"])
    parser.add_argument("--clock", type=Path, required=True)
    parser.add_argument("--socket", type=int, required=True)
    parser.add_argument("--region", type=RegionId)
    parser.add_argument("--profile", action="append", default=[], help="a region and the file of its profile")
    parser.add_argument("--people", type=int)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--made-at", type=datetime.fromisoformat)
    parser.add_argument("--origin", help="the identity provider's own address")
    parser.add_argument("--client", action="append", default=[], help="a region and where its gateway's sign-in ends")
    parser.add_argument("--gateway", help="address of the back end's own gateway, for way 1")
    parser.add_argument("--key", type=Path, help="key file of the back end, enrolled at that gateway")
    return parser.parse_args()


if __name__ == "__main__":
    main()
