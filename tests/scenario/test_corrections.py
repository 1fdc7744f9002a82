"""Error correction across regions over real HTTP: opened in one, decided in the other, told in both."""

import time

import pytest

from tongxing.app.background import CASES_SECONDS
from tongxing.simulation.federation import Federation
from tongxing.simulation.people import Circumstance
from tongxing.simulation.scenes import GUANGXI, HUBEI

pytestmark = pytest.mark.scenario


def test_a_correction_goes_to_the_region_that_set_the_state_and_its_decision_comes_back(
    federation: Federation,
) -> None:
    person = federation.people[HUBEI].pick(Circumstance.YELLOW_CLOSE_CONTACT)
    document = {"type": str(person.document.type), "number": person.document.number}
    wrong = {"claim": "isolation_ended", "against": HUBEI, "document": document, "name": person.name}
    opened = federation.operators[GUANGXI].post("/v1/cases", wrong)
    assert (opened["decider"], opened["state"]) == (HUBEI, "received")
    assert federation.operators[GUANGXI].post("/v1/cases", wrong)["number"] == opened["number"]
    (waiting,) = federation.operators[HUBEI].get("/v1/cases")["cases"]
    assert waiting["number"] == opened["number"]
    path = f"/v1/cases/{opened['number']}"
    assert federation.operators[HUBEI].post(f"{path}/examination")["name"] == person.name
    federation.operators[HUBEI].post(f"{path}/decision", {"decision": "corrected", "ground": "condition_ended"})
    count: dict[str, object] = {}
    for _ in range(int(4 * CASES_SECONDS)):
        (count,) = federation.operators[GUANGXI].get("/v1/case-counts")["regions"]
        if count["corrected"]:
            break
        time.sleep(0.5)
    assert (count["region"], count["opened"], count["open"], count["corrected"]) == (HUBEI, 1, 0, 1)
