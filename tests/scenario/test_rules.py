"""Rules change while gates work: proposed, approved by another hand, taken up by gateways, told in verdicts."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.unit.services.test_rule_desk import BELOW, HEAD, OWN, URGENT
from tongxing.core.verdicts import Outcome
from tongxing.core.words import FEDERATION, PlaceKind
from tongxing.simulation.callers import Caller, ProblemAnswered
from tongxing.simulation.federation import Federation
from tongxing.simulation.people import Circumstance
from tongxing.simulation.scenes import FOUNDED_AT, GUANGXI, HUBEI

TOML = {"content-type": "application/toml"}
STRICTER = (
    OWN.replace(HEAD.decode(), HEAD.decode() + URGENT + "version = 2\n", 1)
    + """
[[row]]
id = "declare_stays"
when = { level = ["low", "medium"], origin_risk = ["medium"], place_kind = ["traffic_gate"], fever = [FEVERS] }
outcome = "PASS_WITH_MEASURES"
measures = ["take_temperature", "declare_stay", "report_to_community", "observe_health_14_days"]
reason = "local_measures"
legal_basis = "试验"
evidence = "assumed"
last_day = 2021-03-22
""".replace("FEVERS", '"not_measured", "normal"')
)


def propose(operator: Caller, table: str) -> str:
    answer = operator.send("POST", "/v1/rule-proposals", table.encode(), TOML)
    assert answer.status_code == 201, answer.text
    proposal_id: str = answer.json()["proposal_id"]
    return proposal_id


def put_in_force(federation: Federation, table: str) -> int:
    proposal_id = propose(federation.operators[FEDERATION], table)
    approved = federation.second_operator.post(f"/v1/rule-proposals/{proposal_id}/approval")
    number: int = approved["bundle_number"]
    return number


def scan(federation: Federation) -> tuple[str, str]:
    device = federation.device(GUANGXI, PlaceKind.TRAFFIC_GATE)
    shown = federation.show_code(HUBEI, Circumstance.GREEN_MEDIUM_RISK_COUNTY)
    device.renew_session()
    guard = device.scan(shown.qr_text).guard
    trail = federation.operators[GUANGXI].get(f"/v1/verdicts/{guard['ref']}/trail")
    assert "legal_basis" not in str(guard)
    return guard["outcome"], trail["rule"]["row"]


@pytest.fixture
def restored(federation: Federation) -> Iterator[Federation]:
    """The federation, whose Guangxi has its own rules again afterwards."""
    federation.clock.set(FOUNDED_AT + timedelta(days=2))
    yield federation
    back = OWN.replace(HEAD.decode(), HEAD.decode() + URGENT + "version = 3\n", 1)
    federation.wait_for_bundle(put_in_force(federation, back))


def test_a_gate_goes_by_the_new_rule_once_a_second_operator_approved_it(restored: Federation) -> None:
    hub = restored.operators[FEDERATION]
    before = scan(restored)
    assert before == (Outcome.PASS_WITH_MEASURES, "00/floor/origin_medium")
    refused = hub.send("POST", "/v1/rule-proposals", BELOW.encode(), TOML)
    assert (refused.status_code, "owes a plain PASS" in refused.json()["detail"]) == (422, True)
    proposal_id = propose(hub, STRICTER)
    with pytest.raises(ProblemAnswered) as own:
        hub.post(f"/v1/rule-proposals/{proposal_id}/approval")
    assert own.value.status == 403
    assert scan(restored) == before
    approved = restored.second_operator.post(f"/v1/rule-proposals/{proposal_id}/approval")
    restored.wait_for_bundle(approved["bundle_number"])
    assert scan(restored) == (Outcome.PASS_WITH_MEASURES, "45/guangxi/declare_stays")
