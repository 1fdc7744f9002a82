"""The dialect of the family ``day_password``: a web service whose password changes at Beijing's midnight (facts, C).

    POST service {AppId, Method, Password, Key}  → {ResultCode, Data: {Key, CodeStatus, StatusReason, Name, …}}

It hands out names in clear, as the real one did.
"""

from collections.abc import Mapping
from typing import Final

from tongxing.regions.families.day_password import (
    ALL_IS_WELL,
    TOLD_SEPARATOR,
    WRONG_PASSWORD,
    Field,
    day_password,
)
from tongxing.simulation.backends.dialect import local_time
from tongxing.simulation.backends.one_query import OneQueryBackEnd, Told

INSECURE_TEST_APP_ID: Final = "INSECURE_TEST_APP_ID-of-the-sandbox"


class DayPasswordBackEnd(OneQueryBackEnd):
    """One back end of this dialect."""

    path_parameter = "service_path"

    def refuse_caller(self, asked: Mapping[str, str]) -> Mapping[str, object] | None:
        """Refuse everybody but the one application, and it too where the password is not the day's."""
        method = self.profile.parameters["method_name"]
        if asked.get(Field.APP_ID) != INSECURE_TEST_APP_ID or asked.get(Field.METHOD) != method:
            return {Field.RETURN_CODE: "1001", "Message": "未授权"}
        if asked.get(Field.PASSWORD) != day_password(INSECURE_TEST_APP_ID, method, self.clock.now()):
            return {Field.RETURN_CODE: WRONG_PASSWORD, "Message": "密码错误"}
        return None

    def asked_for(self, asked: Mapping[str, str]) -> str:
        """Return the QR text asked for."""
        return asked.get(Field.KEY, "")

    def refuse_unknown(self) -> Mapping[str, object]:
        """Say that nobody has the key."""
        return {Field.RETURN_CODE: "2001", "Message": "查无此码"}

    def answer(self, key: str, told: Told) -> Mapping[str, object]:
        """Tell status, reasons and the name."""
        data = {
            Field.KEY: key,
            Field.STATUS: told.status,
            Field.TOLD: TOLD_SEPARATOR.join(told.words),
            Field.NAME: "" if told.person is None else told.person.name,
            Field.REFRESHED_AT: local_time(told.refreshed_at),
            Field.PERSON_REF: told.person_ref,
        }
        return {Field.RETURN_CODE: ALL_IS_WELL, "Message": "成功", Field.DATA: data}
