"""Answering another gateway: a one-time code gives one statement, an outage gives it back, a handle fits one query."""

import asyncio
from datetime import timedelta

import pytest

from tests.fakes.outside import YELLOW_OF_A_CONTACT
from tests.unit.services.desks import Desks
from tests.world import (
    AT,
    GUANGXI,
    HUBEI,
    HUBEI_CODE,
    QUERY_ID,
    World,
    insecure_test_key,
    insecure_test_seed,
    origin,
    report_of,
)
from tongxing.core.causes import Cause
from tongxing.core.errors import Refused, Rejected, Undecidable
from tongxing.core.levels import Level
from tongxing.core.limits import STATEMENT_LIFE
from tongxing.core.problems import ProblemId
from tongxing.core.reasons import ReasonId
from tongxing.core.subjects import SubjectKey
from tongxing.crypto.digests import sha256
from tongxing.services import statements
from tongxing.services.ports import Extension, SubjectReport
from tongxing.services.stating import StatementSigner
from tongxing.wire.statement import Statement, parse_statement

pytestmark = pytest.mark.anyio

OTHER_QUERY = bytes(range(16, 32))
TOKEN = b"t" * 16
HANGS_AFTER_SECONDS = 30
SUBJECT = SubjectKey(b"\x01" + bytes(32))


def read(data: bytes) -> Statement:
    return parse_statement(data).statement_after(World().statement_key(HUBEI).public.verify)


async def asked(hubei: Desks, query_id: bytes = QUERY_ID, qr_text: str = HUBEI_CODE) -> Statement:
    return read(await hubei.statements.answer(GUANGXI, query_id, qr_text, None))


async def outcomes(hubei: Desks, *, times: int = 2, token: bytes | None = None) -> list[object]:
    """Ask several times at the same moment."""
    text = HUBEI_CODE if token is None else None
    answers = (hubei.statements.answer(GUANGXI, bytes([n]) * 16, text, token) for n in range(times))
    return await asyncio.gather(*answers, return_exceptions=True)


async def keep_behind_token(hubei: Desks, *rows: SubjectReport) -> None:
    extension = Extension(sha256(TOKEN), SUBJECT, b"c" * 16, AT + timedelta(seconds=60))
    await hubei.stores.extensions.save(extension)
    await hubei.stores.reports.put_reports(rows)


async def test_a_statement_is_made_for_one_audience_one_query_and_half_a_minute(hubei: Desks) -> None:
    statement = await asked(hubei)
    assert (statement.issuer, statement.audience, statement.query_id) == (HUBEI, GUANGXI, QUERY_ID)
    assert (statement.issued_at, statement.expires_at) == (AT, AT + STATEMENT_LIFE)
    assert (statement.report.level, statement.origin, statement.masked_hint) == (Level.LOW, origin(), "王**")


async def test_the_cause_is_stated_and_not_the_colour(hubei: Desks) -> None:
    hubei.back_end.content = YELLOW_OF_A_CONTACT
    report = (await asked(hubei)).report
    assert report.level is Level.HIGH
    assert report.has_cause(Cause.CLOSE_CONTACT)


async def test_of_any_number_who_ask_at_once_about_a_one_time_code_one_gets_a_statement(hubei: Desks) -> None:
    """The back end would answer all of them; the claim here is what makes the code a one-time one."""
    told = await outcomes(hubei, times=5)
    made = [answer for answer in told if isinstance(answer, bytes)]
    refused = [answer for answer in told if isinstance(answer, Rejected)]
    assert (len(made), [why.reason for why in refused]) == (1, [ReasonId.TICKET_USED] * 4)
    assert [alarm.reason for alarm in await hubei.alarms()] == [ReasonId.TICKET_USED] * 4
    assert len(hubei.back_end.asked) == 2


async def test_a_one_time_code_that_was_checked_is_used_up_for_the_next_who_asks(hubei: Desks) -> None:
    await asked(hubei)
    hubei.clock.move(timedelta(hours=23))
    with pytest.raises(Rejected) as used:
        await asked(hubei, OTHER_QUERY)
    assert used.value.reason is ReasonId.TICKET_USED
    (alarm,) = await hubei.alarms()
    assert (alarm.reason, alarm.ref, alarm.detail) == (ReasonId.TICKET_USED, None, "asked by region 45")


@pytest.mark.parametrize("step", [0, 1], ids=["first request", "second request"])
@pytest.mark.parametrize("reason", [ReasonId.SOURCE_AWAY, ReasonId.SOURCE_SLOW, ReasonId.SOURCE_UNREADABLE], ids=str)
async def test_an_outage_of_the_back_end_gives_the_code_back(hubei: Desks, reason: ReasonId, step: int) -> None:
    async def fail_at_step() -> None:
        if len(hubei.back_end.asked) == step + 1:
            raise Undecidable(reason)

    hubei.back_end.before = fail_at_step
    with pytest.raises(Undecidable) as away:
        await asked(hubei)
    assert away.value.reason is reason
    hubei.back_end.before = None
    assert (await asked(hubei, OTHER_QUERY)).report.level is Level.LOW
    assert await hubei.alarms() == ()


@pytest.mark.parametrize(
    ("return_code", "reason"),
    [("40011", ReasonId.TICKET_USED), ("40007", ReasonId.TICKET_EXPIRED), ("40010", ReasonId.TICKET_UNKNOWN)],
)
async def test_once_the_back_end_has_spoken_the_code_stays_used(
    hubei: Desks, return_code: str, reason: ReasonId
) -> None:
    hubei.back_end.refusal = return_code
    with pytest.raises(Rejected) as first:
        await asked(hubei)
    assert first.value.reason is reason
    hubei.back_end.refusal = None
    with pytest.raises(Rejected) as second:
        await asked(hubei, OTHER_QUERY)
    assert second.value.reason is ReasonId.TICKET_USED


