"""The hub over HTTP, as a gateway uses it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from tongxing.connectors.http_exchange import ExchangeFailed, HttpAnswer, SignedCaller
from tongxing.connectors.problems import raise_upstream_problem
from tongxing.core.errors import Refused
from tongxing.core.limits import BUNDLE_MAX_BYTES, REQUEST_BODY_MAX_BYTES
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import SUBJECT_KEY_BYTES, Document, SubjectKey
from tongxing.services.ports import SubjectReport
from tongxing.wire.reports import encode_origin, encode_report

_HTTP_OK: Final = 200
_HTTP_NOT_FOUND: Final = 404
_TIMEOUT_SECONDS: Final = 30.0


class _Keys(msgspec.Struct, frozen=True):
    subject_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HttpHub:
    """Implements ``services.peers.Hub``."""

    caller: SignedCaller
    url: str

    async def derive_subject_keys(self, documents: Sequence[Document]) -> tuple[SubjectKey, ...]:
        """Ask the key service; documents travel signed and encrypted in transit, and are kept nowhere."""
        body = {"documents": [{"type": document.type, "number": document.number} for document in documents]}
        answer = await self._post("/v1/subject-keys", body)
        try:
            keys = tuple(bytes.fromhex(key) for key in msgspec.json.decode(answer.body, type=_Keys).subject_keys)
        except (msgspec.MsgspecError, ValueError) as unreadable:
            raise Refused(ProblemId.UPSTREAM_AWAY, "the key service's answer is unreadable") from unreadable
        if len(keys) != len(documents) or any(len(key) != SUBJECT_KEY_BYTES for key in keys):
            raise Refused(ProblemId.UPSTREAM_AWAY, "the key service answered for other documents")
        return tuple(SubjectKey(key) for key in keys)

    async def push_reports(self, rows: Sequence[SubjectReport]) -> None:
        """Hand in a batch; returns once the hub has acknowledged it as durable."""
        await self._post("/v1/reports", {"reports": [encode_row(row) for row in rows]})

    async def fetch_bundle(self, number: int | None) -> bytes | None:
        """Return a bundle by number, or the latest for None; None if there is none."""
        path = "/v1/bundles/latest" if number is None else f"/v1/bundles/{number}"
        answer = await self._call("GET", path, b"", BUNDLE_MAX_BYTES)
        if answer.status == _HTTP_NOT_FOUND:
            return None
        if answer.status != _HTTP_OK:
            raise_upstream_problem(answer, "hub")
        return answer.body

    async def _post(self, path: str, body: object) -> HttpAnswer:
        answer = await self._call("POST", path, msgspec.json.encode(body), REQUEST_BODY_MAX_BYTES)
        if answer.status != _HTTP_OK:
            raise_upstream_problem(answer, "hub")
        return answer

    async def _call(self, method: str, path: str, body: bytes, answer_max_bytes: int) -> HttpAnswer:
        try:
            return await self.caller.call(
                method,
                self.url + path,
                body=body,
                timeout_seconds=_TIMEOUT_SECONDS,
                answer_max_bytes=answer_max_bytes,
            )
        except ExchangeFailed as failed:
            raise Refused(ProblemId.UPSTREAM_AWAY, f"hub: {failed.kind}") from failed


def encode_row(row: SubjectReport) -> dict[str, object]:
    """Return a subject's report as JSON-able values: subject key in hex, report, origin."""
    return {
        "subject": row.subject.hex(),
        "report": encode_report(row.report),
        "origin": None if row.origin is None else encode_origin(row.origin),
    }
