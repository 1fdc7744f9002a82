"""The three ways end to end, over HTTP through the sandbox's own processes, each beside what its back end takes alone.

One request at a time, by turns: way 1, way 2, a scan, way 3, and their baselines, for one person after the other
whom nobody has asked about before. Our share is the difference of the same percentile. The sandbox's back
ends answer in a few milliseconds; a real one's time would take their place, and our share would stay.

    python -m benchmarks.ways
"""

import os
import shutil
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import httpx

from benchmarks.figures import FULL, Figure, Result, Scale, percentile
from benchmarks.machine import RESULTS
from tongxing.app.packaged import PROFILES, load_files
from tongxing.core.words import PlaceKind
from tongxing.regions.answers import BackEndAnswer
from tongxing.regions.families import FAMILIES
from tongxing.regions.profile import Profile, parse_profile
from tongxing.simulation.arranging import ask_assessor, declare_stay, in_gateways_name, show
from tongxing.simulation.callers import Caller, Device
from tongxing.simulation.federation import Federation, run_federation
from tongxing.simulation.founding import REGIONS, back_end_name, gateway_name
from tongxing.simulation.people import Person
from tongxing.simulation.scenes import BEIJING_CITY, GUANGXI, HUBEI, TIBET
from tongxing.simulation.state import claim_state

PERCENTS: Final = (50, 99)
CONVERSION_WANTED: Final = "below 300 ms (Macao and Guangdong: 3 s repeated, 100 s at first)"
_TIMEOUT_SECONDS: Final = 30.0
_WARM_UP: Final = 5
_TURNS_A_SESSION: Final = 50
_NOT_GREEN_BELOW: Final = 60
"""The first people of a region stand in every circumstance; those after them are nearly all green."""

_SPARE: Final = 1.1
_T = TypeVar("_T")

_ROWS: Final = (
    ("way 1", "way 1: a visitor opens Beijing's code", "one of its own opens it", "way 1 alone", ""),
    ("way 2", "way 2: a shown Hubei code converted", "Hubei's back end alone", "way 2 alone", CONVERSION_WANTED),
    ("display", "way 2: a converted code displayed", "Hubei's back end alone", "way 2 alone", ""),
    ("converted", "way 2: a converted code scanned", "Hubei's back end alone", "way 2 alone", ""),
    ("local", "a Hubei code scanned in Guangxi", "Hubei's back end alone", "way 2 alone", ""),
    ("way 3 make", "way 3: a national code by the assessor", "a bare answer", "way 3 alone", ""),
    ("way 3", "way 3: that code scanned in Tibet", "a bare answer", "way 3 alone", ""),
)
"""Series, name, name of the baseline, series of the baseline, what is wanted."""


@dataclass(slots=True)
class Series:
    """Milliseconds by what was timed."""

    taken: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def note(self, name: str, call: Callable[[], _T]) -> _T:
        """Call, note how long it took, and return the answer."""
        began = time.perf_counter()
        answer = call()
        self.taken[name].append((time.perf_counter() - began) * 1000)
        return answer


@dataclass(frozen=True, slots=True)
class Counter:
    """Everything that a turn needs: the federation, who calls, and where the time goes."""

    federation: Federation
    series: Series
    client: httpx.Client
    gate: Device
    tibets_gate: Device
    tibets_gateway: Caller
    profile: Profile


def measure_ways(scale: Scale) -> Result:
    """Take ``codes_a_round`` people through each way."""
    count = scale.codes_a_round
    series = Series()
    with sandbox(_NOT_GREEN_BELOW + int((count + _WARM_UP) * _SPARE)) as federation:
        take_turns(federation, Series(), 0, _WARM_UP)
        take_turns(federation, series, _WARM_UP, count)
    figures = tuple(figure for percent in PERCENTS for row in _ROWS for figure in _figures(series, percent, *row))
    return Result("ways", figures, {"people on each way": count, "at once": 1, "regions": len(REGIONS)})


