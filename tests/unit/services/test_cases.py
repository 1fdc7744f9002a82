"""Cases between two regions and the hub: nothing is lost, the clock is seen, only the region that set it decides."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes.access_stores import CountedEntropy, HandSetClock
from tests.world import AT, FEDERATION_PAIR, GUANGXI, HUBEI, PAIRS, World
from tongxing.core.cases import (
    Case,
    CaseClaim,
    CaseDecision,
    CaseKind,
    CaseOpener,
    CaseState,
    CaseStep,
    DecisionGround,
    StepKind,
    case_state,
)
from tongxing.core.documents import normalise_document
from tongxing.core.errors import Refused
from tongxing.core.limits import CASES_PER_PERSON_PER_DAY
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import SubjectKey
from tongxing.core.words import FEDERATION, RegionId
from tongxing.regions.profile import Profile, parse_profile
from tongxing.services.case_messages import encode_case, encode_steps, parse_steps
from tongxing.services.case_ports import HeldCase
from tongxing.services.cases import CaseDesk, CaseParts, CaseRequest
from tongxing.stores.sqlite.stores import open_stores
from tongxing.trust.directory import DirectoryRecord

pytestmark = pytest.mark.anyio

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
KEYS = (SubjectKey(b"\x01" + bytes(32)),)
OTHERS = (SubjectKey(b"\x01" + bytes([9]) * 32),)
REQUEST = CaseRequest(
    kind=CaseKind.OBJECTION,
    claim=CaseClaim.NEVER_THERE,
    against=HUBEI,
    opened_by=CaseOpener.CITIZEN,
    document=normalise_document("20", "E99000001"),
    name="王五",
)
SEALING = {**PAIRS, FEDERATION: FEDERATION_PAIR}


class Book:
    """What all nodes know of each other."""

    def __init__(self) -> None:
        world = World(has_federation=True)
        self.directory = world.directory()
        self.profiles = {profile.region: profile for profile in map(parse_profile, world.profiles.values())}

    def find_record(self, region: RegionId) -> DirectoryRecord | None:
        return self.directory.record(region)

    def find_profile(self, region: RegionId) -> Profile | None:
        return self.profiles.get(region)


@dataclass
class Wire:
    """The wire of one node: what it tells goes to the other's desk, as its messages, unless it is cut."""

    sender: RegionId
    desks: dict[RegionId, CaseDesk]
    cut: set[RegionId] = field(default_factory=set)
    loses_answers: bool = False

    async def tell_case(
        self, decider: DirectoryRecord, held: HeldCase, *, timeout_seconds: float
    ) -> tuple[CaseStep, ...]:
        assert timeout_seconds > 0
        if decider.region in self.cut:
            raise Refused(ProblemId.UPSTREAM_AWAY)
        case = await self.desks[decider.region].take_in(encode_case(held), self.sender)
        if self.loses_answers:
            raise Refused(ProblemId.UPSTREAM_AWAY)
        return parse_steps(encode_steps(case.steps))


@dataclass
class Federation:
    clock: HandSetClock
    desks: dict[RegionId, CaseDesk]
    wires: dict[RegionId, Wire]
    effects: list[tuple[str, DecisionGround]]

    @property
    def guangxi(self) -> CaseDesk:
        return self.desks[GUANGXI]

    @property
    def hubei(self) -> CaseDesk:
        return self.desks[HUBEI]

    async def mine(self) -> Case:
        (case,) = await self.guangxi.cases_of(KEYS)
        return case


@pytest.fixture
async def federation(tmp_path: Path) -> AsyncIterator[Federation]:
    clock, book = HandSetClock(AT), Book()
    desks: dict[RegionId, CaseDesk] = {}
    wires: dict[RegionId, Wire] = {}
    effects: list[tuple[str, DecisionGround]] = []

    async def note(case: Case, ground: DecisionGround) -> None:
        effects.append((case.number, ground))

    async with contextlib.AsyncExitStack() as stack:
        for region in (GUANGXI, HUBEI, FEDERATION):
            stores = open_stores(tmp_path / f"{region}.sqlite")
            stack.push_async_callback(stores.aclose)
            wires[region] = Wire(region, desks)
            parts = CaseParts(
                region=region,
                reference=book,
                store=stores.cases,
                limits=stores.limits,
                peers=wires[region],
                sealing=SEALING[region],
                clock=clock,
                entropy=CountedEntropy(),
            )
            desks[region] = CaseDesk(parts, note)
        yield Federation(clock, desks, wires, effects)


def problem(refused: pytest.ExceptionInfo[Refused]) -> ProblemId:
    return refused.value.problem


