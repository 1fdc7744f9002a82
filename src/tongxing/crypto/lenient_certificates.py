"""What foreign signers' certificates say, read so that those that are not quite DER can be read too.

Spec: RFC 5280, section 4.1; X.690, sections 8 (BER) and 10 (DER). Issuers put certificates on trust lists that DER
forbids: defaults written out, an extended key usage that is empty, lengths of more bytes than needed or of no bytes at
all. Only five things are read here: the public key, when it counts, what for, the subject's key id, and the serial
number. Whether a certificate may be trusted is not asked: it stands on a trust list that whoever keeps it has signed.

Invariant: any bytes whatever give a ``LenientCertificate`` or raise ``CertificateRefused``, in bounded time.
"""

import binascii
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

CERTIFICATE_MAX_BYTES: Final = 16 * 1024
_MAX_DEPTH: Final = 16

_SEQUENCE: Final = 0x30
_SEQUENCE_IN_HEX: Final = "30"
_BOOLEAN: Final = 0x01
_INTEGER: Final = 0x02
_OCTETS: Final = 0x04
_OID: Final = 0x06
_VERSION: Final = 0xA0
_EXTENSIONS: Final = 0xA3
_CONSTRUCTED: Final = 0x20
_FIRST_VERSION: Final = b"\x02\x01\x00"
_UTC_TIME: Final = 0x17
_GENERALIZED_TIME: Final = 0x18
_END_OF_CONTENTS: Final = b"\0\0"
_INDEFINITE: Final = 0x80
_LONG_TAG: Final = 0x1F
_LENGTH_BYTES_MAX: Final = 4

_EXTENDED_KEY_USAGE: Final = bytes.fromhex("551d25")
_SUBJECT_KEY_ID: Final = bytes.fromhex("551d0e")


class CertificateRefused(ValueError):
    """Bytes from which no public key can be taken."""


@dataclass(frozen=True, slots=True)
class LenientCertificate:
    """What was read: ``key_info`` is the SubjectPublicKeyInfo as it stands; key usages are encoded object ids.

    ``valid_from`` and ``valid_until``, aware UTC, are None where the certificate tells none that can be read.
    ``is_der`` is False where something is written otherwise than in DER's one way, or a list of usages is empty.
    """

    key_info: bytes
    is_der: bool = True
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    key_usages: tuple[bytes, ...] = ()
    subject_key_id: bytes = b""
    serial: bytes = b""


@dataclass(frozen=True, slots=True)
class _Element:
    """One element: its tag, where it begins and ends with its head, and its content."""

    tag: int
    begin: int
    content: int
    content_end: int
    end: int


def read_certificate(data: bytes) -> LenientCertificate:
    """Return what a certificate says. Raises ``CertificateRefused``. Spec: RFC 5280, section 4.1.2."""
    if len(data) > CERTIFICATE_MAX_BYTES:
        raise CertificateRefused(f"{len(data)} bytes, at most {CERTIFICATE_MAX_BYTES} are read")
    certificate = _read(data, 0, len(data), _MAX_DEPTH)
    signed = _children(data, certificate, 1)[0] if certificate.tag == _SEQUENCE else certificate
    if signed.tag != _SEQUENCE:
        raise CertificateRefused("not a certificate")
    fields = _children(data, signed)
    if fields and fields[0].tag == _VERSION:
        fields = fields[1:]
    # serial, signature, issuer, validity, subject, subjectPublicKeyInfo; what follows is tagged.
    if len(fields) < 6 or fields[0].tag != _INTEGER or any(each.tag != _SEQUENCE for each in fields[1:6]):  # noqa: PLR2004
        raise CertificateRefused("a certificate without its fields")
    serial, validity, key_info = fields[0], fields[3], fields[5]
    valid_from, valid_until = _read_validity(data, validity)
    key_usages, subject_key_id = _read_extensions(data, fields[6:])
    return LenientCertificate(
        data[key_info.begin : key_info.end],
        certificate.end == len(data) and _is_der(data, certificate, _MAX_DEPTH) and key_usages != (),
        valid_from,
        valid_until,
        key_usages or (),
        subject_key_id,
        data[serial.content : serial.content_end],
    )


