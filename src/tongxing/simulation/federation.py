"""A running federation: hub, gateways, back ends, and everyone who calls them from outside.

Nothing in it is faked but the people: every call goes over HTTP on loopback to a process of its own, and
what is stopped is really stopped.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final

import httpx

from tongxing.app.citizens import CALLBACK_PATH
from tongxing.app.key_files import public_text
from tongxing.core.errors import Fault as OurFault
from tongxing.core.words import FEDERATION, PlaceKind, RegionId
from tongxing.services.ports import Role
from tongxing.simulation.callers import TIMEOUT_SECONDS, Caller, Device, ProblemAnswered
from tongxing.simulation.clock import SharedClock
from tongxing.simulation.founding import (
    HUB,
    IDENTITY,
    REGIONS,
    Grounds,
    back_end_name,
    device_name,
    found,
    gateway_name,
    lay_grounds,
    node_names,
    operator_name,
    second_operator_name,
)
from tongxing.simulation.people import Circumstance, People, Person, dock_row
from tongxing.simulation.processes import Processes, ProcessSpec
from tongxing.simulation.sandbox.profile_people import make_people_of
from tongxing.simulation.scenes import FOUNDED_AT, HUBEI, Fault
from tongxing.simulation.state import State

SEED: Final = 2020
SLOW_SECONDS: Final = 5.0
CALLERS_LIFE: Final = timedelta(days=365)
ROWS_A_BATCH: Final = 500
PEOPLE_A_REGION_MIN: Final = 80
"""With fewer, scenes would run out of people in one circumstance whom nothing has happened to yet."""

BUNDLE_WAIT_SECONDS: Final = 20.0
_POLL_SECONDS: Final = 0.05

_SWITCHES: Final[Mapping[Fault, Mapping[str, object]]] = {
    Fault.BACK_END_SLOW: {"fault": "slow", "seconds": SLOW_SECONDS},
    Fault.BACK_END_HTML: {"fault": "html"},
    Fault.BACK_END_OTHER_PERSON: {"fault": "other_person"},
    Fault.BACK_END_FORGETFUL: {"fault": "forgetful"},
}
_STOPPED: Final[Mapping[Fault, tuple[str, ...]]] = {
    Fault.HUB_STOPPED: (HUB,),
    Fault.HUB_AND_ISSUER_STOPPED: (HUB, gateway_name(HUBEI), back_end_name(HUBEI)),
    Fault.BACK_END_STOPPED: (back_end_name(HUBEI),),
    Fault.ISSUER_STOPPED: (gateway_name(HUBEI), back_end_name(HUBEI)),
}


@dataclass(frozen=True, slots=True)
class ShownCode:
    """What a person's phone displays, and whose it is. All synthetic."""

    qr_text: str
    name: str
    number: str


