"""The calls about statistics: gateways tell numbers, operators of the hub read tables, small cells withheld."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from tongxing.api.calls import Call, NoQuery, Reply
from tongxing.api.statistics_messages import (
    ColumnAnswer,
    CountedDayAnswer,
    CountRowAnswer,
    CountTableAnswer,
    DayTotalsAnswer,
    PassageCountsMessage,
    StatisticsAnswer,
    StatisticsQuery,
)
from tongxing.app.nodes import Hub
from tongxing.core.causes import CAUSES, Cause
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.reasons import DECIDED_BY_ROW, REASONS, ReasonId
from tongxing.core.small_cells import SMALL_CELL
from tongxing.core.statistics import REPORT_STATES, UNKNOWN_ORIGIN, CountKind
from tongxing.core.verdicts import OUTCOME_WORDS, Outcome
from tongxing.core.words import FEDERATION, FEDERATION_NAME, RegionId, Sentence
from tongxing.recognition.view_words import words_of
from tongxing.services.statistics import NamedTable

CSV: Final = "text/csv; charset=utf-8"
WITHHELD: Final = Sentence(
    f"少于{SMALL_CELL}的数，以及能推算出它的数，不公布",
    f"numbers below {SMALL_CELL}, and what would tell one, are withheld",
)
SERIES_STATES: Final = ("low", "medium", "high")
_NOT_KNOWN: Final = Sentence("不明", "not known")
_TITLES: Final[Mapping[CountKind, Sentence]] = {
    CountKind.LEVELS: Sentence("各地区人员状态", "People by region and level"),
    CountKind.CAUSES: Sentence("各地区赋码原因", "People by region and cause"),
    CountKind.ORIGINS: Sentence("跨地区流动（行：查验地；列：赋码地）", "Flows: checked where (rows), whose code"),
    CountKind.REASONS: Sentence("各地区查验结果及原因", "Passages by region, outcome and reason"),
}
_FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r")


async def take_in_passage_counts(node: Hub, call: Call[PassageCountsMessage, NoQuery]) -> None:
    """Keep the calling region's counts of one day in place of what it told before."""
    told = call.body
    await node.statistics.take_in(call.known_caller.region, told.day, told.origins, told.reasons)


async def tell_statistics(node: Hub, call: Call[None, StatisticsQuery]) -> StatisticsAnswer:
    """Tell an operator the counts of a day by region, level, cause, origin and reason."""
    days = await node.statistics.days()
    day = call.query.day or (days[0].day if days else None)
    return StatisticsAnswer(
        day,
        [CountedDayAnswer(counted.day, counted.counted_at) for counted in days],
        SMALL_CELL,
        words_of(WITHHELD),
        [] if day is None else list((await _tables(node, day)).values()),
        [] if day is None else [_series(counted, table) for counted, table in await node.statistics.series(day)],
    )


async def tell_statistics_table(node: Hub, call: Call[None, StatisticsQuery]) -> Reply:
    """Tell one table of a day as CSV: the same numbers, an empty field where one is withheld.

    Raises ``Refused(NOT_FOUND)`` for what is no table, or a day that was not counted.
    """
    days = [counted.day for counted in await node.statistics.days()]
    day = call.query.day or (days[0] if days else None)
    name = call.path["table"].removesuffix(".csv")
    if day is None or day not in days or name not in tuple(CountKind):
        raise Refused(ProblemId.NOT_FOUND, "no such table, or the day was not counted")
    table = (await _tables(node, day))[CountKind(name)]
    file = (b"content-disposition", f'attachment; filename="{name}-{day}.csv"'.encode())
    return Reply(encode_csv(table, day).encode("utf-8-sig"), CSV, headers=(file,))


def _series(day: date, table: NamedTable) -> DayTotalsAnswer:
    totals = dict(zip(table.keys, table.told.totals, strict=True))
    return DayTotalsAnswer(day, [totals[state] for state in SERIES_STATES], table.told.total)


def encode_csv(table: CountTableAnswer, day: date) -> str:
    """Return a table as RFC 4180 writes it; a text that a spreadsheet would reckon with is led by an apostrophe."""
    text = io.StringIO()
    writer = csv.writer(text)
    totals = ["total"] if table.has_totals else []
    writer.writerow([str(day), "", *map(_cell, (f"{each.key} {each.name.zh}" for each in table.columns)), *totals])
    lines = [(row.key, row.name.zh, row.numbers, row.total) for row in table.rows]
    if table.has_totals:
        lines.append(("total", "", table.totals, table.total))
    for key, name, numbers, total in lines:
        told: Sequence[int | None] = [*numbers, *([total] if table.has_totals else [])]
        writer.writerow([_cell(key), _cell(name), *("" if number is None else number for number in told)])
    return text.getvalue()


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA_SIGNS) else text


async def _tables(node: Hub, day: date) -> dict[CountKind, CountTableAnswer]:
    return {kind: _table(node, table) for kind, table in (await node.statistics.tables_of(day)).items()}


def _table(node: Hub, table: NamedTable) -> CountTableAnswer:
    columns = [ColumnAnswer(key, words_of(_name_of_key(node, table.kind, key))) for key in table.keys]
    told = table.told
    rows = [
        CountRowAnswer(region, words_of(_name_of(node, region)), list(numbers), total)
        for region, numbers, total in zip(table.regions, told.cells, told.row_totals, strict=True)
    ]
    title = words_of(_TITLES[table.kind])
    return CountTableAnswer(table.kind, title, columns, rows, table.has_totals, list(told.totals), told.total)


def _name_of_key(node: Hub, kind: CountKind, key: str) -> Sentence:
    """Return a key in words; a key of another version's is told as it is."""
    match kind:
        case CountKind.LEVELS:
            return REPORT_STATES.get(key, Sentence(key, key))
        case CountKind.CAUSES:
            return CAUSES[Cause(key)].name if key in tuple(Cause) else Sentence(key, key)
        case CountKind.ORIGINS:
            return _NOT_KNOWN if key == UNKNOWN_ORIGIN else _name_of(node, RegionId(key))
        case CountKind.REASONS:
            return _name_of_reason(*key.split(".", 1))


def _name_of_reason(outcome: str, reason: str) -> Sentence:
    said = OUTCOME_WORDS[Outcome(outcome)] if outcome in tuple(Outcome) else Sentence(outcome, outcome)
    if reason == DECIDED_BY_ROW or reason not in tuple(ReasonId):
        return said
    why = REASONS[ReasonId(reason)].guard
    return Sentence(f"{said.zh}：{why.zh}", f"{said.en}: {why.en}")


def _name_of(node: Hub, region: RegionId) -> Sentence:
    if region == FEDERATION:
        return FEDERATION_NAME
    record = node.published.directory.record(region)
    return Sentence(region, region) if record is None else record.name
