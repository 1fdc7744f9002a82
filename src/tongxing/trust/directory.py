"""The directory: which regions take part, at what address, with which keys for which use.

A key is found by region, use and key id, never taken from what it signed. The section is
deterministic CBOR, one record a region; it is believed because the bundle around it is signed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from tongxing.core.errors import Refused, Rejected
from tongxing.core.limits import BUNDLE_MAX_BYTES
from tongxing.core.problems import ProblemId
from tongxing.core.reasons import ReasonId
from tongxing.core.words import RegionId, Sentence
from tongxing.crypto.keys import PublicKey
from tongxing.crypto.sealing import SEALING_PUBLIC_BYTES
from tongxing.crypto.suites import KeyRefused, SuiteId
from tongxing.wire.cbor import WireError, encode_canonical, parse_canonical

KEYS_PER_REGION_MAX: Final = 64
NAME_MAX_CHARACTERS: Final = 64
URL_MAX_CHARACTERS: Final = 256


class KeyUse(StrEnum):
    """What a key may sign: never two things."""

    NATIONAL_CODE = "national_code"
    STATEMENT = "statement"
    REQUEST = "request"


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A key, its one use, and when what it signed counts: ``valid_from`` to before ``valid_until``."""

    use: KeyUse
    public: PublicKey
    valid_from: datetime
    valid_until: datetime | None = None

    def is_valid(self, at: datetime) -> bool:
        """True if the key counts at a moment."""
        return self.valid_from <= at and (self.valid_until is None or at < self.valid_until)


@dataclass(frozen=True, slots=True)
class DirectoryRecord:
    """What everybody knows of one region. ``sealing_public`` is the key to which verifier keys are sealed."""

    region: RegionId
    name: Sentence
    url: str
    keys: tuple[KeyRecord, ...]
    sealing_public: bytes | None = None
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class Directory:
    """All records, by region."""

    records: Mapping[RegionId, DirectoryRecord]
    _keys: Mapping[tuple[str, str, bytes], KeyRecord] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        keys = {
            (str(record.region), str(key.use), key.public.kid): key
            for record in self.records.values()
            for key in record.keys
        }
        object.__setattr__(self, "_keys", keys)

    def active_record(self, region: RegionId) -> DirectoryRecord:
        """Return a region's record. Raises ``Rejected``: ``UNKNOWN_ISSUER``, ``ISSUER_SUSPENDED``."""
        record = self.records.get(region)
        if record is None:
            raise Rejected(ReasonId.UNKNOWN_ISSUER)
        if record.suspended:
            raise Rejected(ReasonId.ISSUER_SUSPENDED, f"region {region}")
        return record

    def find_key(self, region: RegionId, use: KeyUse, kid: bytes, at: datetime) -> PublicKey:
        """Return the key of a region for one use.

        Raises ``Rejected``: ``UNKNOWN_ISSUER``, ``ISSUER_SUSPENDED``, or ``UNKNOWN_KEY`` where the
        region has no such key for that use, or not at that moment.
        """
        self.active_record(region)
        key = self._keys.get((region, use, kid))
        if key is None:
            raise Rejected(ReasonId.UNKNOWN_KEY, f"region {region} has no such key")
        if not key.is_valid(at):
            raise Rejected(ReasonId.UNKNOWN_KEY, f"a key of region {region} that does not count now")
        return key.public

    def find_request_key(self, key_id: str, at: datetime) -> tuple[RegionId, PublicKey] | None:
        """Return the region whose key for requests has this id (hex), if it takes part and the key counts."""
        for record in self.records.values():
            for key in record.keys:
                if key.use is KeyUse.REQUEST and key.public.kid.hex() == key_id:
                    return (record.region, key.public) if not record.suspended and key.is_valid(at) else None
        return None


def encode_directory(directory: Directory) -> bytes:
    """Return the section of a bundle."""
    return encode_canonical({str(region): _encode_record(record) for region, record in directory.records.items()})


