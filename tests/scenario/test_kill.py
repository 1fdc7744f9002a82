"""Acknowledged means durable: after a kill, everything that was told is found again."""

import pytest

from tongxing.core.words import PlaceKind
from tongxing.simulation.federation import Federation
from tongxing.simulation.founding import HUB, gateway_name
from tongxing.simulation.people import Circumstance
from tongxing.simulation.scenes import GUANGXI, HUBEI, SCENES, Fault

pytestmark = pytest.mark.scenario


def test_every_verdict_that_was_told_is_found_after_a_kill_of_the_gateway(federation: Federation) -> None:
    federation.clock.set(SCENES[0].at)
    device = federation.device(GUANGXI, PlaceKind.TRAFFIC_GATE)
    device.renew_session()
    told = []
    for _ in range(10):
        qr_text = federation.show_code(HUBEI, Circumstance.GREEN_LOW_RISK_COUNTY).qr_text
        told.append((qr_text, device.scan(qr_text).ref))
    federation.processes.kill(gateway_name(GUANGXI))
    federation.processes.restart(gateway_name(GUANGXI))
    for qr_text, ref in told:
        trail = federation.operators[GUANGXI].get(f"/v1/verdicts/{ref}/trail")
        assert (trail["ref"], trail["outcome"]) == (ref, "PASS")
        view = federation.back_ends[HUBEI].post("/v1/explanations", {"host": GUANGXI, "ref": ref, "qr_text": qr_text})
        assert view["causes"][0]["cause"] == "nothing_found"


def test_a_one_time_code_stays_used_after_a_kill_of_its_gateway(federation: Federation) -> None:
    federation.clock.set(SCENES[0].at)
    device = federation.device(GUANGXI, PlaceKind.TRAFFIC_GATE)
    device.renew_session()
    qr_text = federation.show_code(HUBEI, Circumstance.GREEN_LOW_RISK_COUNTY).qr_text
    assert device.scan(qr_text).guard["outcome"] == "PASS"
    federation.processes.kill(gateway_name(HUBEI))
    federation.processes.restart(gateway_name(HUBEI))
    with federation.broken(Fault.BACK_END_FORGETFUL):
        assert device.scan(qr_text).guard["reason"] == "ticket_used"


def test_what_was_docked_is_found_after_a_kill_of_gateway_and_hub(federation: Federation) -> None:
    federation.clock.set(SCENES[0].at)
    for name in (gateway_name(HUBEI), HUB):
        federation.processes.kill(name)
        federation.processes.restart(name)
    back_end, person = federation.back_ends[HUBEI], federation.people[HUBEI].pick(Circumstance.GREEN_LOW_RISK_COUNTY, 3)
    ticket = back_end.post("/v1/tickets")
    wanted = {
        "serial": ticket["serial"],
        "random": ticket["random"],
        "document": {"type": person.document.type, "number": person.document.number},
        "name": person.name,
    }
    qr_text = back_end.post("/v1/codes", wanted)["qr_text"]
    device = federation.device(GUANGXI, PlaceKind.TRAFFIC_GATE)
    device.renew_session()
    assert device.scan(qr_text).guard["outcome"] == "PASS"
