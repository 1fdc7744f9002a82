"""Who is calling: proven by an enrolled key, now, once; sessions end when they must."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.fakes.access_stores import SPRING, CountedEntropy, CredentialsInMemory, HandSetClock, NoncesInMemory
from tests.fakes.callers import CALLERS, TestCaller, insecure_test_key
from tongxing.core.errors import Refused
from tongxing.core.limits import CLOCK_SKEW, REQUEST_SIGNATURE_LIFE, SESSION_LIFE, SESSION_RECHECK
from tongxing.core.problems import ProblemId
from tongxing.core.words import RegionId
from tongxing.crypto.suites import SuiteId
from tongxing.services.access import Access, SignedRequest
from tongxing.services.ports import Credential, Role
from tongxing.services.sessions import Sessions

pytestmark = pytest.mark.anyio

URL = "http://guangxi.example:8002/v1/verifications?x=1"
NONCE = "0123456789abcdef"
DEVICE = CALLERS[Role.DEVICE]


class World:
    """An Access with fakes at its ports, and every role enrolled."""

    def __init__(self) -> None:
        self.clock = HandSetClock()
        self.credentials = CredentialsInMemory()
        self.nonces = NoncesInMemory()
        self.sessions = Sessions(CountedEntropy())
        self.listed: dict[str, Credential] = {}
        self.access = self.restarted()

    def restarted(self) -> Access:
        return Access(
            credentials=self.credentials,
            nonces=self.nonces,
            sessions=self.sessions,
            clock=self.clock,
            listed=lambda key_id, _at: self.listed.get(key_id),
        )


@pytest.fixture
async def world() -> World:
    made = World()
    for caller in CALLERS.values():
        await made.credentials.enrol(caller.credential())
    return made


def request_by(
    caller: TestCaller, *, created: datetime = SPRING, nonce: str = NONCE, body: bytes = b'{"a":1}', url: str = URL
) -> SignedRequest:
    headers = caller.sign(
        "POST", url, created=created, nonce=nonce, headers={"content-type": "application/json"}, body=body
    )
    return SignedRequest("POST", url, headers, body)


@pytest.mark.parametrize("role", list(CALLERS))
async def test_an_enrolled_key_is_known_with_its_role_and_region(world: World, role: Role) -> None:
    caller = await world.access.check_request(request_by(CALLERS[role]))
    assert (caller.role, caller.region, caller.key_id) == (role, CALLERS[role].region, CALLERS[role].key_id)


async def test_both_suites_are_accepted(world: World) -> None:
    device = TestCaller(insecure_test_key("P-256", SuiteId.ES256), Role.DEVICE)
    await world.credentials.enrol(device.credential())
    assert (await world.access.check_request(request_by(device))).key_id == device.key_id


CHANGES: dict[str, tuple[Callable[[SignedRequest], SignedRequest], ProblemId]] = {
    "body": (lambda request: replace(request, body=b'{"a":2}'), ProblemId.SIGNATURE_INVALID),
    "no body": (lambda request: replace(request, body=b""), ProblemId.SIGNATURE_INVALID),
    "method": (lambda request: replace(request, method="PUT"), ProblemId.SIGNATURE_INVALID),
    "path": (lambda request: replace(request, url=URL.replace("verif", "clarif")), ProblemId.SIGNATURE_INVALID),
    "query": (lambda request: replace(request, url=URL.replace("x=1", "x=2")), ProblemId.SIGNATURE_INVALID),
    "node": (lambda request: replace(request, url=URL.replace("guangxi", "hubei")), ProblemId.SIGNATURE_INVALID),
    "content type": (
        lambda request: replace(request, headers={**request.headers, "content-type": "text/plain"}),
        ProblemId.SIGNATURE_INVALID,
    ),
    "no signature": (
        lambda request: replace(request, headers={"content-type": "application/json"}),
        ProblemId.UNAUTHENTICATED,
    ),
    "another key's id": (
        lambda request: replace(
            request,
            headers={
                **request.headers,
                "signature-input": request.headers["signature-input"].replace(
                    DEVICE.key_id, CALLERS[Role.OPERATOR].key_id
                ),
            },
        ),
        ProblemId.SIGNATURE_INVALID,
    ),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_a_request_changed_on_the_way_is_refused(world: World, change: str) -> None:
    changed, problem = CHANGES[change]
    with pytest.raises(Refused) as refused:
        await world.access.check_request(changed(request_by(DEVICE)))
    assert refused.value.problem is problem
    assert world.nonces.held == {}


async def test_an_unknown_key_is_refused(world: World) -> None:
    stranger = TestCaller(insecure_test_key("STRANGER"), Role.OPERATOR)
    with pytest.raises(Refused) as refused:
        await world.access.check_request(request_by(stranger))
    assert refused.value.problem is ProblemId.UNAUTHENTICATED


async def test_a_request_is_taken_once(world: World) -> None:
    request = request_by(DEVICE)
    await world.access.check_request(request)
    with pytest.raises(Refused) as refused:
        await world.access.check_request(request)
    assert refused.value.problem is ProblemId.NONCE_REPLAYED


async def test_a_request_is_taken_once_across_a_restart(world: World) -> None:
    await world.access.check_request(request_by(DEVICE))
    with pytest.raises(Refused) as refused:
        await world.restarted().check_request(request_by(DEVICE))
    assert refused.value.problem is ProblemId.NONCE_REPLAYED


async def test_two_callers_may_draw_the_same_nonce(world: World) -> None:
    await world.access.check_request(request_by(DEVICE))
    await world.access.check_request(request_by(CALLERS[Role.OPERATOR]))


async def test_a_nonce_is_kept_until_the_signatures_age_refuses_the_request(world: World) -> None:
    """Whatever moment the nonce is forgotten at, from then on the clock refuses the request."""
    request = request_by(DEVICE, created=SPRING + CLOCK_SKEW)
    await world.access.check_request(request)
    (forget_at,) = world.nonces.held.values()
    world.clock.at = forget_at
    await world.nonces.forget_expired(world.clock.now())
    with pytest.raises(Refused) as refused:
        await world.access.check_request(request)
    assert refused.value.problem is ProblemId.CLOCK_SKEW


@pytest.mark.parametrize("off", [-(REQUEST_SIGNATURE_LIFE + CLOCK_SKEW), CLOCK_SKEW], ids=["old", "early"])
async def test_a_request_of_another_time_is_refused(world: World, off: timedelta) -> None:
    await world.access.check_request(request_by(DEVICE, created=SPRING + off, nonce="f" * 16))
    beyond = off + timedelta(seconds=1 if off > timedelta() else -1)
    with pytest.raises(Refused) as refused:
        await world.access.check_request(request_by(DEVICE, created=SPRING + beyond))
    assert refused.value.problem is ProblemId.CLOCK_SKEW


async def test_a_revoked_key_is_refused_at_once(world: World) -> None:
    await world.access.check_request(request_by(DEVICE))
    await world.access.revoke(DEVICE.key_id)
    with pytest.raises(Refused) as refused:
        await world.access.check_request(request_by(DEVICE, nonce="f" * 16))
    assert refused.value.problem is ProblemId.UNAUTHENTICATED


async def test_a_key_whose_enrolment_ended_is_refused(world: World) -> None:
    ended = TestCaller(insecure_test_key("ENDED"), Role.DEVICE)
    await world.credentials.enrol(ended.credential(valid_until=SPRING))
    with pytest.raises(Refused) as refused:
        await world.access.check_request(request_by(ended))
    assert refused.value.problem is ProblemId.UNAUTHENTICATED


async def test_a_gateway_is_known_from_the_directory(world: World) -> None:
    hubei = TestCaller(insecure_test_key("HUBEI"), Role.GATEWAY, RegionId("42"))
    world.listed[hubei.key_id] = hubei.credential()
    assert (await world.access.check_request(request_by(hubei))).region == "42"
    del world.listed[hubei.key_id]
    with pytest.raises(Refused) as refused:
        await world.access.check_request(request_by(hubei, nonce="f" * 16))
    assert refused.value.problem is ProblemId.UNAUTHENTICATED


async def test_a_key_revoked_here_is_not_saved_by_the_directory(world: World) -> None:
    gateway = CALLERS[Role.GATEWAY]
    world.listed[gateway.key_id] = gateway.credential()
    await world.access.revoke(gateway.key_id)
    with pytest.raises(Refused):
        await world.access.check_request(request_by(gateway))


@pytest.mark.parametrize(
    "garbage",
    ["", "sig1", "sig1=()", 'sig1=("@method")', 'sig1=1;keyid="a"', "=" * 300, "sig1=?1", 'a=("b");keyid=1', "é", "\0"],
)
async def test_a_malformed_signature_is_a_refusal_and_no_fault(world: World, garbage: str) -> None:
    request = request_by(DEVICE)
    with pytest.raises(Refused):
        await world.access.check_request(replace(request, headers={**request.headers, "signature-input": garbage}))


class TestSessions:
    """A device shows its key once and then a token."""

    async def open(self, world: World) -> str:
        caller = await world.access.check_request(request_by(DEVICE, nonce=CountedEntropy()(8).hex()))
        return (await world.access.open_session(caller)).token

    async def test_a_token_stands_for_the_device(self, world: World) -> None:
        caller = await world.access.check_session(await self.open(world))
        assert (caller.key_id, caller.role) == (DEVICE.key_id, Role.DEVICE)

    async def test_a_token_is_43_characters_of_256_random_bits_and_is_not_kept(self, world: World) -> None:
        token = await self.open(world)
        assert len(token) == 43
        assert token not in repr(vars(world.sessions))

    @pytest.mark.parametrize("token", ["", "x", "A" * 43, "é" * 43, "A" * 10_000])
    async def test_an_unknown_token_is_refused(self, world: World, token: str) -> None:
        await self.open(world)
        with pytest.raises(Refused) as refused:
            await world.access.check_session(token)
        assert refused.value.problem is ProblemId.SESSION_ENDED

    async def test_a_session_ends_after_its_life(self, world: World) -> None:
        token = await self.open(world)
        world.clock.move(SESSION_LIFE - timedelta(seconds=1))
        await world.access.check_session(token)
        world.clock.move(timedelta(seconds=1))
        with pytest.raises(Refused) as refused:
            await world.access.check_session(token)
        assert refused.value.problem is ProblemId.SESSION_ENDED

    async def test_a_session_ends_no_later_than_its_enrolment(self, world: World) -> None:
        device = TestCaller(insecure_test_key("SHORT"), Role.DEVICE)
        await world.credentials.enrol(device.credential(valid_until=SPRING + timedelta(seconds=3)))
        caller = await world.access.check_request(request_by(device))
        opened = await world.access.open_session(caller)
        assert opened.ends_at == SPRING + timedelta(seconds=3)

    async def test_a_session_ends_at_once_when_its_key_is_revoked_here(self, world: World) -> None:
        token = await self.open(world)
        await world.access.revoke(DEVICE.key_id)
        with pytest.raises(Refused) as refused:
            await world.access.check_session(token)
        assert refused.value.problem is ProblemId.SESSION_ENDED

    async def test_a_session_ends_soon_when_its_key_is_revoked_by_another_process(self, world: World) -> None:
        token = await self.open(world)
        await world.credentials.revoke(DEVICE.key_id)
        world.clock.move(SESSION_RECHECK)
        for _ in range(2):
            with pytest.raises(Refused) as refused:
                await world.access.check_session(token)
            assert refused.value.problem is ProblemId.SESSION_ENDED

    async def test_a_session_asks_the_store_seldom(self, world: World) -> None:
        token = await self.open(world)
        before = world.credentials.lookups
        for _ in range(100):
            await world.access.check_session(token)
        assert world.credentials.lookups == before
        world.clock.move(SESSION_RECHECK)
        for _ in range(100):
            await world.access.check_session(token)
        assert world.credentials.lookups == before + 1

    async def test_a_clock_set_back_makes_the_session_ask_again(self, world: World) -> None:
        token = await self.open(world)
        await world.credentials.revoke(DEVICE.key_id)
        world.clock.move(-timedelta(days=1))
        with pytest.raises(Refused):
            await world.access.check_session(token)

    async def test_a_device_has_a_few_sessions_and_the_oldest_ends_first(self, world: World) -> None:
        caller = await world.access.check_request(request_by(DEVICE))
        tokens = [(await world.access.open_session(caller)).token for _ in range(5)]
        with pytest.raises(Refused):
            await world.access.check_session(tokens[0])
        for token in tokens[1:]:
            await world.access.check_session(token)

    async def test_the_node_holds_so_many_sessions_and_no_more(self) -> None:
        sessions = Sessions(CountedEntropy(), sessions_max=3)
        devices = [TestCaller(insecure_test_key(f"DEVICE_{n}"), Role.DEVICE).credential() for n in range(5)]
        for device in devices:
            sessions.open(device, SPRING)
        assert len(sessions) == 3

    async def test_ended_sessions_are_forgotten(self, world: World) -> None:
        await self.open(world)
        world.clock.move(SESSION_LIFE)
        world.sessions.open(CALLERS[Role.BACK_END].credential(), world.clock.now())
        assert len(world.sessions) == 1


class TestEnrolment:
    """What an operator may enrol and revoke."""

    @pytest.mark.parametrize(
        "wrong",
        [
            {"key_id": "00" * 8},
            {"label": ""},
            {"label": "x" * 65},
            {"label": "a\nb"},
            {"valid_until": None},
            {"valid_until": SPRING},
            {"valid_until": SPRING + timedelta(days=732)},
            {"revoked": True},
        ],
        ids=str,
    )
    async def test_a_credential_out_of_bounds_is_refused(self, world: World, wrong: dict[str, object]) -> None:
        credential = TestCaller(insecure_test_key("NEW"), Role.DEVICE).credential()
        with pytest.raises(Refused) as refused:
            await world.access.enrol(replace(credential, **wrong))  # type: ignore[arg-type]
        assert refused.value.problem is ProblemId.BAD_REQUEST
        assert credential not in await world.access.list_credentials()

    async def test_an_enrolled_key_can_call(self, world: World) -> None:
        new = TestCaller(insecure_test_key("NEW"), Role.BACK_END)
        await world.access.enrol(new.credential())
        assert (await world.access.check_request(request_by(new))).role is Role.BACK_END

    async def test_the_last_operator_cannot_be_revoked(self, world: World) -> None:
        operator = CALLERS[Role.OPERATOR]
        with pytest.raises(Refused) as refused:
            await world.access.revoke(operator.key_id)
        assert refused.value.problem is ProblemId.CONFLICT
        second = TestCaller(insecure_test_key("SECOND"), Role.OPERATOR)
        await world.access.enrol(second.credential())
        await world.access.revoke(operator.key_id)
        with pytest.raises(Refused):
            await world.access.revoke(second.key_id)

    async def test_an_unknown_key_cannot_be_revoked(self, world: World) -> None:
        with pytest.raises(Refused) as refused:
            await world.access.revoke("00" * 8)
        assert refused.value.problem is ProblemId.NOT_FOUND


def standing(name: str, site: str, division: str, *, valid_until: datetime = SPRING + timedelta(days=30)) -> Credential:
    caller = TestCaller(insecure_test_key(name), Role.DEVICE)
    return replace(caller.credential(valid_until), site=site, division=division)


async def test_the_division_that_a_device_was_enrolled_with_is_the_callers(world: World) -> None:
    await world.access.enrol(standing("gate", "north", "450102"))
    caller = await world.access.check_request(request_by(TestCaller(insecure_test_key("gate"), Role.DEVICE)))
    assert (caller.site, caller.division) == ("north", "450102")
    opened = await world.access.open_session(caller)
    assert (await world.access.check_session(opened.token)).division == "450102"


@pytest.mark.parametrize("division", ["", "450103"])
async def test_a_site_is_in_one_division(world: World, division: str) -> None:
    await world.access.enrol(standing("one", "north", "450102"))
    with pytest.raises(Refused, match="site north stands in division 450102") as refused:
        await world.access.enrol(standing("two", "north", division))
    assert refused.value.problem is ProblemId.CONFLICT
    await world.access.enrol(standing("three", "north", "450102"))
    await world.access.enrol(standing("four", "south", division))
    await world.access.enrol(standing("five", "", division))


async def test_a_site_can_move_once_its_devices_count_no_more(world: World) -> None:
    await world.access.enrol(standing("one", "north", "450102"))
    await world.access.enrol(standing("two", "north", "450102", valid_until=SPRING + timedelta(hours=1)))
    await world.access.revoke(standing("one", "north", "").key_id)
    world.clock.move(timedelta(hours=1))
    await world.access.enrol(standing("three", "north", "450103"))


async def test_a_site_whose_division_nobody_said_can_have_one(world: World) -> None:
    await world.access.enrol(standing("one", "north", ""))
    await world.access.enrol(standing("two", "north", "450102"))


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.BACK_END])
async def test_only_devices_stand_somewhere(world: World, role: Role) -> None:
    caller = TestCaller(insecure_test_key("no device"), role)
    with pytest.raises(Refused, match="only a device stands at a checkpoint") as refused:
        await world.access.enrol(replace(caller.credential(), division="450102"))
    assert refused.value.problem is ProblemId.BAD_REQUEST
