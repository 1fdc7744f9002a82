"""The hub's desk for risk areas: imports a list with its history, and answers what was in force at any moment.

Before the first list in the history the bundle in force answers, for moments since its own list: a federation
begins with a bundle. Nothing here is of any person.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.reports import OriginRisk
from tongxing.risk.divisions import CITY_DIGITS, COUNTY_DIGITS, PROVINCE_DIGITS, Gazetteer
from tongxing.risk.history import RiskSource, RiskState, StateDiff, diff_states
from tongxing.risk.risk_map import RiskMap
from tongxing.services.ports import Clock
from tongxing.services.published import Published
from tongxing.services.publishing import PublishingDesk
from tongxing.services.risk_import import ImportedList, publish_risk_list
from tongxing.services.risk_ports import AREAS_TOLD_MAX, AreaRisk, DivisionRisk, KeptList, RiskHistoryStore
from tongxing.trust.bundle import AcceptedBundle

NAME_MIN_CHARACTERS = 2
"""One sign would name half of the country."""


@dataclass(frozen=True, slots=True)
class PlaceAnswer:
    """What was known of a place at a moment: divisions of that number or name, and areas in it or called so.

    ``in_force`` is the list of that moment, None where there was none. ``has_more`` if areas were left out.
    """

    in_force: KeptList | None
    divisions: Sequence[DivisionRisk]
    areas: Sequence[AreaRisk]
    has_more: bool


@dataclass(frozen=True, slots=True)
class MapAnswer:
    """The risk of every province, city and county without a city, in order of number, and the list in force."""

    in_force: KeptList | None
    divisions: Sequence[DivisionRisk]


class RiskDesk:
    """Imports lists and answers for the past."""

    def __init__(
        self,
        *,
        history: RiskHistoryStore,
        publishing: PublishingDesk,
        published: Published,
        gazetteer: Gazetteer,
        clock: Clock,
    ) -> None:
        self._history = history
        self._publishing = publishing
        self._published = published
        self._clock = clock
        self.gazetteer = gazetteer
        self._without_city = tuple(filter(gazetteer.is_without_city, gazetteer.numbers()))

    async def put_in_force(self, imported: ImportedList, by: str) -> tuple[AcceptedBundle, StateDiff]:
        """Publish a list and keep it; return its bundle and what it changes against the one before.

        Raises ``Refused(RISK_LIST_REFUSED)`` if it is older than the one in force, ``Refused(CONFLICT)`` if another
        was imported at the same time; what is in force then stays.
        """
        newest = await self._history.newest() or await self._keep_first(imported)
        diff = await asyncio.to_thread(diff_states, None if newest is None else newest[1], imported.state)
        bundle = await publish_risk_list(imported, self._publishing)
        kept = KeptList(imported.digest, imported.state.as_of, imported.state.source, self._clock.now(), by)
        await self._history.save(kept, imported.state, diff, None if newest is None else newest[0].digest)
        return bundle, diff

    async def _keep_first(self, imported: ImportedList) -> tuple[KeptList, RiskState] | None:
        """Keep the list of the federation's first bundle before the first import; of it the divisions are known."""
        risk, bundle = self._published.risk, self._published.bundle
        if risk is None or bundle is None or risk.as_of is None or risk.as_of >= imported.state.as_of:
            return None
        state = RiskState(risk.as_of, RiskSource.OFFICIAL_LIST, {}, risk.known())
        kept = KeptList(bundle.digest, risk.as_of, state.source, bundle.issued_at, "")
        await self._history.save(kept, state, diff_states(None, state), None)
        return kept, state

    async def map_at(self, at: datetime | None) -> MapAnswer:
        """Return the risk of every province, city and county without a city at a moment; now without one."""
        moment = at or self._clock.now()
        kept = await self._history.list_at(moment)
        if kept is None:
            risk = self._first(moment)
            numbers = [number for number in self.gazetteer.numbers() if len(number) <= CITY_DIGITS]
            return MapAnswer(None, _as_divisions(risk, sorted([*numbers, *self._without_city])))
        counties = await self._risks_of(self._without_city, moment, kept)
        return MapAnswer(kept, sorted([*await self._history.risks_at(moment, CITY_DIGITS), *counties], key=_number))

    async def find_place(self, place: str, at: datetime | None) -> PlaceAnswer:
        """Return what was known at a moment of a division's number, or of a division, street or community by name.

        Raises ``Refused(NOT_FOUND)`` for a number that no division has, ``Refused(BAD_REQUEST)`` for too short a name.
        """
        moment = at or self._clock.now()
        kept = await self._history.list_at(moment)
        if place.isascii() and place.isdecimal():
            return await self._find_number(place, moment, kept)
        if len(place) < NAME_MIN_CHARACTERS:
            raise Refused(ProblemId.BAD_REQUEST, f"a name has at least {NAME_MIN_CHARACTERS} characters")
        numbers = self.gazetteer.find_all_named(place)
        divisions = await self._risks_of(numbers, moment, kept)
        areas = await self._history.areas_named(place, moment, AREAS_TOLD_MAX + 1)
        if not areas and len(numbers) == 1:  # told with the names of what it lies in
            areas = await self._history.areas_in(numbers[0], moment, AREAS_TOLD_MAX + 1)
        return PlaceAnswer(kept, divisions, areas[:AREAS_TOLD_MAX], len(areas) > AREAS_TOLD_MAX)

    async def _find_number(self, place: str, moment: datetime, kept: KeptList | None) -> PlaceAnswer:
        number = place
        while number not in self.gazetteer and number.endswith("00") and len(number) > PROVINCE_DIGITS:
            number = number[:-2]
        if len(place) > COUNTY_DIGITS or number not in self.gazetteer:
            raise Refused(ProblemId.NOT_FOUND, f"no division has the number {place[:COUNTY_DIGITS]}")
        areas = await self._history.areas_in(number, moment, AREAS_TOLD_MAX + 1)
        divisions = await self._risks_of([number], moment, kept)
        return PlaceAnswer(kept, divisions, areas[:AREAS_TOLD_MAX], len(areas) > AREAS_TOLD_MAX)

    async def _risks_of(
        self, numbers: Sequence[str], moment: datetime, kept: KeptList | None
    ) -> Sequence[DivisionRisk]:
        if kept is None:
            return _as_divisions(self._first(moment), numbers)
        found = [await self._history.risk_of(number, moment) for number in numbers]
        return tuple(risk for risk in found if risk is not None)

    def _first(self, moment: datetime) -> RiskMap:
        """Return the map of the bundle in force, as far as it speaks of a moment before any list in the history."""
        risk = self._published.risk
        is_known = risk is not None and risk.as_of is not None and risk.as_of <= moment
        return risk if is_known and risk is not None else RiskMap.empty()


def _number(risk: DivisionRisk) -> str:
    return risk.number


def _as_divisions(risk: RiskMap, numbers: Sequence[str]) -> Sequence[DivisionRisk]:
    if risk.as_of is None:
        return ()
    found = [(number, risk.risk_of_division(number)) for number in numbers]
    return tuple(
        DivisionRisk(number, level, risk.as_of, RiskSource.OFFICIAL_LIST)
        for number, level in found
        if level is not OriginRisk.UNKNOWN
    )
