"""What the dialects of one query share: whose code was asked for, and what is told of them under each fault.

Such a back end is made from a region's profile: paths and the form of its codes are the profile's, so that
another region of a known family needs no code here. The QR text of a person never changes, unless the profile has codes
that are good once.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from tongxing.core.words import RegionId
from tongxing.regions.profile import Profile
from tongxing.simulation.backends.code_forms import OnceCodes, ShownCodes, own_form
from tongxing.simulation.backends.dialect import Premises, name_told
from tongxing.simulation.backends.fault_kinds import FaultKind
from tongxing.simulation.people import Person

STALE_BY: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Told:
    """What a back end tells of one person. ``person`` is None, and the moments too, where it makes something up."""

    person: Person | None
    status: str
    words: tuple[str, ...] = ()
    since: datetime | None = None
    refreshed_at: datetime | None = None
    division: str | None = None
    relayed_from: RegionId | None = None
    fault: FaultKind | None = None

    @property
    def masked_name(self) -> str:
        """The name as codes show it, empty where there is no record."""
        return "" if self.person is None else name_told(self.person, self.fault)

    @property
    def person_ref(self) -> str:
        """The back end's own id of the person, empty where there is no record."""
        return "" if self.person is None else self.person.person_ref


class OneQueryBackEnd(ABC):
    """A back end that is asked once about a QR text, by a JSON object."""

    path_parameter: str = "query_path"

    def __init__(self, premises: Premises, profile: Profile) -> None:
        self.profile = profile
        self.records = premises.records
        self.clock = premises.clock
        self.faults = premises.faults
        form = own_form(profile)
        self.qr_texts: ShownCodes | OnceCodes = (
            OnceCodes(form) if form.one_time else ShownCodes(premises.records.people, form)
        )

    @abstractmethod
    def asked_for(self, asked: Mapping[str, str]) -> str:
        """Return the QR text that a request is about, as ``qr_texts`` knows it."""

    @abstractmethod
    def answer(self, key: str, told: Told) -> Mapping[str, object]:
        """Return the answer about the code ``key``, which it repeats."""

    @abstractmethod
    def refuse_unknown(self) -> Mapping[str, object]:
        """Return the answer for a code that nobody has."""

    def refuse_used(self) -> Mapping[str, object]:
        """Return the answer for a code that was good once and was checked before."""
        return self.refuse_unknown()

    def refuse_caller(self, asked: Mapping[str, str]) -> Mapping[str, object] | None:  # noqa: ARG002 - for dialects that know their callers
        """Return the answer for a caller who may not ask, or None for one who may."""
        return None

    def routes(self) -> Sequence[BaseRoute]:
        """Return the one route of the region's interface."""
        return [Route(self.profile.parameters[self.path_parameter], self._query, methods=["POST"])]

    def show(self, person: Person) -> str:
        """Return the person's QR text, the same at every display unless it is good once."""
        return self.qr_texts.text_of(person)

    def show_old(self, person: Person) -> str | None:  # noqa: ARG002 - for dialects whose texts run out
        """Say that a QR text never runs out."""
        return None

    async def _query(self, request: Request) -> JSONResponse:
        asked = await parse_texts(request)
        fault = self.faults.at_path(request.url.path)
        refusal = None if fault is FaultKind.ADMITS_ANYONE else self.refuse_caller(asked)
        if refusal is not None:
            return JSONResponse(refusal)
        key = self.asked_for(asked)
        if fault is FaultKind.FAIL_OPEN:
            return JSONResponse(self.answer(key, Told(None, self.records.green)))
        if self.qr_texts.is_used(key):
            return JSONResponse(self.refuse_used())
        person, repeated = self.qr_texts.find(key, fault), key
        if person is None:
            return JSONResponse(self.refuse_unknown())
        if fault is FaultKind.OTHER_PERSON:
            person = self.records.other_than(person)
            repeated = self.qr_texts.text_of(person)
        return JSONResponse(self.answer(repeated, self._tell(person, fault)))

    def _tell(self, person: Person, fault: FaultKind | None) -> Told:
        record = self.records.record_of(person, self.clock.now(), fault)
        refreshed_at = record.refreshed_at - STALE_BY if fault is FaultKind.STALE else record.refreshed_at
        return Told(
            person, record.status, record.told, record.since, refreshed_at, record.division, record.relayed_from, fault
        )


async def parse_texts(request: Request) -> Mapping[str, str]:
    """Return the texts of a JSON body, none if it makes no sense: these systems ask no further."""
    try:
        body = json.loads(await request.body())
    except ValueError:
        return {}
    return {name: value for name, value in body.items() if isinstance(value, str)} if isinstance(body, dict) else {}
