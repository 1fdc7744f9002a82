"""Sends one call and reads its answer into the type that the OpenAPI document says; bounded in time and size."""

from dataclasses import dataclass, field
from typing import Final, Protocol, TypeVar
from urllib.parse import urlencode

import httpx
import msgspec

from tongxing.api.cookies import session_cookie
from tongxing.api.messages import SessionAnswer
from tongxing.client.answers import raise_failure
from tongxing.connectors.http_exchange import ExchangeFailed, HttpAnswer, SignedCaller, exchange
from tongxing.core.errors import Refused
from tongxing.core.limits import BUNDLE_MAX_BYTES
from tongxing.core.problems import ProblemId

TIMEOUT_SECONDS: Final = 30.0
ANSWER_MAX_BYTES: Final = BUNDLE_MAX_BYTES
SESSIONS: Final = "/v1/sessions"

_JSON: Final = "application/json"
_SUCCESS: Final = range(200, 300)
_UNAUTHORIZED: Final = 401

AnswerT = TypeVar("AnswerT")


class Caller(Protocol):
    """Sends requests as somebody: ``SignedCaller``, or one of the three below."""

    async def call(
        self,
        method: str,
        url: str,
        *,
        body: bytes = b"",
        content_type: str = _JSON,
        timeout_seconds: float,
        answer_max_bytes: int,
    ) -> HttpAnswer:
        """Send one request. Raises ``ExchangeFailed``."""
        ...


@dataclass(frozen=True, slots=True)
class HeaderCaller:
    """Sends the same headers with each request: none for what is public, a cookie and its token for a citizen."""

    client: httpx.AsyncClient
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    async def call(
        self,
        method: str,
        url: str,
        *,
        body: bytes = b"",
        content_type: str = _JSON,
        timeout_seconds: float,
        answer_max_bytes: int,
    ) -> HttpAnswer:
        """Send one request. Raises ``ExchangeFailed``."""
        return await exchange(
            self.client,
            method,
            url,
            headers=dict(self.headers) | ({"content-type": content_type} if body else {}),
            body=body,
            timeout_seconds=timeout_seconds,
            answer_max_bytes=answer_max_bytes,
        )


@dataclass(slots=True)
class SessionCaller:
    """A device: proves its key once for a session, and again when the gateway has ended or forgotten it.

    Only a refused request is sent again, so that nothing is done twice.
    """

    signed: SignedCaller
    url: str
    _session: HeaderCaller | None = None

    async def call(
        self,
        method: str,
        url: str,
        *,
        body: bytes = b"",
        content_type: str = _JSON,
        timeout_seconds: float,
        answer_max_bytes: int,
    ) -> HttpAnswer:
        """Send one request within a session. Raises ``ExchangeFailed``, and ``Refused`` if none is opened."""
        caller: Caller = self.signed if url == self.url + SESSIONS else self._session or await self._open()

        async def send(sender: Caller) -> HttpAnswer:
            return await sender.call(
                method,
                url,
                body=body,
                content_type=content_type,
                timeout_seconds=timeout_seconds,
                answer_max_bytes=answer_max_bytes,
            )

        answer = await send(caller)
        if answer.status != _UNAUTHORIZED or caller is self.signed:
            return answer
        return await send(await self._open())

    async def _open(self) -> HeaderCaller:
        opened = await Calls(self.signed, self.url).fetch(SessionAnswer, "POST", SESSIONS)
        self._session = HeaderCaller(self.signed.client, (("authorization", f"Bearer {opened.token}"),))
        return self._session


def citizen_caller(client: httpx.AsyncClient, url: str, session: str, csrf: str = "") -> HeaderCaller:
    """Return the caller of a signed-in person: the value of their cookie, and for what changes anything the token."""
    cookie = ("cookie", f"{session_cookie(url)}={session}")
    return HeaderCaller(client, (cookie, ("x-csrf-token", csrf)) if csrf else (cookie,))


class Calls:
    """What the methods of every kind of call stand on."""

    def __init__(self, caller: Caller, url: str, *, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._caller = caller
        self._url = url
        self._timeout_seconds = timeout_seconds

    async def fetch(
        self,
        kind: type[AnswerT],
        method: str,
        path: str,
        *,
        query: msgspec.Struct | None = None,
        body: msgspec.Struct | bytes | None = None,
        media_type: str = _JSON,
    ) -> AnswerT:
        """Call, and return the answer as ``kind``. Raises ``Refused``, also for an answer that is none of ``kind``."""
        answer = await self.fetch_bytes(method, path, query=query, body=body, media_type=media_type)
        try:
            return msgspec.json.decode(answer, type=kind)
        except msgspec.MsgspecError as unreadable:
            raise Refused(ProblemId.UPSTREAM_AWAY, f"{self._url}: unreadable answer") from unreadable

    async def fetch_bytes(
        self,
        method: str,
        path: str,
        *,
        query: msgspec.Struct | None = None,
        body: msgspec.Struct | bytes | None = None,
        media_type: str = _JSON,
    ) -> bytes:
        """Call, and return the answer as it came. Raises ``Refused``."""
        try:
            answer = await self._caller.call(
                method,
                self._url + path + _encode_query(query),
                body=b"" if body is None else body if isinstance(body, bytes) else msgspec.json.encode(body),
                content_type=media_type,
                timeout_seconds=self._timeout_seconds,
                answer_max_bytes=ANSWER_MAX_BYTES,
            )
        except ExchangeFailed as failed:
            raise Refused(ProblemId.UPSTREAM_AWAY, f"{self._url}: {failed.kind}") from failed
        if answer.status not in _SUCCESS:
            raise_failure(answer, self._url)
        return answer.body


def _encode_query(query: msgspec.Struct | None) -> str:
    """Return a query as it stands in an address: JSON's words for bools, and nothing for what is not given."""
    told = {} if query is None else msgspec.to_builtins(query)
    given = {name: str(value).lower() if isinstance(value, bool) else value for name, value in told.items()}
    pairs = urlencode({name: value for name, value in given.items() if value is not None})
    return f"?{pairs}" if pairs else ""
