"""Tokens as digits: a prefix that says which kind and version, then the token's bytes as one decimal number.

So one text stands for one row of bytes and one row of bytes for one text: no digits of other scripts, no signs,
spaces or underscores, no leading zero. A prefix begins with 99, which is no division, and ends with the version.

Spec: docs/specs/national-code.md and docs/specs/transit-pass.md, section 2 of each.
"""

from dataclasses import dataclass, field
from typing import NoReturn

from tongxing.core.errors import Rejected
from tongxing.core.reasons import ReasonId
from tongxing.wire.cbor import WireError


@dataclass(frozen=True, slots=True)
class DigitText:
    """One version of one kind of token: ``prefix`` in digits, the last of them the version.

    ``kind`` is what refusals call it. A token has at most ``max_bytes``.
    """

    prefix: str
    kind: str
    max_bytes: int
    _prefix_length: int = field(init=False, repr=False)
    _max_characters: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_prefix_length", len(self.prefix))
        object.__setattr__(self, "_max_characters", len(self.prefix) + len(str((1 << 8 * self.max_bytes) - 1)))

    @property
    def prefix_of_any_version(self) -> str:
        """How a text says that it is of this kind, of whatever version."""
        return self.prefix[:-1]

    def encode(self, data: bytes) -> str:
        """Return the text of a token; ``WireError`` if it is beyond ``max_bytes``. Its first byte is not zero."""
        if len(data) > self.max_bytes:
            raise WireError(f"a {self.kind} of {len(data)} bytes, at most {self.max_bytes} are allowed")
        return self.prefix + str(int.from_bytes(data, "big"))

    def parse(self, text: str) -> bytes:
        """Return the token's bytes.

        Raises ``Rejected`` with ``UNSUPPORTED_VERSION`` for another version, and with ``MALFORMED_CODE`` for any
        text that ``encode`` could not have made.
        """
        if not text.startswith(self.prefix):
            self._refuse_prefix(text)
        if len(text) > self._max_characters:
            raise Rejected(ReasonId.MALFORMED_CODE, f"more digits than a {self.kind} may have")
        # ASCII first, since ``int`` reads the digits of all scripts; bytes are checked four times faster than text.
        digits = text[self._prefix_length :].encode("ascii", "replace")
        if not digits.isdigit() or digits.startswith(b"0"):
            raise Rejected(ReasonId.MALFORMED_CODE, "not a decimal number")
        number = int(digits)
        return number.to_bytes((number.bit_length() + 7) >> 3, "big")

    def _refuse_prefix(self, text: str) -> NoReturn:
        version = text[self._prefix_length - 1 : self._prefix_length]
        if text.startswith(self.prefix_of_any_version) and version.isascii() and version.isdecimal():
            raise Rejected(ReasonId.UNSUPPORTED_VERSION, f"version {version}")
        raise Rejected(ReasonId.MALFORMED_CODE, f"no prefix of a {self.kind}")
