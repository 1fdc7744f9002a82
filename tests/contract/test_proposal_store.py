"""What every ``ProposalStore`` promises."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.contract.conftest import Place
from tests.contract.implementations import Stores
from tests.contract.samples import AT
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.words import Sentence
from tongxing.services.rule_ports import Decided, Proposal, ProposalState

pytestmark = pytest.mark.anyio

FIRST, SECOND, THIRD = "00" * 8, "11" * 8, "22" * 8
APPROVED = Decided(ProposalState.APPROVED, SECOND, AT + timedelta(hours=1), "依通告")
REJECTED = Decided(ProposalState.REJECTED, THIRD, AT + timedelta(hours=1), "理由不足")


def proposal(number: int = 1) -> Proposal:
    at = AT + timedelta(minutes=number)
    notice = Sentence("自2020年3月21日起", "from 2020-03-21")
    return Proposal(f"{number:016x}", "45.toml", b"[table]", notice, FIRST, at, at + timedelta(days=7))


async def refusal(problem: ProblemId, doing: object) -> None:
    with pytest.raises(Refused) as refused:
        await doing  # type: ignore[misc]
    assert refused.value.problem is problem


async def test_a_proposal_is_found_and_listed_newest_first_and_counts_once(stores: Stores) -> None:
    for made in (proposal(1), proposal(2), proposal(1)):
        await stores.proposals.propose(made)
    assert await stores.proposals.find(proposal(1).proposal_id) == proposal(1)
    assert await stores.proposals.find("none") is None
    assert await stores.proposals.list(10) == (proposal(2), proposal(1))
    assert await stores.proposals.list(1) == (proposal(2),)
    assert await stores.proposals.list(1, with_tables=False) == (replace(proposal(2), table=b""),)
    for limit in (0, 1_001):
        await refusal(ProblemId.BAD_REQUEST, stores.proposals.list(limit))


async def test_another_proposal_under_an_id_in_use_is_refused_and_changes_nothing(stores: Stores) -> None:
    await stores.proposals.propose(proposal())
    await refusal(ProblemId.CONFLICT, stores.proposals.propose(replace(proposal(), table=b"other")))
    assert await stores.proposals.find(proposal().proposal_id) == proposal()


@pytest.mark.parametrize(
    "changes", [{"proposal_id": "x" * 65}, {"table": b""}, {"table": b"x" * (256 * 1024 + 1)}, {"file_name": "x" * 129}]
)
async def test_what_is_too_long_is_refused(stores: Stores, changes: dict[str, object]) -> None:
    await refusal(ProblemId.BAD_REQUEST, stores.proposals.propose(replace(proposal(), **changes)))  # type: ignore[arg-type]


async def test_a_decision_is_made_once_and_again_counts_once(stores: Stores) -> None:
    await stores.proposals.propose(proposal())
    decided = replace(proposal(), decided=APPROVED)
    assert await stores.proposals.decide(proposal().proposal_id, APPROVED) == decided
    later = replace(APPROVED, at=APPROVED.at + timedelta(hours=1))
    assert await stores.proposals.decide(proposal().proposal_id, later) == decided
    for other in (REJECTED, replace(APPROVED, by=THIRD), replace(APPROVED, why="")):
        await refusal(ProblemId.CONFLICT, stores.proposals.decide(proposal().proposal_id, other))
    assert await stores.proposals.find(proposal().proposal_id) == decided
    await refusal(ProblemId.NOT_FOUND, stores.proposals.decide("none", APPROVED))


async def test_a_decision_can_change_the_notice_and_again_changes_nothing(stores: Stores) -> None:
    notice = Sentence("另一日起", "from another day")
    await stores.proposals.propose(proposal())
    decided = replace(proposal(), decided=APPROVED, notice=notice)
    assert await stores.proposals.decide(proposal().proposal_id, APPROVED, notice) == decided
    assert await stores.proposals.decide(proposal().proposal_id, APPROVED, Sentence("", "")) == decided


async def test_of_many_operators_at_once_one_decides(stores: Stores) -> None:
    await stores.proposals.propose(proposal())
    deciders = [replace(APPROVED, by=f"{number:016x}") for number in range(20)]
    told = await asyncio.gather(
        *(stores.proposals.decide(proposal().proposal_id, each) for each in deciders), return_exceptions=True
    )
    assert sum(isinstance(each, Proposal) for each in told) == 1
    assert sum(isinstance(each, Refused) and each.problem is ProblemId.CONFLICT for each in told) == 19


async def test_only_an_approved_proposal_is_carried_and_the_first_bundle_stays(stores: Stores) -> None:
    await stores.proposals.propose(proposal())
    await refusal(ProblemId.CONFLICT, stores.proposals.carry(proposal().proposal_id, 7))
    await stores.proposals.decide(proposal().proposal_id, APPROVED)
    for number in (7, 7, 8):
        await stores.proposals.carry(proposal().proposal_id, number)
    kept = await stores.proposals.find(proposal().proposal_id)
    assert kept == replace(proposal(), decided=APPROVED, bundle_number=7)
    await refusal(ProblemId.NOT_FOUND, stores.proposals.carry("none", 7))


async def test_proposals_are_there_when_the_store_is_opened_again(place: Place) -> None:
    stores = await place.open()
    await stores.proposals.propose(proposal())
    await stores.proposals.decide(proposal().proposal_id, REJECTED)
    await stores.aclose()
    again = await place.open()
    assert await again.proposals.list(5) == (replace(proposal(), decided=REJECTED),)
