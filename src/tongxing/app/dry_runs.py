"""Dry runs at the hub, for everybody who wants to see what the rules of a day cost people.

A run takes a second or two of a processor: one at a time in a thread, few may wait, and the last ones are kept.
The risk of the day's places is the table of levels that ships for it, else what the history of risk lists holds.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from tongxing.app.packaged import load_case_levels
from tongxing.core.calendar import beijing_day
from tongxing.core.errors import Refused, Undecidable
from tongxing.core.problems import ProblemId
from tongxing.recognition.dry_run import DryRun, exceptions_in_force, join_hosts, list_cities, run_hosts
from tongxing.risk.divisions import Gazetteer
from tongxing.risk.level_table import end_of_day, map_case_levels
from tongxing.risk.risk_map import RiskMap
from tongxing.rules.book import RuleBook
from tongxing.rules.rows import RegisteredException
from tongxing.services.ports import Clock
from tongxing.services.published import Published
from tongxing.services.risk_desk import RiskDesk

RUNS_KEPT: Final = 16
WAITING_MAX: Final = 4


@dataclass(frozen=True, slots=True)
class ToldRun:
    """A run of the rules in force, the same without one exception if asked for, and all exceptions in force."""

    run: DryRun
    changed: DryRun | None
    exceptions: Mapping[str, RegisteredException]


class DryRuns:
    """Runs the rules of the bundle in force over every pair of cities."""

    def __init__(self, published: Published, risk: RiskDesk, clock: Clock) -> None:
        self._published = published
        self._risk = risk
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()
        self._waiting = 0
        self._kept: OrderedDict[tuple[int, date, str], DryRun] = OrderedDict()

    async def tell(self, on: date, without: str = "") -> ToldRun:
        """Return what the rules of a Beijing day cost, with and without the exception of a public name.

        Raises ``Refused``: ``NOT_FOUND`` for a day of which no levels or no rules are known, and for an exception
        that is not in force on it; ``OVERLOADED`` where too many wait.
        """
        book = self._published.rules
        exceptions = exceptions_in_force(book, on)
        if without and without not in exceptions:
            raise Refused(ProblemId.NOT_FOUND, f"no exception {without[:80]!r} is in force on {on.isoformat()}")
        if self._waiting >= WAITING_MAX:
            raise Refused(ProblemId.OVERLOADED, "too many dry runs at once")
        self._waiting += 1
        try:
            async with self._one_at_a_time:
                run = await self._run(book, on, "")
                changed = await self._run(book, on, without) if without else None
        finally:
            self._waiting -= 1
        return ToldRun(run, changed, exceptions)

    async def _run(self, book: RuleBook, on: date, without: str) -> DryRun:
        bundle = self._published.bundle
        key = (0 if bundle is None else bundle.number, on, without)
        run = self._kept.get(key)
        if run is None:
            risk = await self._find_risk(on)
            try:
                run = await asyncio.to_thread(_run_all, book, risk, self._risk.gazetteer, on, without)
            except Undecidable as why:
                raise Refused(ProblemId.NOT_FOUND, f"no rules decided on {on.isoformat()}: {why.reason}") from why
            self._kept[key] = run
            if len(self._kept) > RUNS_KEPT:
                self._kept.popitem(last=False)
        return run

    async def _find_risk(self, on: date) -> RiskMap:
        levels = await asyncio.to_thread(load_case_levels, on)
        if levels is not None:
            return map_case_levels(levels, self._risk.gazetteer)
        now = self._clock.now()
        if on <= beijing_day(now):
            told = await self._risk.map_at(min(end_of_day(on), now))
            if told.divisions:
                as_of = max(one.since for one in told.divisions) if told.in_force is None else told.in_force.as_of
                return RiskMap(as_of, {one.number: one.risk for one in told.divisions})
        raise Refused(ProblemId.NOT_FOUND, f"the risk levels of {on.isoformat()} are not known")


def _run_all(book: RuleBook, risk: RiskMap, gazetteer: Gazetteer, on: date, without: str) -> DryRun:
    cities = list_cities(gazetteer, on.year)
    hosts = run_hosts(book, risk, cities, on, without=frozenset({without} if without else ()))
    return join_hosts(hosts, risk, cities, on)
