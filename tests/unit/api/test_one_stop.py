"""One-stop queries through the whole applications of a gateway and a hub: who is told what, and what is recorded."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.fakes.callers import CALLERS, TestCaller
from tests.unit.api.nodes import ORIGIN, CallableNode
from tests.world import AT, GUANGXI, HUBEI, report_of
from tongxing.app.nodes import Gateway, Hub
from tongxing.connectors.http_exchange import SignedCaller
from tongxing.connectors.hub import HttpHub
from tongxing.connectors.one_stop import HttpOneStop
from tongxing.core.causes import Cause
from tongxing.core.datasets import Dataset
from tongxing.core.documents import normalise_document
from tongxing.core.errors import Refused, Undecidable
from tongxing.core.evidence import Evidence, EvidenceKind, ProofResult
from tongxing.core.limits import ONE_STOPS_PER_OPERATOR_PER_MINUTE, ONE_STOPS_PER_SUBJECT_PER_DAY
from tongxing.core.looks import Ground, Look, Purpose
from tongxing.core.one_stop import Absence
from tongxing.core.problems import PROBLEMS, ProblemId
from tongxing.core.reasons import ReasonId
from tongxing.core.subjects import SubjectKeys
from tongxing.core.words import RegionId
from tongxing.services.admission import Admission, Priority
from tongxing.services.circuits import FAILURES_MAX, PAUSE
from tongxing.services.citizens import Citizen
from tongxing.services.live_sources import LiveAnswer, LiveSources
from tongxing.services.one_stop_ports import OneStop
from tongxing.services.ports import Role, SubjectReport

pytestmark = pytest.mark.anyio

BACK_END, DEVICE, OPERATOR = CALLERS[Role.BACK_END], CALLERS[Role.DEVICE], CALLERS[Role.OPERATOR]
PASSPORT = {"type": "20", "number": "E99000001"}
PERSON = normalise_document("20", "E99000001")
DAY = timedelta(days=1)
WUHAN_HIGH = "420102"


class Told:
    """An owner's system that answers as a test wants."""

    def __init__(self, *pieces: Evidence, seconds: float = 0.0, fails: ReasonId | None = None) -> None:
        self.pieces, self.seconds, self.fails = pieces, seconds, fails
        self.asked = 0

    async def ask(self, keys: SubjectKeys, *, timeout_seconds: float) -> LiveAnswer:
        assert keys
        assert timeout_seconds > 0
        self.asked += 1
        await asyncio.sleep(self.seconds)
        if self.fails is not None:
            raise Undecidable(self.fails)
        return LiveAnswer(self.pieces, AT)


class Away:
    """A hub that nobody reaches."""

    async def ask(self, keys: SubjectKeys, look: Look | None, *, timeout_seconds: float, details: bool) -> OneStop:
        raise Refused(ProblemId.UPSTREAM_AWAY, f"{len(keys)} keys, {look}, {timeout_seconds} s, {details}")


class Places:
    """A hub, and a gateway that reaches it."""

    def __init__(self, gateway: CallableNode, hub: CallableNode) -> None:
        assert isinstance(gateway.node, Gateway)
        assert isinstance(hub.node, Hub)
        self.gateway, self.hub = gateway, hub
        self.gate, self.nation = gateway.node, hub.node
        signed = SignedCaller(hub.client, CALLERS[Role.GATEWAY].key, hub.clock, hub.entropy)
        self.source = HttpOneStop(signed, ORIGIN)
        self.gate.subject_keys._hub = HttpHub(signed, ORIGIN)
        object.__setattr__(self.gate.ways.one_stop, "source", self.source)
        # A busy machine is no source that is slow; what deadlines do is shown where they are given.
        object.__setattr__(self.gate.ways.one_stop, "deadline_seconds", 9.0)
        self.nation.one_stop.deadline_seconds = 9.0

    def cut(self) -> None:
        object.__setattr__(self.gate.ways.one_stop, "source", Away())

    async def keys(self) -> SubjectKeys:
        return await self.gate.subject_keys.keys_of(PERSON)

    async def report(self, *causes: Cause, issuer: RegionId = HUBEI) -> None:
        row = SubjectReport((await self.keys())[0], report_of(*causes, issuer=issuer))
        await self.nation.report_desk.take_in([row], issuer)

    async def evidence(self, kind: str, *, since: timedelta = -DAY, ref: str = "a-1", **changes: Any) -> None:
        row = {"document": PASSPORT, "kind": kind, "ref": ref, "revision": 1, "since": AT + since, **changes}
        body = {"rows": [row]}
        assert (await self.hub.call(OPERATOR, "POST", "/v1/evidence", body)).status_code == 200

    async def ask(self, caller: TestCaller = BACK_END, **changes: Any) -> Any:
        body = {"document": PASSPORT, "consent": True, **changes}
        return await self.gateway.call(caller, "POST", "/v1/one-stop-queries", body)

    async def told(self, caller: TestCaller = BACK_END, **changes: Any) -> Any:
        answer = await self.ask(caller, **changes)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def live(self, **sources: Told) -> None:
        named = {Dataset(name): source for name, source in sources.items()}
        self.nation.one_stop.live = LiveSources(named, self.hub.clock)

    async def looks(self) -> Sequence[Look]:
        return await self.nation.looks.looks_at(await self.keys())


