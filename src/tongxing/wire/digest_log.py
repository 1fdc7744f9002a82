"""The head of one day's log of published digests: what everybody who reads the log must find, signed by the hub.

The log of a day is a list of digests, 32 bytes each, in the order in which they were published. Its head folds them:
``SHA-256(previous head || digest)``, beginning with ``SHA-256("tongxing digest log" || day)``. Whoever has read up to
one head finds out whether a later one continues it, so that nothing can be taken out or put in before.

A COSE_Sign1 (``wire.cose``) of the map: 1 the day as days since 1970-01-01, 2 how many digests, 3 the head.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from tongxing.wire.cbor import WireError, encode_canonical, parse_canonical
from tongxing.wire.cose import encode_sign1, parse_sign1

DIGEST_BYTES: Final = 32
HEAD_MAX_BYTES: Final = 512
COUNT_MAX: Final = 1 << 40

_CONTENT_TYPE: Final = "tongxing-digest-log"
_DAY, _COUNT, _HEAD = 1, 2, 3
_FIRST_DAY: Final = date(1970, 1, 1)
_DAYS_MAX: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class LogHead:
    """Of ``day`` (Beijing) ``count`` digests are published, and they fold to ``head``."""

    day: date
    count: int
    head: bytes


@dataclass(frozen=True, slots=True)
class UnverifiedLogHead:
    """A head whose form is right and whose signature was not checked."""

    kid: bytes
    to_be_signed: bytes
    signature: bytes
    _head: LogHead

    def head_after(self, verify: Callable[[bytes, bytes], None]) -> LogHead:
        """Return the head once ``verify(to_be_signed, signature)`` did not raise."""
        verify(self.to_be_signed, self.signature)
        return self._head


def encode_log_head(head: LogHead, *, alg: int, kid: bytes, sign: Callable[[bytes], bytes]) -> bytes:
    """Return the signed bytes."""
    payload = encode_canonical({_DAY: (head.day - _FIRST_DAY).days, _COUNT: head.count, _HEAD: head.head})
    return encode_sign1(payload, alg=alg, kid=kid, content_type=_CONTENT_TYPE, sign=sign)


def parse_log_head(data: bytes) -> UnverifiedLogHead:
    """Read a head of at most ``HEAD_MAX_BYTES``. Raises ``WireError`` for whatever is none."""
    if len(data) > HEAD_MAX_BYTES:
        raise WireError(f"a head of more than {HEAD_MAX_BYTES} bytes")
    envelope = parse_sign1(data)
    if envelope.content_type != _CONTENT_TYPE:
        raise WireError("something else than the head of a log was signed")
    claims = parse_canonical(envelope.payload, HEAD_MAX_BYTES)
    if not isinstance(claims, dict) or claims.keys() != {_DAY, _COUNT, _HEAD}:
        raise WireError("a head has a day, a count and a hash")
    days, count, head = _number(claims[_DAY], _DAYS_MAX), _number(claims[_COUNT], COUNT_MAX), claims[_HEAD]
    if not isinstance(head, bytes) or len(head) != DIGEST_BYTES:
        raise WireError(f"a hash has {DIGEST_BYTES} bytes")
    told = LogHead(_FIRST_DAY + timedelta(days=days), count, head)
    return UnverifiedLogHead(envelope.kid, envelope.to_be_signed, envelope.signature, told)


def _number(value: object, largest: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= largest:
        raise WireError(f"a number from 0 to {largest} is expected")
    return value
