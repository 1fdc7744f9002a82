"""Which keys a node has: one file for each use in one folder. A key never has two uses."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final, Self

from tongxing.app.key_files import FileSuite, load_sealing_pair, load_secret, load_signing_key, save_new_key
from tongxing.crypto.keys import SigningKey
from tongxing.crypto.sealing import SealingPair, SymmetricKey
from tongxing.crypto.subject_keys import SubjectSecret

SUBJECT_KEY_VERSION: Final = 1

GATEWAY_FILES: Final[Mapping[str, FileSuite]] = MappingProxyType(
    {
        "request": "EdDSA",
        "statement": "EdDSA",
        "national-code": "EdDSA",
        "sealing": "seal",
        "views": "secret",
        "handles": "secret",
        "sites": "secret",
    }
)
"""A gateway's files, and what for each is in a new folder."""

HUB_FILES: Final[Mapping[str, FileSuite]] = MappingProxyType(
    {"bundle": "EdDSA", "subjects": "secret", "verifiers": "secret"}
)
"""The hub's files."""


@dataclass(frozen=True, slots=True)
class GatewayKeys:
    """To sign requests, statements and national codes; to open verifier keys; to seal views; for handles; for sites."""

    request: SigningKey
    statement: SigningKey
    national_code: SigningKey
    sealing: SealingPair
    views: SymmetricKey
    handles: bytes = field(repr=False)
    sites: bytes = field(repr=False)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read all files of a gateway. Raises ``Fault`` naming the file that is wrong."""
        return cls(
            request=load_signing_key(key_file(folder, "request")),
            statement=load_signing_key(key_file(folder, "statement")),
            national_code=load_signing_key(key_file(folder, "national-code")),
            sealing=load_sealing_pair(key_file(folder, "sealing")),
            views=SymmetricKey(load_secret(key_file(folder, "views"))),
            handles=load_secret(key_file(folder, "handles")),
            sites=load_secret(key_file(folder, "sites")),
        )


@dataclass(frozen=True, slots=True)
class HubKeys:
    """To sign bundles; to derive subject keys and the day's verifier keys."""

    bundle: SigningKey
    subjects: SubjectSecret
    verifiers: bytes = field(repr=False)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read all files of the hub. Raises ``Fault`` naming the file that is wrong."""
        return cls(
            bundle=load_signing_key(key_file(folder, "bundle")),
            subjects=SubjectSecret(SUBJECT_KEY_VERSION, load_secret(key_file(folder, "subjects"))),
            verifiers=load_secret(key_file(folder, "verifiers")),
        )


def make_keys(folder: Path, files: Mapping[str, FileSuite], entropy: Callable[[int], bytes]) -> None:
    """Make every file that a kind of node needs. Raises ``Refused(CONFLICT)`` for one that exists."""
    for name, suite in files.items():
        save_new_key(key_file(folder, name), suite, entropy)


def key_file(folder: Path, name: str) -> Path:
    """Return where the key of that name is."""
    return folder / f"{name}.json"
