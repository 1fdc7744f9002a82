"""Recognition over HTTP for each family: our milliseconds over those of the back end that is asked.

A code of a region of that family is scanned in Tibet, which has none of its own: host's gateway, issuer's gateway,
the issuer's simulated back end in its dialect, each a process of its own, and the hub is consulted. By turns
with that the same back end is asked the same over a plain connection, by whoever knows its dialect. What is left is
ours: two gateways, both signatures, translation, the decision and the record on disk. One request at a time.
Travel cards and paper are in no region's profile; here two made-up regions have them.
"""

import http.client
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from benchmarks.figures import Figure, Result, Scale, percentile
from benchmarks.machine import RESULTS
from tongxing.app.packaged import PROFILES, load_files
from tongxing.core.words import PlaceKind, RegionId
from tongxing.regions.answers import BackEndAnswer
from tongxing.regions.families import FAMILIES
from tongxing.simulation.arranging import show
from tongxing.simulation.backends import FAMILY_CREDENTIALS
from tongxing.simulation.callers import Device
from tongxing.simulation.federation import Federation, run_federation
from tongxing.simulation.founding import back_end_name
from tongxing.simulation.people import Person
from tongxing.simulation.processes import LOOPBACK
from tongxing.simulation.scenes import TIBET
from tongxing.simulation.state import claim_state

PERCENTS: Final = (50, 99)
REGION_OF_FAMILY: Final[Mapping[str, RegionId]] = MappingProxyType(
    {
        "make_validate": RegionId("42"),
        "colour_query": RegionId("45"),
        "words": RegionId("11"),
        "signed_numeric": RegionId("34"),
        "gate_numeric": RegionId("50"),
        "national_levels": RegionId("13"),
        "keyed_call": RegionId("3301"),
        "day_password": RegionId("33"),
        "unsigned_json": RegionId("4404"),
        "travel_card": RegionId("96"),
        "paper": RegionId("97"),
    }
)
WITHOUT_STATUS: Final = frozenset({"travel_card", "paper"})
_WHEN_TINY: Final = ("make_validate", "paper")
_WARM_UP: Final = 3
_PEOPLE_SPARE: Final = 60
"""The first people of a region stand in every state; those after them are nearly all green."""


@dataclass(slots=True)
class Counter:
    """One family's region under measurement."""

    federation: Federation
    family: str
    region: RegionId
    gate: Device
    straight: http.client.HTTPConnection


def measure_families(scale: Scale) -> Result:
    """Take ``codes_a_round`` people of each family's region through a scan, and ask about each once more directly."""
    count = scale.codes_a_round
    names = _WHEN_TINY if scale.rounds == 1 else tuple(REGION_OF_FAMILY)
    with _federation(tuple(REGION_OF_FAMILY[name] for name in names), count) as federation:
        gate = federation.device(TIBET, PlaceKind.TRAFFIC_GATE)
        figures = tuple(figure for name in names for figure in _measure(federation, name, gate, count))
    return Result("families", figures, {"scans of each family": count, "at once": 1, "families": len(names)})


def _measure(federation: Federation, family: str, gate: Device, count: int) -> Iterator[Figure]:
    region = REGION_OF_FAMILY[family]
    gate.renew_session()
    with closing(http.client.HTTPConnection(LOOPBACK, federation.grounds.ports[back_end_name(region)])) as straight:
        counter = Counter(federation, family, region, gate, straight)
        people = [person for person in federation.people[region] if _is_usual(federation, person)]
        whole: list[float] = []
        alone: list[float] = []
        for person in people[: _WARM_UP + count]:
            whole.append(_scan(counter, person))
            alone.append(_ask_straight(counter, person))
    for percent in PERCENTS:
        both, own = percentile(whole[_WARM_UP:], percent), percentile(alone[_WARM_UP:], percent)
        name = f"{family}: ours over the back end's own, p{percent}"
        yield Figure(name, both - own, "ms", f"the back end's own, p{percent}", own)


def _is_usual(federation: Federation, person: Person) -> bool:
    return person.circumstance == next(iter(federation.people[person.region].circumstances))


def _scan(counter: Counter, person: Person) -> float:
    qr_text = show(counter.federation, person)
    began = time.perf_counter()
    scanned = counter.gate.scan(qr_text)
    taken = time.perf_counter() - began
    wanted = "REFER" if counter.family in WITHOUT_STATUS else "PASS"
    assert scanned.guard["outcome"] == wanted, (counter.family, scanned.guard)
    return 1000 * taken


def _ask_straight(counter: Counter, person: Person) -> float:
    """Ask the back end as whoever knows its dialect would; return the milliseconds that its answers took."""
    federation, qr_text = counter.federation, show(counter.federation, person)
    profile, query_id = federation.grounds.profile(counter.region), os.urandom(16).hex()
    credentials = FAMILY_CREDENTIALS.get(counter.family, {})
    asking = FAMILIES[counter.family].ask(qr_text, profile, federation.clock.now(), query_id, credentials)
    taken = 0.0
    try:
        request = next(asking)
        while True:
            began = time.perf_counter()
            counter.straight.request(request.method, request.path, request.body, dict(request.headers))
            response = counter.straight.getresponse()
            body = response.read()
            taken += time.perf_counter() - began
            request = asking.send(BackEndAnswer(response.status, response.headers.get("content-type", ""), body))
    except StopIteration:
        return 1000 * taken


@contextmanager
def _federation(regions: tuple[RegionId, ...], count: int) -> Iterator[Federation]:
    """Run a federation of Tibet and ``regions`` on the disk of the results, with everybody docked who has a status."""
    folder = RESULTS / f"families-{os.getpid()}"
    everywhere = (TIBET, *regions)
    people = _PEOPLE_SPARE + 2 * (_WARM_UP + count)
    made_up = {f"{REGION_OF_FAMILY[family]}.toml": _profile_of(family) for family in sorted(WITHOUT_STATUS)}
    try:
        with (
            claim_state(folder) as state,
            run_federation(
                state, people=people * len(everywhere), first_port=0, regions=everywhere, unpackaged=made_up
            ) as federation,
        ):
            for region in regions:
                if f"{region}.toml" not in made_up:
                    for _ in federation.dock(region, people):
                        pass
            yield federation
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _profile_of(family: str) -> bytes:
    """Return Tibet's profile as that of a made-up region with a code of ``family``."""
    region = REGION_OF_FAMILY[family]
    text = load_files(PROFILES)[f"{TIBET}.toml"].decode()
    own = f'name = "{family}"\nparameters = {{ query_path = "/{family}/query" }}'
    form = f'prefix = "R{region}XYM:"\nalphabet = "hex"\nlength = 32\none_time = false\nevidence = "assumed_way"'
    return (
        text.replace(f'region = "{TIBET}"', f'region = "{region}"', 1)
        .replace('name = "national"', own, 1)
        .replace("[sources_checked]", f"[qr]\n{form}\n\n[sources_checked]", 1)
        .encode()
    )
