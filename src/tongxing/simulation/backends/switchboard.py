"""The switchboard: what a sandbox can do to a back end while it runs. No real system has one.

    POST /_switch {"fault": "slow", "seconds": 5, "only_path": "validateInfo"}   {"fault": null}
    POST /_switch {"person": PERSON, "circumstance": "yellow_close_contact"}
    POST /_switch {"person": PERSON, "status": "red", "told": ["qzbl"]}
    POST /_show   {"person": PERSON}  → {"qr_text": "…", "name": "…", "number": "…", "circumstance": "…"}

PERSON is {"number": "…"}, or {"circumstance": "…", "nth": 0}: who stood so when the people were made.
"""

import json
from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from tongxing.services.ports import Clock
from tongxing.simulation.backends.dialect import Dialect
from tongxing.simulation.backends.fault_kinds import FaultKind
from tongxing.simulation.backends.faults import Faults, seconds_of
from tongxing.simulation.backends.records import Records
from tongxing.simulation.people import People, Person, State


class SwitchRefused(ValueError):
    """What was asked of the switchboard is not as it must be."""


def switchboard_routes(records: Records, dialect: Dialect, faults: Faults, clock: Clock) -> Sequence[BaseRoute]:
    """Return the routes of the switchboard."""

    async def switch(request: Request) -> JSONResponse:
        try:
            wanted = await _parse_body(request)
            if "person" in wanted:
                person = _find_person(records.people, wanted["person"])
                records.switch(person, _state_of(records, wanted), clock.now())
            else:
                _set_fault(faults, wanted)
        except (LookupError, ValueError) as error:
            return _refuse(error)
        return JSONResponse({"fault": faults.kind, "seconds": faults.seconds, "only_path": faults.only_path})

    async def show(request: Request) -> JSONResponse:
        try:
            person = _find_person(records.people, (await _parse_body(request)).get("person"))
            qr_text = dialect.show(person)
        except (LookupError, ValueError) as error:
            return _refuse(error)
        return JSONResponse(
            {
                "qr_text": qr_text,
                "name": person.name,
                "number": person.document.number,
                "circumstance": person.circumstance,
            }
        )

    return [Route("/_switch", switch, methods=["POST"]), Route("/_show", show, methods=["POST"])]


def _refuse(error: LookupError | ValueError) -> JSONResponse:
    """Return the refusal as a sentence: what an error says, without the quotes that a LookupError puts around it."""
    return JSONResponse({"error": str(error.args[0]) if error.args else "refused"}, status_code=400)


async def _parse_body(request: Request) -> Mapping[str, object]:
    try:
        body = json.loads(await request.body())
    except ValueError as wrong:
        raise SwitchRefused("the body is not JSON") from wrong
    if not isinstance(body, dict):
        raise SwitchRefused("not a JSON object")
    return body


def _find_person(people: People, wanted: object) -> Person:
    if not isinstance(wanted, dict):
        raise SwitchRefused("person is not an object")
    if "number" in wanted:
        person = people.find_number(str(wanted["number"]))
        if person is None:
            raise LookupError("nobody has this number")
        return person
    nth = wanted.get("nth", 0)
    if not isinstance(nth, int) or nth < 0:
        raise SwitchRefused("nth is not a whole number from 0")
    if "circumstance" not in wanted:
        raise SwitchRefused('person has neither "number" nor "circumstance"')
    circumstance = str(wanted["circumstance"])
    try:
        return people.pick(circumstance, nth)
    except LookupError as nobody:
        raise LookupError(f"nobody, or not so many, in {circumstance}; there are: {_known(people)}") from nobody


def _state_of(records: Records, wanted: Mapping[str, object]) -> State:
    if "circumstance" in wanted:
        try:
            return records.state_for(str(wanted["circumstance"]))
        except LookupError as unknown:
            known = _known(records.people)
            raise LookupError(f"no circumstance {wanted['circumstance']}; there are: {known}") from unknown
    told = wanted.get("told", [])
    if not isinstance(told, list):
        raise SwitchRefused("told is not a list")
    if "status" not in wanted:
        raise SwitchRefused('neither "circumstance" nor "status" says how the person stands from now on')
    return State(str(wanted["status"]), tuple(str(word) for word in told))


def _known(people: People) -> str:
    return ", ".join(people.circumstances)


def _set_fault(faults: Faults, wanted: Mapping[str, object]) -> None:
    if "fault" not in wanted:
        raise SwitchRefused('neither "fault" nor "person" says what is to be switched')
    kind, seconds = _kind_of(wanted["fault"]), wanted.get("seconds")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float | None):
        raise SwitchRefused("seconds is not a number")
    faults.seconds = float(seconds_of(kind, seconds))
    faults.kind = kind
    faults.only_path = str(wanted.get("only_path", ""))


def _kind_of(wanted: object) -> FaultKind | None:
    if wanted is None:
        return None
    try:
        return FaultKind(str(wanted))
    except ValueError as unknown:
        raise SwitchRefused(f"no fault {wanted}; there are: {', '.join(FaultKind)}") from unknown
