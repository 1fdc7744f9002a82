"""Between Macao, Hong Kong and Guangxi: the traveller carries, nobody else sends, and a day is a day."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.fakes.access_stores import HandSetClock
from tests.unit.services.two_regions import (
    GUANGXI_QR,
    PERSON,
    PlayedGateway,
    PlayedHub,
    open_played_gateway,
)
from tests.world import (
    GUANGXI,
    HUBEI,
    PAIRS,
    World,
    data_file,
    insecure_test_key,
    insecure_test_seed,
    report_of,
)
from tongxing.core.border import is_across, is_border_between
from tongxing.core.causes import Cause
from tongxing.core.errors import Refused, Undecidable
from tongxing.core.looks import Ground
from tongxing.core.problems import ProblemId
from tongxing.core.reasons import ReasonId
from tongxing.core.subjects import Document, DocumentType
from tongxing.core.verdicts import Outcome
from tongxing.core.words import FEDERATION, RegionId, Sentence
from tongxing.crypto.digests import sha256
from tongxing.crypto.sealing import SealingPair
from tongxing.services.conversions import Displayed
from tongxing.services.crossing import cut_to_day
from tongxing.services.digest_log import DigestLogDesk, LogEntry, LogPage, SignedLogPage, first_head, next_head
from tongxing.services.hub_desk import ReportDesk
from tongxing.services.looks import HubLookDesk, Looker
from tongxing.services.person_documents import DocumentBook
from tongxing.services.ports import SubjectReport
from tongxing.services.subject_keys import SubjectKeyCache
from tongxing.stores.sqlite.stores import open_stores
from tongxing.trust.directory import Directory, DirectoryRecord, KeyRecord, KeyUse
from tongxing.wire.digest_log import LogHead, encode_log_head, parse_log_head

pytestmark = pytest.mark.anyio

HONG_KONG, MACAO = RegionId("81"), RegionId("82")
NOON = datetime(2020, 6, 1, 4, 0, tzinfo=UTC)
TODAY = date(2020, 6, 1)
MACAO_QR, HONG_KONG_QR = "MOHC:" + "0123456789abcdef" * 2, "HKHC:" + "0123456789abcdef" * 2
SHOWN = {GUANGXI: GUANGXI_QR, MACAO: MACAO_QR, HONG_KONG: HONG_KONG_QR}
WAYS = [(one, other) for one in SHOWN for other in SHOWN if one != other]
LOOKER = Looker("00112233aabbccdd", "app")


class BorderWorld(World):
    """Two regions of the mainland, and both across the border."""

    def directory(self) -> Directory:
        """Return the directory of all, and the federation's own record, whose key signs the log."""
        records = {**super().directory().records, FEDERATION: self.federation_record()}
        for region in (HONG_KONG, MACAO):
            keys = (
                KeyRecord(KeyUse.STATEMENT, self.statement_key(region).public, NOON - timedelta(days=90)),
                KeyRecord(KeyUse.REQUEST, insecure_test_key(f"request {region}").public, NOON - timedelta(days=90)),
            )
            name = Sentence("澳门", "Macao") if region == MACAO else Sentence("香港", "Hong Kong")
            pair = PAIRS[region].public
            records[region] = DirectoryRecord(region, name, f"http://127.0.0.1:9/{region}", keys, pair)
        return Directory(records)


@dataclass
class PlayedLog:
    """The hub's desk behind a wire that can be cut, and that can be made to lie."""

    desk: DigestLogDesk
    is_away: bool = False
    reads: int = 0
    left_out: bytes | None = None
    forged: bool = False

    async def publish(self, digest: bytes) -> LogEntry:
        self._reach()
        return await self.desk.publish(digest)

    async def read(self, day: date, after: int, *, timeout_seconds: float) -> SignedLogPage:
        assert timeout_seconds > 0
        self._reach()
        self.reads += 1
        page = await self.desk.read(day, after)
        if self.forged:
            key = insecure_test_key("somebody else")
            head = parse_log_head(page.signed_head).head_after(lambda _message, _signature: None)
            signed = encode_log_head(head, alg=key.public.cose_alg, kid=self.desk.key.public.kid, sign=key.sign)
            return SignedLogPage(page.digests, signed)
        if self.left_out is not None:
            return SignedLogPage([each for each in page.digests if each != self.left_out], page.signed_head)
        return page

    def _reach(self) -> None:
        if self.is_away:
            raise Refused(ProblemId.UPSTREAM_AWAY)


