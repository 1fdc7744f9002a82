"""The hub over HTTP, as a gateway uses it."""

import asyncio
from collections.abc import Collection, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, TypeVar

import msgspec

from tongxing.connectors.http_exchange import ExchangeFailed, HttpAnswer, SignedCaller
from tongxing.connectors.problems import raise_upstream_problem
from tongxing.core.errors import Refused
from tongxing.core.limits import BUNDLE_MAX_BYTES, REQUEST_BODY_MAX_BYTES
from tongxing.core.problems import ProblemId
from tongxing.core.proofs import ProofKind
from tongxing.core.subjects import SUBJECT_KEY_BYTES, SUBJECT_KEYS_MAX, Document, SubjectKey, SubjectKeys
from tongxing.core.words import RegionId
from tongxing.recognition.views import CitizenView
from tongxing.services.declarations import Declaration
from tongxing.services.minting import MadeCode
from tongxing.services.ports import SubjectReport
from tongxing.services.report_sums import DaySum, ReportSums
from tongxing.wire.cbor import WireError
from tongxing.wire.reports import parse_origin, parse_report

_HTTP_OK: Final = 200
_HTTP_SUCCESS: Final = range(200, 300)
_HTTP_NOT_FOUND: Final = 404
_TIMEOUT_SECONDS: Final = 30.0
_KEYS_SECONDS: Final = 5.0
"""So long a back end's rows wait for their subject keys; if the network swallows the question they are kept, sealed."""

_JSON_LINES: Final = "application/x-ndjson"


_Answer = TypeVar("_Answer", bound=msgspec.Struct)


class _Keys(msgspec.Struct, frozen=True):
    subject_keys: tuple[tuple[str, ...], ...]


class _Row(msgspec.Struct, frozen=True):
    subject: str
    report: dict[str, Any]
    origin: dict[str, Any] | None = None


class _Declared(msgspec.Struct, frozen=True):
    declared_at: datetime


class _Made(msgspec.Struct, frozen=True):
    qr_text: str
    expires_at: datetime


class _TakenIn(msgspec.Struct, frozen=True):
    number: int
    taken_at: datetime


class _Mark(msgspec.Struct, frozen=True):
    number: int


class _Day(msgspec.Struct, frozen=True):
    day: date
    count: int
    digest_hex: str


class _Sums(msgspec.Struct, frozen=True):
    days: tuple[_Day, ...]
    next_after: str


class _Reports(msgspec.Struct, frozen=True):
    reports: tuple[_Row, ...]


