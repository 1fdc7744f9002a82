"""Links of documents, shared with the hub over HTTP."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec

from tongxing.connectors.http_exchange import ExchangeFailed, HttpAnswer, SignedCaller
from tongxing.connectors.problems import raise_upstream_problem
from tongxing.core.errors import Refused
from tongxing.core.limits import REQUEST_BODY_MAX_BYTES
from tongxing.core.names import NameMatch
from tongxing.core.person_links import LinkGround, PersonLink
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import SubjectKey, SubjectKeys
from tongxing.core.words import RegionId

_HTTP_SUCCESS: Final = range(200, 300)


class _Row(msgspec.Struct, frozen=True):
    one: str
    other: str
    region: str
    ground: LinkGround
    at: datetime
    revision: int
    match: NameMatch | None


class _Rows(msgspec.Struct, frozen=True):
    links: tuple[_Row, ...]


_ROWS: Final = msgspec.json.Decoder(_Rows)


@dataclass(frozen=True, slots=True)
class HttpSharedLinks:
    """Implements ``services.link_ports.SharedLinks``."""

    caller: SignedCaller
    url: str

    async def share_links(self, links: Sequence[PersonLink], *, timeout_seconds: float) -> None:
        """Hand in this region's own links; see the port."""
        rows = [
            {
                "one": link.one.hex(),
                "other": link.other.hex(),
                "ground": link.ground,
                "at": link.at,
                "revision": link.revision,
                "retracted": link.retracted,
                "match": link.match,
            }
            for link in links
        ]
        await self._post("/v1/shared-links", {"links": rows}, timeout_seconds)

    async def links_of(self, keys: SubjectKeys, *, timeout_seconds: float) -> tuple[PersonLink, ...]:
        """Ask what is said of a person's documents anywhere; see the port."""
        answer = await self._post("/v1/link-queries", {"subject_keys": [key.hex() for key in keys]}, timeout_seconds)
        try:
            return tuple(
                PersonLink(
                    SubjectKey(bytes.fromhex(row.one)),
                    SubjectKey(bytes.fromhex(row.other)),
                    RegionId(row.region),
                    row.ground,
                    row.at,
                    row.revision,
                    match=row.match,
                )
                for row in _ROWS.decode(answer.body).links
            )
        except (msgspec.MsgspecError, ValueError) as unreadable:
            raise Refused(ProblemId.UPSTREAM_AWAY, "the hub's links are unreadable") from unreadable

    async def _post(self, path: str, body: object, timeout_seconds: float) -> HttpAnswer:
        try:
            answer = await self.caller.call(
                "POST",
                self.url + path,
                body=msgspec.json.encode(body),
                timeout_seconds=timeout_seconds,
                answer_max_bytes=REQUEST_BODY_MAX_BYTES,
            )
        except ExchangeFailed as failed:
            raise Refused(ProblemId.UPSTREAM_AWAY, f"hub: {failed.kind}") from failed
        if answer.status not in _HTTP_SUCCESS:
            raise_upstream_problem(answer, "hub")
        return answer
