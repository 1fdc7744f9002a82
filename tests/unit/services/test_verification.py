"""Verifying: durable before it is told, an alarm exactly where the reason says, an answer in time whatever happens."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec import structs

from tests.contract.implementations import open_sqlite
from tests.fakes.outside import YELLOW_OF_A_CONTACT
from tests.unit.services.desks import Desks
from tests.world import AT, GUANGXI, HUBEI, HUBEI_CODE, World, insecure_test_key, report_of
from tongxing.core.causes import Cause
from tongxing.core.errors import Fault, Refused, Rejected, Undecidable
from tongxing.core.levels import Level
from tongxing.core.limits import (
    BACK_END_DEADLINE_SECONDS,
    GATEWAY_DEADLINE_SECONDS,
    VERDICT_DEADLINE_SECONDS,
    VERDICT_KEPT,
)
from tongxing.core.problems import ProblemId
from tongxing.core.reasons import DECIDED_BY_ROW, REASONS, ReasonId
from tongxing.core.verdicts import Outcome
from tongxing.core.words import PlaceKind
from tongxing.services import verification
from tongxing.services.ports import PassageRecord, PassageStore, RecordedEnding
from tongxing.services.verification import Passing, Verified
from tongxing.wire.qr import encode_qr_png

pytestmark = pytest.mark.anyio

Both = tuple[Desks, Desks]
DEVICE = "00112233aabbccdd"
GATE = Passing(DEVICE, "gate 1", PlaceKind.TRAFFIC_GATE)
HANGS_AFTER_SECONDS = 30


async def verify(host: Desks, qr_text: str) -> Verified:
    return await host.verification.verify(qr_text, GATE)


@dataclass
class Watched:
    """A passage store that says what it was given; ``fails`` is raised instead of keeping it."""

    passages: PassageStore
    fails: Exception | None = None
    before: Callable[[PassageRecord], object] = lambda _passage: None
    calls: int = 0

    async def record(self, *passages: PassageRecord) -> None:
        self.calls += 1
        for passage in passages:
            self.before(passage)
        if self.fails is not None:
            raise self.fails
        await self.passages.record(*passages)

    async def find(self, ref: str) -> PassageRecord | None:
        return await self.passages.find(ref)

    async def purge_views(self, at: object) -> int:
        raise NotImplementedError

    async def record_ending(self, ending: object) -> RecordedEnding:
        raise NotImplementedError

    async def find_ending(self, ref: object) -> RecordedEnding | None:
        raise NotImplementedError

    async def purge_passages(self, at: object) -> int:
        raise NotImplementedError


def watch(host: Desks, fails: Exception | None = None) -> Watched:
    watched = Watched(host.stores.passages, fails)
    host.verification._recording._passages = watched
    return watched


async def test_a_verdict_that_was_told_is_found_after_a_restart(both: Both, tmp_path: Path) -> None:
    """Law 7: by whoever opens the same file, with the least that a checkpoint keeps."""
    _, guangxi = both
    verified = await verify(guangxi, HUBEI_CODE)
    again = await open_sqlite(tmp_path / "guangxi" / "gateway")
    kept = await again.passages.find(verified.ref)
    await again.aclose()
    assert kept is not None
    assert (kept.outcome, kept.reason) == (Outcome.PASS, DECIDED_BY_ROW)
    assert (kept.host, kept.issuer, kept.device_id, kept.at) == (GUANGXI, HUBEI, DEVICE, AT)
    assert kept.expires_at == AT + VERDICT_KEPT


async def test_nothing_is_told_before_the_passage_is_durable(both: Both) -> None:
    _, guangxi = both
    held = asyncio.Event()
    keeping = guangxi.stores.passages.record

    class Slow(Watched):
        async def record(self, *passages: PassageRecord) -> None:
            await held.wait()
            await keeping(*passages)

    guangxi.verification._recording._passages = Slow(guangxi.stores.passages)
    telling = asyncio.create_task(verify(guangxi, HUBEI_CODE))
    for _ in range(200):
        await asyncio.sleep(0)
    assert not telling.done()
    held.set()
    assert await guangxi.stores.passages.find((await telling).ref) is not None


@pytest.mark.parametrize(
    "failure", [Refused(ProblemId.OVERLOADED), Fault("the disk is full")], ids=["overloaded", "fault"]
)
async def test_a_verdict_that_could_not_be_recorded_is_not_told(both: Both, failure: Exception) -> None:
    """Neither green nor red nor REFER: the caller learns that there is none, and no alarm is raised on it."""
    _, guangxi = both
    watch(guangxi, failure)
    with pytest.raises(type(failure)):
        await verify(guangxi, HUBEI_CODE)
    with pytest.raises(type(failure)):
        await verify(guangxi, _with_last_digit_changed(World().national_code()))
    assert await guangxi.alarms() == ()


async def test_what_one_turn_decided_is_recorded_together_and_told_to_each_by_itself(both: Both) -> None:
    _, guangxi = both
    seen: list[PassageRecord] = []
    watched = watch(guangxi)
    watched.before = seen.append
    world = World()
    verified = await asyncio.gather(*(verify(guangxi, world.national_code(number=number)) for number in range(8)))
    handles = [each.verdict.subject_handle for each in verified]
    assert len(set(handles)) == len({each.ref for each in verified}) == 8
    assert [passage.ref for passage in seen] == [each.ref for each in verified]
    assert watched.calls == 1
    for each in verified:
        kept = await guangxi.stores.passages.find(each.ref)
        assert kept is not None
        assert guangxi.verification._recording.find_verdict(kept) == each.verdict


async def test_a_caller_who_left_disturbs_nobody_of_the_same_turn(both: Both) -> None:
    _, guangxi = both
    staying, leaving = (asyncio.create_task(verify(guangxi, World().national_code(number=n))) for n in range(2))
    for _ in range(2):
        await asyncio.sleep(0)
    leaving.cancel()
    assert (await staying).verdict.outcome is Outcome.PASS
    assert leaving.cancelled() or leaving.cancelling()


async def test_the_record_holds_no_level_no_name_and_no_code_in_the_clear(both: Both) -> None:
    """Law 8."""
    hubei, guangxi = both
    hubei.back_end.content = YELLOW_OF_A_CONTACT
    seen: list[PassageRecord] = []
    watch(guangxi).before = seen.append
    verified = await verify(guangxi, HUBEI_CODE)
    assert verified.verdict.report is not None
    assert verified.verdict.report.has_cause(Cause.CLOSE_CONTACT)
    written = repr(seen[0]).encode() + (seen[0].views or b"")
    for secret in ("close_contact", "王", HUBEI_CODE, verified.verdict.subject_handle or "?", "420"):
        assert secret.encode() not in written


async def test_two_passages_of_one_person_share_nothing_that_is_kept(both: Both) -> None:
    _, guangxi = both
    code = World().national_code()
    first, second = [await guangxi.stores.passages.find((await verify(guangxi, code)).ref) for _ in range(2)]
    assert first is not None
    assert second is not None
    assert first.ref != second.ref
    assert first.views is not None
    assert second.views is not None
    assert first.views[:12] != second.views[:12]


def answering(why: Exception) -> Callable[[Desks, Desks], str]:
    """The issuer's gateway gives this reason instead of a statement."""

    def prepare(_hubei: Desks, guangxi: Desks) -> str:
        guangxi.peers.fails = why
        return HUBEI_CODE

    return prepare


