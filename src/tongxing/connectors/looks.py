"""The looks of all regions, at the hub over HTTP."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec

from tongxing.connectors.http_exchange import ExchangeFailed, HttpAnswer, SignedCaller
from tongxing.connectors.problems import raise_problem
from tongxing.core.errors import Refused
from tongxing.core.limits import REQUEST_BODY_MAX_BYTES
from tongxing.core.looks import Ground, Look, Purpose
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import SubjectKey, SubjectKeys
from tongxing.core.words import RegionId

_HTTP_SUCCESS: Final = range(200, 300)


class _Row(msgspec.Struct, frozen=True):
    subject: str
    at: datetime
    region: str
    looker: str
    site: str
    purpose: Purpose
    ground: Ground


class _Rows(msgspec.Struct, frozen=True):
    looks: tuple[_Row, ...]


@dataclass(frozen=True, slots=True)
class HttpSharedLooks:
    """Implements ``services.way_ports.SharedLooks``."""

    caller: SignedCaller
    url: str

    async def share(self, look: Look, *, timeout_seconds: float) -> None:
        """Hand in a look; returns once the hub has acknowledged it as durable."""
        body = {
            "subject": look.subject.hex(),
            "at": look.at,
            "looker": look.looker,
            "site": look.site,
            "purpose": look.purpose,
            "ground": look.ground,
        }
        await self._post("/v1/shared-looks", body, timeout_seconds)

    async def looks_at(self, keys: SubjectKeys, *, timeout_seconds: float) -> tuple[Look, ...]:
        """Ask who has looked at a subject anywhere."""
        answer = await self._post("/v1/look-queries", {"subject_keys": [key.hex() for key in keys]}, timeout_seconds)
        try:
            rows = msgspec.json.decode(answer.body, type=_Rows).looks
            return tuple(
                Look(
                    SubjectKey(bytes.fromhex(row.subject)),
                    row.at,
                    RegionId(row.region),
                    row.looker,
                    row.site,
                    row.purpose,
                    row.ground,
                )
                for row in rows
            )
        except (msgspec.MsgspecError, ValueError) as unreadable:
            raise Refused(ProblemId.UPSTREAM_AWAY, "the hub's looks are unreadable") from unreadable

    async def _post(self, path: str, body: object, timeout_seconds: float) -> HttpAnswer:
        try:
            async with asyncio.timeout(timeout_seconds):
                answer = await self.caller.call(
                    "POST",
                    self.url + path,
                    body=msgspec.json.encode(body),
                    timeout_seconds=timeout_seconds,
                    answer_max_bytes=REQUEST_BODY_MAX_BYTES,
                )
        except TimeoutError as late:
            raise Refused(ProblemId.UPSTREAM_AWAY, f"hub: no answer in {timeout_seconds} s") from late
        except ExchangeFailed as failed:
            raise Refused(ProblemId.UPSTREAM_AWAY, f"hub: {failed.kind}") from failed
        if answer.status not in _HTTP_SUCCESS:
            raise_problem(answer, "hub")
        return answer