def split_key_info(key_info: bytes) -> tuple[bytes, bytes]:
    """Return the algorithm's object id and the bytes of the key of a SubjectPublicKeyInfo.

    Raises ``CertificateRefused``. Spec: RFC 5280, section 4.1.2.7.
    """
    parts = _children(key_info, _read(key_info, 0, len(key_info), _MAX_DEPTH))
    if len(parts) < 2:  # noqa: PLR2004 - algorithm and key
        raise CertificateRefused("a public key without its algorithm")
    algorithm = _children(key_info, parts[0])
    bits = key_info[parts[1].content : parts[1].content_end]
    if not algorithm or algorithm[0].tag != _OID or bits[:1] != b"\0":
        raise CertificateRefused("a public key without its algorithm")
    return key_info[algorithm[0].content : algorithm[0].content_end], bits[1:]


def read_curve_name(key_info: bytes) -> bytes:
    """Return the object id of the curve of a key that ``split_key_info`` takes; empty if none is named.

    Spec: RFC 5480, section 2.1.1.
    """
    algorithm = _children(key_info, _children(key_info, _read(key_info, 0, len(key_info), _MAX_DEPTH))[0])
    named = algorithm[1] if len(algorithm) > 1 else algorithm[0]
    return key_info[named.content : named.content_end] if named.tag == _OID and named is not algorithm[0] else b""


def _read(data: bytes, at: int, limit: int, depth: int) -> _Element:
    """Return the element at ``at``, which ends no later than ``limit``. Spec: X.690, sections 8.1.2 to 8.1.5."""
    if depth == 0 or at + 2 > limit:
        raise CertificateRefused("nested too deep or cut off")
    tag, first = data[at], data[at + 1]
    if tag & _LONG_TAG == _LONG_TAG:
        raise CertificateRefused("a tag that certificates do not have")
    content = at + 2
    if first == _INDEFINITE:
        end = content
        while data[end : end + 2] != _END_OF_CONTENTS:
            end = _read(data, end, limit, depth - 1).end
        return _Element(tag, at, content, end, end + 2)
    length = first
    if first > _INDEFINITE:
        content += first - _INDEFINITE
        length = int.from_bytes(data[at + 2 : content], "big")
    if first - _INDEFINITE > _LENGTH_BYTES_MAX or content + length > limit:
        raise CertificateRefused("a length beyond the certificate")
    return _Element(tag, at, content, content + length, content + length)


def _children(data: bytes, parent: _Element, most: int | None = None) -> list[_Element]:
    """Return what stands in ``parent``, at most the first ``most``."""
    found: list[_Element] = []
    at = parent.content
    while at < parent.content_end and (most is None or len(found) < most):
        found.append(_read(data, at, parent.content_end, _MAX_DEPTH))
        at = found[-1].end
    if not found and most is not None:
        raise CertificateRefused("an element that is empty")
    return found


def _is_der(data: bytes, element: _Element, depth: int) -> bool:
    """True if lengths, numbers and truth values are as DER has them. Spec: X.690, sections 8.3.2, 10.1 and 11.5."""
    length = element.content_end - element.content
    long_form = (length.bit_length() + 7) // 8 if length >= _INDEFINITE else 0
    if element.content_end != element.end or element.content - element.begin != 2 + long_form or depth == 0:
        return False
    content = data[element.content : element.content_end]
    if element.tag == _INTEGER:
        # One byte more than needed is one whose nine highest bits are equal.
        return length > 0 and (length == 1 or content[0] not in {0, 0xFF} or (content[0] ^ content[1]) & 0x80 != 0)
    if element.tag == _BOOLEAN:
        # False is the default wherever certificates have a truth value, and defaults are not written.
        return content == b"\xff"
    if element.tag == _VERSION and content == _FIRST_VERSION:
        return False
    return not element.tag & _CONSTRUCTED or all(_is_der(data, child, depth - 1) for child in _children(data, element))


