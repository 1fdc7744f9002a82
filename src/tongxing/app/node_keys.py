"""Which keys a node has: one file for each use in one folder. A key never has two uses."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final, Self

from tongxing.app.key_files import FileSuite, load_sealing_pair, load_secret, load_signing_key, save_new_key
from tongxing.app.subject_secrets import load_subject_secrets
from tongxing.crypto.keys import SigningKey
from tongxing.crypto.sealing import SealingPair, SymmetricKey
from tongxing.crypto.subject_keys import SubjectSecret

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
    {
        "bundle": "EdDSA",
        "request": "EdDSA",
        "statement": "EdDSA",
        "national-code": "EdDSA",
        "sealing": "seal",
        "handles": "secret",
        "subjects": "secret",
        "verifiers": "secret",
    }
)
"""The hub's files. ``subjects`` is the first version of its secret; ``app.subject_secrets`` tells of later ones."""


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
    """To sign bundles, requests, statements, codes; to open consultations; for handles, subject and verifier keys."""

    bundle: SigningKey
    request: SigningKey
    statement: SigningKey
    national_code: SigningKey
    sealing: SealingPair
    subjects: tuple[SubjectSecret, ...]
    handles: bytes = field(repr=False)
    verifiers: bytes = field(repr=False)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read all files of the hub. Raises ``Fault`` naming the file that is wrong."""
        return cls(
            bundle=load_signing_key(key_file(folder, "bundle")),
            request=load_signing_key(key_file(folder, "request")),
            statement=load_signing_key(key_file(folder, "statement")),
            national_code=load_signing_key(key_file(folder, "national-code")),
            sealing=load_sealing_pair(key_file(folder, "sealing")),
            subjects=load_subject_secrets(folder),
            handles=load_secret(key_file(folder, "handles")),
            verifiers=load_secret(key_file(folder, "verifiers")),
        )


def make_keys(folder: Path, files: Mapping[str, FileSuite], entropy: Callable[[int], bytes]) -> None:
    """Make every file that a kind of node needs. Raises ``Refused(CONFLICT)`` for one that exists."""
    for name, suite in files.items():
        save_new_key(key_file(folder, name), suite, entropy)


def key_file(folder: Path, name: str) -> Path:
    """Return where the key of that name is."""
    return folder / f"{name}.json"
