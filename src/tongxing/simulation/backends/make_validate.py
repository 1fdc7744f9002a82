"""The dialect of the family ``make_validate``: one-time QR texts and one-time tokens (facts, C: Hebei's flow).

    POST /hbjkm/code/createCode            {cardId}      → data.qrCode, data.imgStream, data.width
    POST /hbjkm/code/validateCode          {qrCode}      → data.bizExtData, data.desensitizeCardId
    POST /hbjkm/userHealth/validateInfo    {bizExtData}  → data.bizExtData, data.content (a JSON text)

Each display makes a new QR text, which lives a minute and can be checked once; so can the token.
"""

import base64
import json
import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import segno
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from tongxing.regions.families.make_validate import TOLD_SEPARATOR, Field
from tongxing.regions.profile import Profile
from tongxing.simulation.backends.code_forms import find_text, own_form, random_text
from tongxing.simulation.backends.dialect import Premises, local_time, name_told
from tongxing.simulation.backends.fault_kinds import FaultKind
from tongxing.simulation.people import Person

QR_LIFE: Final = timedelta(seconds=60)
TOKEN_LIFE: Final = timedelta(seconds=30)
STALE_BY: Final = timedelta(days=10)
TICKETS_KEPT_MAX: Final = 200_000

WRONG_REQUEST: Final = 40002
EXPIRED: Final = 40007
UNKNOWN: Final = 40010
USED: Final = 40011


@dataclass(slots=True)
class _Ticket:
    person: Person
    made_at: datetime
    is_used: bool = False


class _Tickets:
    """One-time texts of one kind, in memory. The oldest are forgotten first."""

    def __init__(self, life: timedelta) -> None:
        self._life = life
        self._held: dict[str, _Ticket] = {}

    def make(self, text: str, person: Person, now: datetime) -> None:
        while len(self._held) >= TICKETS_KEPT_MAX:
            del self._held[next(iter(self._held))]
        self._held[text] = _Ticket(person, now)

    def redeem(self, text: str, now: datetime, fault: FaultKind | None = None) -> Person | int:
        """Use a text up and return its person, or the return code that says why not."""
        known = find_text(self._held, text, fault)
        if known is None:
            return UNKNOWN
        ticket = self._held[known]
        if ticket.is_used and fault is not FaultKind.FORGETFUL:
            return USED
        if now >= ticket.made_at + self._life and fault is not FaultKind.UNDYING:
            return EXPIRED
        ticket.is_used = True
        return ticket.person


class MakeValidateBackEnd:
    """One back end of this dialect."""

    def __init__(self, premises: Premises, profile: Profile) -> None:
        self._paths = profile.parameters
        self._form = own_form(profile)
        self._records = premises.records
        self._faults = premises.faults
        self._clock = premises.clock
        self._qr_texts = _Tickets(QR_LIFE)
        self._tokens = _Tickets(TOKEN_LIFE)

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes of the region's own interface."""
        return [
            Route("/hbjkm/code/createCode", self._create_code, methods=["POST"]),
            Route(self._paths["validate_code_path"], self._validate_code, methods=["POST"]),
            Route(self._paths["validate_info_path"], self._validate_info, methods=["POST"]),
        ]

    def show(self, person: Person) -> str:
        """Return a QR text made for this display."""
        qr_text = random_text(self._form)
        self._qr_texts.make(qr_text, person, self._clock.now())
        return qr_text

    def show_old(self, person: Person) -> str | None:
        """Return a QR text whose minute is over."""
        qr_text = random_text(self._form)
        self._qr_texts.make(qr_text, person, self._clock.now() - QR_LIFE)
        return qr_text

    async def _create_code(self, request: Request) -> JSONResponse:
        person = self._records.people.find_number(await _field(request, "cardId"))
        if person is None:
            return _refuse(UNKNOWN)
        qr_text = self.show(person)
        rows = list(segno.make_qr(qr_text, error="m").matrix)
        bits = "".join("1" if module else "0" for row in rows for module in row)
        picture = int(bits, 2).to_bytes((len(bits) + 7) // 8, "big")
        return _answer(
            {
                "imgStream": base64.b64encode(picture).decode(),
                "width": len(rows),
                Field.QR_TEXT: qr_text,
            }
        )

    async def _validate_code(self, request: Request) -> JSONResponse:
        qr_text = await _field(request, Field.QR_TEXT)
        person = self._qr_texts.redeem(qr_text, self._clock.now(), self._faults.at_path(request.url.path))
        if isinstance(person, int):
            return _refuse(person)
        token = secrets.token_urlsafe(24)
        self._tokens.make(token, person, self._clock.now())
        return _answer({Field.EXT_DATA: token, Field.MASKED_DOCUMENT: person.masked_document})

    async def _validate_info(self, request: Request) -> JSONResponse:
        token, now = await _field(request, Field.EXT_DATA), self._clock.now()
        person = self._tokens.redeem(token, now)
        if isinstance(person, int):
            return _refuse(person)
        fault = self._faults.at_path(request.url.path)
        if fault is FaultKind.OTHER_PERSON:
            person = self._records.other_than(person)
        content = self._content(person, now, fault)
        if fault is FaultKind.FAIL_OPEN:
            masked = {Field.MASKED_DOCUMENT: person.masked_document}
            content = {"uuid": "", Field.PERSON: masked, Field.STATUS: self._records.green}
        return _answer({Field.EXT_DATA: token, Field.CONTENT: json.dumps(content, ensure_ascii=False)})

    def _content(self, person: Person, now: datetime, fault: FaultKind | None) -> dict[str, object]:
        record = self._records.record_of(person, now, fault)
        is_stale = fault is FaultKind.STALE
        return {
            "uuid": uuid.uuid4().hex,
            Field.PERSON: {
                Field.MASKED_NAME: name_told(person, fault),
                Field.MASKED_DOCUMENT: person.masked_document,
                Field.PERSON_REF: person.person_ref,
            },
            Field.STATUS: record.status,
            Field.TOLD: TOLD_SEPARATOR.join(record.told),
            Field.SINCE: local_time(record.since),
            Field.REFRESHED_AT: local_time(record.refreshed_at - STALE_BY if is_stale else record.refreshed_at),
            Field.DIVISION: record.division or "",
        }


async def _field(request: Request, name: str) -> str:
    """Return a text of a JSON body, empty if it is not there: this system asks no further."""
    try:
        body = json.loads(await request.body())
    except ValueError:
        return ""
    value = body.get(name) if isinstance(body, dict) else None
    return value if isinstance(value, str) else ""


def _answer(data: Mapping[str, object]) -> JSONResponse:
    return JSONResponse({Field.RETURN_CODE: 0, "errmsg": "成功", Field.DATA: data})


def _refuse(return_code: int) -> JSONResponse:
    return JSONResponse({Field.RETURN_CODE: return_code, "errmsg": "失败"})
