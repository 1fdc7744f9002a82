"""The calls about a rotation of the secret behind subject keys: how far it is, and newer keys for gateways."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from tongxing.api.calls import Call, NoQuery
from tongxing.api.messages import Message, SubjectKeyHex
from tongxing.app.nodes import Hub, Node
from tongxing.core.datasets import DATASET_OF
from tongxing.core.evidence import EvidenceKind
from tongxing.core.limits import REPORTS_PER_BATCH_MAX
from tongxing.core.subjects import SubjectKey
from tongxing.services.rederiving_ports import HeldTable, KeyCount


class HeldKeysMessage(Message, frozen=True):
    """Subject keys that a gateway holds rows under."""

    subject_keys: Annotated[list[SubjectKeyHex], Meta(max_length=REPORTS_PER_BATCH_MAX)]


class NewestKeysAnswer(msgspec.Struct, frozen=True):
    """The current version; of each key the newest that is known of its subject, null where that is no newer one."""

    version: int
    newest: list[str | None]


class KeyCountAnswer(msgspec.Struct, frozen=True):
    """Rows of one dataset (of one region's reports), of masked names: all, under older versions, and waiting ones."""

    dataset: str
    region: str | None
    held: int
    old: int
    waiting: int


class KeyRotationAnswer(msgspec.Struct, frozen=True):
    """How far a rotation is; ``counted_at`` is null until the node has counted for the first time.

    ``counts`` is empty where nothing was old. ``people_waiting`` have shown no document since the rotation: nobody
    would find them under the new version alone.
    """

    version: int
    counted_at: datetime | None
    is_complete: bool
    people_waiting: int
    counts: list[KeyCountAnswer]


async def tell_key_rotation(node: Node, _call: Call[None, NoQuery]) -> KeyRotationAnswer:
    """Tell how much is held under subject keys of the current version, and how much under older ones."""
    progress = node.rederiving.progress
    if progress is None:
        return KeyRotationAnswer(node.rederiving.version, None, is_complete=False, people_waiting=0, counts=[])
    return KeyRotationAnswer(
        progress.version,
        progress.counted_at,
        progress.is_complete,
        progress.people_waiting,
        _describe(progress.counts),
    )


async def tell_newer_keys(node: Hub, call: Call[HeldKeysMessage, NoQuery]) -> NewestKeysAnswer:
    """Tell a gateway the newest keys of subjects that it holds under older ones, as far as they are known."""
    keys = [SubjectKey(bytes.fromhex(key)) for key in call.body.subject_keys]
    newest = [(await node.core.stores.links.linked((key,)))[0] for key in keys]
    told = [new.hex() if new > key else None for key, new in zip(keys, newest, strict=True)]
    return NewestKeysAnswer(node.rederiving.version, told)


def _describe(counts: tuple[KeyCount, ...]) -> list[KeyCountAnswer]:
    """Return the counts by dataset: the kinds of one dataset's evidence are one."""
    sums: dict[tuple[str, str | None], KeyCountAnswer] = {}
    for count in counts:
        name: tuple[str, str | None] = (count.table.value, count.name or None)
        if count.table is HeldTable.EVIDENCE:
            name = DATASET_OF[EvidenceKind(count.name)].value, None
        known = sums.get(name, KeyCountAnswer(*name, 0, 0, 0))
        sums[name] = KeyCountAnswer(
            *name, known.held + count.held, known.old + count.old, known.waiting + count.waiting
        )
    return list(sums.values())