@dataclass
class Border:
    """Guangxi, Macao and Hong Kong, on one clock."""

    clock: HandSetClock
    hub: PlayedHub
    log: PlayedLog
    gateways: dict[RegionId, PlayedGateway]

    async def carry(self, issuer: RegionId, audience: RegionId, document: Document = PERSON) -> bytes:
        """Return what the traveller downloads at home."""
        desk = self.gateways[issuer].ways.conversion_statements
        carried = await desk.carry(document, "王五", audience, Ground.CONSENT, LOOKER, SHOWN[issuer])
        return carried.data

    async def convert(self, host: RegionId, data: bytes, document: Document = PERSON) -> Displayed:
        return await self.gateways[host].ways.conversions.convert_carried(data, document)

    def refresh(self) -> None:
        """Let every back end have renewed its data now."""
        for region, gateway in self.gateways.items():
            gateway.back_end.shows = SHOWN[region]
            gateway.back_end.refreshed = (self.clock.now() + timedelta(hours=8)).strftime("%Y-%m-%d %H:%M:%S")


@contextlib.asynccontextmanager
async def open_border(folder: Path, template: Path) -> AsyncIterator[Border]:
    for name in ("hub", GUANGXI, MACAO, HONG_KONG):
        shutil.copy(template, folder / f"{name}.sqlite")
    for region in (HONG_KONG, MACAO):
        PAIRS[region] = SealingPair.from_seed(insecure_test_seed(f"seal {region}"))
    world = BorderWorld(issued_at=NOON - timedelta(hours=1))
    world.verifier_days = tuple(TODAY + timedelta(days=offset) for offset in range(-1, 8))
    world.profiles |= {f"{region}.toml": data_file("across", f"{region}.toml") for region in (HONG_KONG, MACAO)}
    async with contextlib.AsyncExitStack() as stack:
        clock = HandSetClock(NOON)
        stores = open_stores(folder / "hub.sqlite")
        stack.push_async_callback(stores.aclose)
        log = PlayedLog(DigestLogDesk(stores.digest_log, World().statement_key(FEDERATION), clock))
        book = DocumentBook(stores.links, stores.person_links)
        hub = PlayedHub(ReportDesk(stores.reports, book), HubLookDesk(stores.looks, book), digest_log=log)
        gateways: dict[RegionId, PlayedGateway] = {}
        for region in (GUANGXI, MACAO, HONG_KONG):
            own = open_stores(folder / f"{region}.sqlite")
            stack.push_async_callback(own.aclose)
            gateways[region] = await open_played_gateway(region, own, hub, gateways, clock, world.bundle())
        border = Border(clock, hub, log, gateways)
        border.refresh()
        yield border


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of the newest form with nothing in it: to bring one to it takes longer than a test."""
    path = tmp_path_factory.mktemp("template") / "empty.sqlite"

    async def make() -> None:
        await open_stores(path).aclose()

    asyncio.run(make())
    return path


@pytest.fixture
async def border(tmp_path: Path, template: Path) -> AsyncIterator[Border]:
    try:
        async with open_border(tmp_path, template) as opened:
            yield opened
    finally:
        for region in (HONG_KONG, MACAO):
            PAIRS.pop(region, None)


async def refused(converting: object) -> str:
    with pytest.raises(Refused) as why:
        await converting  # type: ignore[misc]
    assert why.value.problem is ProblemId.NOT_CONVERTED
    return why.value.detail


def test_the_border_lies_between_each_of_the_two_and_everybody_else() -> None:
    assert is_across(MACAO)
    assert is_across(RegionId("8201"))
    assert not is_across(RegionId("4401"))
    assert is_border_between(MACAO, HONG_KONG)
    assert is_border_between(MACAO, FEDERATION)
    assert not is_border_between(MACAO, RegionId("8201"))
    assert not is_border_between(GUANGXI, HUBEI)


@pytest.mark.parametrize(("issuer", "host"), WAYS)
async def test_a_code_is_converted_each_way_by_what_the_traveller_carries(
    border: Border, issuer: RegionId, host: RegionId
) -> None:
    shown = await border.convert(host, await border.carry(issuer, host))
    assert shown.derived_from == issuer
    assert (shown.rendered is not None and shown.rendered.colour) == "green"
    assert "当日有效" in shown.sentence.zh
    again = await border.gateways[host].ways.conversions.display(shown.conversion_id)
    assert again.qr_text == shown.qr_text


async def test_a_friends_code_crosses_under_the_friends_own_hint(border: Border) -> None:
    """Who brings it is called 王五; whose code it is, the back end says."""
    for issuer, host in WAYS:
        data = await border.carry(issuer, host)
        assert (await border.convert(host, data)).masked_hint == "李*"


async def test_back_ends_gateways_and_hub_exchange_nothing_of_the_person(border: Border) -> None:
    """What the hub is told at all, it is told by the mainland's own gateway, of whoever came to the mainland."""
    for issuer, host in sorted(WAYS, key=lambda way: is_across(way[1]), reverse=True):
        asked_before = border.gateways[host].back_end.asked
        await border.convert(host, await border.carry(issuer, host))
        assert border.gateways[host].back_end.asked == asked_before
        assert (border.hub.told == 0) == is_across(host)
    assert [gateway.peers.asked for gateway in border.gateways.values()] == [0, 0, 0]


