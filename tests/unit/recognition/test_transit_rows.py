"""A driver on a transit pass under the tables of April 2022: what a test, an antigen test and none of them come to."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from tests.unit.wire.test_transit_pass import CLAIMS
from tests.world import GUANGXI, HUBEI, QUERY_ID, World, origin, report_of
from tongxing.core.causes import Cause
from tongxing.core.errors import Undecidable
from tongxing.core.groups import Group
from tongxing.core.proofs import Proof, ProofBasis, ProofKind
from tongxing.core.reasons import ReasonId
from tongxing.core.verdicts import Measure, Outcome, Verdict
from tongxing.core.words import PlaceKind
from tongxing.recognition.knowledge import Knowledge
from tongxing.recognition.pipeline import decide_passage
from tongxing.recognition.stages import Scan, StatementFetched, StatementNeeded
from tongxing.wire.transit_pass import encode_transit_pass

NOW = datetime(2022, 4, 20, 2, 0, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
WORLD = World(issued_at=NOW - timedelta(hours=1))
PASS = msgspec.structs.replace(CLAIMS, issued_at=SECONDS - 60, valid_from=SECONDS - 60, expires_at=SECONDS + 86_400)
KEY = WORLD.code_key(HUBEI)
MEDIUM_COUNTY, LOW_COUNTY = "420107", "421181"


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return WORLD.knowledge(GUANGXI)


def shown(kind: ProofKind, hours_ago: float, *, positive: bool = False) -> Proof:
    return Proof(kind=kind, at=NOW - timedelta(hours=hours_ago), basis=ProofBasis.SHOWN, positive=positive)


def decided(
    knowledge: Knowledge,
    proofs: Iterable[Proof] = (),
    *causes: Cause,
    county: str = MEDIUM_COUNTY,
    fever: int | None = None,
    asked: frozenset[ProofKind] = frozenset(),
) -> Verdict:
    qr_text = encode_transit_pass(PASS, alg=KEY.public.cose_alg, kid=KEY.public.kid, sign=KEY.sign)
    proofs = tuple(proofs)
    scan = Scan(
        qr_text,
        PlaceKind.TRAFFIC_GATE,
        GUANGXI,
        temperature_decicelsius=fever,
        temperature_confirmed=fever is not None,
        proofs=proofs,
        asked=asked | {proof.kind for proof in proofs},
    )
    deciding = decide_passage(scan, knowledge, at=NOW)
    report = report_of(*causes, as_of=NOW, valid_until=NOW + timedelta(days=1))
    statement = WORLD.statement(report, issued_at=NOW, expires_at=NOW + timedelta(seconds=30), origin=origin(county))
    assert next(deciding) == StatementNeeded(HUBEI, extension_token=PASS.extension_token)
    try:
        deciding.send(StatementFetched(statement, QUERY_ID))
        deciding.throw(Undecidable(ReasonId.GATEWAY_AWAY))
    except StopIteration as finished:
        verdict: Verdict = finished.value
        return verdict
    raise AssertionError


def test_a_negative_test_of_48_hours_lets_a_driver_from_a_medium_county_through(knowledge: Knowledge) -> None:
    verdict = decided(knowledge, [shown(ProofKind.TEST, 40)])
    assert (verdict.outcome, verdict.reason, verdict.measures) == (Outcome.PASS, ReasonId.PROOF_SHOWN, ())


def test_an_older_test_and_a_negative_antigen_test_let_the_driver_go_and_the_sample_follows(
    knowledge: Knowledge,
) -> None:
    verdict = decided(knowledge, [shown(ProofKind.TEST, 60), shown(ProofKind.ANTIGEN, 1)])
    assert (verdict.outcome, verdict.measures) == (Outcome.PASS_WITH_MEASURES, (Measure.FOLLOW_UP_TEST,))


def test_without_either_the_manual_lane_tests(knowledge: Knowledge) -> None:
    assert decided(knowledge).outcome is Outcome.REFER
    assert decided(knowledge, [shown(ProofKind.TEST, 60)]).outcome is Outcome.REFER


def test_a_driver_from_a_low_county_passes_as_everybody_does(knowledge: Knowledge) -> None:
    assert decided(knowledge, county=LOW_COUNTY).outcome is Outcome.PASS


def test_a_close_contact_is_stopped_whatever_was_tested(knowledge: Knowledge) -> None:
    verdict = decided(knowledge, [shown(ProofKind.TEST, 10)], Cause.CLOSE_CONTACT)
    assert (verdict.outcome, verdict.reason) == (Outcome.STOP, ReasonId.LEVEL_HIGH)


def test_a_confirmed_fever_is_referred_whatever_was_tested(knowledge: Knowledge) -> None:
    assert decided(knowledge, [shown(ProofKind.TEST, 10)], fever=380).outcome is Outcome.REFER


def test_it_is_the_pass_that_makes_a_driver_of_its_holder(knowledge: Knowledge) -> None:
    """The row is of the group ``freight``; the guard has said nothing of any group."""
    row = decided(knowledge, [shown(ProofKind.TEST, 40)]).row
    assert row is not None
    assert Group.FREIGHT.value in row
