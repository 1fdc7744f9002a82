"""Four eyes on every rule: nobody puts a table in force alone, unannounced, or after it has gone stale."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from tests.contract.implementations import Stores, open_sqlite
from tests.fakes.access_stores import CountedEntropy, HandSetClock
from tests.world import AT, ROOT, World, data_file, insecure_test_key, risk_section
from tongxing.core.errors import Refused
from tongxing.core.limits import NOTICE_PERIOD, PROPOSAL_LIFE
from tongxing.core.problems import ProblemId
from tongxing.core.words import FEDERATION
from tongxing.rules.findings import RulesRefused
from tongxing.services.access import Access
from tongxing.services.ports import Credential, Role
from tongxing.services.proving_in_process import InProcessProver
from tongxing.services.publishing import PublishingDesk
from tongxing.services.rule_desk import RuleDesk
from tongxing.services.rule_ports import ProposalState
from tongxing.services.sessions import Sessions
from tongxing.trust.bundle import accept_bundle, parse_files

pytestmark = pytest.mark.anyio

FIRST, SECOND, THIRD = (insecure_test_key(name).public for name in ("first", "second", "third"))
OWN = data_file("rules", "45.toml").decode()
ROW = """
[[row]]
id = "declare_stays"
when = {{ level = ["low", "medium"], origin_risk = ["medium"], place_kind = ["traffic_gate"], fever = {fever} }}
outcome = "PASS_WITH_MEASURES"
measures = ["take_temperature", "declare_stay", "report_to_community", "observe_health_14_days"]
reason = "local_measures"
legal_basis = "试验"
evidence = "assumed"
first_day = {first_day}
last_day = 2021-03-22
"""
BELOW = (
    OWN
    + """
[[row]]
id = "asks_more"
when = { level = ["low"], origin_risk = ["low"], fever = ["not_measured", "normal"] }
outcome = "PASS_WITH_MEASURES"
measures = ["take_temperature"]
reason = "local_measures"
legal_basis = "试验"
evidence = "assumed"
"""
)
HEAD = b"first_day = 2020-03-18\n"
URGENT = 'urgent = { zh = "当日出现聚集性疫情", en = "an outbreak of the same day" }\n'


def later_table(first_day: str, *, urgent: bool = False) -> bytes:
    """Return Guangxi's table with one row more from a day on."""
    table = OWN + ROW.format(first_day=first_day, fever='["not_measured", "normal"]')
    if urgent:
        table = table.replace("first_day = 2020-03-18\n", "first_day = 2020-03-18\n" + URGENT, 1)
    return table.encode()


SOON, IN_TIME = later_table("2020-03-22"), later_table("2020-03-24")


@dataclass
class Hub:
    """A hub's desk on a real store, with operators of whom each was there from the beginning."""

    stores: Stores
    clock: HandSetClock
    desk: RuleDesk
    publishing: PublishingDesk

    async def rules(self) -> dict[str, bytes]:
        held = await self.stores.bundles.latest()
        assert held is not None
        return parse_files(accept_bundle(held.data, held=None, roots=[ROOT.public], at=AT).sections["rules"])

    async def enrol(self, public: object, enrolled_by: str = "") -> str:
        key_id: str = public.kid.hex()  # type: ignore[attr-defined]
        credential = Credential(key_id, Role.OPERATOR, public, "operator", FEDERATION, None, enrolled_by=enrolled_by)  # type: ignore[arg-type]
        await self.stores.credentials.enrol(credential)
        return key_id


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[Hub]:
    stores, clock, world = await open_sqlite(tmp_path), HandSetClock(AT), World()
    entropy, prover = CountedEntropy(), InProcessProver()
    publishing = PublishingDesk(
        bundles=stores.bundles, key=ROOT, verifier_secret=b"INSECURE_TEST_VERIFIERS", prover=prover, clock=clock
    )
    await publishing.publish_first(world.directory(), world.profiles, world.rules, risk_section())
    access = Access(credentials=stores.credentials, nonces=stores.nonces, sessions=Sessions(entropy), clock=clock)
    desk = RuleDesk(
        publishing=publishing, proposals=stores.proposals, prover=prover, access=access, clock=clock, entropy=entropy
    )
    made = Hub(stores, clock, desk, publishing)
    for public in (FIRST, SECOND):
        await made.enrol(public)
    yield made
    await stores.aclose()


ONE, OTHER = FIRST.kid.hex(), SECOND.kid.hex()