async def test_a_case_is_acknowledged_with_its_number_and_handed_to_the_region_that_set_the_state(
    federation: Federation,
) -> None:
    case = await federation.guangxi.open_case(KEYS, REQUEST)
    assert case.number.startswith("45-20200321-")
    assert (case.decide_by, case.limit_at) == (AT + DAY, AT + 2 * DAY)
    assert case_state(case, AT) is CaseState.RECEIVED
    assert await federation.hubei.list_cases(is_closed=False, limit=9) == (case,)
    assert await federation.guangxi.list_cases(is_closed=False, limit=9) == ()


async def test_only_the_deciding_region_reads_who_it_is_and_the_person_sees_that_it_did(
    federation: Federation,
) -> None:
    case = await federation.guangxi.open_case(KEYS, REQUEST)
    with pytest.raises(Refused) as refused:
        await federation.guangxi.examine(case.number)
    assert problem(refused) is ProblemId.NOT_FOUND
    _, person = await federation.hubei.examine(case.number)
    assert (person.name, person.documents) == ("王五", (REQUEST.document,))
    assert "E99000001" not in repr(person)
    await federation.guangxi.tell_waiting()
    assert case_state(await federation.mine(), AT) is CaseState.EXAMINED


async def test_a_decision_comes_back_with_its_ground_and_is_never_replaced(federation: Federation) -> None:
    case = await federation.guangxi.open_case(KEYS, REQUEST)
    decided = (CaseDecision.CORRECTED, DecisionGround.DATA_WAS_WRONG)
    made = await federation.hubei.decide(case.number, *decided)
    assert await federation.hubei.decide(case.number, *decided) == made
    with pytest.raises(Refused) as refused:
        await federation.hubei.decide(case.number, CaseDecision.UPHELD, DecisionGround.DATA_CONFIRMED)
    assert problem(refused) is ProblemId.CONFLICT
    await federation.guangxi.tell_waiting()
    step = (await federation.mine()).step(StepKind.DECIDED)
    assert step is not None
    assert (step.decision, step.ground, step.by) == (*decided, HUBEI)
    assert await federation.guangxi.tell_waiting() == 0
    assert federation.effects == [(case.number, DecisionGround.DATA_WAS_WRONG)]


async def test_a_ground_that_does_not_go_with_a_decision_decides_nothing(federation: Federation) -> None:
    case = await federation.guangxi.open_case(KEYS, REQUEST)
    for decision, ground in (
        (CaseDecision.CORRECTED, DecisionGround.DATA_CONFIRMED),
        (CaseDecision.UPHELD, DecisionGround.NOT_IDENTIFIED),
        (CaseDecision.CORRECTED, DecisionGround.TWO_PERSONS),
    ):
        with pytest.raises(Refused) as refused:
            await federation.hubei.decide(case.number, decision, ground)
        assert problem(refused) is ProblemId.BAD_REQUEST
    assert federation.effects == []


@pytest.mark.parametrize("loses", [False, True], ids=["cut", "answers are lost"])
async def test_a_case_is_acknowledged_while_the_other_region_is_away_and_arrives_once(
    federation: Federation, loses: bool
) -> None:
    wire = federation.wires[GUANGXI]
    wire.loses_answers, wire.cut = loses, set() if loses else {HUBEI}
    case = await federation.guangxi.open_case(KEYS, REQUEST)
    assert case_state(case, AT) is CaseState.WAITING
    wire.loses_answers, wire.cut = False, set()
    await federation.guangxi.tell_waiting()
    assert case_state(await federation.mine(), AT) is CaseState.RECEIVED
    assert len(await federation.hubei.list_cases(is_closed=False, limit=9)) == 1


async def test_the_same_again_while_it_is_open_is_the_same_case_and_uses_up_nothing(federation: Federation) -> None:
    case = await federation.guangxi.open_case(KEYS, REQUEST)
    for _ in range(CASES_PER_PERSON_PER_DAY + 1):
        assert (await federation.guangxi.open_case(KEYS, REQUEST)).number == case.number
    await federation.hubei.decide(case.number, CaseDecision.REJECTED, DecisionGround.NO_SUCH_STATE)
    await federation.guangxi.tell_waiting()
    assert (await federation.guangxi.open_case(KEYS, REQUEST)).number != case.number


async def test_nobody_opens_more_cases_a_day_than_a_person_has(federation: Federation) -> None:
    for _ in range(CASES_PER_PERSON_PER_DAY):
        case = await federation.guangxi.open_case(KEYS, replace(REQUEST, against=GUANGXI))
        await federation.guangxi.withdraw(case.number, KEYS)
    with pytest.raises(Refused) as refused:
        await federation.guangxi.open_case(KEYS, replace(REQUEST, against=GUANGXI))
    assert problem(refused) is ProblemId.LIMITED
    await federation.guangxi.open_case(OTHERS, REQUEST)


