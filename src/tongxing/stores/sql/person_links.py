"""Links of documents: each is held from both of its ends, so that it is found by either. The database compares."""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Final

from tongxing.core.errors import Refused
from tongxing.core.limits import REPORTS_PER_BATCH_MAX
from tongxing.core.names import NameMatch
from tongxing.core.person_links import PERSON_DOCUMENTS_MAX, LinkGround, PersonLink
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import SubjectKey, SubjectKeys
from tongxing.core.words import RegionId
from tongxing.services.ports import PutCount
from tongxing.stores.rows import check_subject, encode_moment, parse_moment
from tongxing.stores.sql.connections import Insertion, Reader, RecordConnection, Row
from tongxing.stores.sql.writer import GroupCommitWriter

REVISION_MAX: Final = (1 << 53) - 1

_COLUMNS: Final = ("subject", "other", "region", "revision", "retracted", "ground", "said_at_us", "name_match")
_UNLESS_OLDER: Final = """
    ON CONFLICT (subject, other, region) DO UPDATE
    SET revision = excluded.revision, retracted = excluded.retracted, ground = excluded.ground,
        said_at_us = excluded.said_at_us, name_match = excluded.name_match
    WHERE (excluded.revision, excluded.retracted, excluded.ground, excluded.said_at_us, excluded.name_match)
        > (person_links.revision, person_links.retracted, person_links.ground, person_links.said_at_us,
           person_links.name_match)
    RETURNING subject, other, region
"""
_PUT: Final = Insertion("person_links", _COLUMNS, _UNLESS_OLDER)
_HELD: Final = """
    SELECT revision, retracted, ground, said_at_us, name_match FROM person_links
    WHERE subject = ? AND other = ? AND region = ?
"""
_LINKS_OF: Final = """
    SELECT other, region, revision, retracted, ground, said_at_us, name_match FROM person_links
    WHERE subject = ? ORDER BY other, region
"""
_NEIGHBOURS: Final = "SELECT other FROM person_links WHERE subject = ? AND retracted = 0"

_Row = tuple[bytes, bytes, str, int, int, str, int, str]


class SqlPersonLinkStore:
    """``PersonLinkStore`` on SQL."""

    def __init__(self, writer: GroupCommitWriter, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def put_links(self, links: Sequence[PersonLink]) -> PutCount:
        """Take in links; see the port."""
        if len(links) > REPORTS_PER_BATCH_MAX:
            raise Refused(ProblemId.BAD_REQUEST, f"at most {REPORTS_PER_BATCH_MAX} links are taken at once")
        newest: dict[tuple[bytes, bytes, str], _Row] = {}
        same = 0
        for encoded in map(_encode, links):
            known = newest.setdefault(encoded[:3], encoded)
            if known is not encoded and known == encoded:
                same += 1
            newest[encoded[:3]] = max(known, encoded)
        older = len(links) - same - len(newest)
        if not newest:
            return PutCount(0, 0, 0)
        put = await self._writer.run(partial(_put, rows=tuple(newest.values())))
        return PutCount(put.stored, put.same + same, put.older + older)

    async def links_of(self, keys: SubjectKeys) -> tuple[PersonLink, ...]:
        """Return the newest of each link; see the port."""
        return tuple(
            [_parse(key, row) for key in dict.fromkeys(keys) for row in await self._reader.rows(_LINKS_OF, (key,))]
        )


def _encode(link: PersonLink) -> _Row:
    check_subject(link.one)
    check_subject(link.other)
    if link.one == link.other or not 0 <= link.revision <= REVISION_MAX:
        raise Refused(ProblemId.BAD_REQUEST, "a link is between two documents, with a revision from 0 to 2**53 - 1")
    first, second = sorted((link.one, link.other))
    match = "" if link.match is None else link.match.value
    said_at = encode_moment(link.at)
    return first, second, link.region, link.revision, int(link.retracted), link.ground.value, said_at, match


def _parse(one: SubjectKey, row: Row) -> PersonLink:
    other, region, revision, retracted, ground, said_at_us, match = row
    return PersonLink(
        one,
        SubjectKey(bytes(other)),
        RegionId(region),
        LinkGround(ground),
        parse_moment(said_at_us),
        revision,
        bool(retracted),
        NameMatch(match) if match else None,
    )


def _put(connection: RecordConnection, *, rows: Sequence[_Row]) -> PutCount:
    """Put rows of which no two are the same link; whoever may bind others waits for their turn to count."""
    connection.take_turn("person links")
    connection.execute("SAVEPOINT links")
    both = [turned for row in rows for turned in (row, (row[1], row[0], *row[2:]))]
    stored = {tuple(held) for held in connection.insert_returning(_PUT, both)}
    if not all(_is_one_person(connection, row[0]) for row in rows if row[:3] in stored and not row[4]):
        connection.execute("ROLLBACK TO links")
        connection.execute("RELEASE links")
        raise Refused(ProblemId.CONFLICT, f"one person has at most {PERSON_DOCUMENTS_MAX} documents")
    connection.execute("RELEASE links")
    changed = sum(row[:3] in stored for row in rows)
    left = [row for row in rows if row[:3] not in stored]
    same = sum([tuple(held) for held in connection.execute(_HELD, row[:3]).fetchall()] == [row[3:]] for row in left)
    return PutCount(stored=changed, same=same, older=len(left) - same)


def _is_one_person(connection: RecordConnection, key: bytes) -> bool:
    """True unless more documents are linked to ``key``, by any path, than a person has: by one version of keys."""
    found, waiting = {key}, [key]
    while waiting:
        for (other,) in connection.execute(_NEIGHBOURS, (waiting.pop(),)).fetchall():
            if bytes(other) not in found:
                found.add(bytes(other))
                waiting.append(bytes(other))
        if _most_of_one_version(found) > PERSON_DOCUMENTS_MAX:
            return False
    return True


def _most_of_one_version(keys: Iterable[bytes]) -> int:
    return max(Counter(key[0] for key in keys).values())
