"""The dialect of the family ``words``: Beijing's sentences, each valid to midnight; interface and app are assumed.

    POST /jkb/code/open {cardType, cardId, name}  → data.qrText, data.statusText, data.resultTime, …   the person's app
    POST /jkb/qr/query  {qrText, requestId}       → data.qrText, data.statusText, data.resultTime, …   a checkpoint

Opening the code makes a new result, which takes the place of the one before. Whoever is not in the records
is a visitor: of them it asks its own gateway, which is the one call that was added to it (design, way 1), and
shows what was recognised inside its own code. What it recognised it says again at each query until the code is
opened anew. It never looks whether a result's day is over: that is for whoever asks.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from tongxing.core.documents import normalise_document
from tongxing.core.errors import Refused
from tongxing.core.levels import Level
from tongxing.core.masking import mask_name
from tongxing.crypto.digests import sha256
from tongxing.regions.families.words import ALL_IS_WELL, Field
from tongxing.regions.profile import Profile
from tongxing.simulation.backends.code_forms import find_text, own_form, random_text
from tongxing.simulation.backends.dialect import Premises, local_time, name_told
from tongxing.simulation.backends.fault_kinds import FaultKind
from tongxing.simulation.backends.recognising import Recognition
from tongxing.simulation.backends.records import EXPIRED_BY
from tongxing.simulation.people import Person

STALE_BY: Final = timedelta(days=1)
RESULTS_KEPT_MAX: Final = 200_000

UNKNOWN: Final = "1001"
REPLACED: Final = "1002"
WRONG_REQUEST: Final = "1003"

NOT_CONFIRMED: Final = "系统暂无法确认您的状态"
NOT_ASKED: Final = "未能向其他地区核实"
RECOGNISED_WORDS: Final[Mapping[Level, str]] = MappingProxyType(
    {Level.LOW: "未见异常", Level.MEDIUM: "居家观察", Level.HIGH: "集中观察"}
)
"""How another region's level is said in Beijing's words."""


@dataclass(frozen=True, slots=True)
class _Result:
    """One opening of the code. ``person`` is None for a visitor, whose status was recognised then or was not."""

    number: str
    masked_name: str
    person_ref: str
    made_at: datetime
    person: Person | None = None
    recognition: Recognition | None = None


class WordsBackEnd:
    """One back end of this dialect."""

    def __init__(self, premises: Premises, profile: Profile) -> None:
        self._path, self._form = profile.parameters["query_path"], own_form(profile)
        self._records = premises.records
        self._faults = premises.faults
        self._clock = premises.clock
        self._recognising = premises.recognising
        self._results: dict[str, _Result] = {}
        self._newest: dict[str, str] = {}

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes of the region's app and of its interface."""
        return [
            Route("/jkb/code/open", self._open, methods=["POST"]),
            Route(self._path, self._query, methods=["POST"]),
        ]

    def show(self, person: Person) -> str:
        """Return the QR text of a new result."""
        result = _Result(person.document.number, person.masked_name, person.person_ref, self._clock.now(), person)
        return self._keep(result)

    def show_old(self, person: Person) -> str | None:
        """Return the QR text of a result that another took the place of."""
        replaced = self.show(person)
        self.show(person)
        return replaced

    async def _open(self, request: Request) -> JSONResponse:
        asked = await _parse_texts(request)
        try:
            document = normalise_document(asked.get("cardType", "10"), asked.get("cardId", ""))
        except Refused:
            return _refuse(WRONG_REQUEST)
        person = self._records.people.find_number(document.number)
        if person is not None:
            qr_text = self.show(person)
        else:
            ref = sha256(b"visitor" + document.number.encode())[:16].hex()
            recognition = await self._recognising.recognise(document, ref)
            name = mask_name(asked.get("name", ""))
            qr_text = self._keep(_Result(document.number, name, ref, self._clock.now(), None, recognition))
        told = self._tell(qr_text, self._results[qr_text])
        return _answer(told | {"recognitionText": _sentence(self._results[qr_text])})

    async def _query(self, request: Request) -> JSONResponse:
        qr_text = (await _parse_texts(request)).get(Field.QR_TEXT, "")
        fault = self._faults.at_path(request.url.path)
        known = find_text(self._results, qr_text, fault)
        if known is None:
            return _refuse(UNKNOWN)
        result = self._results[known]
        if self._newest[result.number] != known and fault is not FaultKind.UNDYING:
            return _refuse(REPLACED)
        if fault is FaultKind.FAIL_OPEN:
            return _answer({Field.QR_TEXT: qr_text, Field.STATUS: self._records.green})
        told = self._tell(qr_text, result, fault)
        if fault is FaultKind.OTHER_PERSON:
            told |= {Field.QR_TEXT: random_text(self._form)}
        if fault is FaultKind.STALE:
            told |= {Field.REFRESHED_AT: local_time(result.made_at - STALE_BY)}
        return _answer(told)

    def _keep(self, result: _Result) -> str:
        """Keep a result in the place of the one before; the oldest of all are forgotten first."""
        while len(self._results) >= RESULTS_KEPT_MAX:
            del self._results[next(iter(self._results))]
        qr_text = random_text(self._form)
        self._results[qr_text] = result
        self._newest[result.number] = qr_text
        return qr_text

    def _tell(self, qr_text: str, result: _Result, fault: FaultKind | None = None) -> dict[str, str]:
        made_at = result.made_at - EXPIRED_BY if fault is FaultKind.YELLOW_FOR_EXPIRED else result.made_at
        told = {
            Field.QR_TEXT.value: qr_text,
            Field.REFRESHED_AT.value: local_time(made_at),
            Field.MASKED_NAME.value: result.masked_name if result.person is None else name_told(result.person, fault),
            Field.PERSON_REF.value: result.person_ref,
        }
        if result.person is not None:
            return told | {Field.STATUS: self._records.record_of(result.person, self._clock.now(), fault).status}
        recognition = result.recognition
        if recognition is None or recognition.level is None or recognition.source is None:
            return told | {Field.STATUS: NOT_CONFIRMED}
        is_ours = recognition.source == self._records.people.region
        return told | {
            Field.STATUS: RECOGNISED_WORDS[recognition.level],
            Field.RECOGNISED_FROM: "" if is_ours else recognition.source,
            Field.VALID_UNTIL: local_time(recognition.valid_until),
            Field.RECOGNISED_DIVISION: recognition.division or "",
        }


def _sentence(result: _Result) -> str:
    """Return what the code says below its status: nothing for people of its own, else who was asked and what came."""
    if result.person is not None:
        return ""
    return NOT_ASKED if result.recognition is None else result.recognition.sentence


async def _parse_texts(request: Request) -> Mapping[str, str]:
    """Return the texts of a JSON body, none if it makes no sense: this system asks no further."""
    try:
        body = json.loads(await request.body())
    except ValueError:
        return {}
    return {name: value for name, value in body.items() if isinstance(value, str)} if isinstance(body, dict) else {}


def _answer(data: Mapping[str, str]) -> JSONResponse:
    return JSONResponse({Field.RETURN_CODE: ALL_IS_WELL, "resultMsg": "成功", Field.DATA: dict(data)})


def _refuse(return_code: str) -> JSONResponse:
    return JSONResponse({Field.RETURN_CODE: return_code, "resultMsg": "失败"})
