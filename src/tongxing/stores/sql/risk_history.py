"""The history of risk areas: areas as intervals, risks of divisions as changes.

What a moment looked like is found by the intervals that hold it and the last change before it; a list
costs only what it changed.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Final

from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.reports import OriginRisk
from tongxing.risk.history import Area, AreaName, RiskSource, RiskState, StateDiff
from tongxing.risk.official_list import AreaLevel
from tongxing.risk.placing import Placement
from tongxing.services.risk_ports import AreaRisk, DivisionRisk, KeptList
from tongxing.stores.rows import check_text, encode_moment, parse_moment
from tongxing.stores.sql.connections import Insertion, Reader, RecordConnection, Row, Values
from tongxing.stores.sql.writer import GroupCommitWriter

NAME_MAX_CHARACTERS: Final = 64
_AFTER_EVERY_SIGN: Final = chr(0x10FFFF)

_LIST: Final = "digest, as_of_us, source, imported_at_us, imported_by"
_NEWEST: Final = f"SELECT {_LIST} FROM risk_lists ORDER BY position DESC LIMIT 1"  # noqa: S608 - our own words
_LIST_AT: Final = f"""
    SELECT {_LIST} FROM risk_lists WHERE as_of_us <= ? ORDER BY as_of_us DESC, position DESC LIMIT 1
"""  # noqa: S608 - our own words
_KEEP_LIST: Final = f"INSERT INTO risk_lists ({_LIST}) VALUES (?, ?, ?, ?, ?)"  # noqa: S608 - our own words

_AREA: Final = "province, city, county, community, division, placement, level, source, since_us, until_us"
_LASTING: Final = f"SELECT {_AREA} FROM risk_areas WHERE until_us = -1"  # noqa: S608 - our own words
_KEEP_AREAS: Final = Insertion("risk_areas", tuple(_AREA.split(", ")))
_LASTING_IDS: Final = "SELECT id, province, city, county, community FROM risk_areas WHERE until_us = -1"
_END_AREA: Final = "UPDATE risk_areas SET until_us = ? WHERE id = ?"
_IN_FORCE: Final = "since_us <= ?1 AND (until_us = -1 OR until_us > ?1)"
_ORDER: Final = "ORDER BY province, city, county, community, level LIMIT"
_AREAS_IN: Final = f"""
    SELECT {_AREA} FROM risk_areas WHERE division >= ?2 AND division < ?3 AND {_IN_FORCE} {_ORDER} ?4
"""  # noqa: S608 - our own words
_AREAS_NAMED: Final = f"""
    SELECT {_AREA} FROM risk_areas
    WHERE (city >= ?2 AND city < ?3 OR county >= ?2 AND county < ?3 OR community >= ?2 AND community < ?3)
        AND {_IN_FORCE} {_ORDER} ?4
"""  # noqa: S608 - our own words

_CHANGE: Final = "number, since_us, risk, source"
_LAST_CHANGES: Final = """
    WITH RECURSIVE known (number) AS (
        SELECT min(number) FROM risk_changes
        UNION ALL
        SELECT (SELECT min(number) FROM risk_changes WHERE number > known.number) FROM known
        WHERE known.number IS NOT NULL)
    SELECT changed.number, changed.since_us, changed.risk, changed.source
    FROM known JOIN risk_changes AS changed ON changed.number = known.number AND changed.since_us = (
        SELECT max(since_us) FROM risk_changes WHERE number = known.number AND since_us <= ?1)
    WHERE length(known.number) <= ?2 ORDER BY changed.number
"""
"""Steps from number to number by the key: as many look-ups as there are numbers, however long the history."""

_LAST_CHANGE: Final = f"""
    SELECT {_CHANGE} FROM risk_changes WHERE number = ? AND since_us <= ? ORDER BY since_us DESC LIMIT 1
"""  # noqa: S608 - our own words
_REPLACED: Final = "ON CONFLICT (number, since_us) DO UPDATE SET risk = excluded.risk, source = excluded.source"
_KEEP_CHANGES: Final = Insertion("risk_changes", tuple(_CHANGE.split(", ")), _REPLACED)
_FORGET_UNCHANGED: Final = """
    DELETE FROM risk_changes AS changed WHERE since_us = ?1 AND risk = (
        SELECT risk FROM risk_changes WHERE number = changed.number AND since_us < ?1 ORDER BY since_us DESC LIMIT 1)