@pytest.fixture
async def at(gateway: CallableNode, hub: CallableNode) -> Places:
    return Places(gateway, hub)


def source(told: Any, name: str) -> Any:
    (found,) = [each for each in told["sources"] if each["name"] == name]
    return found


def problem_of(answer: httpx.Response) -> ProblemId:
    slug = ProblemId(answer.json()["type"].removeprefix("urn:tongxing:problem:"))
    assert answer.status_code == PROBLEMS[slug].status
    return slug


# Everything in one answer


async def test_one_question_is_answered_with_every_regions_report_and_every_dataset(at: Places) -> None:
    await at.report(issuer=HUBEI)
    await at.report(Cause.CLOSE_CONTACT, issuer=RegionId("34"))
    await at.evidence("test", result="negative")
    await at.evidence("train", division=WUHAN_HIGH, until=AT)
    told = await at.told()
    assert {row["region"]: row["level"] for row in told["reports"]} == {"00": "10", "34": "10", "42": "00"}
    assert told["together"]["level"] == "10"
    assert [(each["kind"], each.get("risk"), each.get("result")) for each in told["findings"]] == [
        ("train", "high", None),
        ("test", None, "negative"),
    ]
    assert {each["name"] for each in told["sources"]} >= {*Dataset}


async def test_each_source_says_until_when_it_is_whole_and_what_was_never_docked_is_unavailable(at: Places) -> None:
    body = {"rows": [], "complete_until": {"tests": AT - timedelta(hours=1), "border_entries": AT - 3 * DAY}}
    assert (await at.hub.call(OPERATOR, "POST", "/v1/evidence", body)).status_code == 200
    await at.report()
    told = await at.told()
    tests, entries, air = (source(told, name) for name in ("tests", "border_entries", "air_journeys"))
    assert (tests["as_of"], tests["is_late"], tests["unavailable"]) == ("2020-03-21T03:00:00Z", False, None)
    assert (entries["is_late"], entries["unavailable"]) == (True, None)
    assert (air["as_of"], air["unavailable"]) == (None, "not_docked")
    assert air["unavailable_words"]["zh"]


async def test_a_masked_name_comes_from_apart_and_the_whole_one_is_nowhere(at: Places) -> None:
    await at.evidence("vaccination", result="complete", name="欧阳修")
    await at.report()
    assert (await at.told())["masked_hint"] == "欧**"
    held = await at.nation.core.stores.masked_names.find(await at.keys())
    assert held is not None
    assert "欧".encode() not in held.sealed


# Live sources, their deadline and their circuits


async def test_what_a_source_tells_live_counts_for_the_level_and_is_newer_than_what_was_handed_in(at: Places) -> None:
    await at.evidence("case", cause="confirmed_case", ref="c-1")
    at.live(cases=Told(Evidence(EvidenceKind.CASE, "c-1", 2, AT - DAY, AT, None, Cause.SUSPECTED_CASE)))
    told = await at.told()
    assert source(told, "cases")["is_live"]
    assert not told["together"]["causes"]
    at.live(cases=Told())
    assert [cause["cause"] for cause in (await at.told())["together"]["causes"]] == ["confirmed_case"]


