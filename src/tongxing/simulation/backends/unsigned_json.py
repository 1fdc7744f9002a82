"""The dialect of the family ``unsigned_json``: a code that anybody can write (facts, A: Zhuhai in March 2020).

    POST query {codeId, requestId}  → {resultCode, data: {codeId, lastReportTime, healthStatus, userName, personId}}

The phone writes the time of the last report, as it then was, beside the id.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from tongxing.regions.families.unsigned_json import ALL_IS_WELL, TEXT_BEGINNING, Field
from tongxing.simulation.backends.dialect import local_time
from tongxing.simulation.backends.one_query import OneQueryBackEnd, Told
from tongxing.simulation.people import Person

_ONE_DAY: Final = timedelta(days=1)


class UnsignedJsonBackEnd(OneQueryBackEnd):
    """One back end of this dialect."""

    def show(self, person: Person) -> str:
        """Return the object that the phone shows, with the report that is the last now."""
        return self._text(person, self.records.record_of(person, self.clock.now()).refreshed_at)

    def show_old(self, person: Person) -> str | None:
        """Return the object as it was before the last report."""
        return self._text(person, self.records.record_of(person, self.clock.now()).refreshed_at - _ONE_DAY)

    def _text(self, person: Person, reported_at: datetime) -> str:
        shown = {
            Field.CODE_ID: super().show(person).removeprefix(TEXT_BEGINNING),
            Field.REPORTED_AT: local_time(reported_at),
        }
        return json.dumps(shown, separators=(",", ":"))

    def asked_for(self, asked: Mapping[str, str]) -> str:
        """Return the beginning of the QR text asked for."""
        return TEXT_BEGINNING + asked.get(Field.CODE_ID, "")

    def refuse_unknown(self) -> Mapping[str, object]:
        """Say that there is no such code."""
        return {Field.RETURN_CODE: "1001", "message": "码不存在"}

    def answer(self, key: str, told: Told) -> Mapping[str, object]:
        """Tell the status and the last report."""
        data = {
            Field.CODE_ID: key.removeprefix(TEXT_BEGINNING),
            Field.REPORTED_AT: local_time(told.refreshed_at),
            Field.STATUS: told.status,
            Field.NAME: told.masked_name,
            Field.PERSON_REF: told.person_ref,
        }
        return {Field.RETURN_CODE: ALL_IS_WELL, "message": "成功", Field.DATA: data}
