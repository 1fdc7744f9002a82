"""A region's folder while it joins: its keys, its profile, its directory record, and what the test run found.

Steps, each resting on the one before: (1) prepared: profile, keys and record are there and fit one another; (2) tested:
its back end conformed under this very profile; (3) live: the hub has published both. What has been done is read from
the files, so that a step can be repeated and none skipped.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from tongxing.app.key_files import load_sealing_pair, load_signing_key, public_text
from tongxing.app.node_keys import GATEWAY_FILES, key_file, make_keys
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.crypto.digests import sha256
from tongxing.regions.profile import PROFILE_MAX_BYTES, Profile, parse_profile, parse_profile_heading
from tongxing.trust.directory import KeyUse

_KEY_OF_USE: Final = {
    KeyUse.NATIONAL_CODE: "national-code",
    KeyUse.STATEMENT: "statement",
    KeyUse.REQUEST: "request",
}
_Kind = TypeVar("_Kind", bound=msgspec.Struct)
_FILE_MAX_BYTES: Final = 256 * 1024
_FINGERPRINT_DIGITS: Final = 32


class JoiningKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A key of the record, as ``POST /v1/directory-records`` takes it."""

    use: KeyUse
    public: str
    valid_from: datetime
    valid_until: datetime | None = None


class JoiningRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The directory record, as ``POST /v1/directory-records`` takes it: no secret stands in it."""

    region: str
    name_zh: str
    name_en: str
    url: str
    keys: list[JoiningKey]
    sealing_public_hex: str
    suspended: bool = False


class TestRun(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a test run found, and of which profile."""

    conforms: bool
    back_end: str
    at: datetime
    profile_sha256: str


@dataclass(frozen=True, slots=True)
class DockingFolder:
    """The folder. Reading raises ``Refused(NOT_FOUND)`` where a step's file is not there yet."""

    path: Path

    @property
    def keys_dir(self) -> Path:
        """Where the gateway's keys are."""
        return self.path / "keys"

    def prepare(self, profile: bytes, url: str, at: datetime, entropy: Callable[[int], bytes]) -> JoiningRecord:
        """Keep the profile, make the keys that are not there, and write the record; again is the same."""
        read = parse_profile(profile)
        _, name = parse_profile_heading(profile)
        missing = {each: of for each, of in GATEWAY_FILES.items() if not key_file(self.keys_dir, each).exists()}
        try:
            self.keys_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._profile_file.write_bytes(profile)
        except OSError as error:
            raise Refused(ProblemId.BAD_REQUEST, f"{error.filename}: {error.strerror}") from error
        make_keys(self.keys_dir, missing, entropy)
        since = {key.public: key.valid_from for key in self.record().keys} if self._record_file.exists() else {}
        keys = []
        for use, file in _KEY_OF_USE.items():
            public = public_text(load_signing_key(key_file(self.keys_dir, file)).public)
            keys.append(JoiningKey(use, public, since.get(public, at)))
        sealing = load_sealing_pair(key_file(self.keys_dir, "sealing")).public.hex()
        record = JoiningRecord(read.region, name.zh, name.en, url, keys, sealing)
        self.save_record(record)
        return record

    def profile(self) -> tuple[Profile, bytes]:
        """Return the profile, and its bytes."""
        data = self._read(self._profile_file, PROFILE_MAX_BYTES)
        return parse_profile(data), data

    def record(self) -> JoiningRecord:
        """Return the record."""
        return self._decode(self._record_file, JoiningRecord)

    def save_record(self, record: JoiningRecord) -> None:
        """Keep the record."""
        self._write(self._record_file, record)

    def save_test_run(self, conforms: bool, back_end: str, at: datetime) -> None:  # noqa: FBT001 - what the run found
        """Keep what a test run found of the profile that is here."""
        _, data = self.profile()
        self._write(self._test_file, TestRun(conforms, back_end, at, sha256(data).hex()))

    def test_run(self) -> TestRun:
        """Return what the last test run found."""
        return self._decode(self._test_file, TestRun)

    def check_tested(self) -> TestRun:
        """Raise ``Refused(CONFLICT)`` unless the back end conformed under the very profile that is here."""
        run = self.test_run()
        if not run.conforms:
            raise Refused(ProblemId.CONFLICT, "the test run failed: mend the back end and run `tongxing dock test`")
        if run.profile_sha256 != sha256(self.profile()[1]).hex():
            raise Refused(ProblemId.CONFLICT, "the profile has changed since the test run: run `tongxing dock test`")
        return run

    def check_whole(self) -> None:
        """Raise ``Refused(CONFLICT)`` unless record and profile are of one region: a record never goes live beside."""
        record, (profile, _) = self.record(), self.profile()
        if record.region != profile.region:
            raise Refused(
                ProblemId.CONFLICT, f"the record is of region {record.region}, the profile of {profile.region}"
            )

    def fingerprint(self) -> str:
        """Return what tells this folder from every other: of record, profile and test run, to be read out.

        128 bits of SHA-256 as eight groups of four digits (hexadecimal), over the three files' digests in that order.
        """
        files = (
            (self._record_file, _FILE_MAX_BYTES),
            (self._profile_file, PROFILE_MAX_BYTES),
            (self._test_file, _FILE_MAX_BYTES),
        )
        digest = sha256(b"".join(sha256(self._read(file, limit)) for file, limit in files)).hex()
        return " ".join(digest[start : start + 4] for start in range(0, _FINGERPRINT_DIGITS, 4))

    @property
    def _profile_file(self) -> Path:
        return self.path / "profile.toml"

    @property
    def _record_file(self) -> Path:
        return self.path / "record.json"

    @property
    def _test_file(self) -> Path:
        return self.path / "test-run.json"

    def _read(self, file: Path, max_bytes: int) -> bytes:
        try:
            with file.open("rb") as opened:
                return opened.read(max_bytes + 1)
        except OSError as error:
            raise Refused(ProblemId.NOT_FOUND, f"{file}: {error.strerror}; an earlier step makes it") from error

    def _decode(self, file: Path, kind: type[_Kind]) -> _Kind:
        try:
            return msgspec.json.decode(self._read(file, _FILE_MAX_BYTES), type=kind)
        except msgspec.MsgspecError as error:
            raise Refused(ProblemId.BAD_REQUEST, f"{file}: {error}") from error

    def _write(self, file: Path, value: msgspec.Struct) -> None:
        try:
            file.write_bytes(msgspec.json.format(msgspec.json.encode(value)) + b"\n")
        except OSError as error:
            raise Refused(ProblemId.BAD_REQUEST, f"{file}: {error.strerror}") from error
