"""Applications for a call: one use, one applicant, one purpose, one minute or so."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.access_stores import CountedEntropy, HandSetClock
from tongxing.core.errors import Refused
from tongxing.core.limits import TICKET_LIFE
from tongxing.core.problems import ProblemId
from tongxing.services.call_applications import CallApplications
from tongxing.services.making_tickets import IssuedTicket, MakingTickets
from tongxing.services.ports import Ticket, TicketPurpose
from tongxing.stores.sqlite.stores import open_stores

pytestmark = pytest.mark.anyio

APPLICANT, ANOTHER = "00112233aabbccdd", "00112233aabbccde"
PURPOSES = [(one, other) for one in TicketPurpose for other in TicketPurpose if one is not other]


@pytest.fixture
def clock() -> HandSetClock:
    return HandSetClock()


@pytest.fixture
async def applications(tmp_path: Path, clock: HandSetClock) -> AsyncIterator[CallApplications]:
    stores = open_stores(tmp_path / "node.db")
    yield CallApplications(stores.tickets, clock, CountedEntropy())
    await stores.aclose()


async def find(
    applications: CallApplications, issued: IssuedTicket, purpose: TicketPurpose, applicant: str = APPLICANT
) -> Ticket:
    random = bytes.fromhex(issued.random)
    return await applications.find(purpose, issued.serial, random, applicant, applications.clock.now())


async def refused(finding: object) -> None:
    with pytest.raises(Refused) as why:
        await finding  # type: ignore[misc]
    assert why.value.problem is ProblemId.TICKET_UNUSABLE


@pytest.mark.parametrize(("purpose", "other"), PURPOSES)
async def test_what_was_applied_for_to_do_one_thing_does_no_other(
    applications: CallApplications, purpose: TicketPurpose, other: TicketPurpose
) -> None:
    issued = await applications.issue(purpose, APPLICANT)
    await refused(find(applications, issued, other))
    assert (await find(applications, issued, purpose)).serial == issued.serial


async def test_an_application_is_nobody_else_s_and_ends(applications: CallApplications, clock: HandSetClock) -> None:
    issued = await applications.issue(TicketPurpose.MAKE, APPLICANT)
    await refused(find(applications, issued, TicketPurpose.MAKE, ANOTHER))
    clock.move(TICKET_LIFE)
    await refused(find(applications, issued, TicketPurpose.MAKE))


async def test_an_application_is_used_once(applications: CallApplications) -> None:
    issued = await applications.issue(TicketPurpose.MAKE, APPLICANT)
    ticket = await find(applications, issued, TicketPurpose.MAKE)
    await applications.use_up(ticket, applications.clock.now())
    await refused(applications.use_up(ticket, applications.clock.now()))


async def test_a_ticket_of_the_native_interface_is_no_application_and_the_other_way(
    applications: CallApplications,
) -> None:
    native = MakingTickets(applications.tickets, applications.clock, applications.entropy)
    ticket = await native.issue()
    await refused(find(applications, ticket, TicketPurpose.MAKE))
    applied = await applications.issue(TicketPurpose.MAKE, APPLICANT)
    await refused(native.find(applied.serial, bytes.fromhex(applied.random), applications.clock.now()))