"""

_NEVER: Final = (1 << 63) - 1


class SqlRiskHistoryStore:
    """``RiskHistoryStore`` on SQL."""

    def __init__(self, writer: GroupCommitWriter, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def newest(self) -> tuple[KeptList, RiskState] | None:
        """Return the newest list with all that it says; see the port."""
        row = await self._reader.row(_NEWEST, ())
        if row is None:
            return None
        kept = _parse_list(row)
        levels: dict[AreaName, Area] = {}
        for area in map(_parse_area, await self._reader.rows(_LASTING, ())):
            held = levels.get(area.name)
            both = {area.level, *(held.levels if held is not None else ())}
            ordered = tuple(sorted(both, key=lambda level: level.rank))
            levels[area.name] = Area(area.division, area.placement, ordered)
        changes = map(_parse_change, await self._reader.rows(_LAST_CHANGES, (_NEVER, NAME_MAX_CHARACTERS)))
        risks = {change.number: change.risk for change in changes if change.risk is not OriginRisk.UNKNOWN}
        return kept, RiskState(kept.as_of, kept.source, levels, risks)

    async def save(self, kept: KeptList, state: RiskState, diff: StateDiff, before: bytes | None) -> None:
        """Keep a list as what it changes; see the port."""
        check_text("the importer", kept.imported_by, NAME_MAX_CHARACTERS)
        await self._writer.run(partial(_save, kept=kept, state=state, diff=diff, before=before))

    async def list_at(self, at: datetime) -> KeptList | None:
        """Return the list in force at a moment; see the port."""
        row = await self._reader.row(_LIST_AT, (encode_moment(at),))
        return None if row is None else _parse_list(row)

    async def risks_at(self, at: datetime, digits_max: int) -> Sequence[DivisionRisk]:
        """Return the risk of every number at a moment; see the port."""
        found = map(_parse_change, await self._reader.rows(_LAST_CHANGES, (encode_moment(at), digits_max)))
        return tuple(change for change in found if change.risk is not OriginRisk.UNKNOWN)

    async def risk_of(self, number: str, at: datetime) -> DivisionRisk | None:
        """Return the risk of one number at a moment; see the port."""
        row = await self._reader.row(_LAST_CHANGE, (number, encode_moment(at)))
        found = None if row is None else _parse_change(row)
        return None if found is None or found.risk is OriginRisk.UNKNOWN else found

    async def areas_in(self, division: str, at: datetime, limit: int) -> Sequence[AreaRisk]:
        """Return the areas on or inside a number; see the port."""
        return await self._areas(_AREAS_IN, division, at, limit)

    async def areas_named(self, name: str, at: datetime, limit: int) -> Sequence[AreaRisk]:
        """Return the areas that are called so; see the port."""
        return await self._areas(_AREAS_NAMED, name, at, limit)

    async def _areas(self, query: str, head: str, at: datetime, limit: int) -> Sequence[AreaRisk]:
        values = (encode_moment(at), head, head + _AFTER_EVERY_SIGN, limit)
        return tuple(map(_parse_area, await self._reader.rows(query, values)))


def _save(
    connection: RecordConnection, *, kept: KeptList, state: RiskState, diff: StateDiff, before: bytes | None
) -> None:
    connection.take_turn("risk")
    held = connection.execute(_NEWEST).fetchone()
    if held is not None and _parse_list(held).digest == kept.digest:
        return
    if (None if held is None else held[0]) != before:
        raise Refused(ProblemId.CONFLICT, "another risk list was imported at the same time")
    if held is not None and parse_moment(held[1]) > kept.as_of:
        raise Refused(ProblemId.RISK_LIST_REFUSED, f"as of {kept.as_of:%Y-%m-%d %H:%M}Z, older than the one in force")
    as_of_us, source = encode_moment(kept.as_of), kept.source.value
    connection.execute("SAVEPOINT risk_list")
    connection.execute(_KEEP_LIST, (kept.digest, as_of_us, source, encode_moment(kept.imported_at), kept.imported_by))
    changed = {_names(change.name) for change in diff.areas if change.before is not None}
    lasting = connection.execute(_LASTING_IDS).fetchall()
    for row in lasting:
        if row[1:] in changed:
            connection.execute(_END_AREA, (as_of_us, row[0]))
    connection.insert(_KEEP_AREAS, _new_areas(state, diff, as_of_us))
    changes = [(change.number, as_of_us, change.after.value, source) for change in diff.risks]
    connection.insert(_KEEP_CHANGES, changes)
    connection.execute(_FORGET_UNCHANGED, (as_of_us,))
    connection.execute("RELEASE risk_list")


def _new_areas(state: RiskState, diff: StateDiff, as_of_us: int) -> list[Values]:
    rows: list[Values] = []
    for change in diff.areas:
        area = state.areas.get(change.name)
        if area is not None:
            where = (*_names(change.name), area.division, area.placement.value)
            rows += [(*where, level.value, state.source.value, as_of_us, -1) for level in area.levels]
    return rows


def _names(name: AreaName) -> tuple[str, str, str, str]:
    return name.province, name.city, name.county, name.community


def _parse_list(row: Row) -> KeptList:
    digest, as_of_us, source, imported_at_us, imported_by = row
    return KeptList(digest, parse_moment(as_of_us), RiskSource(source), parse_moment(imported_at_us), imported_by)


def _parse_area(row: Row) -> AreaRisk:
    *names, division, placement, level, source, since_us, until_us = row
    return AreaRisk(
        AreaName(*names),
        division,
        Placement(placement),
        AreaLevel(level),
        parse_moment(since_us),
        None if until_us < 0 else parse_moment(until_us),
        RiskSource(source),
    )


def _parse_change(row: Row) -> DivisionRisk:
    number, since_us, risk, source = row
    return DivisionRisk(number, OriginRisk(risk), parse_moment(since_us), RiskSource(source))
