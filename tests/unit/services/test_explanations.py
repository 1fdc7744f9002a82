"""Explaining: a citizen's own region hands on the verdict on the very code that was shown, and no other (law 6)."""

from datetime import timedelta

import pytest

from tests.fakes.outside import YELLOW_OF_A_CONTACT
from tests.unit.services.desks import Desks
from tests.world import AT, GUANGXI, HUBEI, HUBEI_CODE, World
from tongxing.core.errors import Refused
from tongxing.core.limits import VERDICT_KEPT
from tongxing.core.problems import ProblemId
from tongxing.core.verdicts import Outcome
from tongxing.core.words import PlaceKind, RegionId
from tongxing.recognition.views import CitizenView
from tongxing.services.verification import Passing

pytestmark = pytest.mark.anyio

Both = tuple[Desks, Desks]
GATE = Passing("device", "gate 1", PlaceKind.TRAFFIC_GATE)
ANOTHERS_CODE = "HBJKM." + "B" * 43


async def shown(host: Desks, qr_text: str = HUBEI_CODE) -> str:
    return (await host.verification.verify(qr_text, GATE)).ref


async def problem_of(asked: Desks, host: RegionId, ref: str, qr_text: str = HUBEI_CODE) -> ProblemId:
    with pytest.raises(Refused) as refused:
        await asked.explanations.explain(host, ref, qr_text)
    return refused.value.problem


async def test_the_citizen_is_told_cause_source_end_and_row_of_a_verdict_elsewhere(both: Both) -> None:
    hubei, guangxi = both
    hubei.back_end.content = YELLOW_OF_A_CONTACT
    view = await hubei.explanations.explain(GUANGXI, await shown(guangxi), HUBEI_CODE)
    assert (view.outcome, view.host, view.issuer) == (Outcome.STOP, GUANGXI, HUBEI)
    assert [cause.cause for cause in view.causes] == ["close_contact"]
    assert view.causes[0].clears.zh
    assert view.row == "00/floor/level_high"
    assert view.home_status is not None
    assert view.home_status.zh == "黄码"


async def test_a_verdict_at_home_is_explained_without_asking_anybody(both: Both) -> None:
    hubei, _ = both
    hubei.peers.fails = AssertionError("nobody need be asked")
    view = await hubei.explanations.explain(HUBEI, await shown(hubei), HUBEI_CODE)
    assert isinstance(view, CitizenView)


async def test_a_verdict_on_a_national_code_is_explained_to_whoever_showed_it(both: Both) -> None:
    hubei, guangxi = both
    code = World().national_code()
    view = await hubei.explanations.explain(GUANGXI, await shown(guangxi, code), code)
    assert view.outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("scanned", "asked_with"),
    [
        (HUBEI_CODE, ANOTHERS_CODE),
        (HUBEI_CODE, World().national_code()),
        (World().national_code(), World().national_code(number=1)),
        (World().national_code(), HUBEI_CODE),
        (HUBEI_CODE, ""),
    ],
    ids=["another's code", "a national code", "another's national code", "a local code", "no code"],
)
async def test_a_verdict_on_anothers_code_is_kept_from_whoever_asks(both: Both, scanned: str, asked_with: str) -> None:
    hubei, guangxi = both
    assert await problem_of(hubei, GUANGXI, await shown(guangxi, scanned), asked_with) is ProblemId.FORBIDDEN


async def test_another_region_is_told_nothing_of_a_verdict_on_hubeis_code(both: Both) -> None:
    """Neither the host's own back end nor, through it, whoever has the reference and the code."""
    _, guangxi = both
    assert await problem_of(guangxi, GUANGXI, await shown(guangxi)) is ProblemId.FORBIDDEN


async def test_a_verdict_without_an_authenticated_issuer_is_no_regions_to_explain(both: Both) -> None:
    hubei, guangxi = both
    ref = await shown(guangxi, World().national_code()[:-1])
    assert await problem_of(hubei, GUANGXI, ref) is ProblemId.FORBIDDEN
    assert (await guangxi.verification.shared_verdict(ref, None)).view.outcome is Outcome.REFER


@pytest.mark.parametrize("host", ["66", "99", ""])
async def test_an_unknown_host_is_not_found(both: Both, host: str) -> None:
    hubei, guangxi = both
    assert await problem_of(hubei, RegionId(host), await shown(guangxi)) is ProblemId.NOT_FOUND


async def test_an_unknown_verdict_is_not_found(both: Both) -> None:
    hubei, _ = both
    assert await problem_of(hubei, GUANGXI, "abcdefgh") is ProblemId.NOT_FOUND


async def test_a_verdict_is_explained_for_a_day_and_not_after(both: Both) -> None:
    """What has ended is not shown even before it is erased."""
    hubei, guangxi = both
    ref = await shown(guangxi)
    guangxi.clock.move(VERDICT_KEPT - timedelta(seconds=1))
    await hubei.explanations.explain(GUANGXI, ref, HUBEI_CODE)
    guangxi.clock.move(timedelta(seconds=1))
    assert await problem_of(hubei, GUANGXI, ref) is ProblemId.NOT_FOUND


async def test_a_purged_verdict_is_not_found(both: Both) -> None:
    hubei, guangxi = both
    ref = await shown(guangxi)
    await guangxi.stores.passages.purge_views(AT + VERDICT_KEPT)
    assert await problem_of(hubei, GUANGXI, ref) is ProblemId.NOT_FOUND


async def test_a_host_that_is_away_is_told_as_such(both: Both) -> None:
    hubei, guangxi = both
    ref = await shown(guangxi)
    hubei.peers.fails = Refused(ProblemId.UPSTREAM_AWAY)
    assert await problem_of(hubei, GUANGXI, ref) is ProblemId.UPSTREAM_AWAY