async def test_sources_that_are_away_slow_or_unreadable_are_named_so_and_the_others_are_told_in_time(
    at: Places,
) -> None:
    await at.report()
    await at.evidence("test", result="negative")
    at.live(
        tests=Told(fails=ReasonId.SOURCE_SLOW),
        vaccinations=Told(fails=ReasonId.SOURCE_AWAY),
        border_entries=Told(Evidence(EvidenceKind.CASE, "x", 1, AT)),
        recoveries=Told(Evidence(EvidenceKind.RECOVERY, "r-1", 1, AT - DAY)),
    )
    told = await at.told()
    absences = {name: source(told, name)["unavailable"] for name in ("tests", "vaccinations", "border_entries")}
    assert absences == {"tests": "slow", "vaccinations": "away", "border_entries": "unreadable"}
    assert source(told, "tests")["as_of"] is not None
    assert [each["kind"] for each in told["findings"]] == ["test", "recovery"]


async def test_nobody_is_waited_for_beyond_the_deadline(at: Places) -> None:
    endless, quick = Told(seconds=3_600.0), Told(Evidence(EvidenceKind.RECOVERY, "r-1", 1, AT - DAY))
    at.live(tests=endless, recoveries=quick)
    told = await at.nation.one_stop.live.ask_all(await at.keys(), within_seconds=0.5)
    assert told == {Dataset.TESTS: Absence.SLOW, Dataset.RECOVERIES: LiveAnswer(quick.pieces, AT)}


async def test_with_no_time_left_the_hub_says_that_it_is_overloaded(at: Places) -> None:
    with pytest.raises(Refused) as refused:
        await at.nation.one_stop.ask(await at.keys(), HUBEI, None, within_seconds=0.0)
    assert refused.value.problem is ProblemId.OVERLOADED


async def test_a_source_that_keeps_failing_is_left_alone_and_comes_back_by_one_trial(at: Places) -> None:
    await at.report()
    failing = Told(fails=ReasonId.SOURCE_AWAY)
    at.live(tests=failing)
    last = [await at.told() for _ in range(FAILURES_MAX + 3)][-1]
    assert (failing.asked, source(last, "tests")["unavailable"]) == (FAILURES_MAX, "paused")
    for node in (at.hub, at.gateway):
        node.clock.move(PAUSE)
    failing.fails = None
    assert source(await at.told(), "tests")["unavailable"] is None


async def test_under_load_reports_are_told_and_details_are_not(at: Places) -> None:
    """Verdicts before panels: what decides comes first."""
    await at.report(Cause.CLOSE_CONTACT)
    await at.evidence("test", result="negative")
    live = Told()
    at.live(vaccinations=live)
    at.nation.one_stop.panels_at_once_max = 0
    told = await at.told()
    assert (told["together"]["level"], told["findings"], live.asked) == ("10", [], 0)
    assert {source(told, dataset)["unavailable"] for dataset in Dataset} == {"busy"}


async def test_the_less_a_node_can_take_in_the_fewer_are_told_details(at: Places) -> None:
    await at.report(Cause.CLOSE_CONTACT)
    await at.evidence("test", result="negative")
    asked, go_on = asyncio.Event(), asyncio.Event()

    class Waits(Told):
        async def ask(self, keys: SubjectKeys, *, timeout_seconds: float) -> LiveAnswer:
            asked.set()
            await go_on.wait()
            return await super().ask(keys, timeout_seconds=timeout_seconds)

    at.live(vaccinations=Waits())
    at.nation.one_stop.admission = Admission(2)
    first = asyncio.create_task(at.told())
    async with asyncio.timeout(10):
        await asked.wait()
        second = await at.told()
    go_on.set()
    assert (second["together"]["level"], second["findings"]) == ("10", [])
    assert source(second, "tests")["unavailable"] == "busy"
    assert [each["kind"] for each in (await first)["findings"]] == ["test"]


