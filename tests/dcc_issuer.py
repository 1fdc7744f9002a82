"""An issuer of EU certificates for tests: its certificate, and whatever it may put into a code, rightly or not."""

import base64
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import base45
import cbor2
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509.oid import NameOID, ObjectIdentifier

from tongxing.crypto.digests import sha256

AT = datetime(2021, 6, 20, 12, tzinfo=UTC)
ISSUED = int(datetime(2021, 6, 15, tzinfo=UTC).timestamp())
EXPIRES = int(datetime(2021, 12, 15, tzinfo=UTC).timestamp())

_EXTENDED_KEY_USAGE = ObjectIdentifier("2.5.29.37")

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

NAME = {"fn": "Lövström", "fnt": "LOEVSTROEM", "gn": "Oscar", "gnt": "OSCAR"}
_ALL = {"tg": "840539006", "co": "SE", "is": "Swedish eHealth Agency", "ci": "URN:UVCI:01:SE:EHM/TEST#9"}
VACCINATION = _ALL | {"vp": "J07BX03", "mp": "EU/1/21/1529", "ma": "ORG-1", "dn": 2, "sd": 2, "dt": "2021-05-18"}
TEST = _ALL | {"tt": "LP6464-4", "sc": "2021-06-14T09:24:02Z", "tr": "260415000", "tc": "Arlanda"}
RECOVERY = _ALL | {"fr": "2021-04-01", "df": "2021-04-12", "du": "2021-09-28"}


def content(**changes: Any) -> dict[object, Any]:
    """Return a certificate's content: a vaccination unless ``v``, ``t`` or ``r`` is given; None leaves a field out."""
    plain: dict[object, Any] = {"ver": "1.3.0", "nam": NAME, "dob": "1958-11-11"}
    if not changes.keys() & {"v", "t", "r"}:
        plain["v"] = [VACCINATION]
    return plain | changes


def certificate_of(key: Key, usages: tuple[str, ...] = (), year: int = 2021) -> bytes:
    """Return a self-signed certificate, DER, valid for two years from the first day of ``year``.

    ``usages`` of one empty text are a list of usages with nothing in it, which no certificate should have.
    """
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "INSECURE TEST DSC")])
    begin = datetime(year, 1, 1, tzinfo=UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=730))
    )
    if usages == ("",):
        builder = builder.add_extension(x509.UnrecognizedExtension(_EXTENDED_KEY_USAGE, b"\x30\0"), critical=False)
    elif usages:
        builder = builder.add_extension(x509.ExtendedKeyUsage(map(ObjectIdentifier, usages)), critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def ec_key(number: int = 1, curve: ec.EllipticCurve | None = None) -> ec.EllipticCurvePrivateKey:
    """Return a key that is the same in each run."""
    return ec.derive_private_key(number * 1_000_003, curve or ec.SECP256R1())


@dataclass(frozen=True)
class DccIssuer:
    """Signs with ``key``; ``certificate`` is what stands on trust lists."""

    key: Key = field(default_factory=ec_key)
    usages: tuple[str, ...] = ()
    year: int = 2021
    digest: hashes.HashAlgorithm = field(default_factory=hashes.SHA256)
    salt: int = 32

    @cached_property
    def certificate(self) -> bytes:
        """DER, made once: a certificate is signed with chance, and its digest is the key id."""
        return certificate_of(self.key, self.usages, self.year)

    def listed(self, kid: bytes | None = None) -> tuple[str | None, str]:
        """Return the entry of a trust list, with a stated key id if one is given."""
        stated = None if kid is None else base64.b64encode(kid).decode()
        return stated, base64.b64encode(self.certificate).decode()

    def sign(self, message: bytes) -> bytes:
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(message, padding.PSS(padding.MGF1(self.digest), self.salt), self.digest)
        size = (self.key.curve.key_size + 7) // 8
        r, s = decode_dss_signature(self.key.sign(message, ec.ECDSA(self.digest)))
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")

    def envelope(
        self,
        payload: bytes,
        protected: Mapping[Any, Any] | None = None,
        unprotected: Mapping[Any, Any] | None = None,
    ) -> bytes:
        """Return a tagged COSE_Sign1 of any payload; the headers are as they should be unless given."""
        alg = -37 if isinstance(self.key, rsa.RSAPrivateKey) else -7
        usual = {1: alg, 4: sha256(self.certificate)[:8]}
        header = cbor2.dumps(dict(usual if protected is None else protected)) if protected != {} else b""
        signature = self.sign(cbor2.dumps(["Signature1", header, b"", payload]))
        return cbor2.dumps(cbor2.CBORTag(18, [header, dict(unprotected or {}), payload, signature]))

    def make(
        self,
        held: object,
        claims: Mapping[int, Any] | None = None,
        protected: Mapping[Any, Any] | None = None,
        unprotected: Mapping[Any, Any] | None = None,
    ) -> str:
        """Return the text of a code; claims that are None are left out."""
        told = {1: "SE", 4: EXPIRES, 6: ISSUED, -260: {1: held}} | dict(claims or {})
        payload = cbor2.dumps({label: value for label, value in told.items() if value is not None})
        return wrap(self.envelope(payload, protected, unprotected))


def wrap(envelope: bytes) -> str:
    """Return the text of a code around an envelope."""
    return wrap_compressed(zlib.compress(envelope))


def wrap_compressed(data: bytes) -> str:
    """Return the text of a code around what should be a zlib stream."""
    return f"HC1:{base45.b45encode(data).decode()}"


def unwrap(qr_text: str) -> bytes:
    """Return the envelope of a code."""
    return zlib.decompress(base45.b45decode(qr_text.removeprefix("HC1:")))