async def test_an_answer_that_cannot_be_translated_has_used_the_code(hubei: Desks) -> None:
    hubei.back_end.content = {**YELLOW_OF_A_CONTACT, "warnType": "nobody knows this word"}
    with pytest.raises(Undecidable) as unknown:
        await asked(hubei)
    assert unknown.value.reason is ReasonId.STATUS_UNKNOWN
    with pytest.raises(Rejected) as used:
        await asked(hubei, OTHER_QUERY)
    assert used.value.reason is ReasonId.TICKET_USED


async def test_a_back_end_that_never_answers_is_slow_and_gives_the_code_back(
    hubei: Desks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statements, "BACK_END_DEADLINE_SECONDS", 0.01)
    hubei.back_end.before = asyncio.Event().wait
    with pytest.raises(Undecidable) as slow:
        await asyncio.wait_for(asked(hubei), HANGS_AFTER_SECONDS)
    assert slow.value.reason is ReasonId.SOURCE_SLOW
    hubei.back_end.before = None
    monkeypatch.undo()
    await asked(hubei, OTHER_QUERY)


async def test_a_code_of_another_region_is_unknown_and_the_back_end_is_not_asked(hubei: Desks) -> None:
    with pytest.raises(Rejected) as unknown:
        await asked(hubei, qr_text="GXJKM:" + "0" * 32)
    assert unknown.value.reason is ReasonId.TICKET_UNKNOWN
    assert hubei.back_end.asked == []


async def test_a_question_about_nothing_is_refused(hubei: Desks) -> None:
    with pytest.raises(Refused) as refused:
        await hubei.statements.answer(GUANGXI, QUERY_ID, None, None)
    assert refused.value.problem is ProblemId.BAD_REQUEST


async def test_a_code_shown_at_several_gates_in_its_life_is_no_replay(hubei: Desks) -> None:
    """Each gate gets the report behind the extension token, for its own query; nobody is alarmed."""
    await keep_behind_token(hubei, SubjectReport(SUBJECT, report_of(Cause.CLOSE_CONTACT), origin()))
    told = await outcomes(hubei, times=3, token=TOKEN)
    made = [read(answer) for answer in told if isinstance(answer, bytes)]
    assert [statement.report.has_cause(Cause.CLOSE_CONTACT) for statement in made] == [True] * 3
    assert await hubei.alarms() == ()


async def test_behind_a_token_a_region_speaks_for_itself_alone(hubei: Desks) -> None:
    """Law 4: what another region reports of the person is not passed on in this one's name."""
    await keep_behind_token(hubei, SubjectReport(SUBJECT, report_of(Cause.CLOSE_CONTACT, issuer=GUANGXI)))
    with pytest.raises(Undecidable) as nothing:
        await hubei.statements.answer(GUANGXI, QUERY_ID, None, TOKEN)
    assert nothing.value.reason is ReasonId.NO_RECORD


async def test_an_extension_token_ends_with_its_code(hubei: Desks) -> None:
    await keep_behind_token(hubei, SubjectReport(SUBJECT, report_of()))
    hubei.clock.move(timedelta(seconds=60))
    with pytest.raises(Rejected) as ended:
        await hubei.statements.answer(GUANGXI, QUERY_ID, None, TOKEN)
    assert ended.value.reason is ReasonId.TICKET_EXPIRED


async def test_a_guessed_extension_token_is_unknown(hubei: Desks) -> None:
    with pytest.raises(Rejected) as unknown:
        await hubei.statements.answer(GUANGXI, QUERY_ID, None, b"g" * 16)
    assert unknown.value.reason is ReasonId.TICKET_UNKNOWN


def test_two_statements_about_one_code_share_no_handle() -> None:
    """The same person twice: neither what the handle says nor a part of it is the same."""
    signer = StatementSigner(HUBEI, World().statement_key(), insecure_test_seed("handles"))
    first, second = (signer.handle(query, sha256(HUBEI_CODE.encode())) for query in (QUERY_ID, OTHER_QUERY))
    assert first.partition(".")[2] != second.partition(".")[2]


async def test_a_handle_fits_the_code_that_it_was_made_for_and_no_other(hubei: Desks) -> None:
    handle = (await asked(hubei)).subject_handle
    assert hubei.statements.is_handle_of(handle, HUBEI_CODE)
    assert not hubei.statements.is_handle_of(handle, "HBJKM." + "B" * 43)


@pytest.mark.parametrize("handle", ["", ".", "zz.00", "00" * 16, "é.é", "00" * 16 + "."])
async def test_a_handle_that_was_never_given_fits_nothing(hubei: Desks, handle: str) -> None:
    assert not hubei.statements.is_handle_of(handle, HUBEI_CODE)


async def test_a_national_code_is_known_again_by_its_credential_id_if_this_region_signed_it(hubei: Desks) -> None:
    code = World().national_code()
    handle = sha256(b"id0")[:16].hex()
    assert hubei.statements.is_handle_of(handle, code)
    assert not hubei.statements.is_handle_of(handle, World().national_code(number=1))
    forged = World().national_code(key=insecure_test_key("thief"))
    assert not hubei.statements.is_handle_of(handle, forged)
    assert not hubei.statements.is_handle_of(handle, "99861" + "1" * 400)
