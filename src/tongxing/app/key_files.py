"""Key files: one key a file, JSON, readable by its owner only.

{"kind": "tongxing-key", "suite": "EdDSA" | "ES256" | "seal" | "secret", "seed_hex": "…"}. ``suite`` says
what the seed is for: a signature suite, an X25519 sealing pair, or a plain secret of 32 bytes. A
public key is written as ``suite:hex``.
"""

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal

import msgspec

from tongxing.core.errors import Fault, Refused
from tongxing.core.problems import ProblemId
from tongxing.crypto.keys import PublicKey, SigningKey
from tongxing.crypto.sealing import SealingPair
from tongxing.crypto.suites import KeyRefused, SuiteId

KIND: Final = "tongxing-key"
SEED_BYTES: Final = 32
FILE_MAX_BYTES: Final = 4_096

FileSuite = Literal["EdDSA", "ES256", "seal", "secret"]


class _KeyFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kind: Literal["tongxing-key"]
    suite: FileSuite
    seed_hex: str


def save_new_key(path: Path, suite: FileSuite, entropy: Callable[[int], bytes]) -> None:
    """Write a new key to a new file with mode 0600, synced. Raises ``Refused(CONFLICT)`` if it exists."""
    seed = entropy(SEED_BYTES)
    while suite == "ES256" and not _is_usable(seed):
        seed = entropy(SEED_BYTES)
    content = msgspec.json.format(msgspec.json.encode(_KeyFile(KIND, suite, seed.hex())))
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, stat.S_IRUSR | stat.S_IWUSR)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError as exists:
        raise Refused(ProblemId.CONFLICT, f"{path} exists already; a key is never overwritten") from exists
    except OSError as error:
        raise Fault(f"key file {path}: {error.strerror}") from error


def load_signing_key(path: Path) -> SigningKey:
    """Read a signing key. Raises ``Fault`` naming the file and what is wrong, never its content."""
    file = _load(path, ("EdDSA", "ES256"))
    return SigningKey.from_seed(SuiteId(file.suite), _seed(path, file))


def load_sealing_pair(path: Path) -> SealingPair:
    """Read a sealing pair. Raises ``Fault``."""
    return SealingPair.from_seed(_seed(path, _load(path, ("seal",))))


def load_secret(path: Path) -> bytes:
    """Read a plain secret of 32 bytes. Raises ``Fault``."""
    return _seed(path, _load(path, ("secret",)))


def public_text(key: PublicKey) -> str:
    """Return a public key as ``suite:hex``."""
    return f"{key.suite}:{key.raw.hex()}"


def parse_public_text(text: str) -> PublicKey:
    """Read ``suite:hex``; raises ``Refused(BAD_REQUEST)``."""
    suite, _, raw = text.strip().partition(":")
    try:
        return PublicKey(SuiteId(suite), bytes.fromhex(raw))
    except (ValueError, KeyRefused) as error:
        raise Refused(ProblemId.BAD_REQUEST, f"not a public key (suite:hex): {text[:80]!r}") from error


def _load(path: Path, suites: tuple[FileSuite, ...]) -> _KeyFile:
    try:
        with path.open("rb") as opened:
            mode = stat.S_IMODE(os.fstat(opened.fileno()).st_mode)
            data = opened.read(FILE_MAX_BYTES)
    except OSError as error:
        raise Fault(f"key file {path}: {error.strerror}") from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise Fault(f"key file {path}: others than its owner may read it (mode {mode:o}); chmod 600 it")
    try:
        file = msgspec.json.decode(data, type=_KeyFile)
    except msgspec.MsgspecError as error:
        raise Fault(f"key file {path}: not a key file") from error
    if file.suite not in suites:
        raise Fault(f"key file {path}: holds a key for {file.suite}, {' or '.join(suites)} is needed")
    return file


def _seed(path: Path, file: _KeyFile) -> bytes:
    try:
        seed = bytes.fromhex(file.seed_hex)
    except ValueError as error:
        raise Fault(f"key file {path}: the seed is not hexadecimal") from error
    if len(seed) != SEED_BYTES:
        raise Fault(f"key file {path}: a seed has {SEED_BYTES} bytes")
    return seed


def _is_usable(seed: bytes) -> bool:
    try:
        SigningKey.from_seed(SuiteId.ES256, seed)
    except KeyRefused:
        return False
    return True