def _read_validity(data: bytes, validity: _Element) -> tuple[datetime | None, datetime | None]:
    times = [_read_time(data, each) for each in _children(data, validity)]
    return (times[0], times[1]) if len(times) == 2 else (None, None)  # noqa: PLR2004 - notBefore, notAfter


def _read_time(data: bytes, element: _Element) -> datetime | None:
    """Return a moment, or None for whatever is none. Spec: RFC 5280, section 4.1.2.5; X.680, sections 46 and 47."""
    text = data[element.content : element.content_end].decode("ascii", "replace")
    formats = {
        _UTC_TIME: ("%y%m%d%H%M%S%z", "%y%m%d%H%M%z"),
        _GENERALIZED_TIME: ("%Y%m%d%H%M%S%z", "%Y%m%d%H%M%S.%f%z"),
    }
    for each in formats.get(element.tag, ()):
        try:
            return datetime.strptime(text, each).astimezone(UTC)
        except (ValueError, OverflowError):
            continue
    return None


def _read_extensions(data: bytes, fields: list[_Element]) -> tuple[tuple[bytes, ...] | None, bytes]:
    """Return the extended key usages (None without such an extension) and the subject's key id (empty without)."""
    usages: tuple[bytes, ...] | None = None
    subject_key_id = b""
    for field in fields:
        if field.tag != _EXTENSIONS:
            continue
        for extension in _children(data, _children(data, field, 1)[0]):
            parts = _children(data, extension)
            if len(parts) < 2 or parts[-1].tag != _OCTETS:  # noqa: PLR2004 - id and value, critical between them
                continue
            name, value = data[parts[0].content : parts[0].content_end], parts[-1]
            if name == _EXTENDED_KEY_USAGE:
                listed = _children(data, _read(data, value.content, value.content_end, _MAX_DEPTH))
                usages = tuple(data[each.content : each.content_end] for each in listed if each.tag == _OID)
            elif name == _SUBJECT_KEY_ID:
                inner = _read(data, value.content, value.content_end, _MAX_DEPTH)
                subject_key_id = data[inner.content : inner.content_end]
    return usages, subject_key_id


def decode_certificate_text(text: str) -> bytes:
    r"""Return the bytes of a certificate or public key that was written down as text.

    Taken are PEM, base64 of either alphabet with any spaces, line ends (also written out as ``\n``), quotes or lost
    padding, hexadecimal digits, and base64 of any of these once more. Raises ``CertificateRefused``.
    Spec: RFC 7468; RFC 4648, sections 4 and 5.
    """
    for _ in range(3):
        data = _decode_once(text)
        if data[:1] == bytes((_SEQUENCE,)):
            return data
        try:
            text = data.decode("ascii")
        except UnicodeDecodeError:
            break
    raise CertificateRefused("the text is neither PEM nor base64 of a certificate")


def _decode_once(text: str) -> bytes:
    if len(text) > 2 * CERTIFICATE_MAX_BYTES:
        raise CertificateRefused(f"{len(text)} characters, at most {2 * CERTIFICATE_MAX_BYTES} are read")
    plain = text.replace("\\n", "\n").replace("\\r", "").strip(" \t\r\n\"'")
    if (begin := plain.find("-----BEGIN ")) >= 0:
        # What stands before it explains: RFC 7468, section 2.
        plain = plain[begin:].partition("-----")[2].partition("-----")[2].partition("-----")[0]
    compact = "".join(plain.split()).replace("-", "+").replace("_", "/").rstrip("=")
    try:
        if compact.startswith(_SEQUENCE_IN_HEX):
            # No base64 of a certificate begins so.
            return bytes.fromhex(compact)
        return binascii.a2b_base64(compact + "=" * (-len(compact) % 4), strict_mode=True)
    except ValueError as error:
        raise CertificateRefused("the text is neither PEM, base64 nor hexadecimal") from error
