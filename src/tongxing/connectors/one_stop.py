"""One-stop queries at the hub over HTTP, as a gateway asks them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from tongxing.connectors.http_exchange import ExchangeFailed, SignedCaller
from tongxing.connectors.problems import raise_upstream_problem
from tongxing.core.errors import Refused
from tongxing.core.limits import REQUEST_BODY_MAX_BYTES
from tongxing.core.looks import Look
from tongxing.core.one_stop import Panels
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import SubjectKey, SubjectKeys
from tongxing.services.one_stop_ports import OneStop
from tongxing.services.ports import SubjectReport
from tongxing.wire.cbor import WireError
from tongxing.wire.reports import parse_origin, parse_report

_HTTP_OK: Final = 200


class _Row(msgspec.Struct, frozen=True):
    subject: str
    report: dict[str, Any]
    origin: dict[str, Any] | None = None


class _Answer(msgspec.Struct, frozen=True):
    reports: tuple[_Row, ...]
    panels: Panels
    decided_at: datetime


_DECODER: Final = msgspec.json.Decoder(_Answer)


@dataclass(frozen=True, slots=True)
class HttpOneStop:
    """Implements ``services.one_stop_ports.OneStopSource``."""

    caller: SignedCaller
    url: str

    async def ask(self, keys: SubjectKeys, look: Look | None, *, timeout_seconds: float, details: bool) -> OneStop:
        """Ask for everything; the hub is told how long this node waits."""
        body = {
            "subject_keys": [key.hex() for key in keys],
            "look": None if look is None else _encode(look),
            "within_ms": int(timeout_seconds * 1000),
            "details": details,
        }
        try:
            answer = await self.caller.call(
                "POST",
                f"{self.url}/v1/person-queries",
                body=msgspec.json.encode(body),
                timeout_seconds=timeout_seconds,
                answer_max_bytes=REQUEST_BODY_MAX_BYTES,
            )
        except ExchangeFailed as failed:
            raise Refused(ProblemId.UPSTREAM_AWAY, f"hub: {failed.kind}") from failed
        if answer.status != _HTTP_OK:
            raise_upstream_problem(answer, "hub")
        return _parse(answer.body)


def _encode(look: Look) -> dict[str, object]:
    return {
        "subject": look.subject.hex(),
        "at": look.at,
        "looker": look.looker,
        "site": look.site,
        "purpose": look.purpose,
        "ground": look.ground,
    }


def _parse(body: bytes) -> OneStop:
    try:
        told = _DECODER.decode(body)
        reports = tuple(
            SubjectReport(
                SubjectKey(bytes.fromhex(row.subject)),
                parse_report(row.report),
                None if row.origin is None else parse_origin(row.origin),
            )
            for row in told.reports
        )
        return OneStop(reports, told.panels, told.decided_at.astimezone(UTC))
    except (msgspec.MsgspecError, WireError, ValueError) as unreadable:
        raise Refused(ProblemId.UPSTREAM_AWAY, "the hub's answer is unreadable") from unreadable
