"""From Macao to Guangxi and back between processes: by what the traveller carries, and by nothing else."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from tests.world import data_file
from tongxing.core.calendar import BEIJING
from tongxing.core.words import FEDERATION, PlaceKind, RegionId
from tongxing.simulation.arranging import show
from tongxing.simulation.callers import ProblemAnswered
from tongxing.simulation.federation import Federation, run_federation
from tongxing.simulation.people import Person
from tongxing.simulation.scenes import GUANGXI
from tongxing.simulation.state import claim_state

pytestmark = pytest.mark.scenario

MACAO = RegionId("82")
DAY = datetime(2020, 6, 1, 9, 0, tzinfo=BEIJING)


@pytest.fixture(scope="module")
def border(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Federation]:
    """Give Guangxi and Macao, each with its gateway and its system; of Macao nothing is docked."""
    files = {"82.toml": data_file("across", "82.toml")}
    with (
        claim_state(tmp_path_factory.mktemp("border") / "state") as state,
        run_federation(state, people=0, first_port=0, regions=(GUANGXI, MACAO), unpackaged=files) as running,
    ):
        running.clock.set(DAY)
        running.begin_era("border")
        yield running


def green(federation: Federation, home: RegionId) -> Person:
    people = federation.people[home]
    return people.pick(next(each for each in people.circumstances if each.startswith("green")), 2)


def document_of(person: Person) -> dict[str, str]:
    return {"type": person.document.type, "number": person.document.number}


def carried(federation: Federation, home: RegionId, audience: RegionId) -> tuple[Person, str]:
    """Return who downloads a statement at home, and what they carry."""
    person = green(federation, home)
    wanted = {
        "document": document_of(person),
        "name": person.name,
        "audience": audience,
        "consent": True,
        "qr_text": show(federation, person),
    }
    statement: str = federation.back_ends[home].post("/v1/carried-statements", wanted)["statement_hex"]
    return person, statement


def converted(federation: Federation, host: RegionId, person: Person, statement: str) -> Any:
    wanted = {"consent": True, "statement_hex": statement, "document": document_of(person)}
    return federation.back_ends[host].post("/v1/conversions", wanted)


@pytest.mark.parametrize(("home", "host"), [(MACAO, GUANGXI), (GUANGXI, MACAO)])
def test_a_traveller_crosses_with_what_they_carry(border: Federation, home: RegionId, host: RegionId) -> None:
    person, statement = carried(border, home, host)
    shown = converted(border, host, person, statement)
    assert (shown["derived_from"], shown["colour"]) == (home, "green")
    assert shown["expires_at"] == "2020-06-01T16:00:00Z"
    device = border.device(host, PlaceKind.TRAFFIC_GATE)
    device.renew_session()
    guard = device.scan(shown["qr_text"]).guard
    assert guard["outcome"] in {"PASS", "PASS_WITH_MEASURES"}, guard
    with pytest.raises(ProblemAnswered, match="ticket_used"):
        converted(border, host, person, statement)


def test_the_code_itself_is_not_asked_about_over_the_border(border: Federation) -> None:
    device = border.device(GUANGXI, PlaceKind.TRAFFIC_GATE)
    device.renew_session()
    guard = device.scan(show(border, green(border, MACAO))).guard
    assert (guard["outcome"], guard["reason"]) == ("REFER", "carry_across")


def test_what_the_hub_holds_of_the_crossings_is_a_list_of_digests(border: Federation) -> None:
    person, statement = carried(border, MACAO, GUANGXI)
    told = border.operators[FEDERATION].get("/v1/carried-digests/2020-06-01")
    assert len(told["digests_hex"]) > 0
    assert statement[:64] not in json.dumps(told)
    kept = [each.read_bytes() for each in (border.grounds.state.path / "hub").rglob("*") if each.is_file()]
    assert sum(map(len, kept)) > 10_000
    assert not any(person.document.number.encode() in each for each in kept)
