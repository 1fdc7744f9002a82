"""The directory: who takes part, at which address, with which keys, for which use, from when until when.

A key belongs to one region and one use, so that what a region signs for one purpose can never be
shown for another. A suspended region stays listed: its codes are told apart from those of nobody.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from tongxing.core.errors import Rejected
from tongxing.core.limits import BUNDLE_MAX_BYTES
from tongxing.core.reasons import ReasonId
from tongxing.core.words import RegionId, Sentence
from tongxing.crypto.keys import PublicKey
from tongxing.crypto.sealing import SEALING_PUBLIC_BYTES
from tongxing.crypto.suites import SuiteId
from tongxing.trust.refusing import BundleFault, refuse
from tongxing.wire.cbor import WireError, encode_canonical, parse_canonical
from tongxing.wire.reports import encode_seconds, parse_region, parse_seconds

RECORDS_MAX: Final = 1_024
KEYS_MAX: Final = 64
NAME_MAX_CHARACTERS: Final = 64
URL_MAX_CHARACTERS: Final = 256

_RECORD_NEEDED: Final = frozenset({"region", "name", "url", "keys"})
_RECORD_FIELDS: Final = _RECORD_NEEDED | {"sealing_public", "suspended"}
_KEY_NEEDED: Final = frozenset({"use", "suite", "public", "valid_from_seconds"})
_KEY_FIELDS: Final = _KEY_NEEDED | {"valid_until_seconds"}


class KeyUse(StrEnum):
    """What a key may sign."""

    NATIONAL_CODE = "national_code"
    STATEMENT = "statement"
    REQUEST = "request"


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """One key of a region: good from ``valid_from`` and before ``valid_until``, if there is one."""

    use: KeyUse
    public: PublicKey
    valid_from: datetime
    valid_until: datetime | None = None

    def is_valid(self, at: datetime) -> bool:
        """True at the moments for which the key is good."""
        return self.valid_from <= at and (self.valid_until is None or at < self.valid_until)


@dataclass(frozen=True, slots=True)
class DirectoryRecord:
    """One region: ``url`` is its gateway's, ``sealing_public`` (X25519, 32 bytes) the key others seal to."""

    region: RegionId
    name: Sentence
    url: str
    keys: tuple[KeyRecord, ...]
    sealing_public: bytes | None = None
    suspended: bool = False

    def has_left(self, at: datetime) -> bool:
        """True once every key of the region has ended: nothing that it signs counts any more."""
        return bool(self.keys) and all(key.valid_until is not None and key.valid_until <= at for key in self.keys)


class Requester(NamedTuple):
    """Whose key signed a request, by the directory."""

    region: RegionId
    key: KeyRecord


@dataclass(frozen=True, slots=True)
class Directory:
    """The records by region. Raises ``Refused(BUNDLE_REFUSED)`` where a key has two owners or two uses."""

    records: Mapping[RegionId, DirectoryRecord]
    _active: dict[tuple[RegionId, KeyUse, bytes], KeyRecord] = field(init=False, repr=False, compare=False)
    _requesters: dict[bytes, Requester] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        owners: dict[bytes, Requester] = {}
        for region, record in self.records.items():
            if record.region != region:
                raise refuse(BundleFault.MALFORMED, f"directory: the record of {record.region} stands under {region}")
            for key in record.keys:
                if owners.setdefault(key.public.kid, Requester(region, key)) != Requester(region, key):
                    raise refuse(BundleFault.MALFORMED, f"directory: key {key.public.kid.hex()} is listed twice")
        active = {
            (owner.region, owner.key.use, kid): owner.key
            for kid, owner in owners.items()
            if not self.records[owner.region].suspended
        }
        object.__setattr__(self, "_active", active)
        object.__setattr__(self, "_requesters", {kid: owners[kid] for _, use, kid in active if use is KeyUse.REQUEST})

    def record(self, region: RegionId) -> DirectoryRecord | None:
        """Return the record of a region, suspended or not."""
        return self.records.get(region)

    def active_record(self, region: RegionId) -> DirectoryRecord:
        """Return the record of a region that takes part. Raises ``Rejected(UNKNOWN_ISSUER | ISSUER_SUSPENDED)``."""
        record = self.records.get(region)
        if record is None:
            raise Rejected(ReasonId.UNKNOWN_ISSUER, f"region {region}")
        if record.suspended:
            raise Rejected(ReasonId.ISSUER_SUSPENDED, f"region {region}")
        return record

    def find_key(self, region: RegionId, use: KeyUse, kid: bytes, at: datetime) -> PublicKey:
        """Return the key of a region for a use at a moment. Hot: one lookup.

        Raises ``Rejected(UNKNOWN_ISSUER | ISSUER_SUSPENDED | UNKNOWN_KEY)``; a key of another use, or
        before or after its time, is unknown.
        """
        key = self._active.get((region, use, kid))
        if key is not None and key.is_valid(at):
            return key.public
        self.active_record(region)
        raise Rejected(ReasonId.UNKNOWN_KEY, f"region {region}, {use}, key {kid.hex()}")

    def find_requester(self, kid: bytes, at: datetime) -> Requester | None:
        """Return whose request key this is, if it is one of a region that takes part and good at the moment."""
        requester = self._requesters.get(kid)
        return requester if requester is not None and requester.key.is_valid(at) else None


