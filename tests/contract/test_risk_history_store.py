"""What every ``RiskHistoryStore`` promises: each past moment as it was, since when, and who said so."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contract.conftest import Place
from tests.contract.implementations import Stores, open_sqlite
from tests.contract.samples import AT
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.reports import OriginRisk
from tongxing.risk.history import Area, AreaName, RiskSource, RiskState, diff_states
from tongxing.risk.official_list import AreaLevel
from tongxing.risk.placing import Placement
from tongxing.services.risk_ports import KeptList

pytestmark = pytest.mark.anyio

LOW, MEDIUM, HIGH, MIXED, UNKNOWN = OriginRisk
HOUR = timedelta(hours=1)
STREET = AreaName("北京市", "朝阳区", "酒仙桥街道", "二街坊")
WHOLE = AreaName("湖北省", "武汉市", "青山区", "")


def state(
    hour: int,
    risks: Mapping[str, OriginRisk],
    areas: Mapping[AreaName, AreaLevel] | None = None,
    source: RiskSource = RiskSource.OFFICIAL_LIST,
) -> RiskState:
    placed = {name: Area("110105", Placement.EXACT, (level,)) for name, level in (areas or {}).items()}
    return RiskState(AT + hour * HOUR, source, placed, risks)


def kept(said: RiskState, digest: bytes) -> KeptList:
    return KeptList(digest, said.as_of, said.source, said.as_of + 2 * HOUR, "k1")


async def save(stores: Stores, said: RiskState, digest: bytes) -> None:
    newest = await stores.risk_history.newest()
    diff = diff_states(None if newest is None else newest[1], said)
    await stores.risk_history.save(kept(said, digest), said, diff, None if newest is None else newest[0].digest)


async def risk_of(stores: Stores, number: str, at: datetime) -> OriginRisk | None:
    found = await stores.risk_history.risk_of(number, at)
    return None if found is None else found.risk


async def refusal(problem: ProblemId, doing: object) -> None:
    with pytest.raises(Refused) as refused:
        await doing  # type: ignore[misc]
    assert refused.value.problem is problem


async def test_a_list_comes_back_as_what_it_says_also_from_a_store_opened_again(place: Place) -> None:
    stores = await place.open()
    said = state(0, {"11": MIXED, "110105": MIXED, "4201": LOW}, {STREET: AreaLevel.HIGH, WHOLE: AreaLevel.MEDIUM})
    await save(stores, said, b"one")
    assert await stores.risk_history.newest() == (kept(said, b"one"), said)
    await stores.aclose()
    again = await place.open()
    assert await again.risk_history.newest() == (kept(said, b"one"), said)


async def test_an_empty_history_says_nothing(stores: Stores) -> None:
    history = stores.risk_history
    assert await history.newest() is None
    assert await history.list_at(AT) is None
    assert await history.risk_of("11", AT) is None
    assert await history.risks_at(AT, 6) == ()
    assert await history.areas_in("11", AT, 9) == ()


async def test_a_division_has_at_each_moment_the_risk_of_the_list_in_force_and_since_when(stores: Stores) -> None:
    for hour, risk in ((0, LOW), (1, LOW), (2, HIGH), (3, HIGH), (4, LOW)):
        await save(stores, state(hour, {"4201": risk}), b"%d" % hour)
    expected = ((-1, None, None), (0, LOW, 0), (1, LOW, 0), (2, HIGH, 2), (3, HIGH, 2), (4, LOW, 4), (99, LOW, 4))
    for later, held, since in expected:
        found = await stores.risk_history.risk_of("4201", AT + later * HOUR)
        told = None if found is None else (found.risk, (found.since - AT) // HOUR)
        assert told == (None if held is None else (held, since))
    in_force = await stores.risk_history.list_at(AT + 3 * HOUR)
    assert in_force is not None
    assert in_force.digest == b"3"


async def test_a_division_that_a_list_knows_no_more_is_unknown_from_then_on(stores: Stores) -> None:
    await save(stores, state(0, {"4201": LOW, "4202": LOW}), b"one")
    await save(stores, state(1, {"4202": LOW}), b"two")
    assert await risk_of(stores, "4201", AT) is LOW
    assert await risk_of(stores, "4201", AT + HOUR) is None
    assert [one.number for one in await stores.risk_history.risks_at(AT + HOUR, 6)] == ["4202"]


async def test_who_said_a_level_is_who_said_it_first(stores: Stores) -> None:
    await save(stores, state(0, {"4201": HIGH, "4202": LOW}, source=RiskSource.CASE_COUNTS), b"one")
    await save(stores, state(1, {"4201": HIGH, "4202": HIGH}), b"two")
    found = await stores.risk_history.risks_at(AT + HOUR, 6)
    assert [(one.number, one.source) for one in found] == [
        ("4201", RiskSource.CASE_COUNTS),
        ("4202", RiskSource.OFFICIAL_LIST),
    ]


async def test_an_area_is_in_force_from_its_first_list_until_the_one_that_drops_it(stores: Stores) -> None:
    await save(stores, state(0, {}, {STREET: AreaLevel.HIGH}), b"one")
    await save(stores, state(1, {}, {STREET: AreaLevel.HIGH, WHOLE: AreaLevel.LOW}), b"two")
    await save(stores, state(2, {}, {STREET: AreaLevel.MEDIUM}), b"three")
    expected: tuple[tuple[int, list[tuple[str, int, int | None]]], ...] = (
        (-1, []),
        (0, [("high", 0, 2)]),
        (1, [("high", 0, 2)]),
        (2, [("medium", 2, None)]),
    )
    for hour, spans in expected:
        found = await stores.risk_history.areas_named("酒仙桥", AT + hour * HOUR, 9)
        assert [(one.level, (one.since - AT) // HOUR, one.until and (one.until - AT) // HOUR) for one in found] == spans


async def test_an_area_is_found_by_the_head_of_its_city_county_or_community_and_by_its_division(stores: Stores) -> None:
    await save(stores, state(0, {}, {STREET: AreaLevel.HIGH}), b"one")
    history = stores.risk_history
    for name in ("朝阳区", "酒仙桥街道", "酒仙", "二街坊"):
        assert [one.name for one in await history.areas_named(name, AT, 9)] == [STREET]
    for name in ("北京市", "仙桥", "三街坊", "%", ""):
        assert [one.name for one in await history.areas_named(name, AT, 9)] == ([STREET] if name == "" else [])
    for number in ("110105", "1101", "11"):
        assert [one.name for one in await history.areas_in(number, AT, 9)] == [STREET]
    assert await history.areas_in("110106", AT, 9) == ()


async def test_no_more_areas_are_told_than_asked_for(stores: Stores) -> None:
    many = {AreaName("北京市", "朝阳区", "酒仙桥街道", f"{n}号"): AreaLevel.HIGH for n in range(9)}
    await save(stores, state(0, {}, many), b"one")
    assert len(await stores.risk_history.areas_named("酒仙桥街道", AT, 4)) == 4


async def test_the_newest_list_again_counts_once(stores: Stores) -> None:
    said = state(0, {"4201": HIGH}, {STREET: AreaLevel.HIGH})
    await save(stores, said, b"one")
    await save(stores, said, b"one")
    assert len(await stores.risk_history.areas_named("酒仙桥街道", AT, 9)) == 1


async def test_a_correction_of_the_same_hour_replaces_what_was_said_and_leaves_no_trace_of_a_level(
    stores: Stores,
) -> None:
    await save(stores, state(0, {"4201": LOW}), b"one")
    await save(stores, state(1, {"4201": HIGH}, {STREET: AreaLevel.HIGH}), b"two")
    await save(stores, state(1, {"4201": LOW}), b"three")
    found = await stores.risk_history.risk_of("4201", AT + HOUR)
    assert found is not None
    assert (found.risk, found.since) == (LOW, AT)
    assert await stores.risk_history.areas_named("酒仙桥街道", AT + HOUR, 9) == ()


async def test_an_older_list_is_refused_and_changes_nothing(stores: Stores) -> None:
    await save(stores, state(1, {"4201": LOW}), b"one")
    older = state(0, {"4201": HIGH})
    diff = diff_states(state(1, {"4201": LOW}), older)
    await refusal(ProblemId.RISK_LIST_REFUSED, stores.risk_history.save(kept(older, b"two"), older, diff, b"one"))
    assert await risk_of(stores, "4201", AT + 9 * HOUR) is LOW


async def test_of_two_lists_imported_at_once_one_is_kept_and_the_other_refused(stores: Stores) -> None:
    said = [state(hour, {"4201": risk}) for hour, risk in ((0, LOW), (1, HIGH))]
    results = await asyncio.gather(
        *(
            stores.risk_history.save(kept(one, b"%d" % number), one, diff_states(None, one), None)
            for number, one in enumerate(said)
        ),
        return_exceptions=True,
    )
    refused = [result for result in results if isinstance(result, Refused)]
    assert [one.problem for one in refused] == [ProblemId.CONFLICT]


RISKS = st.dictionaries(st.sampled_from(["11", "1101", "42", "4201", "420102"]), st.sampled_from([LOW, HIGH, MIXED]))


@given(st.lists(st.tuples(RISKS, st.sets(st.sampled_from([STREET, WHOLE]))), min_size=1, max_size=6))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_was_imported_every_past_moment_is_as_its_list_said(
    tmp_path_factory: pytest.TempPathFactory, lists: list[tuple[dict[str, OriginRisk], set[AreaName]]]
) -> None:
    stores = await open_sqlite(tmp_path_factory.mktemp("history"))
    try:
        for hour, (risks, areas) in enumerate(lists):
            await save(stores, state(hour, risks, dict.fromkeys(areas, AreaLevel.HIGH)), b"%d" % hour)
        for hour, (risks, areas) in enumerate(lists):
            at = AT + hour * HOUR + HOUR / 2
            found = {one.number: one.risk for one in await stores.risk_history.risks_at(at, 6)}
            assert found == risks
            assert {one.name for one in await stores.risk_history.areas_in("11", at, 9)} == areas
    finally:
        await stores.aclose()