async def test_only_a_digest_is_published(border: Border) -> None:
    data = await border.carry(MACAO, GUANGXI)
    page = await border.log.read(TODAY, 0, timeout_seconds=1)
    assert tuple(page.digests) == (sha256(data),)


async def test_a_code_that_was_converted_passes_at_a_gate_of_its_host(border: Border) -> None:
    for host in (GUANGXI, MACAO):
        issuer = MACAO if host == GUANGXI else GUANGXI
        shown = await border.convert(host, await border.carry(issuer, host))
        assert shown.qr_text is not None
        verified = await border.gateways[host].scan(shown.qr_text)
        assert verified.verdict.outcome in {Outcome.PASS, Outcome.PASS_WITH_MEASURES}, verified.verdict


@pytest.mark.parametrize(("host", "shown"), [(GUANGXI, MACAO_QR), (MACAO, GUANGXI_QR), (MACAO, HONG_KONG_QR)])
async def test_a_code_from_across_is_told_to_be_converted_first_and_nobody_is_asked(
    border: Border, host: RegionId, shown: str
) -> None:
    verified = await border.gateways[host].scan(shown)
    assert (verified.verdict.outcome, verified.verdict.reason) == (Outcome.REFER, ReasonId.CARRY_ACROSS)
    assert await refused(border.gateways[host].ways.conversions.convert_shown(shown)) == ReasonId.CARRY_ACROSS
    assert all(gateway.peers.asked == 0 for gateway in border.gateways.values())


async def test_what_ends_today_is_refused_tomorrow(border: Border) -> None:
    kept = [(host, await border.carry(issuer, host)) for issuer, host in WAYS]
    shown = [(host, await border.convert(host, await border.carry(issuer, host))) for issuer, host in WAYS]
    assert {each.expires_at for _, each in shown} == {datetime(2020, 6, 1, 16, 0, tzinfo=UTC)}
    border.clock.move(timedelta(hours=12))
    for host, data in kept:
        await refused(border.convert(host, data))
    for host, each in shown:
        with pytest.raises(Refused):
            await border.gateways[host].ways.conversions.display(each.conversion_id)


@pytest.mark.parametrize("changed", ["yellow", "red", "yesterday"])
async def test_only_what_was_found_low_today_crosses(border: Border, changed: str) -> None:
    back_end = border.gateways[MACAO].back_end
    if changed == "yesterday":
        back_end.refreshed = "2020-05-31 23:59:59"
    else:
        back_end.status = changed
    assert "same day" in await refused(border.carry(MACAO, GUANGXI))
    assert (await border.log.read(TODAY, 0, timeout_seconds=1)).digests == ()


def test_a_report_is_cut_to_the_day_and_a_converted_one_does_not_cross_again() -> None:
    today = report_of(as_of=NOON, valid_until=None)
    assert cut_to_day(today, NOON).valid_until == datetime(2020, 6, 1, 16, 0, tzinfo=UTC)
    for other in (
        replace(today, derived_from=HUBEI),
        report_of(Cause.CLOSE_CONTACT, as_of=NOON, valid_until=None),
        replace(today, as_of=NOON - timedelta(days=1)),
        replace(today, valid_until=NOON),
    ):
        with pytest.raises(Refused):
            cut_to_day(other, NOON)


async def test_a_statement_counts_once_for_its_own_person_in_its_own_region(border: Border) -> None:
    data = await border.carry(MACAO, GUANGXI)
    other = Document(DocumentType.PASSPORT, "E99000002")
    assert "somebody else" in await refused(border.convert(GUANGXI, data, other))
    assert await refused(border.convert(HONG_KONG, data)) == ReasonId.STATEMENT_FOR_ANOTHER_QUERY
    await border.convert(GUANGXI, data)
    assert await refused(border.convert(GUANGXI, data)) == ReasonId.TICKET_USED


