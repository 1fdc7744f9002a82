"""The dialect of the family ``signed_numeric``: a signed query, a number for the status (facts, C: Anhui's replies).

    POST /akm/qrcode/query {appId, nonceStr, qrCode, timestamp, sign}
    → {flag, data: {flag, errMsg, data: {healthLevel, name, idCardNo, dataSource, …}}}

The QR text of a person never changes. As the real one did, it hands out name and document number in clear,
and no moment at all: that a record is stale cannot be seen in its answer.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from tongxing.regions.families.signed_numeric import Field, sign_parameters
from tongxing.regions.profile import Profile
from tongxing.simulation.backends.code_forms import ShownCodes, own_form, repeats_what_was_asked
from tongxing.simulation.backends.dialect import Premises
from tongxing.simulation.backends.fault_kinds import FaultKind
from tongxing.simulation.people import Person

INSECURE_TEST_SECRET: Final = "INSECURE_TEST_SECRET-of-the-sandbox"  # noqa: S105 - everybody knows it

_SIGNED: Final = (Field.APP_ID, Field.NONCE, Field.QR_TEXT, Field.TIMESTAMP)
_OWN: Final = 1
_NATIONAL: Final = 2


class SignedNumericBackEnd:
    """One back end of this dialect."""

    def __init__(self, premises: Premises, profile: Profile) -> None:
        self._path, self._app_id = profile.parameters["query_path"], profile.parameters["app_id"]
        self._qr_texts = ShownCodes(premises.records.people, own_form(profile))
        self._records = premises.records
        self._faults = premises.faults
        self._clock = premises.clock

    def routes(self) -> Sequence[BaseRoute]:
        """Return the one route of the region's interface."""
        return [Route(self._path, self._query, methods=["POST"])]

    def show(self, person: Person) -> str:
        """Return the person's QR text, the same at every display."""
        return self._qr_texts.text_of(person)

    def show_old(self, person: Person) -> str | None:  # noqa: ARG002 - as the protocol has it
        """Say that a QR text never runs out."""
        return None

    async def _query(self, request: Request) -> JSONResponse:
        fault = self._faults.at_path(request.url.path)
        asked = _parse_signed(await request.body(), self._app_id, anyone=fault is FaultKind.ADMITS_ANYONE)
        if asked is None:
            return JSONResponse({Field.FLAG: False, Field.ERROR: "签名错误"})
        if fault is FaultKind.FAIL_OPEN:
            default = {Field.STATUS: self._records.green, Field.DATA_SOURCE: _OWN, Field.QR_TEXT: asked[Field.QR_TEXT]}
            return _answer({Field.FLAG: True, Field.ERROR: "", Field.DATA: default})
        person = self._qr_texts.find(asked[Field.QR_TEXT], fault)
        if person is None:
            return _answer({Field.FLAG: False, Field.ERROR: "二维码不存在"})
        if fault is FaultKind.OTHER_PERSON:
            person = self._records.other_than(person)
        record = self._records.record_of(person, self._clock.now(), fault)
        told = {
            Field.QR_TEXT: asked[Field.QR_TEXT] if repeats_what_was_asked(fault) else self.show(person),
            Field.STATUS: record.status,
            Field.NAME: person.name,
            Field.DOCUMENT_NUMBER: person.document.number,
            Field.DATA_SOURCE: _OWN if record.relayed_from is None else _NATIONAL,
            Field.PERSON_REF: person.person_ref,
            "authField": "name,idCardNo,healthLevel",
        }
        return _answer({Field.FLAG: True, Field.ERROR: "", Field.DATA: told})


def _parse_signed(body: bytes, app_id: str, *, anyone: bool) -> Mapping[str, str] | None:
    """Return the parameters of a request that the one partner signed, or None; ``anyone``: of whoever asks."""
    try:
        asked = json.loads(body)
    except ValueError:
        return None
    if not isinstance(asked, dict) or set(asked) != {*_SIGNED, Field.SIGN}:
        return None
    if not all(isinstance(value, str) for value in asked.values()) or asked[Field.APP_ID] != app_id:
        return None
    expected = sign_parameters({name: asked[name] for name in _SIGNED}, INSECURE_TEST_SECRET)
    return asked if anyone or expected == asked[Field.SIGN] else None


def _answer(inner: Mapping[str, object]) -> JSONResponse:
    return JSONResponse({Field.FLAG: True, Field.ERROR: "", Field.DATA: inner})
