"""Which ways a region uses is its profile's to say: turning one on or off changes data and nothing else."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.unit.services.two_regions import HUBEI_QR, PERSON, TwoRegions, two_regions
from tests.world import GUANGXI, HUBEI, World, origin, report_of
from tongxing.core.errors import Refused
from tongxing.core.looks import Ground, Purpose
from tongxing.core.problems import ProblemId
from tongxing.core.reasons import ReasonId
from tongxing.core.verdicts import Outcome
from tongxing.core.ways import Way
from tongxing.crypto.digests import sha256
from tongxing.services.looks import Looker
from tongxing.services.ports import SubjectReport

pytestmark = pytest.mark.anyio

LOOKER = Looker("back end", "back end")


def guangxi_using(*ways: Way) -> World:
    """Return a world whose profile of Guangxi differs in nothing but the ways."""
    world = World()
    text = world.profiles[f"{GUANGXI}.toml"].decode()
    start, end = text.index("ways = ["), text.index("]\n", text.index("ways = [")) + 2
    listed = ", ".join(f'{{ name = "{way}", evidence = "docking" }}' for way in ways)
    world.profiles[f"{GUANGXI}.toml"] = f"{text[:start]}ways = [{listed}]\n{text[end:]}".encode()
    return world


async def try_ways(both: TwoRegions) -> dict[str, bool]:
    """Try each door of the ways at Guangxi, and the statement to carry there; return which were open."""
    ways, home = both.guangxi.ways, both.hubei.ways
    await both.report(SubjectReport(both.keys_of()[0], report_of(), origin()))
    tried: dict[str, Callable[[], Awaitable[object]]] = {
        "recognise": lambda: ways.recognitions.recognise(PERSON, Purpose.OWN_CODE, Ground.CONSENT, LOOKER),
        "convert a shown code": lambda: ways.conversions.convert_shown(HUBEI_QR),
        "convert by document": lambda: ways.conversions.convert_asked(PERSON, Ground.CONSENT, LOOKER),
        "carry a statement": lambda: home.conversion_statements.carry(PERSON, "王五", GUANGXI, Ground.CONSENT, LOOKER),
    }
    is_open = {}
    for door, call in tried.items():
        (answer,) = await asyncio.gather(call(), return_exceptions=True)
        is_open[door] = not (isinstance(answer, Refused) and answer.problem is ProblemId.WAY_NOT_USED)
        if is_open[door] and isinstance(answer, BaseException):
            raise answer
    return is_open


@pytest.mark.parametrize(
    "used", [(), (Way.SHARED_DATA,), (Way.CONVERSION,), (Way.SHARED_DATA, Way.CONVERSION)], ids=str
)
async def test_exactly_the_ways_of_its_profile_are_open_at_a_region(tmp_path: Path, used: tuple[Way, ...]) -> None:
    async with two_regions(tmp_path, world=guangxi_using(*used)) as both:
        shares, converts = Way.SHARED_DATA in used, Way.CONVERSION in used
        assert await try_ways(both) == {
            "recognise": shares,
            "convert a shown code": converts,
            "convert by document": converts,
            "carry a statement": converts,
        }


async def test_nobody_is_looked_up_and_no_peer_asked_for_a_way_that_is_off(tmp_path: Path) -> None:
    async with two_regions(tmp_path, world=guangxi_using()) as both:
        await try_ways(both)
        assert (await both.guangxi.ways.looks.looks_at(both.keys_of())).looks == ()
        assert (await both.hubei.ways.looks.looks_at(both.keys_of())).looks == ()
        assert (both.guangxi.peers.asked, both.hubei.back_end.asked) == (0, 0)


async def test_what_was_converted_is_neither_shown_nor_let_through_once_the_way_is_off(tmp_path: Path) -> None:
    async with two_regions(tmp_path) as both:
        await both.report(SubjectReport(both.keys_of()[0], report_of(), origin()))
        shown = await both.guangxi.ways.conversions.convert_asked(PERSON, Ground.CONSENT, LOOKER)
        assert shown.qr_text is not None
        assert shown.derived_from == HUBEI
        held = await both.guangxi.stores.bundles.latest()
        assert held is not None
        data = guangxi_using(Way.SHARED_DATA).bundle(2, held.digest)
        await both.guangxi.stores.bundles.save(2, sha256(data), data)
        await both.guangxi.reference.load_held()
        with pytest.raises(Refused) as refused:
            await both.guangxi.ways.conversions.display(shown.conversion_id)
        assert refused.value.problem is ProblemId.WAY_NOT_USED
        verdict = (await both.guangxi.scan(shown.qr_text)).verdict
        assert (verdict.outcome, verdict.reason) == (Outcome.REFER, ReasonId.TICKET_EXPIRED)
