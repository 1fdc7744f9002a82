"""Signature keys. A key knows its suite; the algorithm that a token claims never chooses how to verify.

The key id is the first eight bytes of SHA-256 over the suite's name, a zero byte and the raw public
key, so a key of one suite can't be taken for a key of another.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from tongxing.crypto.digests import sha256
from tongxing.crypto.suites import SUITES, Sign, SignatureMismatch, SuiteId, Triple, Verify

KID_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key: the suite and the raw bytes (32 for EdDSA, 33 for ES256, a compressed point).

    Raises ``KeyRefused`` where the bytes are no key of the suite: a wrong length, a point that is not
    on the curve, a point of small order. ``verify(message, signature)`` raises ``SignatureMismatch``.
    """

    suite: SuiteId
    raw: bytes
    kid: bytes = field(init=False, compare=False)
    cose_alg: int = field(init=False, compare=False, repr=False)
    verify: Verify = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        suite = SUITES[self.suite]
        object.__setattr__(self, "verify", suite.load_verifier(self.raw))
        object.__setattr__(self, "cose_alg", suite.cose_alg)
        object.__setattr__(self, "kid", sha256(self.suite.encode() + b"\0" + self.raw)[:KID_BYTES])


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key; made by ``from_seed``. ``sign(message)`` is deterministic in both suites."""

    public: PublicKey
    seed: bytes = field(repr=False)
    sign: Sign = field(compare=False, repr=False)

    @classmethod
    def from_seed(cls, suite: SuiteId, seed: bytes) -> "SigningKey":
        """Return the key of a seed of 32 bytes.

        For EdDSA the seed is RFC 8032's private key, for ES256 the private number, big-endian.
        Raises ``KeyRefused`` for another length or a number out of range.
        """
        raw, sign = SUITES[suite].load_signer(seed)
        return cls(PublicKey(suite, raw), seed, sign)


def verify_many(items: Sequence[tuple[PublicKey, bytes, bytes]]) -> tuple[SignatureMismatch | None, ...]:
    """Verify many triples of key, message and signature, each suite's together.

    Returns one entry an item, in order: None where the signature is right, else the mismatch.
    """
    results: list[SignatureMismatch | None] = [SignatureMismatch("not verified")] * len(items)
    lanes: dict[SuiteId, list[int]] = {}
    for place, (key, _, _) in enumerate(items):
        lanes.setdefault(key.suite, []).append(place)
    for suite, places in lanes.items():
        triples: list[Triple] = [(items[place][0].verify, *items[place][1:]) for place in places]
        for place, result in zip(places, SUITES[suite].verify_many(triples), strict=True):
            results[place] = result
    return tuple(results)
