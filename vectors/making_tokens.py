"""Tokens as digits whose parts may be wrong, of any kind that ``tongxing.wire.digits`` knows, and their files."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tongxing.crypto.keys import SigningKey
from tongxing.wire.cbor import encode_canonical
from tongxing.wire.cose import encode_protected, to_be_signed


@dataclass(frozen=True, slots=True)
class TokenMaker:
    """Makes tokens of one kind; ``key`` signs and ``payload`` is signed where nothing else is given."""

    prefix: str
    content_type: str
    key: SigningKey
    payload: bytes

    def bytes_of(self, qr_text: str) -> bytes:
        """Return the bytes behind the text of a token."""
        number = int(qr_text.removeprefix(self.prefix))
        return number.to_bytes((number.bit_length() + 7) // 8, "big")

    def digits_of(self, data: bytes) -> str:
        """Return the text for any bytes that do not begin with zero."""
        return self.prefix + str(int.from_bytes(data, "big"))

    def flip_bit(self, qr_text: str, bit_from_end: int) -> str:
        """Return the token with one bit flipped; bit 0 is the lowest of the last byte."""
        data = self.bytes_of(qr_text)
        return self.digits_of((int.from_bytes(data, "big") ^ 1 << bit_from_end).to_bytes(len(data), "big"))

    def make(
        self,
        *,
        payload: bytes | None = None,
        protected: bytes | None = None,
        unprotected: bytes = b"\xa0",
        key: SigningKey | None = None,
        alter: Callable[[bytes], bytes] = lambda signature: signature,
    ) -> str:
        """Return the text of a token whose parts may be wrong, rightly signed over what it says."""
        signer, claims = key or self.key, self.payload if payload is None else payload
        if protected is None:
            protected = encode_protected(signer.public.cose_alg, signer.public.kid, self.content_type)
        signature = alter(signer.sign(to_be_signed(protected, claims)))
        parts = (encode_canonical(protected), unprotected, encode_canonical(claims), encode_canonical(signature))
        return self.digits_of(b"\xd2\x84" + b"".join(parts))


def encode_changed(
    values: dict[int, object], changes: Mapping[int, object] | None = None, without: int | None = None
) -> bytes:
    """Return claims that may be wrong, in deterministic CBOR."""
    values.update(changes or {})
    if without is not None:
        del values[without]
    return encode_canonical(values)


def encode_files(vectors: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return the text of every vector's file by its name."""
    return {f"{name}.json": json.dumps(vector, ensure_ascii=False, indent=1) + "\n" for name, vector in vectors.items()}


def write_files(folder: Path, texts: Mapping[str, str]) -> None:
    """Write every vector, and remove what is none."""
    folder.mkdir(exist_ok=True)
    for stale in folder.glob("*.json"):
        if stale.name not in texts:
            stale.unlink()
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    print(f"wrote {len(texts)} vectors to {folder}")
