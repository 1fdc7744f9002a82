"""Back ends to examine, on real sockets: each is the sandbox's own, with a fault or without."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import uvicorn

from tests.unit.regions.samples import load_profile
from tongxing.conformance.examining import examine
from tongxing.conformance.findings import Examined
from tongxing.conformance.given import Given, parse_given
from tongxing.regions.profile import Profile
from tongxing.simulation.backends.fault_kinds import FaultKind
from tongxing.simulation.backends.faults import Faults
from tongxing.simulation.processes import bind_port
from tongxing.simulation.sandbox.given_people import write_test_people
from tongxing.simulation.sandbox.sites import ShiftedClock, Site, open_site

ONE_OF_EACH_FAMILY = {
    "make_validate": "42",
    "colour_query": "45",
    "words": "11",
    "signed_numeric": "34",
    "gate_numeric": "50",
    "national_levels": "13",
    "keyed_call": "3301",
    "day_password": "33",
    "unsigned_json": "4404",
}
SLOW_SECONDS = 3.0
PATIENCE_SECONDS = 1.0


@contextmanager
def serving_site(profile: Profile) -> Iterator[Site]:
    """Serve a region's back end on a free port of loopback, in a thread of its own."""
    with bind_port(0) as listening:
        port = listening.getsockname()[1]
        site = open_site(profile, ShiftedClock(), Faults(), people=40, seed=1, port=port)
        server = uvicorn.Server(uvicorn.Config(site.app, log_level="critical", lifespan="off"))
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            yield site
        finally:
            server.should_exit = server.force_exit = True
            thread.join(timeout=20)


def profile_of(region: str) -> Profile:
    return load_profile(region)


def given_of(site: Site) -> Given:
    return parse_given(write_test_people(site).encode(), site.profile, datetime.now(UTC))


def examined(site: Site, fault: FaultKind | None = None, given: Given | None = None) -> Examined:
    """Examine a site that has a fault for so long."""
    faults, people = site.premises.faults, given or given_of(site)
    faults.kind, faults.seconds = fault, SLOW_SECONDS
    try:
        return asyncio.run(examine(site.url, site.profile, people, patience_seconds=PATIENCE_SECONDS))
    finally:
        faults.kind = None


def without_hooks(site: Site) -> Given:
    """Return what somebody gives who has no addresses to show codes or to change people."""
    given = given_of(site)
    people = tuple(
        replace(person, qr_texts=tuple(site.dialect.show(site.find_person(person.number or "")) for _ in range(3)))
        for person in given.people
    )
    return replace(given, people=people, show=None, switch=None)
