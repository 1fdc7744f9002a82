"""A hub and the gateways of Guangxi and Hubei as processes over HTTP, with people docked, all on the server's core.

Who asks sends requests that were signed beforehand, each by one of several keys of Guangxi's own system, for the moment
at which it is due: so that a load generator has nothing to do but send.
"""

import json
import os
import shutil
import statistics
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import msgspec

from benchmarks.crowd import CrowdGenerator
from benchmarks.figures import Scale
from benchmarks.load import LoadFailed, http_request
from benchmarks.machine import RESULTS, pinned_to, server_core
from benchmarks.owner import Owner, owner
from benchmarks.processes import Running
from tongxing.app.key_files import public_text
from tongxing.app.node_keys import GatewayKeys
from tongxing.core.datasets import Dataset
from tongxing.crypto.http_signatures import sign_request
from tongxing.crypto.keys import SigningKey
from tongxing.services.ports import Role
from tongxing.simulation.arranging import in_gateways_name
from tongxing.simulation.federation import Federation, run_federation
from tongxing.simulation.founding import HUB, gateway_name
from tongxing.simulation.people import Person
from tongxing.simulation.scenes import FOUNDED_AT, GUANGXI, HUBEI
from tongxing.simulation.state import claim_state

AT_ONCE: Final = (6, 16)
"""So many queries at once in a closed loop: the better of the two is what the nodes can."""

WHOLE: Final = b'"is_live":true,"unavailable":null'
"""What stands in an answer to which a live owner has contributed."""

CAPACITY_ROUNDS: Final = 3
DOCK: Final = "/v1/docked-reports"
ONE_STOP: Final = "/v1/one-stop-queries"
READ_ONE: Final = "/v1/report-queries"
BACK_ENDS: Final = 40
"""Keys of one region's system: each may ask a hundred times a second."""

LIVE: Final = (Dataset.TESTS, Dataset.VACCINATIONS)
KEYS_AT_ONCE: Final = 200
_JSON: Final = {"content-type": "application/json"}
_KEYS_LIFE: Final = timedelta(days=30)


@dataclass(slots=True)
class TwoRegions:
    """The running federation, and requests to it. ``keys`` are people's subject keys by document number."""

    federation: Federation
    people: Sequence[Person]
    owners: Sequence[Owner]
    back_ends: Sequence[SigningKey]
    gateways_key: SigningKey
    keys: Mapping[str, str]
    _sent: int = 0

    @property
    def gateway(self) -> Running:
        """Guangxi's gateway."""
        return self._running(gateway_name(GUANGXI))

    @property
    def hub(self) -> Running:
        """The hub."""
        return self._running(HUB)

    def one_stops(self, moments: Sequence[float], since: datetime | None = None) -> list[bytes]:
        """Return a one-stop query for each moment, in seconds from now or ``since``, about one person after another."""
        now, port = since or self.federation.clock.now(), self.gateway.port
        requests = []
        for moment in moments:
            person = self.people[self._sent % len(self.people)]
            document = {"type": person.document.type, "number": person.document.number}
            body = msgspec.json.encode({"document": document, "purpose": "one_stop_query", "consent": True})
            key = self.back_ends[self._sent % len(self.back_ends)]
            requests.append(self._request(port, ONE_STOP, body, key, now + timedelta(seconds=moment)))
        return requests

    def reads(self, moments: Sequence[float]) -> list[bytes]:
        """Return a bare signed call at the hub for each moment that reads what is reported of one person."""
        now, port = self.federation.clock.now(), self.hub.port
        requests = []
        for moment in moments:
            person = self.people[self._sent % len(self.people)]
            body = msgspec.json.encode({"subject_keys": [self.keys[person.document.number]]})
            requests.append(self._request(port, READ_ONE, body, self.gateways_key, now + timedelta(seconds=moment)))
        return requests

    def docked(self, bodies: Sequence[bytes], moments: Sequence[float]) -> list[bytes]:
        """Return a call of Hubei's back end at its gateway for each body, at a moment in seconds from now."""
        now, port = self.federation.clock.now(), self.federation.grounds.ports[gateway_name(HUBEI)]
        key = self.federation.back_ends[HUBEI].key
        made = zip(bodies, moments, strict=True)
        return [self._request(port, DOCK, body, key, now + timedelta(seconds=moment)) for body, moment in made]

    def enrol_device(self, key: SigningKey) -> None:
        """Enrol another device of Guangxi's."""
        _enrol(self.federation, key, Role.DEVICE)

    def _request(self, port: int, path: str, body: bytes, key: SigningKey, created: datetime) -> bytes:
        self._sent += 1
        url = f"http://127.0.0.1:{port}{path}"
        nonce = f"benchmark-{self._sent:016d}"
        signed = sign_request(method="POST", url=url, headers=_JSON, body=body, key=key, created=created, nonce=nonce)
        return http_request(path, body, {**_JSON, **signed}, port)

    def _running(self, name: str) -> Running:
        return Running(self.federation.grounds.ports[name], self.federation.processes.pids()[name], 0.0)


