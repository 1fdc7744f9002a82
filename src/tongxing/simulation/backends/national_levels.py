"""The dialect of the family ``national_levels``: an overall risk, and one report for each province (facts, B).

    POST query {qrCode, requestId}  → {errcode, data: {qrCode, fxdj, person, healthyReport: […]}}

What a fault spoils is the overall risk, which some other part of such a platform makes: the reports stand beside
it as they were.
"""

from collections.abc import Mapping

from tongxing.regions.families.make_validate import TOLD_SEPARATOR
from tongxing.regions.families.national_levels import ALL_IS_WELL, Field
from tongxing.simulation.backends.dialect import local_time
from tongxing.simulation.backends.one_query import OneQueryBackEnd, Told


class NationalLevelsBackEnd(OneQueryBackEnd):
    """One back end of this dialect."""

    def asked_for(self, asked: Mapping[str, str]) -> str:
        """Return the QR text asked for."""
        return asked.get(Field.QR_TEXT, "")

    def refuse_unknown(self) -> Mapping[str, object]:
        """Say that there is no such code."""
        return {Field.RETURN_CODE: "40010", "errmsg": "失败"}

    def refuse_used(self) -> Mapping[str, object]:
        """Say that the code was checked before."""
        return {Field.RETURN_CODE: "40011", "errmsg": "失败"}

    def answer(self, key: str, told: Told) -> Mapping[str, object]:
        """Tell the overall risk and the one report that stands behind it."""
        data = {
            Field.QR_TEXT: key,
            Field.OVERALL: told.status,
            Field.PERSON: {Field.MASKED_NAME: told.masked_name, Field.PERSON_REF: told.person_ref},
            Field.REPORTS: self._reports(told),
        }
        return {Field.RETURN_CODE: ALL_IS_WELL, "errmsg": "成功", Field.DATA: data}

    def _reports(self, told: Told) -> list[Mapping[str, str]]:
        if told.person is None:
            return []
        record = self.records.record_of(told.person, self.clock.now())
        is_spoilt_here = told.status != record.status and told.refreshed_at == record.refreshed_at
        return [
            {
                Field.REPORTER: told.relayed_from or self.profile.region,
                Field.STATUS: record.status if is_spoilt_here else told.status,
                Field.TOLD: TOLD_SEPARATOR.join(told.words),
                Field.REFRESHED_AT: local_time(told.refreshed_at),
            }
        ]