class Federation:
    """One federation whose processes run. Everything that is asked of it is asked over HTTP."""

    def __init__(
        self, grounds: Grounds, clock: SharedClock, processes: Processes, people: Mapping[RegionId, People]
    ) -> None:
        self.grounds = grounds
        self.clock = clock
        self.processes = processes
        self.people = people
        self._held = ExitStack()
        self.operators = {
            region: self._held.enter_context(
                Caller(grounds.url(_node_of(region)), grounds.load_key(operator_name(region)), clock)
            )
            for region in (FEDERATION, *grounds.regions)
        }
        self.second_operator = self._held.enter_context(
            Caller(grounds.url(HUB), grounds.load_key(second_operator_name(FEDERATION)), clock)
        )
        self.back_ends: dict[RegionId, Caller] = {}
        self._devices: dict[tuple[RegionId, PlaceKind], Device] = {}
        self._taken: Counter[RegionId] = Counter()
        self._era = ""
        self._switchboards = self._held.enter_context(httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=False))

    def close(self) -> None:
        """Close all connections; the processes go on."""
        self._held.close()

    def device(self, region: RegionId, place: PlaceKind) -> Device:
        """Return the device of a region's checkpoint."""
        return self._devices[region, place]

    def devices_beside(self, region: RegionId, place: PlaceKind) -> list[Device]:
        """Return all devices of a region, that of ``place`` first."""
        others = [kind for kind in PlaceKind if kind is not place]
        return [self._devices[region, kind] for kind in (place, *others)]

    def show_code(self, region: RegionId, circumstance: Circumstance, nth: int = 0) -> ShownCode:
        """Return what the phone of a person in ``circumstance`` displays now."""
        shown = self.switchboard(region, "/_show", {"person": {"circumstance": circumstance, "nth": nth}})
        return ShownCode(shown["qr_text"], shown["name"], shown["number"])

    def make_national_code(self, region: RegionId, circumstance: Circumstance, nth: int = 0) -> str:
        """Return a national code that the region's gateway made at its back end's wish.

        The back end docks the person's record of today first, as it does whenever somebody opens the code.
        """
        back_end, person = self.back_ends[region], self.people[region].pick(circumstance, nth)
        back_end.post("/v1/docked-reports", {"rows": [dock_row(person, self.clock.now())]})
        ticket = back_end.post("/v1/tickets")
        wanted = {
            "serial": ticket["serial"],
            "random": ticket["random"],
            "document": {"type": person.document.type, "number": person.document.number},
            "name": person.name,
        }
        qr_text: str = back_end.post("/v1/codes", wanted)["qr_text"]
        return qr_text

    def take_person(self, region: RegionId) -> Person:
        """Return the next person of a region whom nobody has taken yet; all of them are green.

        The first green one is never taken: scenes show that one. Raises LookupError once there are no more.
        """
        self._taken[region] += 1
        return self.people[region].pick(Circumstance.GREEN_LOW_RISK_COUNTY, self._taken[region])

    @contextmanager
    def broken(self, fault: Fault | None) -> Iterator[None]:
        """Break something of Hubei's or the hub, and mend it at the end."""
        stopped = _STOPPED.get(fault, ()) if fault is not None else ()
        switch = _SWITCHES.get(fault) if fault is not None else None
        for name in stopped:
            self.processes.stop(name)
        if switch is not None:
            self.switchboard(HUBEI, "/_switch", switch)
        try:
            yield
        finally:
            if switch is not None:
                self.switchboard(HUBEI, "/_switch", {"fault": None})
            self.processes.restart(*stopped)

    def switchboard(self, region: RegionId, path: str, value: Mapping[str, object]) -> Any:  # noqa: ANN401 - JSON
        """Ask something of a simulated back end's switchboard. Raises our Fault if it refuses."""
        response = self._switchboards.post(self.grounds.url(back_end_name(region)) + path, json=value)
        if not response.is_success:
            raise OurFault(f"the switchboard of {back_end_name(region)} refuses: {response.text[:200]}")
        return response.json()

    def publish_again(self) -> int:
        """Let the hub publish its bundle anew; return its number once all gateways have taken it up.

        Raises our Fault if one stays behind.
        """
        hub = self.operators[FEDERATION]
        try:
            number: int = hub.post("/v1/bundles")["number"]
        except ProblemAnswered:
            # The hub does so by itself when its bundle grows old: then that one has taken the number.
            number = hub.get("/v1/status")["bundle_number"]
        self.wait_for_bundle(number)
        return number

    def wait_for_bundle(self, number: int) -> None:
        """Return once every gateway has taken up a bundle. Raises ``Fault`` if one does not."""
        deadline = time.monotonic() + BUNDLE_WAIT_SECONDS
        for region in self.grounds.regions:
            while (self.operators[region].get("/v1/status")["bundle_number"] or 0) < number:
                if time.monotonic() > deadline:
                    raise OurFault(f"{gateway_name(region)} does not take up bundle {number}")
                time.sleep(_POLL_SECONDS)

    def begin_era(self, era: str) -> None:
        """Renew the bundle and the callers' keys for the clock's moment, once for each ``era``."""
        if era != self._era:
            self.publish_again()
            self.enrol_callers(era)
            self._era = era

    def enrol_callers(self, era: str = "") -> None:
        """Let each gateway's operator enrol a back end and a device of each kind, with keys named for their ``era``."""
        until = (self.clock.now() + CALLERS_LIFE).isoformat()
        grounds = self.grounds
        for region in grounds.regions:
            url = grounds.url(gateway_name(region))
            back_end = Caller(url, grounds.load_key(back_end_name(region) + era), self.clock)
            self.back_ends[region] = self._held.enter_context(back_end)
            self._enrol(region, back_end, Role.BACK_END, until)
            for place in PlaceKind:
                device = Device(url, grounds.load_key(device_name(region, place) + era), self.clock, place)
                self._devices[region, place] = self._held.enter_context(device)
                self._enrol(region, device, Role.DEVICE, until)

    def _enrol(self, region: RegionId, caller: Caller, role: Role, until: str) -> None:
        public = public_text(caller.key.public)
        credential = {"public": public, "role": role, "label": f"simulated {role}", "valid_until": until}
        self.operators[region].post("/v1/credentials", credential)

    def dock(self, region: RegionId, count: int) -> Iterator[int]:
        """Hand the first ``count`` people of a region to its gateway in batches; yield how many are in.

        Raises our Fault if a row was set aside.
        """
        people, now = self.people[region], self.clock.now()
        for start in range(0, min(count, len(people)), ROWS_A_BATCH):
            end = min(start + ROWS_A_BATCH, count, len(people))
            rows = [dock_row(people[index], now) for index in range(start, end)]
            docked = self.back_ends[region].post("/v1/docked-reports", {"rows": rows})
            if docked["set_aside"]:
                raise OurFault(f"rows of region {region} were set aside: {docked['set_aside'][:3]}")
            yield end


