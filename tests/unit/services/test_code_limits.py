"""Making national codes: what ends a code early, and what uses no ticket up."""

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from tests.unit.services.desks import Desks, synthetic_document
from tests.world import AT, HUBEI, World, origin, report_of
from tongxing.core.errors import Refused
from tongxing.core.limits import NATIONAL_CODE_LIFE
from tongxing.core.problems import ProblemId
from tongxing.services.making_tickets import IssuedTicket
from tongxing.services.minting import MadeCode
from tongxing.services.ports import SubjectReport
from tongxing.wire.national_code import parse_national_code

pytestmark = pytest.mark.anyio


async def report(hubei: Desks, **changes: datetime) -> None:
    ((subject,),) = await hubei.hub.derive_subject_keys([synthetic_document()])
    await hubei.stores.reports.put_reports([SubjectReport(subject, replace(report_of(), **changes), origin())])


async def make(hubei: Desks, ticket: IssuedTicket) -> MadeCode:
    return await hubei.codes.make_code(ticket.serial, bytes.fromhex(ticket.random), synthetic_document(), "王小明")


@pytest.mark.parametrize("left", [timedelta(seconds=1), timedelta(seconds=20), timedelta(hours=1)])
async def test_a_code_never_outlives_the_report_that_it_tells_of(hubei: Desks, left: timedelta) -> None:
    await report(hubei, valid_until=AT + left)
    code = await make(hubei, await hubei.codes.tickets.issue())
    claims = parse_national_code(code.qr_text).claims_after(World().code_key(HUBEI).public.verify)
    assert code.expires_at == AT + min(left, NATIONAL_CODE_LIFE)
    assert claims.expires_at == int(code.expires_at.timestamp())


async def test_a_key_service_that_is_away_uses_no_ticket_up(hubei: Desks) -> None:
    await report(hubei)
    ticket = await hubei.codes.tickets.issue()
    hubei.hub.away = True
    with pytest.raises(Refused) as away:
        await make(hubei, ticket)
    assert away.value.problem is ProblemId.UPSTREAM_AWAY
    hubei.hub.away = False
    assert (await make(hubei, ticket)).qr_text
    with pytest.raises(Refused) as used:
        await make(hubei, ticket)
    assert used.value.problem is ProblemId.TICKET_UNUSABLE