def parse_directory(data: bytes) -> Directory:
    """Read the section of a bundle; raises ``Refused(BUNDLE_REFUSED)`` naming the record at fault."""
    try:
        value = parse_canonical(data, BUNDLE_MAX_BYTES)
    except WireError as error:
        raise _refused(str(error)) from error
    if not isinstance(value, dict):
        raise _refused("not a map of records")
    records = {}
    for region, record in value.items():
        if not isinstance(region, str) or not region.isdecimal() or len(region) not in (2, 4):
            raise _refused("a region is named by two or four digits")
        try:
            records[RegionId(region)] = _parse_record(RegionId(region), record)
        except (WireError, KeyRefused, KeyError, ValueError, TypeError) as error:
            raise _refused(f"record {region}: {error}") from error
    return Directory(records)


def _encode_record(record: DirectoryRecord) -> dict[str, object]:
    return {
        "name_zh": record.name.zh,
        "name_en": record.name.en,
        "url": record.url,
        "keys": [
            {
                "use": str(key.use),
                "suite": str(key.public.suite),
                "public": key.public.raw,
                "from": int(key.valid_from.timestamp()),
                "until": None if key.valid_until is None else int(key.valid_until.timestamp()),
            }
            for key in record.keys
        ],
        "sealing_public": record.sealing_public,
        "suspended": record.suspended,
    }


def _parse_record(region: RegionId, value: object) -> DirectoryRecord:
    fields = _fields(value, {"name_zh", "name_en", "url", "keys", "sealing_public", "suspended"})
    keys, sealing_public, suspended = fields["keys"], fields["sealing_public"], fields["suspended"]
    if not isinstance(keys, list) or len(keys) > KEYS_PER_REGION_MAX:
        raise WireError(f"at most {KEYS_PER_REGION_MAX} keys")
    if sealing_public is not None and not (
        isinstance(sealing_public, bytes) and len(sealing_public) == SEALING_PUBLIC_BYTES
    ):
        raise WireError(f"a sealing key has {SEALING_PUBLIC_BYTES} bytes")
    if not isinstance(suspended, bool):
        raise WireError("suspended is true or false")
    return DirectoryRecord(
        region=region,
        name=Sentence(_text(fields["name_zh"], NAME_MAX_CHARACTERS), _text(fields["name_en"], NAME_MAX_CHARACTERS)),
        url=_url(fields["url"]),
        keys=tuple(_parse_key(key) for key in keys),
        sealing_public=sealing_public,
        suspended=suspended,
    )


def _parse_key(value: object) -> KeyRecord:
    fields = _fields(value, {"use", "suite", "public", "from", "until"})
    public, until = fields["public"], fields["until"]
    if not isinstance(public, bytes):
        raise WireError("a public key is a byte string")
    return KeyRecord(
        KeyUse(_text(fields["use"], NAME_MAX_CHARACTERS)),
        PublicKey(SuiteId(_text(fields["suite"], NAME_MAX_CHARACTERS)), public),
        _moment(fields["from"]),
        None if until is None else _moment(until),
    )


def _fields(value: object, names: set[str]) -> Mapping[str, object]:
    if not isinstance(value, dict) or value.keys() != names:
        raise WireError(f"holds exactly {', '.join(sorted(names))}")
    return value


def _text(value: object, longest: int) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= longest:
        raise WireError(f"a text of 1 to {longest} characters is missing")
    return value


def _url(value: object) -> str:
    url = _text(value, URL_MAX_CHARACTERS)
    parts = urlsplit(url)
    is_address = parts.scheme in ("http", "https") and bool(parts.hostname)
    if not is_address or parts.query or parts.fragment or url.endswith("/"):
        raise WireError("an address is http(s)://host[:port][/path] without a slash at its end")
    return url


def _moment(value: object) -> datetime:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 32:
        raise WireError("a moment is unix seconds")
    return datetime.fromtimestamp(value, UTC)


def _refused(detail: str) -> Refused:
    return Refused(ProblemId.BUNDLE_REFUSED, f"directory: {detail}")
