"""The calls about rule tables: everybody's to read them, an operator's to try, propose, approve or reject one."""

from datetime import date
from typing import Final

import msgspec

from tongxing.api.calls import Call, NoQuery
from tongxing.api.rule_answers import (
    describe_change,
    describe_decision,
    describe_difference,
    describe_finding,
    describe_proposal,
    describe_table,
    list_exceptions,
    list_rules,
)
from tongxing.api.rule_messages import (
    ExceptionsAnswer,
    NoticeAnswer,
    NoticesAnswer,
    PlaceQuery,
    ProposalAnswer,
    ProposalsAnswer,
    ProposalsQuery,
    ReadingAnswer,
    RejectionMessage,
    RulesAnswer,
    TableAnswer,
    TrialAnswer,
    TrialMessage,
)
from tongxing.app.nodes import Gateway, Hub, Node
from tongxing.core.calendar import beijing_day
from tongxing.core.errors import Refused, Undecidable
from tongxing.core.problems import ProblemId
from tongxing.core.words import RegionId
from tongxing.recognition.view_words import words_of
from tongxing.rules.book import RuleBook
from tongxing.rules.situations import parse_situation
from tongxing.rules.tables import parse_rule_table, parse_table_file
from tongxing.services.rule_ports import Proposal, ProposalState
from tongxing.services.rule_trials import with_table

NOTICES_MAX: Final = 100


async def tell_rules(node: Node, _call: Call[None, NoQuery]) -> RulesAnswer:
    """Return whose rule tables are in force and which are to come."""
    return list_rules(book_of(node), _today(node))


async def tell_table(node: Node, call: Call[None, PlaceQuery]) -> TableAnswer:
    """Return the table of a region, or of one of its sites, that is in force on a day, row by row."""
    region, day, book = RegionId(call.path["region"]), call.query.on or _today(node), book_of(node)
    table = book.table_on(region, call.query.site, day)
    if table is None:
        raise Refused(ProblemId.NOT_FOUND, "no table of this place is in force on this day")
    toml = None
    if not isinstance(node, Gateway):
        name = book.names[table.region, table.site, table.days.first]
        toml = (await node.publishing.rules_in_force())[name].decode()
    return describe_table(table, book, day, toml)


async def tell_exceptions(node: Node, _call: Call[None, NoQuery]) -> ExceptionsAnswer:
    """Return the public register of exceptions to the national floor."""
    return list_exceptions(book_of(node), _today(node))


async def tell_notices(node: Hub, _call: Call[None, NoQuery]) -> NoticesAnswer:
    """Return the public notices of the newest changes of rules."""
    proposals = await node.rules.desk.list(NOTICES_MAX, with_tables=False)
    return NoticesAnswer([_notice(proposal) for proposal in proposals if proposal.bundle_number is not None])


async def try_rules(node: Hub, call: Call[TrialMessage, NoQuery]) -> TrialAnswer:
    """Try a table out: whom it lets through, the proof's answer, the notice. Nothing of it is kept."""
    message = call.body
    table = None if message.table is None else message.table.encode()
    decision = undecided = change = None
    if message.situation is not None:
        situation = parse_situation(message.situation)
        try:
            tried = await node.rules.trials.decide(RegionId(message.region), message.site, situation, message.on, table)
        except Undecidable as why:
            undecided = str(why.reason)
        else:
            decision = describe_decision(tried.decision, situation)
            change = describe_change(tried.change, situation)
    examined = await node.rules.trials.examine(table) if message.examine and table is not None else None
    return TrialAnswer(
        decision=decision,
        undecided=undecided,
        nearest_change=change,
        findings=None if examined is None else [describe_finding(finding) for finding in examined.findings],
        differences=None if examined is None else [describe_difference(each) for each in examined.differences],
        notice=None if examined is None else words_of(examined.notice),
    )


async def read_table(node: Hub, call: Call[bytes, NoQuery]) -> ReadingAnswer:
    """Return what stands in a rule table (TOML), for a form and in words. Nothing of it is kept or proven."""
    content = msgspec.to_builtins(parse_table_file(call.body))
    try:
        table = parse_rule_table(call.body)
        book = with_table(book_of(node), table)
    except Refused as why:
        return ReadingAnswer(content, None, why.detail)
    day = max(_today(node), table.days.first)
    return ReadingAnswer(content, describe_table(table, book, day, None), None)


async def propose_rules(node: Hub, call: Call[bytes, NoQuery]) -> ProposalAnswer:
    """Propose a rule table (TOML); refused with a counter-example if it breaks a law. Another operator approves it."""
    return _proposal(node, await node.rules.desk.propose(call.body, call.known_caller.key_id))


async def list_proposals(node: Hub, call: Call[None, ProposalsQuery]) -> ProposalsAnswer:
    """Return the newest proposals."""
    return ProposalsAnswer([_proposal(node, held) for held in await node.rules.desk.list(call.query.limit)])


async def tell_proposal(node: Hub, call: Call[None, NoQuery]) -> ProposalAnswer:
    """Return one proposal."""
    return _proposal(node, await node.rules.desk.find(call.path["proposal_id"]))


async def approve_rules(node: Hub, call: Call[None, NoQuery]) -> ProposalAnswer:
    """Approve another operator's proposal and publish it in the next bundle."""
    approved = await node.rules.desk.approve(call.path["proposal_id"], call.known_caller.key_id)
    await node.published.take_up()
    return _proposal(node, approved)


async def reject_rules(node: Hub, call: Call[RejectionMessage, NoQuery]) -> ProposalAnswer:
    """Reject a proposal, or take one's own back."""
    rejected = await node.rules.desk.reject(call.path["proposal_id"], call.known_caller.key_id, call.body.why)
    return _proposal(node, rejected)


def book_of(node: Node) -> RuleBook:
    """Return the rules of the bundle in force; none before the first."""
    if not isinstance(node, Gateway):
        return node.published.rules
    return node.reference.knowledge.rules if node.reference.is_ready else RuleBook({})


def exceptions_by_region(node: Node) -> dict[RegionId, list[str]]:
    """Return the public names of the exceptions that are in force today, by region."""
    found: dict[RegionId, list[str]] = {}
    for table, entry in book_of(node).exceptions_on(_today(node)):
        found.setdefault(table.region, []).append(table.public_name(entry.row.id))
    return found


def _today(node: Node) -> date:
    return beijing_day(node.core.clock.now())


def _proposal(node: Hub, proposal: Proposal) -> ProposalAnswer:
    return describe_proposal(proposal, node.core.clock.now())


def _notice(proposal: Proposal) -> NoticeAnswer:
    decided, number = proposal.decided, proposal.bundle_number
    if decided is None or decided.state is not ProposalState.APPROVED or number is None:
        raise LookupError("only what was approved and published has a notice")
    return NoticeAnswer(words_of(proposal.notice), decided.at, number, proposal.file_name)
