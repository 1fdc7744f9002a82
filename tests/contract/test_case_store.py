"""What every ``CaseStore`` promises."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.contract.conftest import Place
from tests.contract.implementations import Stores
from tests.contract.samples import AT, subject
from tongxing.core.cases import (
    Case,
    CaseClaim,
    CaseDecision,
    CaseKind,
    CaseOpener,
    CaseStep,
    DecisionGround,
    StepKind,
)
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.words import RegionId
from tongxing.services.case_ports import HeldCase

pytestmark = pytest.mark.anyio

HERE, THERE = RegionId("45"), RegionId("42")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
KEPT_UNTIL = AT + 30 * DAY
KEY = b"k" * 32


def case(number: int = 1, decider: RegionId = THERE, at: datetime = AT) -> Case:
    return Case(
        number=f"45-20200320-{number:08d}",
        kind=CaseKind.OBJECTION,
        claim=CaseClaim.NEVER_THERE,
        opened_by=CaseOpener.CITIZEN,
        subject=subject(number),
        opener=HERE,
        decider=decider,
        decide_by=at + DAY,
        limit_at=at + 2 * DAY,
        steps=(CaseStep(StepKind.OPENED, at, HERE),),
    )


def decided(at: datetime = AT + HOUR, decision: CaseDecision = CaseDecision.CORRECTED) -> CaseStep:
    return CaseStep(StepKind.DECIDED, at, THERE, decision, DecisionGround.DATA_WAS_WRONG)


def held(made: Case) -> HeldCase:
    return HeldCase(made, b"sealed")


async def test_what_is_open_under_one_key_is_opened_once(stores: Stores) -> None:
    made = await asyncio.gather(*(stores.cases.open_case(held(case(number)), KEY) for number in range(1, 6)))
    assert len({each.number for each in made}) == 1
    other = await stores.cases.open_case(held(case(9)), b"o" * 32)
    assert other == case(9)


async def test_what_was_closed_can_be_opened_again(stores: Stores) -> None:
    await stores.cases.open_case(held(case(1)), KEY)
    await stores.cases.add_steps(case(1).number, [decided()], KEPT_UNTIL)
    assert (await stores.cases.open_case(held(case(2)), KEY)).number == case(2).number


async def test_a_closed_case_names_nobody_and_its_first_decision_stands(stores: Stores) -> None:
    await stores.cases.open_case(held(case()), KEY)
    assert (await find(stores, case().number)).sealed == b"sealed"
    await stores.cases.add_steps(case().number, [CaseStep(StepKind.TAKEN_UP, AT, THERE)], KEPT_UNTIL)
    assert (await find(stores, case().number)).sealed == b"sealed"
    await stores.cases.add_steps(case().number, [decided()], KEPT_UNTIL)
    kept = await stores.cases.add_steps(case().number, [decided(AT, CaseDecision.UPHELD)], KEPT_UNTIL)
    assert [step.kind for step in kept.steps] == [StepKind.OPENED, StepKind.TAKEN_UP, StepKind.DECIDED]
    assert kept.step(StepKind.DECIDED) == decided()
    assert (await find(stores, case().number)).sealed is None


async def find(stores: Stores, number: str) -> HeldCase:
    found = await stores.cases.find_case(number)
    assert found is not None
    return found


async def test_a_forwarded_case_sent_twice_counts_once_and_brings_its_new_steps(stores: Stores) -> None:
    assert await stores.cases.take_in(held(case())) == case()
    escalated = CaseStep(StepKind.ESCALATED, AT + 2 * DAY, HERE)
    again = await stores.cases.take_in(held(replace(case(), steps=(*case().steps, escalated))))
    assert again.step(StepKind.ESCALATED) == escalated
    assert await stores.cases.cases_of((subject(1),)) == (again,)


async def test_another_case_never_takes_the_place_of_one_with_its_number(stores: Stores) -> None:
    await stores.cases.take_in(held(case()))
    foreign = replace(case(), subject=subject(7), steps=(*case().steps, decided()))
    with pytest.raises(Refused) as refused:
        await stores.cases.take_in(held(foreign))
    assert refused.value.problem is ProblemId.CONFLICT
    assert await stores.cases.cases_of((subject(1),)) == (case(),)
    assert await stores.cases.cases_of((subject(7),)) == ()


async def test_open_cases_come_by_when_they_are_due_and_by_who_decides(stores: Stores) -> None:
    await stores.cases.take_in(held(case(1, at=AT + HOUR)))
    await stores.cases.take_in(held(case(2)))
    await stores.cases.take_in(held(case(3, decider=RegionId("33"))))
    await stores.cases.add_steps(case(2).number, [CaseStep(StepKind.RECEIVED, AT, THERE)], KEPT_UNTIL)

    async def numbers(decider: RegionId | None, *, is_closed: bool = False, limit: int = 9) -> list[str]:
        return [each.number[-1] for each in await stores.cases.cases_for(decider, is_closed=is_closed, limit=limit)]

    assert await numbers(THERE) == ["2", "1"]
    assert await numbers(THERE, limit=1) == ["2"]
    assert set(await numbers(None)) == {"1", "2", "3"}
    await stores.cases.add_steps(case(2).number, [decided()], KEPT_UNTIL)
    assert (await numbers(THERE), await numbers(THERE, is_closed=True)) == (["1"], ["2"])


async def test_a_case_is_told_until_all_is_told_and_the_longest_waiting_goes_first(stores: Stores) -> None:
    for number in (1, 2):
        await stores.cases.open_case(held(case(number)), bytes([number]) * 32)
    await stores.cases.mark_told(case(1).number, AT, is_all=False)
    assert [each.case.number for each in await stores.cases.cases_to_tell(HERE, 9)] == [case(2).number, case(1).number]
    assert await stores.cases.cases_to_tell(THERE, 9) == ()
    await stores.cases.mark_told(case(2).number, AT, is_all=True)
    assert [each.case.number for each in await stores.cases.cases_to_tell(HERE, 9)] == [case(1).number]


async def test_cases_are_counted_by_the_region_that_decides(stores: Stores) -> None:
    for number, decider in ((1, THERE), (2, THERE), (3, THERE), (4, RegionId("33"))):
        await stores.cases.take_in(held(case(number, decider)))
    await stores.cases.add_steps(case(1).number, [decided(AT + DAY + HOUR)], KEPT_UNTIL)
    await stores.cases.add_steps(case(2).number, [CaseStep(StepKind.WITHDRAWN, AT, HERE)], KEPT_UNTIL)
    first, second = await stores.cases.count_cases(AT + 2 * DAY)
    assert (first.decider, first.opened, first.open, first.overdue, first.late, first.withdrawn) == (
        "33",
        1,
        1,
        1,
        0,
        0,
    )
    assert (second.opened, second.open, second.late, second.withdrawn) == (3, 1, 1, 1)
    assert second.decided == {CaseDecision.CORRECTED: 1, CaseDecision.UPHELD: 0, CaseDecision.REJECTED: 0}
    assert (await stores.cases.count_cases(AT))[1].overdue == 0


async def test_cases_outlive_the_process_and_an_open_one_is_never_forgotten(place: Place) -> None:
    stores = await place.open()
    await stores.cases.open_case(held(case(1)), KEY)
    await stores.cases.take_in(held(case(2)))
    await stores.cases.add_steps(case(1).number, [decided()], KEPT_UNTIL)
    await stores.aclose()
    again = await place.open()
    assert await again.cases.forget_ended(KEPT_UNTIL - HOUR) == 0
    assert await again.cases.forget_ended(KEPT_UNTIL + 10_000 * DAY) == 1
    assert await again.cases.find_case(case(1).number) is None
    assert (await again.cases.cases_of((subject(2),))) == (case(2),)


async def test_steps_of_a_case_that_nobody_has_are_refused(stores: Stores) -> None:
    with pytest.raises(Refused) as refused:
        await stores.cases.add_steps(case().number, [decided()], KEPT_UNTIL)
    assert refused.value.problem is ProblemId.NOT_FOUND