async def test_any_altered_byte_is_refused(border: Border) -> None:
    data = await border.carry(MACAO, GUANGXI)
    for place in range(0, len(data), 7):
        altered = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        await refused(border.convert(GUANGXI, altered))
    await border.convert(GUANGXI, data)


async def test_what_was_not_published_is_refused_and_where_nobody_can_know_that_is_said(border: Border) -> None:
    data = await border.carry(MACAO, GUANGXI)
    border.log.left_out = sha256(data)
    assert await refused(border.convert(GUANGXI, data)) == ReasonId.HUB_AWAY
    border.log.left_out, border.log.forged = None, True
    assert await refused(border.convert(GUANGXI, data)) == ReasonId.HUB_AWAY
    border.log.forged, border.log.is_away = False, True
    assert await refused(border.convert(GUANGXI, data)) == ReasonId.HUB_AWAY
    border.log.is_away = False
    await border.convert(GUANGXI, data)


async def test_a_statement_that_its_issuer_never_published_is_forged(
    border: Border, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stolen key signs well; nobody else's digest stands in the log."""
    with monkeypatch.context() as unpublished:
        unpublished.setattr(PlayedLog, "publish", lambda *_: _nothing())
        data = await border.carry(MACAO, GUANGXI)
    assert await refused(border.convert(GUANGXI, data)) == ReasonId.STATEMENT_FORGED


async def _nothing() -> LogEntry:
    return LogEntry(TODAY, 1)


async def test_nothing_is_handed_out_whose_digest_could_not_be_published(border: Border) -> None:
    border.log.is_away = True
    with pytest.raises(Refused) as why:
        await border.carry(MACAO, GUANGXI)
    assert why.value.problem is ProblemId.UPSTREAM_AWAY


async def test_a_log_that_no_longer_holds_what_was_read_is_not_believed(border: Border) -> None:
    first, second = await border.carry(MACAO, GUANGXI), await border.carry(MACAO, GUANGXI)
    await border.convert(GUANGXI, first)
    rewritten = DigestLogDesk(_Rewritten((sha256(second), sha256(b"another"))), border.log.desk.key, border.clock)
    border.log.desk = rewritten
    third = await border.carry(MACAO, GUANGXI)
    assert await refused(border.convert(GUANGXI, third)) == ReasonId.HUB_AWAY


@dataclass
class _Rewritten:
    """A log of other digests than those that were read."""

    digests: tuple[bytes, ...]

    async def append(self, day: date, digest: bytes) -> LogEntry:
        self.digests += (digest,)
        return LogEntry(day, len(self.digests))

    async def read(self, day: date, after: int, limit: int) -> LogPage:
        head = first_head(day)
        for each in self.digests:
            head = next_head(head, each)
        return LogPage(self.digests[after : after + limit], LogHead(day, len(self.digests), head))

    async def forget_before(self, day: date) -> int:
        raise NotImplementedError


async def test_a_statement_without_a_border_is_no_way_around_one(border: Border) -> None:
    """A carried statement of the mainland's kind is refused across, and one across is refused within."""
    desk = border.gateways[GUANGXI].ways.conversion_statements
    with pytest.raises(Refused) as why:
        await desk.carry(PERSON, "王五", MACAO, Ground.CONSENT, LOOKER)
    assert why.value.problem is ProblemId.BAD_REQUEST


async def test_on_the_mainland_what_came_across_is_shown_beside_what_other_regions_say(border: Border) -> None:
    shown = await border.convert(GUANGXI, await border.carry(MACAO, GUANGXI))
    assert shown.others_consulted
    keys = (await border.hub.derive_subject_keys([PERSON]))[0]
    contact = report_of(Cause.CLOSE_CONTACT, issuer=HUBEI, as_of=NOON, valid_until=NOON + timedelta(days=3))
    await border.hub.reports.take_in([SubjectReport(keys[0], contact)], HUBEI)
    turned = await border.gateways[GUANGXI].ways.conversions.display(shown.conversion_id)
    assert turned.rendered is not None
    assert turned.rendered.colour != "green"


async def test_across_no_document_is_looked_up(border: Border) -> None:
    cache: SubjectKeyCache = border.gateways[MACAO].ways.conversions.subject_keys
    with pytest.raises(Refused) as why:
        await cache.keys_of(PERSON)
    assert why.value.problem is ProblemId.UPSTREAM_AWAY
    assert border.hub.told == 0
    assert not isinstance(why.value, Undecidable)
