"""Calls about risk areas: an operator's import of a list, and everybody's questions about any moment."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from tongxing.api.calls import Call, NoQuery
from tongxing.api.hub_calls import tell_published
from tongxing.api.messages import OddityAnswer
from tongxing.api.risk_messages import (
    AreaChangeAnswer,
    AreaRiskAnswer,
    DivisionRiskAnswer,
    RiskAtQuery,
    RiskChangeAnswer,
    RiskDiffAnswer,
    RiskLevelsAnswer,
    RiskListAnswer,
    RiskListInForce,
    RiskMapAnswer,
    RiskPlaceQuery,
)
from tongxing.app.nodes import Hub
from tongxing.risk.divisions import CORPS, CORPS_NAME, Gazetteer
from tongxing.risk.history import StateDiff
from tongxing.services.risk_import import ImportedList, import_level_table, import_risk_list
from tongxing.services.risk_ports import AreaRisk, DivisionRisk, KeptList

CHANGES_TOLD_MAX: Final = 100
_Read = Callable[..., ImportedList]


async def publish_risk_list(node: Hub, call: Call[bytes, NoQuery]) -> RiskListAnswer:
    """Import the platform's risk list as it answered it, and publish it; every entry is placed, none dropped."""
    return await _publish(node, call, import_risk_list)


async def publish_level_table(node: Hub, call: Call[bytes, NoQuery]) -> RiskListAnswer:
    """Import a table of levels computed from case counts (CSV), and publish it."""
    return await _publish(node, call, import_level_table)


async def tell_risk_map(node: Hub, call: Call[None, RiskAtQuery]) -> RiskMapAnswer:
    """Return the risk of every province and city at a moment: two digits, four, or six for a county without a city."""
    at = call.query.at or node.core.clock.now()
    answer = await node.risk.map_at(at)
    return RiskMapAnswer(at, _in_force(answer.in_force), _divisions(node, answer.divisions))


async def tell_risk_levels(node: Hub, call: Call[None, RiskPlaceQuery]) -> RiskLevelsAnswer:
    """Return the level of a division, street or named community at a moment, since when, and who says so."""
    at = call.query.at or node.core.clock.now()
    answer = await node.risk.find_place(call.query.place.strip(), at)
    return RiskLevelsAnswer(
        at,
        _in_force(answer.in_force),
        _divisions(node, answer.divisions),
        [_area(area) for area in answer.areas],
        answer.has_more,
    )


async def _publish(node: Hub, call: Call[bytes, NoQuery], read: _Read) -> RiskListAnswer:
    at = node.core.clock.now()
    gazetteer = node.risk.gazetteer
    imported = await asyncio.to_thread(read, call.body, gazetteer, at=at)
    accepted, diff = await node.risk.put_in_force(imported, call.known_caller.key_id)
    report = imported.report
    return RiskListAnswer(
        bundle=await tell_published(node, accepted),
        as_of=imported.state.as_of,
        source=imported.state.source,
        entries=report.entries,
        by_placement={str(kind): count for kind, count in report.by_placement.items()},
        by_level={str(level): count for level, count in report.by_level.items()},
        oddities=[OddityAnswer(odd.kind, odd.detail) for odd in report.oddities],
        diff=_diff(diff, gazetteer),
    )


def _diff(diff: StateDiff, gazetteer: Gazetteer) -> RiskDiffAnswer:
    return RiskDiffAnswer(
        areas_appeared=diff.appeared,
        areas_gone=diff.gone,
        areas_changed=diff.changed,
        divisions_changed=len(diff.risks),
        areas=[
            AreaChangeAnswer(str(change.name), change.before, change.after) for change in diff.areas[:CHANGES_TOLD_MAX]
        ],
        divisions=[
            RiskChangeAnswer(change.number, _name(gazetteer, change.number), change.before, change.after)
            for change in diff.risks[:CHANGES_TOLD_MAX]
        ],
    )


def _in_force(kept: KeptList | None) -> RiskListInForce | None:
    return None if kept is None else RiskListInForce(kept.source, kept.as_of, kept.imported_at)


def _divisions(node: Hub, risks: Sequence[DivisionRisk]) -> list[DivisionRiskAnswer]:
    return [
        DivisionRiskAnswer(risk.number, _name(node.risk.gazetteer, risk.number), risk.risk, risk.since, risk.source)
        for risk in risks
    ]


def _area(area: AreaRisk) -> AreaRiskAnswer:
    name = area.name
    return AreaRiskAnswer(
        province=name.province,
        city=name.city,
        county=name.county,
        community=name.community,
        division=area.division,
        placement=area.placement,
        level=area.level,
        since=area.since,
        until=area.until,
        source=area.source,
    )


def _name(gazetteer: Gazetteer, number: str) -> str:
    return CORPS_NAME if number == CORPS else gazetteer.name_of(number)
