"""The sandbox as one application: whatever comes in at a port goes to the back end of that port.

Beside each dialect stand ``GET /_records?from=0&count=100``: the region's docking rows as they are now, which is all
that can be had of a region without a code of its own; and ``GET /_test-people``: a file for ``tongxing conform``.
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qs

import msgspec
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from tongxing.connectors.conversing import Conversation
from tongxing.core.words import RegionId
from tongxing.simulation.people import Person, dock_row
from tongxing.simulation.sandbox.board import Board
from tongxing.simulation.sandbox.given_people import write_test_people
from tongxing.simulation.sandbox.page_serving import page_routes
from tongxing.simulation.sandbox.sites import Site

RECORDS_PATH: Final = "/_records"
TEST_PEOPLE_PATH: Final = "/_test-people"
RECORDS_MAX: Final = 1_000
_RECORDS_DEFAULT: Final = 100


class Sandbox:
    """The back ends by their ports, and the switchboard's page at its own."""

    def __init__(
        self, sites: Mapping[RegionId, Site], rehearsed: Mapping[RegionId, Conversation], board_port: int
    ) -> None:
        board = Starlette(routes=[*Board(sites, rehearsed).routes(), *page_routes()])
        self._apps: Mapping[int, ASGIApp] = {board_port: board, **{site.port: site.app for site in sites.values()}}
        self._sites = {site.port: site for site in sites.values()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request at the port at which it came in. Spec: ASGI 3.0."""
        port = scope["server"][1]
        site = self._sites.get(port)
        if site is not None and scope["path"] == RECORDS_PATH:
            await _tell_records(site, scope)(scope, receive, send)
        elif site is not None and scope["path"] == TEST_PEOPLE_PATH:
            await _tell_test_people(site)(scope, receive, send)
        else:
            await self._apps[port](scope, receive, send)


def _tell_records(site: Site, scope: Scope) -> Response:
    asked = parse_qs(scope["query_string"].decode("latin-1"))
    try:
        first, count = (
            int(asked.get(name, [default])[0]) for name, default in (("from", 0), ("count", _RECORDS_DEFAULT))
        )
    except ValueError:
        first = count = -1
    if first < 0 or not 0 <= count <= RECORDS_MAX:
        told: object = {"error": f"from and count are whole numbers, count at most {RECORDS_MAX}"}
        return Response(msgspec.json.encode(told), 400, media_type="application/json")
    people = site.premises.records.people
    rows = [record_row(site, people[index]) for index in range(first, min(first + count, len(people)))]
    return Response(msgspec.json.encode(rows), media_type="application/json")


def _tell_test_people(site: Site) -> Response:
    try:
        return Response(write_test_people(site), media_type="application/toml")
    except LookupError as nothing:
        return Response(msgspec.json.encode({"error": str(nothing)}), 404, media_type="application/json")


def record_row(site: Site, person: Person) -> dict[str, object]:
    """Return a person's docking row as it is now, whatever the switchboard has made of them."""
    now = site.premises.clock.now()
    record = site.premises.records.record_of(person, now)
    return {
        **dock_row(person, now),
        "status": record.status,
        "told": list(record.told),
        "since_seconds": None if record.since is None else int(record.since.timestamp()),
        "refreshed_at_seconds": int(record.refreshed_at.timestamp()),
        "derived_from": record.relayed_from,
    }
