"""Chains of bundles as a hub would publish them, and as one that went wrong would."""

from collections.abc import Mapping
from types import MappingProxyType

from tests.world import ROOT, World
from tongxing.crypto.keys import SigningKey
from tongxing.trust.bundle import AcceptedBundle, BundleContent, encode_bundle, restore_bundle


def opened(data: bytes, root: SigningKey = ROOT) -> AcceptedBundle:
    return restore_bundle(data, roots=[root.public])


def link(
    number: int, previous: bytes | None, sections: Mapping[str, bytes] = MappingProxyType({}), *, key: SigningKey = ROOT
) -> bytes:
    """Return a bundle; ``sections`` replace those of the ordinary one."""
    made = opened(World().bundle(number, previous))
    content = BundleContent(number, made.issued_at, made.expires_at, previous, {**made.sections, **sections})
    return encode_bundle(content, key)


def chain(length: int) -> dict[int, bytes]:
    """Return bundles 1 to ``length``, each naming the one before."""
    bundles: dict[int, bytes] = {}
    previous = None
    for number in range(1, length + 1):
        bundles[number] = link(number, previous)
        previous = opened(bundles[number]).digest
    return bundles