async def test_a_gateway_with_much_to_do_asks_for_reports_alone_before_it_turns_a_query_away(at: Places) -> None:
    await at.report(Cause.CLOSE_CONTACT)
    await at.evidence("test", result="negative")
    admission = Admission(8)
    object.__setattr__(at.gate.ways.one_stop, "admission", admission)
    told = {}
    for count in range(1, 9):
        assert admission.enter(Priority.VERDICT)
        if not admission.has_room(Priority.QUERY):
            break
        answer = await at.told()
        assert answer["together"]["level"] == "10"
        told[count] = bool(answer["findings"])
    assert told == {count: count <= 4 for count in range(1, 6)}


async def test_with_a_hub_that_has_too_much_to_do_what_is_held_here_is_told_or_when_to_come_again(at: Places) -> None:
    await at.report(Cause.CLOSE_CONTACT)
    keys = await at.keys()
    admission = at.nation.core.admission
    while admission.enter(Priority.VERDICT):
        pass
    answer = await at.ask()
    assert problem_of(answer) is ProblemId.OVERLOADED
    assert int(answer.headers["retry-after"]) >= 1
    await at.gate.core.stores.reports.put_reports([SubjectReport(keys[0], report_of(issuer=GUANGXI))])
    told = await at.told()
    assert [row["region"] for row in told["reports"]] == [GUANGXI]
    assert {source(told, dataset)["unavailable"] for dataset in Dataset} == {"busy"}


async def test_with_the_hub_away_what_is_held_here_is_told_and_every_dataset_is_named_unavailable(at: Places) -> None:
    keys = await at.keys()
    await at.gate.core.stores.reports.put_reports([SubjectReport(keys[0], report_of(issuer=GUANGXI))])
    at.cut()
    told = await at.told()
    assert [row["region"] for row in told["reports"]] == [GUANGXI]
    assert not told["together"]["others_consulted"]
    assert {each["unavailable"] for each in told["sources"]} == {"hub_away"}


async def test_with_the_hub_away_and_nothing_held_nobody_is_told_that_there_is_no_record(at: Places) -> None:
    await at.keys()
    at.cut()
    assert problem_of(await at.ask()) is ProblemId.UPSTREAM_AWAY


# Who is told what


async def test_a_checkpoint_is_told_a_verdict_and_no_level_region_place_or_name(at: Places) -> None:
    await at.report(Cause.CLOSE_CONTACT)
    await at.evidence("train", division=WUHAN_HIGH, until=AT, name="王五")
    await at.evidence("vaccination", result="complete")
    answer = await at.ask(DEVICE, consent=False, presence=True, place_kind="traffic_gate")
    told = answer.json()
    assert set(told) == {"view", "sources", "decided_at", "verdict", "bands"}
    assert told["verdict"]["outcome"] in {"STOP", "REFER"}
    for secret in (WUHAN_HIGH, '"close_contact"', "王", '"10"', '"42"', "high"):
        assert secret not in answer.text
    assert {each["unavailable"] for each in told["sources"]} == {"not_docked"}


async def test_an_applications_answer_has_no_numbers_and_an_auditors_has(at: Places) -> None:
    await at.report()
    await at.evidence("test", result="negative", ref="lab-77")
    plain = await at.ask()
    assert "lab-77" not in plain.text
    assert "looks" not in plain.json()
    told = await at.told(OPERATOR)
    assert (told["view"], told["findings"][0]["ref"], told["reports"][-1]["revision"]) == ("auditor", "lab-77", 1)
    assert [look["purpose"] for look in told["looks"]] == ["audit", "one_stop_query"]


async def test_a_person_is_told_everything_of_themselves_and_who_has_asked_and_is_no_look(at: Places) -> None:
    await at.report()
    await at.evidence("test", result="negative")
    await at.told()
    opened = at.gate.citizens.sessions.open(Citizen(await at.keys(), "王*"))
    cookies = {"cookie": f"tongxing-session={opened.token}"}
    answer = await at.gateway.client.get("/v1/my/one-stop", headers=cookies)
    told = answer.json()
    assert (told["view"], told["masked_hint"], [each["kind"] for each in told["findings"]]) == (
        "citizen",
        "王*",
        ["test"],
    )
    assert [look["purpose"] for look in told["looks"]] == ["one_stop_query"]
    assert [look.purpose for look in await at.looks()] == [Purpose.ONE_STOP_QUERY]


