"""Bounded HTTP: no redirect is followed, no answer longer or later than its limit is read, every failure has a kind.

Answers are wanted as they are (``identity``) and a compressed one is not read at all: a decompressor makes a thousand
bytes of each one that arrives, before anybody can count them.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import httpx

from tongxing.crypto.http_signatures import sign_request
from tongxing.crypto.keys import SigningKey
from tongxing.services.ports import Clock, Entropy

RETRY_AFTER_HEEDED_SECONDS_MAX: Final = 60
"""Whoever says more is asked again all the same: a node that is told by mistake to come tomorrow must not."""

_DIGITS_READ: Final = 9
_LENGTH_DIGITS_MAX: Final = 20


class FailureKind(StrEnum):
    """How an exchange can fail."""

    AWAY = "away"
    SLOW = "slow"
    TOO_LONG = "too_long"
    REDIRECT = "redirect"
    COMPRESSED = "compressed"


class ExchangeFailed(Exception):
    """No usable answer came; ``kind`` says how."""

    def __init__(self, kind: FailureKind, detail: str) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind = kind
        self.detail = detail


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What came back: status, content type (``""`` if absent), the whole body within its bound.

    ``retry_after_seconds`` is what ``Retry-After`` says (RFC 9110, section 10.2.3), in seconds alone and at most
    ``RETRY_AFTER_HEEDED_SECONDS_MAX``; 0 where it says nothing that can be read.
    """

    status: int
    content_type: str
    body: bytes
    retry_after_seconds: float = 0.0


async def exchange(
    client: httpx.AsyncClient,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    body: bytes,
    timeout_seconds: float,
    answer_max_bytes: int,
) -> HttpAnswer:
    """Send one request and read at most ``answer_max_bytes`` of the answer.

    ``timeout_seconds`` bounds the whole: a server that sends a byte now and then keeps nobody waiting. Raises
    ``ExchangeFailed``.
    """
    try:
        async with (
            asyncio.timeout(timeout_seconds),
            client.stream(
                method,
                url,
                headers={**headers, "accept-encoding": "identity"},
                content=body or None,
                timeout=timeout_seconds,
            ) as response,
        ):
            return await _read(response, answer_max_bytes)
    except (httpx.TimeoutException, TimeoutError) as late:
        raise ExchangeFailed(FailureKind.SLOW, f"no answer in {timeout_seconds} s") from late
    except (httpx.HTTPError, httpx.InvalidURL) as broken:
        raise ExchangeFailed(FailureKind.AWAY, type(broken).__name__) from broken


async def _read(response: httpx.Response, answer_max_bytes: int) -> HttpAnswer:
    if response.is_redirect:
        raise ExchangeFailed(FailureKind.REDIRECT, f"status {response.status_code}")
    if response.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise ExchangeFailed(FailureKind.COMPRESSED, "a compressed answer, which nobody asked for")
    _check_announced(response.headers.get("content-length", "0"), answer_max_bytes)
    received = bytearray()
    async for chunk in response.aiter_bytes():
        received += chunk
        if len(received) > answer_max_bytes:
            raise ExchangeFailed(FailureKind.TOO_LONG, f"more than {answer_max_bytes} bytes")
    again = _read_retry_after(response.headers.get("retry-after", ""))
    return HttpAnswer(response.status_code, response.headers.get("content-type", ""), bytes(received), again)


def _check_announced(length: str, answer_max_bytes: int) -> None:
    if not (length.isascii() and length.isdigit()):
        raise ExchangeFailed(FailureKind.AWAY, "a length that is no number")
    if len(length) > _LENGTH_DIGITS_MAX or int(length) > answer_max_bytes:
        raise ExchangeFailed(FailureKind.TOO_LONG, f"{length[:_LENGTH_DIGITS_MAX]} bytes are announced")


def _read_retry_after(told: str) -> float:
    if not (told.isascii() and told.isdigit()):
        return 0.0
    return float(min(int(told[:_DIGITS_READ]), RETRY_AFTER_HEEDED_SECONDS_MAX))


@dataclass(frozen=True, slots=True)
class SignedCaller:
    """Sends requests signed by this node's key (RFC 9421); each with a nonce of its own."""

    client: httpx.AsyncClient
    key: SigningKey
    clock: Clock
    entropy: Entropy

    async def call(
        self,
        method: str,
        url: str,
        *,
        body: bytes = b"",
        content_type: str = "application/json",
        timeout_seconds: float,
        answer_max_bytes: int,
    ) -> HttpAnswer:
        """Sign and send one request. Raises ``ExchangeFailed``."""
        headers = {"content-type": content_type} if body else {}
        signed = sign_request(
            method=method,
            url=url,
            headers=headers,
            body=body,
            key=self.key,
            created=self.clock.now(),
            nonce=self.entropy(16).hex(),
        )
        return await exchange(
            self.client,
            method,
            url,
            headers={**headers, **signed},
            body=body,
            timeout_seconds=timeout_seconds,
            answer_max_bytes=answer_max_bytes,
        )