async def refusal(problem: ProblemId, doing: object) -> str:
    with pytest.raises(Refused) as refused:
        await doing  # type: ignore[misc]
    assert refused.value.problem is problem
    return refused.value.detail


async def test_what_one_proposes_and_another_approves_is_in_the_next_bundle(hub: Hub) -> None:
    proposal = await hub.desk.propose(IN_TIME, ONE)
    assert (proposal.state, proposal.file_name) == (ProposalState.OPEN, "45.toml")
    assert "2020-03-24" in proposal.notice.zh
    assert (await hub.rules())["45.toml"] == OWN.encode()
    approved = await hub.desk.approve(proposal.proposal_id, OTHER)
    assert (approved.state, approved.bundle_number) == (ProposalState.APPROVED, 2)
    assert (await hub.rules())["45.toml"] == IN_TIME
    assert await hub.desk.find(proposal.proposal_id) == approved


async def test_a_version_from_another_day_on_stands_beside_the_one_in_force(hub: Hub) -> None:
    later = IN_TIME.replace(HEAD, HEAD.replace(b"18", b"24") + b"version = 2\n", 1)
    proposal = await hub.desk.propose(later, ONE)
    assert proposal.file_name == "45@2020-03-24.toml"
    await hub.desk.approve(proposal.proposal_id, OTHER)
    assert {"45.toml", "45@2020-03-24.toml"} <= (await hub.rules()).keys()


async def test_nobody_approves_ones_own_proposal(hub: Hub) -> None:
    proposal = await hub.desk.propose(IN_TIME, ONE)
    await refusal(ProblemId.FORBIDDEN, hub.desk.approve(proposal.proposal_id, ONE))
    assert (await hub.desk.find(proposal.proposal_id)).state is ProposalState.OPEN
    assert (await hub.rules())["45.toml"] == OWN.encode()


async def test_a_key_that_one_operator_enrolled_for_oneself_is_no_second_pair_of_eyes(hub: Hub) -> None:
    """Neither way round, nor over a third key."""
    page = await hub.enrol(THIRD, enrolled_by=ONE)
    phone = await hub.enrol(insecure_test_key("phone").public, enrolled_by=page)
    for proposer, approver in ((ONE, page), (page, ONE), (phone, ONE), (page, phone), (phone, page)):
        proposal = await hub.desk.propose(IN_TIME, proposer)
        await refusal(ProblemId.FORBIDDEN, hub.desk.approve(proposal.proposal_id, approver))
    proposal = await hub.desk.propose(IN_TIME, phone)
    assert (await hub.desk.approve(proposal.proposal_id, OTHER)).bundle_number == 2


async def test_an_approval_sent_again_counts_once(hub: Hub) -> None:
    proposal = await hub.desk.propose(IN_TIME, ONE)
    first = await hub.desk.approve(proposal.proposal_id, OTHER)
    hub.clock.move(timedelta(hours=1))
    assert await hub.desk.approve(proposal.proposal_id, OTHER) == first
    held = await hub.stores.bundles.latest()
    assert held is not None
    assert held.number == 2


async def test_what_was_decided_stays_decided(hub: Hub) -> None:
    proposal = await hub.desk.propose(IN_TIME, ONE)
    rejected = await hub.desk.reject(proposal.proposal_id, OTHER, "理由不足")
    assert rejected.state is ProposalState.REJECTED
    assert await hub.desk.reject(proposal.proposal_id, OTHER, "理由不足") == rejected
    await refusal(ProblemId.CONFLICT, hub.desk.approve(proposal.proposal_id, OTHER))
    assert (await hub.rules())["45.toml"] == OWN.encode()
    for doing in (hub.desk.approve("none", OTHER), hub.desk.reject("none", OTHER, "x"), hub.desk.find("none")):
        await refusal(ProblemId.NOT_FOUND, doing)


async def test_whoever_proposed_may_take_it_back(hub: Hub) -> None:
    proposal = await hub.desk.propose(IN_TIME, ONE)
    assert (await hub.desk.reject(proposal.proposal_id, ONE, "收回")).state is ProposalState.REJECTED


async def test_a_proposal_expires(hub: Hub) -> None:
    proposal = await hub.desk.propose(later_table("2020-05-01"), ONE)
    hub.clock.move(PROPOSAL_LIFE)
    assert "expired" in await refusal(ProblemId.CONFLICT, hub.desk.approve(proposal.proposal_id, OTHER))
    await refusal(ProblemId.CONFLICT, hub.desk.reject(proposal.proposal_id, OTHER, "x"))
    assert (await hub.rules())["45.toml"] == OWN.encode()


