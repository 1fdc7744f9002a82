"""The call that tells what the rules of a day cost people, to everybody."""

import asyncio
from collections import defaultdict
from datetime import date

from tongxing.api.calls import Call
from tongxing.api.dry_run_messages import (
    DryRunAnswer,
    DryRunQuery,
    ExceptionCount,
    NamedTally,
    PairTally,
    RunAnswer,
    TallyAnswer,
)
from tongxing.app.nodes import Hub
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.provinces import name_division
from tongxing.core.reports import OriginRisk
from tongxing.core.words import PlaceKind, RegionId, Sentence
from tongxing.recognition.dry_run import DryRun, Tally
from tongxing.recognition.heat_map import draw_svg
from tongxing.recognition.view_words import words_of
from tongxing.rules.inputs import PLACE_WORDS


async def tell_dry_run(node: Hub, call: Call[None, DryRunQuery]) -> DryRunAnswer:
    """Count, for each pair of cities and each kind of place, who passes on a day, with what asked, and who does not."""
    try:
        on = date.fromisoformat(call.path["on"])
    except ValueError as error:
        raise Refused(ProblemId.BAD_REQUEST, "not a day such as 2020-03-21") from error
    told = await node.dry_runs.tell(on, call.query.without)
    run, counts = told.run, told.run.exceptions
    return DryRunAnswer(
        on=on,
        risks_as_of=run.risks_as_of,
        cities=run.cities,
        cities_at_risk={risk: run.risks.get(risk, 0) for risk in OriginRisk},
        exceptions=[
            ExceptionCount(name, words_of(entry.why), counts.get(name, 0)) for name, entry in told.exceptions.items()
        ],
        in_force=await asyncio.to_thread(_describe, run, call.query),
        changed=None if told.changed is None else await asyncio.to_thread(_describe, told.changed, call.query),
    )


def _describe(run: DryRun, query: DryRunQuery) -> RunAnswer:
    cells = {cell: tally for cell, tally in run.cells.items() if query.place_kind in {None, cell.place_kind}}
    by_host, by_origin = defaultdict[RegionId, Tally](Tally), defaultdict[RegionId, Tally](Tally)
    by_pair = defaultdict[tuple[RegionId, RegionId], Tally](Tally)
    for cell, tally in cells.items():
        by_host[cell.host] += tally
        by_origin[cell.origin] += tally
        by_pair[cell.origin, cell.host] += tally
    return RunAnswer(
        total=_encode(run.total(place_kind=query.place_kind)),
        by_place_kind=[_named(kind, PLACE_WORDS[kind], run.total(place_kind=kind)) for kind in PlaceKind],
        by_host=[_named(region, name_division(region), by_host[region]) for region in run.regions],
        by_origin=[_named(region, name_division(region), by_origin[region]) for region in run.regions],
        pairs=[PairTally(origin, host, _encode(tally)) for (origin, host), tally in sorted(by_pair.items())],
        svg=draw_svg(run, query.lang, place_kind=query.place_kind),
    )


def _named(name: str, words: Sentence, tally: Tally) -> NamedTally:
    return NamedTally(name, words_of(words), _encode(tally))


def _encode(tally: Tally) -> TallyAnswer:
    return TallyAnswer(
        pairs=tally.total,
        nothing_asked=tally.nothing_asked,
        unread=tally.unread,
        measures=tally.measures,
        referred=tally.referred,
        stopped=tally.stopped,
    )
