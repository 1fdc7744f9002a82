"""The dialect of the family ``gate_numeric``: a gate's numbers from 1 to 4 (facts, B and C).

    POST query {deviceId, qrCode, requestId}  → {code, msg, data: {qrCode, healthStatus, userName, checkTime, personId}}

It answers the device that its profile names and no other.
"""

from collections.abc import Mapping

from tongxing.regions.families.gate_numeric import ALL_IS_WELL, Field
from tongxing.simulation.backends.dialect import local_time
from tongxing.simulation.backends.one_query import OneQueryBackEnd, Told


class GateNumericBackEnd(OneQueryBackEnd):
    """One back end of this dialect."""

    def asked_for(self, asked: Mapping[str, str]) -> str:
        """Return the QR text asked for."""
        return asked.get(Field.QR_TEXT, "")

    def refuse_caller(self, asked: Mapping[str, str]) -> Mapping[str, object] | None:
        """Refuse every device but the gate's own."""
        known = asked.get(Field.DEVICE) == self.profile.parameters["device_id"]
        return None if known else {Field.RETURN_CODE: "22001", "msg": "token invalid"}

    def refuse_unknown(self) -> Mapping[str, object]:
        """Say that the code is illegal."""
        return {Field.RETURN_CODE: "22007", "msg": "code illegal"}

    def answer(self, key: str, told: Told) -> Mapping[str, object]:
        """Tell the number, as a number."""
        data = {
            Field.QR_TEXT: key,
            Field.STATUS: int(told.status) if told.status.isdecimal() else told.status,
            Field.NAME: told.masked_name,
            Field.REFRESHED_AT: local_time(told.refreshed_at),
            Field.PERSON_REF: told.person_ref,
        }
        return {Field.RETURN_CODE: ALL_IS_WELL, "msg": "ok", Field.DATA: data}