@contextmanager
def run_federation(
    state: State,
    *,
    people: int,
    first_port: int,
    regions: tuple[RegionId, ...] = REGIONS,
    unpackaged: Mapping[str, bytes] = MappingProxyType({}),
    settle: Callable[[Grounds], Mapping[str, Mapping[str, str]]] = lambda _: {},
) -> Iterator[Federation]:
    """Found a federation on an empty state and start its processes; all of them end when this does.

    ``people`` are made, as many in each region, but at least ``PEOPLE_A_REGION_MIN``, and not yet docked.
    ``unpackaged`` are the profiles, by file name, of those of ``regions`` that do not ship. ``settle`` sees the
    founded grounds before anything runs, and returns what nodes are told besides, by name: another record, an index.
    Raises Refused for a port in use, our Fault for a process that does not come up.
    """
    grounds = lay_grounds(state, first_port, regions, unpackaged)
    clock = SharedClock.create(state.clock, FOUNDED_AT)
    asyncio.run(found(grounds, clock))
    told = settle(grounds)
    count = max(people // len(regions), PEOPLE_A_REGION_MIN)
    made = {
        region: make_people_of(grounds.profile(region), count=count, seed=SEED, at=FOUNDED_AT) for region in regions
    }
    with ExitStack() as held:
        processes = Processes(kept_open=(state.nodes_lock,))
        held.callback(processes.stop_all)
        processes.start(*(_spec(grounds, name, count, told.get(name, {})) for name in node_names(regions)))
        federation = Federation(grounds, clock, processes, made)
        held.callback(federation.close)
        federation.enrol_callers()
        yield federation


def _node_of(region: RegionId) -> str:
    return HUB if region == FEDERATION else gateway_name(region)


def _spec(grounds: Grounds, name: str, people_a_region: int, told: Mapping[str, str]) -> ProcessSpec:
    clock, port, log = str(grounds.state.clock), grounds.ports[name], grounds.log(name)
    region = name.rpartition("-")[2]
    if name == IDENTITY:
        return _identity_spec(grounds, people_a_region)
    if name == back_end_name(RegionId(region)):
        made = ("--people", str(people_a_region), "--seed", str(SEED), "--made-at", FOUNDED_AT.isoformat())
        key_file = grounds.key_file(name)
        grounds.load_key(name)  # made now, so that the process finds it
        own = ("--gateway", grounds.url(gateway_name(RegionId(region))), "--key", str(key_file))
        return ProcessSpec(
            name, ("back-end", "--clock", clock, "--region", region, *made, *_profiles(grounds), *own), port, log
        )
    return ProcessSpec(name, ("node", "--clock", clock), port, log, {**grounds.environment(name), **told}, "/readyz")


def _identity_spec(grounds: Grounds, people_a_region: int) -> ProcessSpec:
    clients = (
        argument
        for region in grounds.regions
        for argument in ("--client", f"{region}={grounds.url(gateway_name(region))}{CALLBACK_PATH}")
    )
    made = ("--people", str(people_a_region), "--seed", str(SEED), "--made-at", FOUNDED_AT.isoformat())
    own = ("identity", "--clock", str(grounds.state.clock), "--origin", grounds.url(IDENTITY), *_profiles(grounds))
    return ProcessSpec(IDENTITY, (*own, *made, *clients), grounds.ports[IDENTITY], grounds.log(IDENTITY))


def _profiles(grounds: Grounds) -> tuple[str, ...]:
    """Return the arguments that name the profiles which do not ship."""
    named = (f"{region}={grounds.profile_file(region)}" for region in grounds.unpackaged)
    return tuple(argument for name in named for argument in ("--profile", name))