def _changed(_hubei: Desks, guangxi: Desks) -> str:
    guangxi.peers.change = lambda data: data[:-1] + bytes([data[-1] ^ 1])
    return HUBEI_CODE


def _for_another_query(hubei: Desks, guangxi: Desks) -> str:
    guangxi.peers.change = lambda _: World().statement(report_of())
    hubei.back_end.content = YELLOW_OF_A_CONTACT
    return HUBEI_CODE


def _others_record(hubei: Desks, _guangxi: Desks) -> str:
    hubei.back_end.second_document = "99****2X"
    return HUBEI_CODE


def showing(make: Callable[[], str]) -> Callable[[Desks, Desks], str]:
    return lambda _hubei, _guangxi: make()


SCANS: dict[str, tuple[Callable[[Desks, Desks], str], ReasonId]] = {
    "good": (showing(lambda: HUBEI_CODE), ReasonId.LOW_LEVEL_LOW_ORIGIN),
    "good national": (showing(lambda: World().national_code()), ReasonId.LOW_LEVEL_LOW_ORIGIN),
    "stopped": (showing(lambda: World().national_code(Level.HIGH)), ReasonId.LEVEL_HIGH),
    "no code": (showing(lambda: "hello"), ReasonId.NOT_A_CODE),
    "expired": (showing(lambda: World().national_code(at=AT - timedelta(minutes=5))), ReasonId.CODE_EXPIRED),
    "another key's": (showing(lambda: World().national_code(key=insecure_test_key("thief"))), ReasonId.UNKNOWN_KEY),
    "forged": (showing(lambda: _with_last_digit_changed(World().national_code())), ReasonId.SIGNATURE_INVALID),
    "everlasting": (showing(lambda: World().national_code(life_seconds=9_999)), ReasonId.CODE_LIFE_TOO_LONG),
    "used": (answering(Rejected(ReasonId.TICKET_USED)), ReasonId.TICKET_USED),
    "unknown ticket": (answering(Rejected(ReasonId.TICKET_UNKNOWN)), ReasonId.TICKET_UNKNOWN),
    "gateway away": (answering(Undecidable(ReasonId.GATEWAY_AWAY)), ReasonId.GATEWAY_AWAY),
    "source slow": (answering(Undecidable(ReasonId.SOURCE_SLOW)), ReasonId.SOURCE_SLOW),
    "changed statement": (_changed, ReasonId.STATEMENT_FORGED),
    "statement for another query": (_for_another_query, ReasonId.STATEMENT_FOR_ANOTHER_QUERY),
    "another's record": (_others_record, ReasonId.OTHER_PERSONS_RECORD),
}


