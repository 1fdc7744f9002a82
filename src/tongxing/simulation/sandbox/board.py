"""The switchboard's own calls, for its page and for scripts on this machine. They are closed: unknown keys are refused.

    GET  /api/regions                                   → [{region, name, family, url, fault, …}]
    GET  /api/regions/42                                → {…, statuses, people, asked, credentials}
    POST /api/person  {region, number, circumstance}    → the person as the back end says they are now
    POST /api/fault   {region, fault, seconds, only_path} → the fault that is now on, null for none
    POST /api/show    {region, number}                  → {qr_text}: what the person's phone displays now

Only this machine's own pages and programs are answered: whatever names another host or comes from another
origin is refused, since a page of anywhere can send requests to loopback.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from tongxing.connectors.conversing import Conversation
from tongxing.core.words import RegionId
from tongxing.simulation.backends.fault_kinds import FaultKind
from tongxing.simulation.backends.faults import seconds_of
from tongxing.simulation.people import Person
from tongxing.simulation.sandbox.sites import Site

BODY_MAX_BYTES: Final = 4 * 1024
PEOPLE_SHOWN: Final = 40
_JSON: Final = "application/json"
_LOCAL_HOSTS: Final = ("127.0.0.1", "localhost")

Asked = TypeVar("Asked", bound=msgspec.Struct)


class BoardRefused(ValueError):
    """A call that cannot be done; the text says why."""


class PersonWanted(msgspec.Struct, forbid_unknown_fields=True):
    """A person and the state that they shall be in from now on."""

    region: str
    number: str
    circumstance: str


class FaultWanted(msgspec.Struct, forbid_unknown_fields=True):
    """The fault that a back end shall have from now on; ``seconds`` are those of ``slow``, None for as it comes."""

    region: str
    fault: FaultKind | None
    seconds: float | None = None
    only_path: str = ""


class ShowWanted(msgspec.Struct, forbid_unknown_fields=True):
    """Whose phone shall display its code."""

    region: str
    number: str


class Board:
    """The calls over the sites, by region; ``rehearsed`` is how each was asked when it was opened."""

    def __init__(self, sites: Mapping[RegionId, Site], rehearsed: Mapping[RegionId, Conversation]) -> None:
        self._sites = sites
        self._rehearsed = rehearsed

    def routes(self) -> list[BaseRoute]:
        """Return the routes of the calls."""
        return [
            Route("/api/regions", _guarded(self._list), methods=["GET"]),
            Route("/api/regions/{region}", _guarded(self._tell_region), methods=["GET"]),
            Route("/api/person", _guarded(self._set_person), methods=["POST"]),
            Route("/api/fault", _guarded(self._set_fault), methods=["POST"]),
            Route("/api/show", _guarded(self._show), methods=["POST"]),
        ]

    async def _list(self, _request: Request) -> object:
        return [tell_site(site) for site in self._sites.values()]

    async def _tell_region(self, request: Request) -> object:
        site = self._site(request.path_params["region"])
        statuses = {name: state.status for name, state in site.circumstances.items()}
        people = sorted(site.one_in_each(), key=lambda person: person.index)
        shown = {person.index: person for person in (*people, *tuple(site.premises.records.people)[:PEOPLE_SHOWN])}
        conversation = self._rehearsed.get(site.profile.region)
        return {
            **tell_site(site),
            "statuses": statuses,
            "people": [tell_person(site, person) for person in list(shown.values())[:PEOPLE_SHOWN]],
            "asked": [] if conversation is None else tell_exchanges(conversation),
            "credentials": dict(site.credentials),
        }

    async def _set_person(self, request: Request) -> object:
        wanted = await _parse(request, PersonWanted)
        site = self._site(wanted.region)
        person, records = site.find_person(wanted.number), site.premises.records
        records.switch(person, records.state_for(wanted.circumstance), site.premises.clock.now())
        return tell_person(site, person)

    async def _set_fault(self, request: Request) -> object:
        wanted = await _parse(request, FaultWanted)
        faults = self._site(wanted.region).premises.faults
        try:
            seconds = seconds_of(wanted.fault, wanted.seconds)
        except ValueError as wrong:
            raise BoardRefused(str(wrong)) from wrong
        faults.kind, faults.seconds, faults.only_path = wanted.fault, seconds, wanted.only_path
        return {"fault": faults.kind, "seconds": faults.seconds, "only_path": faults.only_path}

    async def _show(self, request: Request) -> object:
        wanted = await _parse(request, ShowWanted)
        site = self._site(wanted.region)
        return {"qr_text": site.dialect.show(site.find_person(wanted.number))}

    def _site(self, region: str) -> Site:
        site = self._sites.get(RegionId(region))
        if site is None:
            raise LookupError(f"region {region} is not served here; there are: {', '.join(self._sites)}")
        return site


def tell_site(site: Site) -> dict[str, object]:
    """Return what is told of a back end in a list."""
    profile, faults = site.profile, site.premises.faults
    code_name = profile.find_code_name(site.premises.clock.now())
    return {
        "region": profile.region,
        "name": {"zh": profile.name.zh, "en": profile.name.en},
        "code_name": None if code_name is None else {"zh": code_name.zh, "en": code_name.en},
        "family": profile.family,
        "url": site.url,
        "has_code": site.has_code,
        "fault": faults.kind,
        "seconds": faults.seconds,
        "only_path": faults.only_path,
    }


def tell_person(site: Site, person: Person) -> dict[str, object]:
    """Return what the back end holds of a person now."""
    record = site.premises.records.record_of(person, site.premises.clock.now())
    return {
        "number": person.document.number,
        "name": person.name,
        "made_as": person.circumstance,
        "status": record.status,
        "told": list(record.told),
        "refreshed_at": record.refreshed_at,
    }


def tell_exchanges(conversation: Conversation) -> list[dict[str, object]]:
    """Return the requests and answers of a conversation, bodies as text."""
    return [
        {
            "method": exchange.request.method,
            "path": exchange.request.path,
            "headers": dict(exchange.request.headers),
            "body": exchange.request.body.decode(),
            "answer": None if exchange.answer is None else exchange.answer.body.decode(errors="replace"),
        }
        for exchange in conversation.exchanges
    ]


def _guarded(call: Callable[[Request], Awaitable[object]]) -> Callable[[Request], Awaitable[Response]]:
    """Return the call's endpoint: refusals become sentences, and only this machine's own requests come through."""

    async def answer(request: Request) -> Response:
        try:
            _check_local(request)
            told, status = await call(request), 200
        except LookupError as unknown:
            told, status = {"error": str(unknown.args[0])}, 404
        except BoardRefused as refused:
            told, status = {"error": str(refused)}, 400
        return Response(msgspec.json.encode(told), status, {"cache-control": "no-store"}, _JSON)

    return answer


def _check_local(request: Request) -> None:
    host = request.headers.get("host", "")
    if host.partition(":")[0] not in _LOCAL_HOSTS:
        raise BoardRefused("the switchboard is asked as 127.0.0.1 or localhost only")
    origin = request.headers.get("origin")
    if origin is not None and origin != f"http://{host}":
        raise BoardRefused("the switchboard is not for other pages")
    if request.method == "POST" and request.headers.get("content-type", "").partition(";")[0] != _JSON:
        raise BoardRefused(f"the body is to be {_JSON}")


async def _parse(request: Request, form: type[Asked]) -> Asked:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > BODY_MAX_BYTES:
            raise BoardRefused(f"a body of more than {BODY_MAX_BYTES} bytes")
    try:
        return msgspec.json.decode(bytes(body), type=form)
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        raise BoardRefused(str(wrong)) from wrong
