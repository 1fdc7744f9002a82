"""Who is whom without names: keys of one subject across versions, and whom a back end means by its own ids."""

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
from tongxing.stores.sql.connections import Insertion, Reader, RecordConnection
from tongxing.stores.sql.writer import GroupCommitWriter

REF_DIGEST_BYTES: Final = 32

_LINK: Final = Insertion("subject_links", ("subject", "newer"), "ON CONFLICT DO NOTHING")
_NEIGHBOURS: Final = """
    SELECT newer FROM subject_links WHERE subject = ? UNION SELECT subject FROM subject_links WHERE newer = ?
"""
_UNLESS_OLDER: Final = """
    ON CONFLICT (ref_digest) DO UPDATE SET revision = excluded.revision, subject_keys = excluded.subject_keys
    WHERE (excluded.revision, excluded.subject_keys) > (persons.revision, persons.subject_keys)
"""
_PUT: Final = Insertion("persons", ("ref_digest", "revision", "subject_keys"), _UNLESS_OLDER)
_FIND: Final = "SELECT revision, subject_keys FROM persons WHERE ref_digest = ?"


class SqlSubjectLinkStore:
    """``SubjectLinkStore`` on SQL."""

    def __init__(self, writer: GroupCommitWriter, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def link(self, subjects: Sequence[SubjectKeys]) -> None:
        """Keep that the keys of each are one subject's; see the port."""
        pairs: list[tuple[bytes, bytes]] = []
        for keys in subjects:
            check_subject_keys(keys)
            pairs += pairwise(sorted(set(keys)))  # by version: its byte leads
        missing = [pair for pair in dict.fromkeys(pairs) if pair[1] not in await self._neighbours(pair[0])]
        if missing:
            await self._writer.run(partial(_link, pairs=missing))

    async def linked(self, keys: SubjectKeys) -> SubjectKeys:
        """Return every key of the same subject; see the port."""
        found = dict.fromkeys(keys)
        waiting = list(keys)
        while waiting:
            for neighbour in await self._neighbours(waiting.pop()):
                if neighbour not in found:
                    found[neighbour] = None
                    waiting.append(neighbour)
        return tuple(sorted(found, reverse=True))

    async def _neighbours(self, key: bytes) -> list[SubjectKey]:
        return [SubjectKey(neighbour) for (neighbour,) in await self._reader.rows(_NEIGHBOURS, (key, key))]


class SqlPersonStore:
    """``PersonStore`` on SQL."""

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
        row = await self._reader.row(_FIND, (ref_digest,))
        if row is None:
            return None
        revision, joined = row
        starts = range(0, len(joined), SUBJECT_KEY_BYTES)
        return Person(
            ref_digest, tuple(SubjectKey(joined[start : start + SUBJECT_KEY_BYTES]) for start in starts), revision
        )


def _link(connection: RecordConnection, *, pairs: Sequence[tuple[bytes, bytes]]) -> None:
    connection.insert(_LINK, pairs)


def _put(connection: RecordConnection, *, rows: Sequence[tuple[bytes, int, bytes]]) -> None:
    connection.insert(_PUT, rows)