@dataclass(frozen=True, slots=True)
class HttpHub:
    """Implements ``services.peers.Hub``."""

    caller: SignedCaller
    url: str

    async def derive_subject_keys(self, documents: Sequence[Document]) -> tuple[SubjectKeys, ...]:
        """Ask the key service; documents travel signed and encrypted in transit, and are kept nowhere."""
        body = {"documents": [{"type": document.type, "number": document.number} for document in documents]}
        answer = await self._post("/v1/subject-keys", body, _KEYS_SECONDS)
        try:
            told = msgspec.json.decode(answer.body, type=_Keys).subject_keys
            subjects = tuple(tuple(SubjectKey(bytes.fromhex(key)) for key in keys) for keys in told)
        except (msgspec.MsgspecError, ValueError) as unreadable:
            raise Refused(ProblemId.UPSTREAM_AWAY, "the key service's answer is unreadable") from unreadable
        if len(subjects) != len(documents) or not all(map(_is_subject, subjects)):
            raise Refused(ProblemId.UPSTREAM_AWAY, "the key service answered for other documents")
        return subjects

    async def query_reports(self, keys: SubjectKeys, *, timeout_seconds: float) -> tuple[SubjectReport, ...]:
        """Ask what all say of one subject."""
        body = {"subject_keys": [key.hex() for key in keys]}
        return _parse_reports(await self._post("/v1/report-queries", body, timeout_seconds))

    async def consult(
        self, issuer: RegionId, query_id: bytes, sealed: bytes, asked: AbstractSet[ProofKind], *, timeout_seconds: float
    ) -> bytes:
        """Hand on what only the hub can open."""
        body = {
            "issuer": issuer,
            "query_id_hex": query_id.hex(),
            "sealed_hex": sealed.hex(),
            "asked": sorted(asked),
        }
        return (await self._post("/v1/consultations", body, timeout_seconds)).body

    async def declare(self, keys: SubjectKeys, declaration: Declaration) -> datetime:
        """Hand in a declaration."""
        body = {
            "subject_keys": [key.hex() for key in keys],
            "ref": declaration.ref,
            "stays": declaration.stays,
            "health": declaration.health,
        }
        return self._decode(await self._post("/v1/declarations", body), _Declared).declared_at

    async def make_national_code(self, keys: SubjectKeys, masked_hint: str) -> MadeCode:
        """Have a code made."""
        body = {"subject_keys": [key.hex() for key in keys], "masked_hint": masked_hint}
        made = self._decode(await self._post("/v1/national-codes", body), _Made)
        return MadeCode(made.qr_text, made.expires_at)

    async def explain(self, host: RegionId, ref: str, qr_texts: Collection[str]) -> CitizenView:
        """Have a verdict on one of these codes of the federation explained."""
        body = {"host": host, "ref": ref, "qr_texts": list(qr_texts)}
        return self._decode(await self._post("/v1/federation-explanations", body), CitizenView)

    async def send_batch(self, dataset: str, number: int, body: bytes) -> None:
        """Hand in a numbered batch; returns once the hub has acknowledged it as durable."""
        path = f"/v1/datasets/{dataset}/batches/{number}"
        answer = await self._call("PUT", path, body, REQUEST_BODY_MAX_BYTES, content_type=_JSON_LINES)
        if answer.status not in _HTTP_SUCCESS:
            raise_upstream_problem(answer, "hub")
        self._decode(answer, _TakenIn)

    async def say_complete(self, dataset: str, as_of: datetime) -> None:
        """Tell the hub that all was sent."""
        await self._post(f"/v1/datasets/{dataset}/watermark", {"as_of": as_of})

    async def sum_reports(self, after: bytes, until: bytes | None) -> ReportSums:
        """Ask for the sums of this region's reports."""
        told = self._decode(
            await self._post("/v1/report-sums", {"after": after.hex(), "until": (until or b"").hex()}), _Sums
        )
        try:
            days = {each.day: DaySum(each.count, int(each.digest_hex, 16)) for each in told.days}
            return ReportSums(days, bytes.fromhex(told.next_after) or None)
        except ValueError as unreadable:
            raise Refused(ProblemId.UPSTREAM_AWAY, "the hub's sums are unreadable") from unreadable

    async def last_batch(self, dataset: str) -> int:
        """Ask how far the hub is."""
        answer = await self._call("GET", f"/v1/datasets/{dataset}/watermark", b"", REQUEST_BODY_MAX_BYTES)
        if answer.status != _HTTP_OK:
            raise_upstream_problem(answer, "hub")
        return self._decode(answer, _Mark).number

    async def fetch_bundle(self, number: int | None) -> bytes | None:
        """Return a bundle by number, or the latest for None; None if there is none."""
        path = "/v1/bundles/latest" if number is None else f"/v1/bundles/{number}"
        answer = await self._call("GET", path, b"", BUNDLE_MAX_BYTES)
        if answer.status == _HTTP_NOT_FOUND:
            return None
        if answer.status != _HTTP_OK:
            raise_upstream_problem(answer, "hub")
        return answer.body

    @staticmethod
    def _decode(answer: HttpAnswer, kind: type[_Answer]) -> _Answer:
        try:
            return msgspec.json.decode(answer.body, type=kind)
        except msgspec.MsgspecError as unreadable:
            raise Refused(ProblemId.UPSTREAM_AWAY, "the hub's answer is unreadable") from unreadable

    async def _post(self, path: str, body: object, within_seconds: float | None = None) -> HttpAnswer:
        encoded = msgspec.json.encode(body)
        answer = await self._call("POST", path, encoded, REQUEST_BODY_MAX_BYTES, within_seconds)
        if answer.status not in _HTTP_SUCCESS:
            raise_upstream_problem(answer, "hub")
        return answer

    async def _call(
        self,
        method: str,
        path: str,
        body: bytes,
        answer_max_bytes: int,
        within_seconds: float | None = None,
        *,
        content_type: str = "application/json",
    ) -> HttpAnswer:
        try:
            async with asyncio.timeout(within_seconds):
                return await self.caller.call(
                    method,
                    self.url + path,
                    body=body,
                    content_type=content_type,
                    timeout_seconds=within_seconds or _TIMEOUT_SECONDS,
                    answer_max_bytes=answer_max_bytes,
                )
        except TimeoutError as late:
            raise Refused(ProblemId.UPSTREAM_AWAY, f"hub: no answer in {within_seconds} s") from late
        except ExchangeFailed as failed:
            raise Refused(ProblemId.UPSTREAM_AWAY, f"hub: {failed.kind}") from failed


def _is_subject(keys: SubjectKeys) -> bool:
    return 0 < len(keys) <= SUBJECT_KEYS_MAX and all(len(key) == SUBJECT_KEY_BYTES for key in keys)


def _parse_reports(answer: HttpAnswer) -> tuple[SubjectReport, ...]:
    try:
        return tuple(
            SubjectReport(
                SubjectKey(bytes.fromhex(row.subject)),
                parse_report(row.report),
                None if row.origin is None else parse_origin(row.origin),
            )
            for row in msgspec.json.decode(answer.body, type=_Reports).reports
        )
    except (msgspec.MsgspecError, WireError, ValueError) as unreadable:
        raise Refused(ProblemId.UPSTREAM_AWAY, "the hub's reports are unreadable") from unreadable