def _with_last_digit_changed(text: str) -> str:
    return text[:-1] + str((int(text[-1]) + 1) % 10)


@pytest.mark.parametrize("scan", SCANS)
async def test_an_alarm_is_raised_exactly_where_the_reason_says_so(both: Both, scan: str) -> None:
    hubei, guangxi = both
    prepare, reason = SCANS[scan]
    verified = await verify(guangxi, prepare(hubei, guangxi))
    assert verified.verdict.reason is reason
    alarms = [(alarm.reason, alarm.ref, alarm.at) for alarm in await guangxi.alarms()]
    assert alarms == ([(reason, verified.ref, AT)] if REASONS[reason].alarm else [])


async def test_a_one_time_code_shown_twice_passes_once(both: Both) -> None:
    """Law 10, through both gateways: also when both are scanned at the same moment."""
    hubei, guangxi = both
    verdicts = await asyncio.gather(verify(guangxi, HUBEI_CODE), verify(guangxi, HUBEI_CODE))
    assert {each.verdict.outcome for each in verdicts} == {Outcome.PASS, Outcome.REFER}
    assert [alarm.reason for alarm in await guangxi.alarms()] == [ReasonId.TICKET_USED]
    assert [alarm.reason for alarm in await hubei.alarms()] == [ReasonId.TICKET_USED]
    assert (await verify(hubei, HUBEI_CODE)).verdict.reason is ReasonId.TICKET_USED


async def test_an_issuer_that_never_answers_is_slow_and_referred(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    _, guangxi = both
    monkeypatch.setattr(verification, "GATEWAY_DEADLINE_SECONDS", 0.01)
    guangxi.peers.before = asyncio.Event().wait
    verdict = (await asyncio.wait_for(verify(guangxi, HUBEI_CODE), HANGS_AFTER_SECONDS)).verdict
    assert (verdict.outcome, verdict.reason) == (Outcome.REFER, ReasonId.GATEWAY_SLOW)


async def test_the_deadlines_leave_time_for_the_rest() -> None:
    """The issuer gives up on its back end first, then the host on the issuer, and then the verdict is due."""
    assert BACK_END_DEADLINE_SECONDS < GATEWAY_DEADLINE_SECONDS < VERDICT_DEADLINE_SECONDS


async def test_a_region_asks_its_own_back_end_for_its_own_codes(both: Both) -> None:
    hubei, _ = both
    hubei.peers.fails = AssertionError("no other gateway need be asked")
    assert (await verify(hubei, HUBEI_CODE)).verdict.reason is ReasonId.LOCAL_CONDITION


async def test_each_query_has_an_id_of_its_own(both: Both) -> None:
    hubei, guangxi = both
    for letter in "AB":
        await verify(guangxi, "HBJKM." + letter * 43)
    ids = {request.headers["x-request-id"] for request in hubei.back_end.asked}
    assert len(ids) == 2


async def test_a_picture_is_verified_as_the_text_that_it_shows(both: Both) -> None:
    _, guangxi = both
    picture = encode_qr_png(World().national_code(), 4)
    assert (await guangxi.verification.verify_picture(picture, GATE)).verdict.outcome is Outcome.PASS
    verified = await guangxi.verification.verify_picture(b"no picture", GATE)
    assert verified.verdict.reason is ReasonId.PICTURE_UNREADABLE


async def test_before_the_first_bundle_there_is_no_verdict_at_all(guangxi: Desks) -> None:
    guangxi.reference._knowledge = None
    with pytest.raises(Undecidable):
        await verify(guangxi, HUBEI_CODE)


async def test_the_trail_and_the_citizens_view_are_read_from_what_was_kept(both: Both) -> None:
    _, guangxi = both
    ref = (await verify(guangxi, HUBEI_CODE)).ref
    assert (await guangxi.verification.trail(ref)).outcome is Outcome.PASS
    assert (await guangxi.verification.shared_verdict(ref, HUBEI)).view.outcome is Outcome.PASS
    for asking in (GUANGXI, None):
        with pytest.raises(Refused) as refused:
            await guangxi.verification.shared_verdict(ref, asking)
        assert refused.value.problem is ProblemId.FORBIDDEN


async def test_views_moved_under_another_reference_cannot_be_opened(both: Both) -> None:
    """Whoever can write the store still cannot put one person's verdict in the place of another's."""
    _, guangxi = both
    ref = (await verify(guangxi, HUBEI_CODE)).ref
    kept = await guangxi.stores.passages.find(ref)
    assert kept is not None
    await guangxi.stores.passages.record(structs.replace(kept, ref="swapped"))
    with pytest.raises(Refused) as refused:
        await guangxi.verification.trail("swapped")
    assert refused.value.problem is ProblemId.NOT_FOUND