def encode_directory(directory: Directory) -> bytes:
    """Return the section: the records in the order of their numbers."""
    section = encode_canonical([encode_record(record) for _, record in sorted(directory.records.items())])
    parse_directory(section)
    return section


def parse_directory(section: bytes) -> Directory:
    """Read the section. Raises ``Refused(BUNDLE_REFUSED)``."""
    try:
        value = parse_canonical(section, BUNDLE_MAX_BYTES)
    except WireError as error:
        raise refuse(BundleFault.MALFORMED, f"directory: {error}") from error
    if not isinstance(value, list) or len(value) > RECORDS_MAX:
        raise refuse(BundleFault.MALFORMED, f"directory: a list of at most {RECORDS_MAX} records is expected")
    records = [parse_record(item) for item in value]
    by_region = {record.region: record for record in records}
    if [record.region for record in records] != sorted(by_region):
        raise refuse(BundleFault.MALFORMED, "directory: records stand in the order of their numbers, each once")
    return Directory(by_region)


def encode_record(record: DirectoryRecord) -> dict[str, object]:
    """Return a record as a plain map; times are cut to seconds."""
    value: dict[str, object] = {
        "region": str(record.region),
        "name": {"zh": record.name.zh, "en": record.name.en},
        "url": record.url,
        "keys": [_encode_key(key) for key in record.keys],
    }
    if record.sealing_public is not None:
        value["sealing_public"] = record.sealing_public
    if record.suspended:
        value["suspended"] = True
    return value


def parse_record(value: object) -> DirectoryRecord:
    """Read a record from a plain map. Raises ``Refused(BUNDLE_REFUSED)``."""
    try:
        fields = _parse_map(value, _RECORD_NEEDED, _RECORD_FIELDS)
        keys = fields["keys"]
        if not isinstance(keys, list) or len(keys) > KEYS_MAX:
            raise WireError(f"keys are a list of at most {KEYS_MAX}")
        if fields.get("suspended", True) is not True:
            raise WireError("suspended is true or absent")
        return DirectoryRecord(
            region=parse_region(fields["region"]),
            name=_parse_name(fields["name"]),
            url=_parse_url(fields["url"]),
            keys=tuple(_parse_key(key) for key in keys),
            sealing_public=_parse_sealing_public(fields.get("sealing_public")),
            suspended="suspended" in fields,
        )
    except WireError as error:
        raise refuse(BundleFault.MALFORMED, f"directory: {error}") from error


def _encode_key(key: KeyRecord) -> dict[str, object]:
    value: dict[str, object] = {
        "use": key.use.value,
        "suite": key.public.suite.value,
        "public": key.public.raw,
        "valid_from_seconds": encode_seconds(key.valid_from),
    }
    if key.valid_until is not None:
        value["valid_until_seconds"] = encode_seconds(key.valid_until)
    return value


def _parse_key(value: object) -> KeyRecord:
    fields = _parse_map(value, _KEY_NEEDED, _KEY_FIELDS)
    use, suite, raw = fields["use"], fields["suite"], fields["public"]
    if not isinstance(use, str) or not isinstance(suite, str) or not isinstance(raw, bytes):
        raise WireError("a key has a use, a suite and bytes")
    valid_from = parse_seconds(fields["valid_from_seconds"])
    valid_until = parse_seconds(fields["valid_until_seconds"]) if "valid_until_seconds" in fields else None
    if valid_until is not None and valid_until <= valid_from:
        raise WireError("a key ends after it begins")
    try:
        return KeyRecord(KeyUse(use), PublicKey(SuiteId(suite), raw), valid_from, valid_until)
    except ValueError as error:  # an unknown use or suite, or KeyRefused
        raise WireError(f"a key: {error}") from error


def _parse_map(value: object, needed: frozenset[str], known: frozenset[str]) -> dict[str, object]:
    if not isinstance(value, dict) or not needed <= value.keys() <= known:
        raise WireError(f"a map with {', '.join(sorted(needed))} is expected, and nothing unknown in it")
    return value


def _parse_name(value: object) -> Sentence:
    fields = _parse_map(value, frozenset({"zh", "en"}), frozenset({"zh", "en"}))
    return Sentence(_parse_text(fields["zh"], NAME_MAX_CHARACTERS), _parse_text(fields["en"], NAME_MAX_CHARACTERS))


def _parse_text(value: object, longest: int) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= longest or not value.isprintable():
        raise WireError(f"a text of 1 to {longest} printable characters is expected")
    return value


def _parse_url(value: object) -> str:
    """Return a gateway's address: scheme, host, maybe port and path; nothing that could hide another host."""
    url = _parse_text(value, URL_MAX_CHARACTERS)
    try:
        parts = urlsplit(url)
        port_is_usable = parts.port is None or parts.port > 0
    except ValueError as error:
        raise WireError("the address is no URL") from error
    plain = url.isascii() and "@" not in url and "\\" not in url and " " not in url
    if (
        not plain
        or not port_is_usable
        or parts.scheme not in ("http", "https")
        or not parts.hostname
        or parts.query
        or parts.fragment
    ):
        raise WireError("an address is http or https with a host, and without user, query or fragment")
    return url


def _parse_sealing_public(value: object) -> bytes | None:
    if value is None:
        return None
    if not isinstance(value, bytes) or len(value) != SEALING_PUBLIC_BYTES:
        raise WireError(f"a sealing key has {SEALING_PUBLIC_BYTES} bytes")
    return value
