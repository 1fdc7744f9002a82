"""Scans over HTTP: a gateway with access check and durable passage record, beside a bare route of the same server.

Both servers run on one core, one at a time under load, in alternating rounds; the generator has another
core. Every scan is of a code of its own. At half of the measured capacity the same requests come at
random moments, to both servers at the same rate.
"""

import statistics
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

from benchmarks.figures import Figure, Result, Scale, percentile, quartiles
from benchmarks.gateways import AT, PLACE, GatewayOnDisk, gateway_on_disk
from benchmarks.load import Load, LoadGenerator, http_request
from benchmarks.machine import RESULTS, kept_off, server_core
from benchmarks.processes import Running, free_port, server
from tongxing.crypto.keys import PublicKey

ROUNDS: Final = 9
OPEN_ROUNDS: Final = 3
PASSED: Final = b'"outcome":"PASS"'
_SEED: Final = 2020


@dataclass(slots=True)
class _Side:
    """One of the two servers, and what came of its rounds."""

    running: Running
    loads: list[Load] = field(default_factory=list)
    used: list[float] = field(default_factory=list)
    open_loads: list[Load] = field(default_factory=list)

    def run_round(self, codes: Sequence[str], token: str, connections: int) -> None:
        """Send a scan of each code in a closed loop."""
        requests = scan_requests(codes, token, self.running.port)
        before = self.running.processor_seconds()
        self.loads.append(run_load(self.running.port, requests, connections))
        self.used.append((self.running.processor_seconds() - before) / len(codes))

    def run_open_round(self, codes: Sequence[str], token: str, connections: int, a_second: float) -> None:
        """Send a scan of each code in an open loop."""
        requests = scan_requests(codes, token, self.running.port)
        self.open_loads.append(run_load(self.running.port, requests, connections, a_second))

    def milliseconds(self, percent: float) -> float:
        """Return a percentile of the latencies in the median round."""
        return statistics.median(load.milliseconds(percent) for load in self.open_loads)

    def capacity(self) -> float:
        """Return the scans a second of the median round."""
        return statistics.median(load.a_second for load in self.loads)


def measure_serving(scale: Scale) -> Result:
    """Measure capacity in a closed loop, then latencies at half of it in an open one."""
    rounds = min(ROUNDS, scale.rounds)
    with (
        gateway_on_disk() as gateway,
        bare_server(gateway.issuer_key.public) as bare_running,
        gateway.running() as running,
        kept_off(server_core()),
    ):
        ours, bare = _Side(running), _Side(bare_running)
        for _ in range(rounds):
            codes, token = gateway.make_codes(scale.scans_a_round), open_session(gateway)
            ours.run_round(codes, token, scale.connections)
            bare.run_round(codes, token, scale.connections)
        rate = ours.capacity() / 2
        for _ in range(min(OPEN_ROUNDS, rounds)):
            codes, token = gateway.make_codes(scale.open_loop_scans), open_session(gateway)
            ours.run_open_round(codes, token, scale.connections, rate)
            bare.run_open_round(codes, token, scale.connections, rate)
    return Result(
        "serving",
        (*_capacity(ours, bare), *(_latency(percent, ours, bare) for percent in (50, 99))),
        {
            "connections": scale.connections,
            "rounds": rounds,
            "scans a round": scale.scans_a_round,
            "open loop, a second": round(rate),
            "generator late, 99 % (ms)": round(
                statistics.median(1000 * percentile(load.sent_late, 99) for load in ours.open_loads), 3
            ),
        },
    )


def open_session(gateway: GatewayOnDisk) -> str:
    """Set the clock to the codes' moment and return the token of a new session of the device."""
    gateway.clock.set(AT)
    device = gateway.device()
    try:
        return device.renew_session()
    finally:
        device.close()


def run_scans(gateway: GatewayOnDisk, codes: Sequence[str], connections: int, a_second: float | None = None) -> Load:
    """Scan all codes in a new session; in an open loop if a rate is given."""
    requests = scan_requests(codes, open_session(gateway), gateway.port)
    return run_load(gateway.port, requests, connections, a_second)


def scan_requests(codes: Sequence[str], token: str, port: int) -> list[bytes]:
    """Return the requests that scan ``codes`` with a session."""
    headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
    return [http_request("/v1/verifications", scan_body(qr_text), headers, port) for qr_text in codes]


def scan_body(qr_text: str) -> bytes:
    """Return the body of a scan."""
    return msgspec.json.encode({"qr_text": qr_text, "place_kind": PLACE})


def run_load(port: int, requests: Sequence[bytes], connections: int, a_second: float | None = None) -> Load:
    """Run one loop on new connections: a closed one, or an open one of that rate."""
    generator = LoadGenerator(port, connections, PASSED)
    try:
        return generator.run_closed(requests) if a_second is None else generator.run_open(requests, a_second, _SEED)
    finally:
        generator.close()


@contextmanager
def bare_server(key: PublicKey) -> Iterator[Running]:
    """Run the bare server on the server's core."""
    arguments = ("benchmarks.bare_server", "--key", key.raw.hex())
    with (
        tempfile.TemporaryDirectory(dir=RESULTS) as folder,
        server(arguments, port=free_port(), ready_path="/healthz", log=Path(folder) / "log") as running,
    ):
        yield running


def _capacity(ours: _Side, bare: _Side) -> tuple[Figure, Figure]:
    return (
        Figure(
            "verdicts over HTTP, one core, recorded",
            ours.capacity(),
            "1/s",
            "bare route of the same server",
            bare.capacity(),
            "ratio at least 0.6",
            quartiles([load.a_second for load in ours.loads]),
        ),
        Figure(
            "processor time a verdict over HTTP",
            1e6 * statistics.median(ours.used),
            "µs",
            "bare route of the same server",
            1e6 * statistics.median(bare.used),
        ),
    )


def _latency(percent: int, ours: _Side, bare: _Side) -> Figure:
    return Figure(
        f"latency at half capacity, p{percent}",
        ours.milliseconds(percent),
        "ms",
        "bare route at the same rate",
        bare.milliseconds(percent),
    )
