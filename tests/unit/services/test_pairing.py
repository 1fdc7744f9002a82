"""Pairing: a code enrols one key, once, within its time, as the operator said."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.access_stores import CountedEntropy, CredentialsInMemory, HandSetClock, NoncesInMemory
from tests.fakes.callers import insecure_test_key
from tests.world import AT, GUANGXI
from tongxing.core.errors import Refused
from tongxing.core.limits import PAIRING_LIFE, PAIRINGS_MAX
from tongxing.core.problems import ProblemId
from tongxing.services.access import Access
from tongxing.services.pairing import PairingOffer, Pairings
from tongxing.services.ports import Role
from tongxing.services.sessions import Sessions

pytestmark = pytest.mark.anyio

KEY = insecure_test_key("a browser").public
OFFER = PairingOffer(Role.DEVICE, "east gate", "east", AT + timedelta(days=1))


class Desk:
    """Pairings over stores in memory, at a moment that the test moves."""

    def __init__(self) -> None:
        self.clock = HandSetClock(AT)
        self.credentials = CredentialsInMemory()
        sessions = Sessions(CountedEntropy())
        access = Access(credentials=self.credentials, nonces=NoncesInMemory(), sessions=sessions, clock=self.clock)
        self.pairings = Pairings(region=GUANGXI, access=access, clock=self.clock, entropy=CountedEntropy())


async def refused(desk: Desk, pairing_code: str, name: str = "a browser") -> ProblemId:
    with pytest.raises(Refused) as caught:
        await desk.pairings.redeem(pairing_code, insecure_test_key(name).public)
    return caught.value.problem


async def test_a_key_is_enrolled_as_the_operator_offered() -> None:
    desk = Desk()
    held = await desk.pairings.redeem(desk.pairings.offer(OFFER).pairing_code, KEY)
    assert (held.role, held.label, held.site, held.region, held.valid_until) == (
        *(Role.DEVICE, "east gate", "east", GUANGXI),
        OFFER.valid_until,
    )
    assert await desk.credentials.find(KEY.kid.hex()) == held


async def test_a_page_is_enrolled_in_the_division_that_was_offered() -> None:
    desk = Desk()
    held = await desk.pairings.redeem(desk.pairings.offer(replace(OFFER, division="450102")).pairing_code, KEY)
    assert held.division == "450102"


async def test_a_site_that_was_enrolled_elsewhere_since_the_offer_is_refused() -> None:
    desk = Desk()
    offers = [desk.pairings.offer(replace(OFFER, division=division)) for division in ("450102", "450103")]
    await desk.pairings.redeem(offers[0].pairing_code, KEY)
    assert await refused(desk, offers[1].pairing_code, "another browser") is ProblemId.CONFLICT


async def test_a_code_is_good_once() -> None:
    desk = Desk()
    offered = desk.pairings.offer(OFFER)
    await desk.pairings.redeem(offered.pairing_code, KEY)
    assert await refused(desk, offered.pairing_code, "another browser") is ProblemId.TICKET_UNUSABLE


async def test_a_code_ends_with_its_time() -> None:
    desk = Desk()
    offered = desk.pairings.offer(OFFER)
    desk.clock.move(PAIRING_LIFE)
    assert await refused(desk, offered.pairing_code) is ProblemId.TICKET_UNUSABLE


async def test_a_code_that_was_never_offered_answers_like_a_used_one() -> None:
    assert await refused(Desk(), "a" * 32) is ProblemId.TICKET_UNUSABLE


@pytest.mark.parametrize("role", [Role.BACK_END, Role.GATEWAY])
def test_only_who_works_with_a_page_is_paired(role: Role) -> None:
    with pytest.raises(Refused) as caught:
        Desk().pairings.offer(PairingOffer(role, "x", "", OFFER.valid_until))
    assert caught.value.problem is ProblemId.BAD_REQUEST


def test_what_could_not_be_enrolled_is_not_offered() -> None:
    for offer in (
        PairingOffer(Role.DEVICE, "", "", OFFER.valid_until),
        PairingOffer(Role.DEVICE, "x", "", AT),
    ):
        with pytest.raises(Refused):
            Desk().pairings.offer(offer)


async def test_too_many_offers_end_the_oldest() -> None:
    desk = Desk()
    first = desk.pairings.offer(OFFER)
    last = [desk.pairings.offer(OFFER) for _ in range(PAIRINGS_MAX)][-1]
    assert await refused(desk, first.pairing_code) is ProblemId.TICKET_UNUSABLE
    assert (await desk.pairings.redeem(last.pairing_code, KEY)).key_id == KEY.kid.hex()