# Ground, looks, limits


@pytest.mark.parametrize(
    ("caller", "changes"),
    [
        (BACK_END, {"consent": False}),
        (OPERATOR, {"consent": False}),
        (DEVICE, {"consent": True, "place_kind": "traffic_gate"}),
    ],
)
async def test_nobody_is_asked_about_without_a_ground_and_nothing_is_recorded(
    at: Places, caller: TestCaller, changes: dict[str, Any]
) -> None:
    assert problem_of(await at.ask(caller, **changes)) is ProblemId.CONSENT_NEEDED
    assert await at.looks() == ()


async def test_a_purpose_that_is_not_in_the_list_is_refused(at: Places) -> None:
    assert problem_of(await at.ask(purpose="curiosity")) is ProblemId.BAD_REQUEST


async def test_each_query_about_somebody_else_is_a_look_at_the_hub_and_at_home(at: Places) -> None:
    await at.report()
    await at.told(purpose="health_query")
    await at.told(OPERATOR, consent=False, presence=True)
    audit, query = await at.looks()
    assert (query.looker, query.purpose, query.ground) == (BACK_END.key_id, Purpose.HEALTH_QUERY, Ground.CONSENT)
    assert (audit.looker, audit.purpose, audit.ground) == (OPERATOR.key_id, Purpose.AUDIT, Ground.PRESENCE)
    assert {look.region for look in (audit, query)} == {GUANGXI}
    assert len(await at.gate.core.stores.looks.looks_at(await at.keys(), 10)) == 2


async def test_a_checkpoints_query_is_one_look_and_one_passage(at: Places) -> None:
    await at.report()
    answer = await at.ask(DEVICE, consent=False, presence=True, place_kind="traffic_gate")
    assert await at.gate.core.stores.passages.find(answer.json()["verdict"]["ref"]) is not None
    (look,) = await at.looks()
    assert (look.looker, look.ground) == (DEVICE.key_id, Ground.PRESENCE)


async def test_an_auditor_asks_about_few_people_a_minute(at: Places) -> None:
    await at.report()
    for _ in range(ONE_STOPS_PER_OPERATOR_PER_MINUTE):
        assert (await at.ask(OPERATOR)).status_code == 200
    assert problem_of(await at.ask(OPERATOR)) is ProblemId.LIMITED


async def test_the_looks_at_one_person_are_limited_over_all_regions_together(at: Places) -> None:
    """Whoever asks through several regions meets the same limit at the hub."""
    await at.report()
    keys, hub = await at.keys(), at.nation.one_stop
    look = Look(keys[0], AT, HUBEI, "k", "s", Purpose.ONE_STOP_QUERY, Ground.CONSENT)
    for number in range(ONE_STOPS_PER_SUBJECT_PER_DAY):
        await hub.ask(keys, RegionId(f"{11 + number % 3}"), look)
    with pytest.raises(Refused) as refused:
        await hub.ask(keys, HUBEI, look)
    assert refused.value.problem is ProblemId.LIMITED
    assert problem_of(await at.ask()) is ProblemId.LIMITED


async def test_a_gateway_cannot_record_its_look_at_somebody_else_than_it_asks_about(at: Places) -> None:
    keys = await at.keys()
    other = "01" + "00" * 32
    look = {
        "subject": other,
        "at": AT,
        "looker": "k",
        "site": "s",
        "purpose": "one_stop_query",
        "ground": "consent",
    }
    body = {"subject_keys": [key.hex() for key in keys], "look": look}
    answer = await at.hub.call(CALLERS[Role.GATEWAY], "POST", "/v1/person-queries", body)
    assert problem_of(answer) is ProblemId.BAD_REQUEST


async def test_the_hubs_answer_reaches_the_gateway_whole(at: Places) -> None:
    await at.report()
    await at.evidence("antigen", result="positive")
    told = await at.source.ask(await at.keys(), None, timeout_seconds=5, details=True)
    assert isinstance(told, OneStop)
    (finding,) = told.panels.findings
    assert (finding.result, finding.dataset) == (ProofResult.POSITIVE, Dataset.TESTS)
    assert [row.report.issuer for row in told.reports] == [HUBEI]
