"""The dialect of the family ``colour_query``: one query by code content (facts, C: a payment platform's interface).

    POST /gateway.do   method=…healthcode.verify & biz_content={city_code, code_content, industry_type}

The QR text of a person never changes, so a picture of it is as good as the phone: as it was.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from tongxing.regions.families.colour_query import METHOD, Field
from tongxing.regions.profile import Profile
from tongxing.simulation.backends.code_forms import ShownCodes, own_form, repeats_what_was_asked
from tongxing.simulation.backends.dialect import Premises, local_time, name_told
from tongxing.simulation.backends.fault_kinds import FaultKind
from tongxing.simulation.people import Person

STALE_BY: Final = timedelta(days=30)


class ColourQueryBackEnd:
    """One back end of this dialect; the form of its QR texts and the city it answers for are the profile's."""

    def __init__(self, premises: Premises, profile: Profile) -> None:
        self._records = premises.records
        self._faults = premises.faults
        self._clock = premises.clock
        self._path = profile.parameters["gateway_path"]
        self._city = profile.parameters["city_code"]
        self._qr_texts = ShownCodes(premises.records.people, own_form(profile))

    def routes(self) -> Sequence[BaseRoute]:
        """Return the one route of the platform."""
        return [Route(self._path, self._gateway, methods=["POST"])]

    def show(self, person: Person) -> str:
        """Return the person's QR text, the same at every display."""
        return self._qr_texts.text_of(person)

    def show_old(self, person: Person) -> str | None:  # noqa: ARG002 - as the protocol has it
        """Say that a QR text never runs out."""
        return None

    async def _gateway(self, request: Request) -> JSONResponse:
        business = _business_of(await request.body())
        if business is None or business.get(Field.CITY) != self._city:
            return _answer("40002", sub_code="INVALID_PARAMETER")
        asked = business.get(Field.CODE_CONTENT)
        fault = self._faults.at_path(request.url.path)
        if fault is FaultKind.FAIL_OPEN:
            return _answer("10000", **{Field.COLOUR: self._records.green, Field.CODE_CONTENT: str(asked)})
        person = self._qr_texts.find(asked, fault) if isinstance(asked, str) else None
        if person is None or not isinstance(asked, str):
            return _answer("40004", sub_code="CODE_NOT_EXIST")
        if fault is FaultKind.OTHER_PERSON:
            person = self._records.other_than(person)
        record = self._records.record_of(person, self._clock.now(), fault)
        refreshed_at = record.refreshed_at - STALE_BY if fault is FaultKind.STALE else record.refreshed_at
        return _answer(
            "10000",
            **{
                Field.COLOUR: record.status,
                Field.CODE_CONTENT: asked if repeats_what_was_asked(fault) else self.show(person),
                Field.REFRESHED_AT: local_time(refreshed_at),
                Field.MASKED_NAME: name_told(person, fault),
            },
        )


def _business_of(body: bytes) -> Mapping[str, object] | None:
    """Return the business part of a form for the one method there is, or None."""
    try:
        form = parse_qs(body.decode(), strict_parsing=True)
        business = json.loads(form[Field.BIZ_CONTENT][0])
    except (ValueError, KeyError):
        return None
    return business if form.get(Field.METHOD) == [METHOD] and isinstance(business, dict) else None


def _answer(return_code: str, **values: str) -> JSONResponse:
    message = "Success" if return_code == "10000" else "Business Failed"
    return JSONResponse({Field.RESPONSE: {Field.RETURN_CODE: return_code, "msg": message, **values}, "sign": ""})