@contextmanager
def two_regions(people_a_region: int) -> Iterator[TwoRegions]:
    """Run it on the disk of the results, with Hubei's people docked and two owners who answer live."""
    folder = RESULTS / f"two-regions-{os.getpid()}"
    RESULTS.mkdir(exist_ok=True)
    with ExitStack() as held:
        held.callback(shutil.rmtree, folder, ignore_errors=True)
        state = held.enter_context(claim_state(folder))
        owners = [held.enter_context(owner(dataset, FOUNDED_AT)) for dataset in LIVE]
        told = {HUB: {"TONGXING_LIVE_SOURCES": json.dumps({each.dataset: each.url for each in owners})}}
        with pinned_to(server_core()):
            federation = held.enter_context(
                run_federation(
                    state,
                    people=2 * people_a_region,
                    first_port=0,
                    regions=(GUANGXI, HUBEI),
                    settle=lambda _grounds: told,
                )
            )
        for _ in federation.dock(HUBEI, people_a_region):
            pass
        people = [federation.people[HUBEI][index] for index in range(people_a_region)]
        key = GatewayKeys.load(federation.grounds.keys_dir(gateway_name(GUANGXI))).request
        yield TwoRegions(
            federation, people, owners, _enrol_back_ends(federation), key, _subject_keys(federation, people)
        )


def capacity_of(regions: TwoRegions, scale: Scale) -> tuple[float, float]:
    """Return how many queries a second are answered in a closed loop, and how many bare calls.

    Medians of rounds by turns, everybody asked about once before. Raises ``LoadFailed`` if nothing is answered.
    """
    count = scale.crowd_queries
    _closed(regions.gateway.port, regions.one_stops([0.0] * len(regions.people)), AT_ONCE[0])
    queries: dict[int, list[float]] = {at_once: [] for at_once in AT_ONCE}
    reads = []
    for _ in range(min(CAPACITY_ROUNDS, scale.rounds)):
        for at_once, rates in queries.items():
            rates.append(_closed(regions.gateway.port, regions.one_stops([0.0] * count), at_once))
        reads.append(_closed(regions.hub.port, regions.reads([0.0] * count), AT_ONCE[-1]))
    capacity = max(map(statistics.median, queries.values()))
    if not capacity:
        raise LoadFailed("no query was answered")
    return capacity, statistics.median(reads)


def _closed(port: int, requests: Sequence[bytes], at_once: int) -> float:
    generator = CrowdGenerator(port, at_once, WHOLE)
    try:
        crowd = generator.run_closed(requests, at_once)
        return len(crowd.answered) / crowd.seconds
    finally:
        generator.close()


def _enrol_back_ends(federation: Federation) -> list[SigningKey]:
    keys = [federation.grounds.load_key(f"asking-{number}") for number in range(BACK_ENDS)]
    for key in keys:
        _enrol(federation, key, Role.BACK_END)
    return keys


def _enrol(federation: Federation, key: SigningKey, role: Role) -> None:
    until = (federation.clock.now() + _KEYS_LIFE).isoformat()
    wanted = {"public": public_text(key.public), "role": role, "label": "benchmark", "valid_until": until}
    federation.operators[GUANGXI].post("/v1/credentials", wanted)


def _subject_keys(federation: Federation, people: Sequence[Person]) -> dict[str, str]:
    found: dict[str, str] = {}
    with in_gateways_name(federation, GUANGXI) as gateway:
        for start in range(0, len(people), KEYS_AT_ONCE):
            some = people[start : start + KEYS_AT_ONCE]
            documents = [{"type": person.document.type, "number": person.document.number} for person in some]
            told = gateway.post("/v1/subject-keys", {"documents": documents})["subject_keys"]
            found |= {person.document.number: keys[0] for person, keys in zip(some, told, strict=True)}
    return found