async def test_a_case_beyond_its_limit_is_told_to_the_hub_and_the_person_sees_it(federation: Federation) -> None:
    case = await federation.guangxi.open_case(KEYS, REQUEST)
    federation.clock.at = AT + DAY
    assert case_state(await federation.mine(), federation.clock.now()) is CaseState.LATE
    federation.clock.at = AT + 2 * DAY
    federation.wires[GUANGXI].cut = {FEDERATION}
    await federation.guangxi.tell_waiting()
    assert (await federation.mine()).step(StepKind.ESCALATED) is not None
    federation.wires[GUANGXI].cut = set()
    await federation.guangxi.tell_waiting()
    (told,) = await federation.desks[FEDERATION].list_cases(is_closed=False, limit=9)
    assert told.number == case.number
    (counted,) = await federation.desks[FEDERATION].count_cases()
    assert (counted.decider, counted.open, counted.overdue) == (HUBEI, 1, 1)
    with pytest.raises(Refused):
        await federation.desks[FEDERATION].decide(case.number, CaseDecision.CORRECTED, DecisionGround.DATA_WAS_WRONG)
    await federation.hubei.decide(case.number, CaseDecision.CORRECTED, DecisionGround.DATA_WAS_WRONG)
    await federation.guangxi.tell_waiting()
    assert await federation.desks[FEDERATION].list_cases(is_closed=False, limit=9) == ()
    assert [count.late for count in await federation.desks[FEDERATION].count_cases()] == [1]


async def test_a_withdrawn_case_is_closed_on_both_sides(federation: Federation) -> None:
    case = await federation.guangxi.open_case(KEYS, REQUEST)
    with pytest.raises(Refused) as refused:
        await federation.guangxi.withdraw(case.number, OTHERS)
    assert problem(refused) is ProblemId.NOT_FOUND
    assert case_state(await federation.guangxi.withdraw(case.number, KEYS), AT) is CaseState.WITHDRAWN
    with pytest.raises(Refused) as closed:
        await federation.hubei.examine(case.number)
    assert problem(closed) is ProblemId.CONFLICT


async def test_nobody_finds_another_persons_case(federation: Federation) -> None:
    case = await federation.guangxi.open_case(KEYS, REQUEST)
    assert await federation.guangxi.cases_of(OTHERS) == ()
    with pytest.raises(Refused) as refused:
        await federation.guangxi.find_case(case.number, OTHERS)
    assert problem(refused) is ProblemId.NOT_FOUND


async def test_a_region_tells_its_own_cases_and_its_own_steps_only(federation: Federation) -> None:
    case = await federation.guangxi.open_case(KEYS, REQUEST)
    held = HeldCase(case, None)
    with pytest.raises(Refused) as refused:
        await federation.hubei.take_in(encode_case(held), RegionId("33"))
    assert problem(refused) is ProblemId.FORBIDDEN
    with pytest.raises(Refused) as misled:
        await federation.guangxi.take_in(encode_case(held), GUANGXI)
    assert problem(misled) is ProblemId.FORBIDDEN
    decided = CaseStep(StepKind.DECIDED, AT, HUBEI, CaseDecision.CORRECTED, DecisionGround.DATA_WAS_WRONG)
    forged = replace(case, steps=(*case.steps, decided))
    kept = await federation.hubei.take_in(encode_case(HeldCase(forged, None)), GUANGXI)
    assert kept.step(StepKind.DECIDED) is None


async def test_a_clock_that_no_case_has_is_refused(federation: Federation) -> None:
    case = await federation.guangxi.open_case(KEYS, REQUEST)
    for wrong in (
        replace(case, limit_at=AT + 31 * DAY),
        replace(case, decide_by=AT - HOUR),
        replace(case, steps=(CaseStep(StepKind.OPENED, AT + HOUR, GUANGXI),)),
        replace(case, claim=CaseClaim.NOT_MY_DOCUMENT),
    ):
        with pytest.raises(Refused) as refused:
            await federation.hubei.take_in(encode_case(HeldCase(wrong, None)), GUANGXI)
        assert problem(refused) is ProblemId.BAD_REQUEST


async def test_terms_are_those_of_the_deciding_region_on_the_day(federation: Federation) -> None:
    federation.clock.at = AT.replace(year=2021, month=9)
    case = await federation.guangxi.open_case(KEYS, REQUEST)
    assert case.decide_by - case.opened_at == 2 * DAY


async def test_what_no_case_can_be_about_is_refused(federation: Federation) -> None:
    for wrong, expected in (
        (replace(REQUEST, claim=CaseClaim.NAMES_DIFFER), ProblemId.BAD_REQUEST),
        (replace(REQUEST, name="\ue000"), ProblemId.BAD_REQUEST),
        (replace(REQUEST, against=RegionId("33")), ProblemId.NOT_FOUND),
    ):
        with pytest.raises(Refused) as refused:
            await federation.guangxi.open_case(KEYS, wrong)
        assert problem(refused) is expected
    assert await federation.guangxi.cases_of(KEYS) == ()
