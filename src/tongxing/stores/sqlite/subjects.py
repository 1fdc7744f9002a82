"""Who is whom without names: keys of one subject across versions, and whom a back end means by its own ids."""

import sqlite3
from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from typing import Final

from tongxing.core.errors import Refused
from tongxing.core.limits import REPORTS_PER_BATCH_MAX
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import SUBJECT_KEY_BYTES, SubjectKey, SubjectKeys
from tongxing.services.persons import Person
from tongxing.stores.rows import check_bytes, check_subject_keys
from tongxing.stores.sqlite.reading import Reader
from tongxing.stores.sqlite.statements import insert_rows
from tongxing.stores.sqlite.writer import GroupCommitWriter

REF_DIGEST_BYTES: Final = 32

_LINK: Final = "INSERT INTO subject_links (subject, newer)"
_LINK_ONCE: Final = "ON CONFLICT DO NOTHING"
_NEIGHBOURS: Final = """
    SELECT newer FROM subject_links WHERE subject = ? UNION SELECT subject FROM subject_links WHERE newer = ?
"""
_PUT: Final = "INSERT INTO persons (ref_digest, revision, subject_keys)"
_UNLESS_OLDER: Final = """
    ON CONFLICT (ref_digest) DO UPDATE SET revision = excluded.revision, subject_keys = excluded.subject_keys
    WHERE (excluded.revision, excluded.subject_keys) > (persons.revision, persons.subject_keys)
"""
_FIND: Final = "SELECT revision, subject_keys FROM persons WHERE ref_digest = ?"


class SqliteSubjectLinkStore:
    """``SubjectLinkStore`` on SQLite."""

    def __init__(self, writer: GroupCommitWriter, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def link(self, subjects: Sequence[SubjectKeys]) -> None:
        """Keep that the keys of each are one subject's; see the port."""
        pairs: list[tuple[bytes, bytes]] = []
        for keys in subjects:
            check_subject_keys(keys)
            pairs += pairwise(sorted(set(keys)))  # by version: its byte leads
        missing = [pair for pair in dict.fromkeys(pairs) if pair[1] not in self._neighbours(pair[0])]
        if missing:
            await self._writer.run(partial(_link, pairs=missing))

    async def linked(self, keys: SubjectKeys) -> SubjectKeys:
        """Return every key of the same subject; see the port."""
        found = dict.fromkeys(keys)
        waiting = list(keys)
        while waiting:
            for neighbour in self._neighbours(waiting.pop()):
                if neighbour not in found:
                    found[neighbour] = None
                    waiting.append(neighbour)
        return tuple(sorted(found, reverse=True))

    def _neighbours(self, key: bytes) -> list[SubjectKey]:
        return [SubjectKey(neighbour) for (neighbour,) in self._reader.rows(_NEIGHBOURS, (key, key))]


class SqlitePersonStore:
    """``PersonStore`` on SQLite."""

    def __init__(self, writer: GroupCommitWriter, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def put_persons(self, persons: Sequence[Person]) -> None:
        """Keep persons; see the port."""
        if len(persons) > REPORTS_PER_BATCH_MAX:
            raise Refused(ProblemId.BAD_REQUEST, f"at most {REPORTS_PER_BATCH_MAX} persons are taken at once")
        newest: dict[bytes, tuple[bytes, int, bytes]] = {}
        for person in persons:
            check_bytes("the id's digest", person.ref_digest, REF_DIGEST_BYTES, REF_DIGEST_BYTES)
            check_subject_keys(person.keys)
            row = (person.ref_digest, person.revision, b"".join(person.keys))
            newest[person.ref_digest] = max(newest.get(person.ref_digest, row), row)
        if newest:
            await self._writer.run(partial(_put, rows=tuple(newest.values())))

    async def find_person(self, ref_digest: bytes) -> Person | None:
        """Return the person; see the port."""
        row = self._reader.row(_FIND, (ref_digest,))
        if row is None:
            return None
        revision, joined = row
        starts = range(0, len(joined), SUBJECT_KEY_BYTES)
        return Person(
            ref_digest, tuple(SubjectKey(joined[start : start + SUBJECT_KEY_BYTES]) for start in starts), revision
        )


def _link(connection: sqlite3.Connection, *, pairs: Sequence[tuple[bytes, bytes]]) -> None:
    insert_rows(connection, _LINK, pairs, _LINK_ONCE)


def _put(connection: sqlite3.Connection, *, rows: Sequence[tuple[bytes, int, bytes]]) -> None:
    insert_rows(connection, _PUT, rows, _UNLESS_OLDER)
