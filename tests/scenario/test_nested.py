"""The same pattern one level down: Guangdong as the federation of its cities, with Guangzhou's own code (穗康码).

The programs are the same, hub and gateway; what differs is who takes part. Guangdong's hub has its own
directory, bundle and key service; the province's code and the city's are recognised by one another.
"""

from collections.abc import Iterator
from datetime import datetime

import pytest

from tongxing.core.calendar import BEIJING
from tongxing.core.words import PlaceKind, RegionId
from tongxing.simulation.arranging import convert, document_of, newcomer, show
from tongxing.simulation.callers import Scanned
from tongxing.simulation.federation import PEOPLE_A_REGION_MIN, Federation, run_federation
from tongxing.simulation.founding import HUB
from tongxing.simulation.people import Circumstance
from tongxing.simulation.shown import Asked
from tongxing.simulation.state import claim_state

pytestmark = pytest.mark.scenario

GUANGDONG, GUANGZHOU = RegionId("44"), RegionId("4401")
DAY = datetime(2020, 3, 25, 10, 0, tzinfo=BEIJING)


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Federation]:
    """Give Guangdong and its city, each with its gateway and its system, and Guangdong's own hub."""
    path = tmp_path_factory.mktemp("province") / "state"
    regions = (GUANGDONG, GUANGZHOU)
    with claim_state(path) as state, run_federation(state, people=0, first_port=0, regions=regions) as federation:
        for region in regions:
            assert list(federation.dock(region, PEOPLE_A_REGION_MIN))
        federation.clock.set(DAY)
        yield federation


def scan(province: Federation, qr_text: str, host: RegionId) -> Scanned:
    device = province.device(host, PlaceKind.RESIDENTIAL_COMPOUND)
    device.renew_session()
    return device.scan(qr_text)


@pytest.mark.parametrize(
    ("circumstance", "outcome"),
    [
        (Circumstance.GREEN_LOW_RISK_COUNTY, "PASS"),
        (Circumstance.RED_UNEXPLAINED, "STOP"),
        (Circumstance.PENDING, "REFER"),
    ],
)
@pytest.mark.parametrize(("home", "host"), [(GUANGZHOU, GUANGDONG), (GUANGDONG, GUANGZHOU)])
def test_province_and_city_recognise_one_anothers_codes(
    province: Federation, home: RegionId, host: RegionId, circumstance: Circumstance, outcome: str
) -> None:
    scanned = scan(province, province.show_code(home, circumstance).qr_text, host)
    assert scanned.guard["outcome"] == outcome
    assert province.operators[host].get(f"/v1/verdicts/{scanned.ref}/trail")["issuer"] == home


def test_a_citys_code_is_converted_into_the_provinces(province: Federation) -> None:
    person = newcomer(province, GUANGZHOU, Circumstance.GREEN_LOW_RISK_COUNTY)
    displayed = convert(province, person, GUANGDONG, Asked.BY_DOCUMENT)
    assert (displayed["derived_from"], displayed["colour"]) == (GUANGZHOU, "blue")
    assert scan(province, displayed["qr_text"], GUANGDONG).guard["outcome"] == "PASS"


def test_the_province_learns_from_its_own_hub_what_its_city_says(province: Federation) -> None:
    person = newcomer(province, GUANGZHOU, Circumstance.RED_UNEXPLAINED)
    wanted = {"document": document_of(person), "consent": True}
    recognised = province.back_ends[GUANGDONG].post("/v1/recognitions", wanted)
    assert (recognised["derived_from"], recognised["level"]) == (GUANGZHOU, "10")


def test_city_and_province_go_on_without_the_provinces_hub(province: Federation) -> None:
    person = newcomer(province, GUANGZHOU, Circumstance.GREEN_LOW_RISK_COUNTY)
    province.processes.stop(HUB)
    try:
        assert scan(province, show(province, person), GUANGDONG).guard["outcome"] == "PASS"
    finally:
        province.processes.restart(HUB)
