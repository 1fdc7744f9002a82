"""Back ends on real sockets: one server a test, on a free port of loopback, with a clock that stands still."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import uvicorn
from starlette.types import ASGIApp

from tests.unit.regions.samples import load_profile
from tongxing.core.words import RegionId
from tongxing.regions.profile import Profile
from tongxing.simulation.backends import Faults, build_back_end_of
from tongxing.simulation.backends.recognising import Recognising
from tongxing.simulation.people import People, State, make_people
from tongxing.simulation.processes import bind_port

AT = datetime(2020, 3, 20, 4, 0, tzinfo=UTC)


@dataclass
class StoppedClock:
    """A clock that shows what the test sets."""

    at: datetime = AT

    def now(self) -> datetime:
        return self.at


@dataclass
class RunningBackEnd:
    """A back end that answers HTTP, and what the test can turn."""

    client: httpx.Client
    url: str
    profile: Profile
    people: People
    clock: StoppedClock
    faults: Faults

    def post(self, path: str, body: object) -> httpx.Response:
        return self.client.post(path, json=body)

    def switch(self, **wanted: object) -> httpx.Response:
        return self.post("/_switch", wanted)

    def show(self, circumstance: str, nth: int = 0) -> str:
        shown = self.post("/_show", {"person": {"circumstance": circumstance, "nth": nth}})
        return str(shown.raise_for_status().json()["qr_text"])


@contextmanager
def running(
    region: str,
    recognising: Recognising | None = None,
    profile: Profile | None = None,
    circumstances: Mapping[str, State] | None = None,
) -> Iterator[RunningBackEnd]:
    """Run the back end of a packaged region, or of one that a profile and circumstances make up."""
    clock, faults, profile = StoppedClock(), Faults(), profile or load_profile(region)
    people = make_people(RegionId(region), count=60, seed=1, at=AT, circumstances=circumstances)
    app = build_back_end_of(profile, people, clock, faults, recognising)
    with serving(app) as url, httpx.Client(base_url=url, timeout=10, trust_env=False) as client:
        yield RunningBackEnd(client, url, profile, people, clock, faults)


@contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    """Serve an application on a free port of loopback, in a thread of its own; give its address."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="off"))
    listening = bind_port(0)
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=20)
        listening.close()
