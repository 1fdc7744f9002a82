"""Rows of a dataset's file whose people are named by document get their subject keys before anything is sent.

The key service answers with pseudonyms and keeps no document, so what goes to the hub holds none beside a status.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from tongxing.connectors.node import NodeCaller
from tongxing.core.documents import normalise_document
from tongxing.core.errors import Refused, Rejected, Undecidable
from tongxing.core.limits import REPORTS_PER_BATCH_MAX
from tongxing.core.subjects import Document

NO_DOCUMENT: Final = "the document of the row cannot be read"


class _Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    type: str
    number: str


class _Row(msgspec.Struct, frozen=True):
    document: _Document


async def name_subjects(node: NodeCaller, lines: Sequence[bytes]) -> tuple[list[bytes], list[tuple[int, str]]]:
    """Return the lines with subject keys for documents, and which of them have a document that is none, from 0.

    Such a line is empty then, so that the others keep their places; what is not a row with a document stays as it is.
    Raises ``Refused`` as the key service does.
    """
    named, wrong = list(lines), []
    documents: dict[int, Document] = {}
    for place, line in enumerate(lines):
        if b'"document"' not in line:
            continue
        try:
            documents[place] = _document_of(line)
        except (msgspec.MsgspecError, Refused, Rejected, Undecidable):
            named[place] = b""
            wrong.append((place, NO_DOCUMENT))
    places = list(documents)
    for start in range(0, len(places), REPORTS_PER_BATCH_MAX):
        portion = places[start : start + REPORTS_PER_BATCH_MAX]
        keys = await node.subject_keys([documents[place] for place in portion])
        for place, key in zip(portion, keys, strict=True):
            row = msgspec.json.decode(lines[place], type=dict[str, Any])
            del row["document"]
            named[place] = msgspec.json.encode({"subject": key.hex(), **row})
    return named, wrong


def _document_of(line: bytes) -> Document:
    said = msgspec.json.decode(line, type=_Row).document
    return normalise_document(said.type, said.number)