@contextmanager
def sandbox(people_a_region: int) -> Iterator[Federation]:
    """Run the sandbox's federation on the disk of the results, with everybody docked."""
    folder = RESULTS / f"ways-{os.getpid()}"
    total = people_a_region * len(REGIONS)
    try:
        with claim_state(folder) as state, run_federation(state, people=total, first_port=0) as federation:
            for region in REGIONS:
                for _ in federation.dock(region, total):
                    pass
            yield federation
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def take_turns(federation: Federation, series: Series, skipped: int, count: int) -> None:
    """Take one green person a turn through each way and its baseline."""
    with (
        httpx.Client(timeout=_TIMEOUT_SECONDS, trust_env=False) as client,
        in_gateways_name(federation, TIBET) as tibets_gateway,
    ):
        gate = federation.device(GUANGXI, PlaceKind.TRAFFIC_GATE)
        tibets_gate = federation.device(TIBET, PlaceKind.TRAFFIC_GATE)
        profile = parse_profile(load_files(PROFILES)[f"{HUBEI}.toml"])
        counter = Counter(federation, series, client, gate, tibets_gate, tibets_gateway, profile)
        greens = [
            [person for person in federation.people[region] if person.circumstance.startswith("green_low")][skipped:]
            for region in (HUBEI, BEIJING_CITY, TIBET)
        ]
        for turn, (visitor, own, tibetan) in enumerate(zip(*greens, strict=False)):
            if turn == count:
                break
            if turn % _TURNS_A_SESSION == 0:
                gate.renew_session()
                tibets_gate.renew_session()
            _share(counter, visitor, own)
            _convert(counter, visitor)
            _adopt(counter, tibetan)


def _share(counter: Counter, visitor: Person, own: Person) -> None:
    opened = counter.series.note("way 1", lambda: _open_code(counter, visitor))
    counter.series.note("way 1 alone", lambda: _open_code(counter, own))
    assert opened["statusText"] == "未见异常"


def _convert(counter: Counter, visitor: Person) -> None:
    series, back_end = counter.series, counter.federation.back_ends[GUANGXI]
    wanted = {"qr_text": show(counter.federation, visitor), "consent": True}
    displayed = series.note("way 2", lambda: back_end.post("/v1/conversions", wanted))
    path = f"/v1/conversions/{displayed['conversion_id']}/display"
    again = series.note("display", lambda: back_end.post(path))
    scanned = series.note("converted", lambda: counter.gate.scan(displayed["qr_text"]))
    local = show(counter.federation, visitor)
    crossed = series.note("local", lambda: counter.gate.scan(local))
    alone = show(counter.federation, visitor)
    series.note("way 2 alone", lambda: _ask_directly(counter, alone))
    assert again["renewed"]
    assert [each.guard["outcome"] for each in (scanned, crossed)] == ["PASS", "PASS"]


def _adopt(counter: Counter, tibetan: Person) -> None:
    series, gateway = counter.series, counter.tibets_gateway
    declare_stay(counter.federation, gateway, tibetan)
    qr_text = series.note("way 3 make", lambda: ask_assessor(gateway, tibetan))
    scanned = series.note("way 3", lambda: counter.tibets_gate.scan(qr_text))
    health = counter.federation.grounds.url(gateway_name(TIBET)) + "/healthz"
    series.note("way 3 alone", lambda: counter.client.get(health).raise_for_status())
    assert scanned.guard["outcome"] == "PASS"


def _open_code(counter: Counter, person: Person) -> dict[str, Any]:
    asked = {"cardType": person.document.type, "cardId": person.document.number, "name": person.name}
    url = counter.federation.grounds.url(back_end_name(BEIJING_CITY)) + "/jkb/code/open"
    opened: dict[str, Any] = counter.client.post(url, json=asked).raise_for_status().json()["data"]
    return opened


def _ask_directly(counter: Counter, qr_text: str) -> None:
    """Ask Hubei's back end about a code as its gateway does, with nobody in between."""
    url = counter.federation.grounds.url(back_end_name(HUBEI))
    asking = FAMILIES[counter.profile.family].ask(
        qr_text, counter.profile, counter.federation.clock.now(), os.urandom(16).hex(), {}
    )
    try:
        request = next(asking)
        while True:
            answer = counter.client.request(
                request.method, url + request.path, headers=dict(request.headers), content=request.body
            )
            request = asking.send(
                BackEndAnswer(answer.status_code, answer.headers.get("content-type", ""), answer.content)
            )
    except StopIteration:
        return


def _figures(
    series: Series, percent: float, name: str, told: str, baseline_told: str, baseline: str, wanted: str
) -> Iterator[Figure]:
    """Yield a percentile beside its baseline's, and the difference: our share of the whole."""
    whole, alone = (percentile(series.taken[each], percent) for each in (name, baseline))
    yield Figure(f"{told}, p{percent}", whole, "ms", f"{baseline_told}, p{percent}", alone, wanted)
    yield Figure(f"{told}, our share, p{percent}", whole - alone, "ms", "the whole", whole)


if __name__ == "__main__":
    for figure in measure_ways(FULL).figures:
        print(
            f"{figure.name:60s} {figure.value:8.1f} {figure.unit}  "
            f"{figure.baseline_name}: {figure.baseline:.1f}  ratio {figure.ratio:.2f}"
        )
