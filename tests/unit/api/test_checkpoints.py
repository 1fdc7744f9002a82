"""A checkpoint over the API: direction and temperature with each scan, and how a REFER ended, once."""

import sqlite3
from base64 import b64encode
from contextlib import closing
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.fakes.callers import CALLERS, TestCaller, insecure_test_key
from tests.unit.api.nodes import CallableNode
from tests.world import AT, World
from tongxing.core.checkpoints import PASSAGE_KEPT
from tongxing.core.levels import Level
from tongxing.core.problems import PROBLEMS, ProblemId
from tongxing.core.words import PlaceKind
from tongxing.services.ports import Role
from tongxing.services.verification import Passing
from tongxing.wire.qr import encode_qr_png

pytestmark = pytest.mark.anyio

WORLD = World()
DEVICE, OPERATOR = CALLERS[Role.DEVICE], CALLERS[Role.OPERATOR]
NOT_A_CODE = "HELLO"
PASSED = {"seen": "identity_document", "outcome": "passed"}


async def scan(node: CallableNode, qr_text: str, caller: TestCaller = DEVICE, **told: Any) -> dict[str, Any]:
    body = {"qr_text": qr_text, "place_kind": "traffic_gate", **told}
    answer = await node.call(caller, "POST", "/v1/verifications", body)
    assert answer.status_code == 200, answer.text
    view: dict[str, Any] = answer.json()
    return view


async def trail(node: CallableNode, ref: str) -> dict[str, Any]:
    view: dict[str, Any] = (await node.call(OPERATOR, "GET", f"/v1/verdicts/{ref}/trail")).json()
    return view


async def end(node: CallableNode, ref: str, told: object, caller: TestCaller = DEVICE) -> httpx.Response:
    return await node.call(caller, "POST", f"/v1/verdicts/{ref}/ending", told)


async def enrol_at(node: CallableNode, name: str, site: str) -> TestCaller:
    device = TestCaller(insecure_test_key(name), Role.DEVICE)
    body = {
        "public": f"EdDSA:{device.key.public.raw.hex()}",
        "role": "device",
        "label": name,
        "valid_until": (AT + timedelta(days=30)).isoformat(),
        "site": site,
    }
    answer = await node.call(OPERATOR, "POST", "/v1/credentials", body)
    assert (answer.status_code, answer.json()["site"]) == (201, site)
    return device


def problem_of(answer: httpx.Response) -> ProblemId:
    slug = ProblemId(answer.json()["type"].removeprefix("urn:tongxing:problem:"))
    assert answer.status_code == PROBLEMS[slug].status
    return slug


@pytest.mark.parametrize(
    ("temperature", "outcome"),
    [
        (None, "PASS"),
        ({"decicelsius": 372, "confirmed": True}, "PASS"),
        ({"decicelsius": 373, "confirmed": True}, "REFER"),
        ({"decicelsius": 450, "confirmed": False}, "PASS"),
    ],
)
async def test_a_temperature_counts_from_373_tenths_on_and_only_if_confirmed(
    gateway: CallableNode, temperature: object, outcome: str
) -> None:
    told: dict[str, Any] = {"direction": "in"} | ({} if temperature is None else {"temperature": temperature})
    assert (await scan(gateway, WORLD.national_code(), **told))["outcome"] == outcome


async def test_a_picture_is_decided_with_the_same_reading_and_direction(gateway: CallableNode) -> None:
    picture = encode_qr_png(WORLD.national_code(), 4)
    shown = {"picture": b64encode(picture).decode(), "place_kind": "factory", "direction": "out"}
    reading = {"temperature": {"decicelsius": 380, "confirmed": True}}
    for told, outcome in (({}, "PASS"), (reading, "REFER")):
        answer = await gateway.call(DEVICE, "POST", "/v1/verifications/picture", {**shown, **told})
        assert answer.json()["outcome"] == outcome
        assert (await trail(gateway, answer.json()["ref"]))["direction"] == "out"


@pytest.mark.parametrize(
    "told",
    [
        {"direction": "sideways"},
        {"temperature": {"decicelsius": 37, "confirmed": True}},
        {"temperature": {"decicelsius": 451, "confirmed": True}},
        {"temperature": {"decicelsius": 37.5, "confirmed": True}},
        {"temperature": {"decicelsius": 375}},
        {"temperature": {"decicelsius": 375, "confirmed": "yes"}},
        {"temperature": 375},
        {"site": "of my own choice"},
    ],
    ids=str,
)
async def test_what_cannot_be_is_refused_and_not_guessed(gateway: CallableNode, told: dict[str, object]) -> None:
    body = {"qr_text": NOT_A_CODE, "place_kind": "traffic_gate", **told}
    assert problem_of(await gateway.call(DEVICE, "POST", "/v1/verifications", body)) is ProblemId.BAD_REQUEST


async def test_a_referral_ends_once_and_the_auditor_reads_how(gateway: CallableNode) -> None:
    ref = (await scan(gateway, NOT_A_CODE))["ref"]
    assert (await trail(gateway, ref))["ending"] is None
    answer = await end(gateway, ref, PASSED)
    assert answer.status_code == 201
    told = answer.json()
    assert (told["seen"], told["outcome"], told["device_id"]) == ("identity_document", "passed", DEVICE.key_id)
    assert (await trail(gateway, ref))["ending"] == told

    gateway.clock.move(timedelta(minutes=5))
    again = await end(gateway, ref, PASSED)
    assert (again.status_code, again.json()) == (201, told)
    otherwise = await end(gateway, ref, {"seen": "nothing", "outcome": "turned_away"})
    assert problem_of(otherwise) is ProblemId.CONFLICT
    assert (await trail(gateway, ref))["ending"] == told


