"""The dialect of the family ``keyed_call``: a secret is given out for each call, and is good for one (facts, C).

    POST secret {appKey, requestTime, sign}       → {code, datas: {requestSecret, requestSecretEndTime}}
    POST query  {appKey, requestTime, sign, key}  → {code, datas: {key, codeColour, reason, …}}

As naive as the scheme: the one partner's secret is a constant that everybody knows, and what is asked is not signed.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from tongxing.regions.families.keyed_call import ALL_IS_WELL, TOLD_SEPARATOR, Field, signed_call
from tongxing.regions.families.requests import milliseconds
from tongxing.regions.profile import Profile
from tongxing.simulation.backends.dialect import Premises, local_time
from tongxing.simulation.backends.fault_kinds import FaultKind
from tongxing.simulation.backends.one_query import OneQueryBackEnd, Told, parse_texts

INSECURE_TEST_APP_KEY: Final = "INSECURE_TEST_APP_KEY-of-the-sandbox"
INSECURE_TEST_APP_SECRET: Final = "INSECURE_TEST_APP_SECRET-of-the-sandbox"  # noqa: S105 - everybody knows it
SECRET_LIFE: Final = timedelta(minutes=10)
SECRETS_KEPT_MAX: Final = 10_000

_UNSIGNED: Final = {Field.RETURN_CODE: "14", "msg": "签名错误"}


class KeyedCallBackEnd(OneQueryBackEnd):
    """One back end of this dialect."""

    def __init__(self, premises: Premises, profile: Profile) -> None:
        super().__init__(premises, profile)
        self._given: dict[str, datetime] = {}

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes for a secret and for the query."""
        path = self.profile.parameters["secret_path"]
        return [Route(path, self._give_secret, methods=["POST"]), *super().routes()]

    async def _give_secret(self, request: Request) -> JSONResponse:
        asked = await parse_texts(request)
        anyone = self.faults.at_path(request.url.path) is FaultKind.ADMITS_ANYONE
        if not anyone and not _is_signed(asked, INSECURE_TEST_APP_SECRET):
            return JSONResponse(_UNSIGNED)
        while len(self._given) >= SECRETS_KEPT_MAX:
            del self._given[next(iter(self._given))]
        secret, until = secrets.token_hex(16), self.clock.now() + SECRET_LIFE
        self._given[secret] = until
        data = {Field.REQUEST_SECRET: secret, Field.SECRET_UNTIL: milliseconds(until)}
        return JSONResponse({Field.RETURN_CODE: ALL_IS_WELL, "msg": "成功", Field.DATA: data})

    def refuse_caller(self, asked: Mapping[str, str]) -> Mapping[str, object] | None:
        """Refuse a call that is signed with no secret given out, or one used before, or one that has run out."""
        used = next((secret for secret in self._given if _is_signed(asked, secret)), None)
        if used is None or self._given.pop(used) <= self.clock.now():
            return _UNSIGNED
        return None

    def asked_for(self, asked: Mapping[str, str]) -> str:
        """Return the QR text asked for."""
        return asked.get(Field.KEY, "")

    def refuse_unknown(self) -> Mapping[str, object]:
        """Say that nobody has the key."""
        return {Field.RETURN_CODE: "01", "msg": "查无此码"}

    def answer(self, key: str, told: Told) -> Mapping[str, object]:
        """Tell colour, reasons and moments."""
        data = {
            Field.KEY: key,
            Field.STATUS: told.status,
            Field.TOLD: TOLD_SEPARATOR.join(told.words),
            Field.SINCE: local_time(told.since),
            Field.REFRESHED_AT: local_time(told.refreshed_at),
            Field.NAME: told.masked_name,
            Field.PERSON_REF: told.person_ref,
        }
        return {Field.RETURN_CODE: ALL_IS_WELL, "msg": "成功", Field.DATA: data}


def _is_signed(asked: Mapping[str, str], secret: str) -> bool:
    expected = signed_call(INSECURE_TEST_APP_KEY, secret, asked.get(Field.REQUEST_TIME, ""))
    return all(asked.get(name) == value for name, value in expected.items())