async def test_what_changes_within_the_notice_period_is_refused_unless_it_says_why_it_is_urgent(hub: Hub) -> None:
    proposal = await hub.desk.propose(SOON, ONE)
    told = await refusal(ProblemId.NOTICE_TOO_SHORT, hub.desk.approve(proposal.proposal_id, OTHER))
    assert "2020-03-22" in told
    assert "2020-03-24 is the first day" in told
    assert (await hub.desk.find(proposal.proposal_id)).state is ProposalState.OPEN
    urgent = await hub.desk.propose(later_table("2020-03-22", urgent=True), ONE)
    assert "当日出现聚集性疫情" in urgent.notice.zh
    assert (await hub.desk.approve(urgent.proposal_id, OTHER)).bundle_number == 2


async def test_the_notice_period_ends_to_the_second(hub: Hub) -> None:
    """Day 24 begins at Beijing midnight, 16:00 UTC of the day before."""
    proposal = await hub.desk.propose(IN_TIME, ONE)
    begin = AT.replace(day=23, hour=16)
    hub.clock.move(begin - NOTICE_PERIOD - AT + timedelta(seconds=1))
    await refusal(ProblemId.NOTICE_TOO_SHORT, hub.desk.approve(proposal.proposal_id, OTHER))
    hub.clock.move(timedelta(seconds=-1))
    assert (await hub.desk.approve(proposal.proposal_id, OTHER)).bundle_number == 2


async def test_a_change_of_words_alone_needs_no_notice(hub: Hub) -> None:
    proposal = await hub.desk.propose((OWN + "\n# 另一份，结论相同。\n").encode(), ONE)
    assert "不改变" in proposal.notice.zh
    assert (await hub.desk.approve(proposal.proposal_id, OTHER)).bundle_number == 2


async def test_what_breaks_a_law_is_refused_when_it_is_proposed(hub: Hub) -> None:
    with pytest.raises(RulesRefused):
        await hub.desk.propose(BELOW.encode(), ONE)
    await refusal(ProblemId.RULES_REFUSED, hub.desk.propose(b"[table]", ONE))
    assert await hub.desk.list(10) == ()


async def test_a_proposal_is_proven_anew_on_what_is_in_force_when_it_is_approved(hub: Hub) -> None:
    """The version before it was given a last day that reaches into it."""
    later = IN_TIME.replace(HEAD, HEAD.replace(b"18", b"24") + b"version = 2\n", 1)
    proposal = await hub.desk.propose(later, ONE)
    ending = OWN.encode().replace(HEAD, HEAD + b"last_day = 2021-04-30\n", 1)
    await hub.publishing.publish_rules(await hub.publishing.prove_rules({"45.toml": ending}))
    told = await refusal(ProblemId.RULES_REFUSED, hub.desk.approve(proposal.proposal_id, OTHER))
    assert "the days overlap" in told
    assert (await hub.desk.find(proposal.proposal_id)).state is ProposalState.OPEN


async def test_an_approval_that_was_cut_short_is_ended_by_sending_it_again(hub: Hub) -> None:
    """Approved and not yet published, as after a kill; what was urgent then stays excused."""
    proposal = await hub.desk.propose(IN_TIME, ONE)
    decided = (await hub.desk.approve(proposal.proposal_id, OTHER)).decided
    assert decided is not None
    again = await hub.desk.propose(later_table("2020-03-25"), ONE)
    await hub.stores.proposals.decide(again.proposal_id, decided)
    hub.clock.move(timedelta(days=3))
    assert (await hub.desk.approve(again.proposal_id, OTHER)).bundle_number == 3


async def test_of_two_approvals_at_once_neither_loses_the_others_change(hub: Hub) -> None:
    hubei = data_file("rules", "42.toml") + b"\n# again\n"
    proposals = [await hub.desk.propose(table, ONE) for table in (IN_TIME, hubei)]
    told = await asyncio.gather(*(hub.desk.approve(each.proposal_id, OTHER) for each in proposals))
    assert {each.bundle_number for each in told} == {2, 3}
    rules = await hub.rules()
    assert (rules["45.toml"], rules["42.toml"]) == (IN_TIME, hubei)