async def test_a_session_is_enough_to_record_an_ending(gateway: CallableNode) -> None:
    session = await gateway.open_session()
    ref = (await scan(gateway, NOT_A_CODE))["ref"]
    headers = {**session, "content-type": "application/json"}
    target = f"/v1/verdicts/{ref}/ending"
    answer = await gateway.client.post(target, json={"seen": "nothing", "outcome": "turned_away"}, headers=headers)
    assert (answer.status_code, answer.json()["device_id"]) == (201, DEVICE.key_id)


async def test_another_device_may_record_the_ending_and_is_named(gateway: CallableNode) -> None:
    """The health officer's tablet, not the gate's scanner."""
    officer = await enrol_at(gateway, "OFFICER", "manual lane")
    ref = (await scan(gateway, NOT_A_CODE))["ref"]
    answer = await end(gateway, ref, {"seen": "family_member", "outcome": "health_officer_called"}, officer)
    assert answer.json()["device_id"] == officer.key_id


@pytest.mark.parametrize("level", [Level.LOW, Level.HIGH])
async def test_only_a_referral_has_an_ending(gateway: CallableNode, level: Level) -> None:
    ref = (await scan(gateway, WORLD.national_code(level)))["ref"]
    assert problem_of(await end(gateway, ref, PASSED)) is ProblemId.CONFLICT
    assert (await trail(gateway, ref))["ending"] is None


async def test_an_unknown_verdict_has_no_ending(gateway: CallableNode) -> None:
    assert problem_of(await end(gateway, "abcdefgh", PASSED)) is ProblemId.NOT_FOUND


@pytest.mark.parametrize("told", [{}, {"seen": "a bribe", "outcome": "passed"}, {**PASSED, "outcome": "PASS"}], ids=str)
async def test_an_ending_in_other_words_is_refused(gateway: CallableNode, told: object) -> None:
    ref = (await scan(gateway, NOT_A_CODE))["ref"]
    assert problem_of(await end(gateway, ref, told)) is ProblemId.BAD_REQUEST


async def test_an_ending_changes_neither_the_verdict_nor_its_alarms(gateway: CallableNode) -> None:
    """A forged code let through by hand stays a forged code."""
    code = WORLD.national_code()
    forged = code[:-1] + str((int(code[-1]) + 1) % 10)
    ref = (await scan(gateway, forged))["ref"]
    before = (await gateway.call(OPERATOR, "GET", "/v1/alarms")).json()
    trail_before = await trail(gateway, ref)
    await end(gateway, ref, PASSED)
    assert (await gateway.call(OPERATOR, "GET", "/v1/alarms")).json() == before
    assert {**await trail(gateway, ref), "ending": None} == trail_before
    assert before["alarms"][0]["ref"] == ref


async def test_the_record_holds_a_pseudonym_of_the_site_and_not_of_the_person(gateway: CallableNode) -> None:
    """One code at two gates of one site, at another site, and on another day."""
    south, south_too = await enrol_at(gateway, "SOUTH 1", "south"), await enrol_at(gateway, "SOUTH 2", "south")
    north = await enrol_at(gateway, "NORTH", "north")
    code = WORLD.national_code()
    pseudonyms = {}
    for device in (south, south_too, north, DEVICE):
        passage = await gateway.node.core.stores.passages.find((await scan(gateway, code, device))["ref"])
        assert passage is not None
        assert passage.site_pseudonym is not None
        pseudonyms[device.key_id] = passage.site_pseudonym
    assert pseudonyms[south.key_id] == pseudonyms[south_too.key_id]
    assert len(set(pseudonyms.values())) == 3


async def test_devices_that_stand_at_no_site_are_sites_of_their_own(gateway: CallableNode) -> None:
    code, pseudonyms = WORLD.national_code(), set()
    for device in (DEVICE, await enrol_at(gateway, "ROVING", "")):
        passage = await gateway.node.core.stores.passages.find((await scan(gateway, code, device))["ref"])
        assert passage is not None
        pseudonyms.add(passage.site_pseudonym)
    assert len(pseudonyms) == 2


async def test_a_passage_of_nobody_has_no_pseudonym(gateway: CallableNode) -> None:
    passage = await gateway.node.core.stores.passages.find((await scan(gateway, NOT_A_CODE))["ref"])
    assert passage is not None
    assert passage.site_pseudonym is None


async def test_the_record_holds_no_temperature_and_no_site_in_clear(gateway: CallableNode) -> None:
    device = await enrol_at(gateway, "SOUTH", "the-south-gate")
    reading = {"decicelsius": 391, "confirmed": True}
    ref = (await scan(gateway, WORLD.national_code(), device, temperature=reading, direction="in"))["ref"]
    with closing(sqlite3.connect(gateway.node.core.settings.database)) as connection:
        (row,) = connection.execute("SELECT * FROM passages WHERE ref = ?", (ref,)).fetchall()
    assert 391 not in row
    assert not [value for value in row if isinstance(value, str) and "the-south-gate" in value]
    assert not [value for value in row if isinstance(value, bytes) and b"the-south-gate" in value]
    assert "391" not in gateway.logged.getvalue().decode()


@pytest.mark.parametrize("place", PlaceKind)
async def test_a_passage_is_forgotten_after_the_time_of_its_kind_of_place(
    gateway: CallableNode, place: PlaceKind
) -> None:
    verified = await gateway.node.verification.verify(NOT_A_CODE, Passing("0011", "south", place))  # type: ignore[union-attr]
    passages = gateway.node.core.stores.passages
    assert await passages.purge_passages(AT + PASSAGE_KEPT[place] - timedelta(microseconds=1)) == 0
    assert await passages.find(verified.ref) is not None
    assert await passages.purge_passages(AT + PASSAGE_KEPT[place]) == 1
    assert await passages.find(verified.ref) is None
