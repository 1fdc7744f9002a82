"""What a gateway costs before the first scan: from the start of its process to ready, and its memory when idle.

Ready means ``/readyz`` answers 200: the bundle it holds is in force and its store writable. The hub is
away. The baseline is ``benchmarks.empty_server``: Python, uvicorn and Starlette alone.
"""

import statistics
import time
from typing import Final

from benchmarks.figures import Figure, Result, Scale, quartiles
from benchmarks.gateways import gateway_on_disk
from benchmarks.processes import free_port, server

_SETTLE_SECONDS: Final = 0.5


def measure_footprint(scale: Scale) -> Result:
    """Start both a few times, in turn."""
    starts, memory, bare_starts, bare_memory = [], [], [], []
    with gateway_on_disk() as gateway:
        for _ in range(scale.starts):
            with gateway.running() as running:
                time.sleep(_SETTLE_SECONDS)
                starts.append(running.ready_seconds)
                memory.append(running.resident_mib())
            with server(
                ("benchmarks.empty_server",),
                port=free_port(),
                ready_path="/healthz",
                log=gateway.grounds.log("empty-server"),
            ) as running:
                time.sleep(_SETTLE_SECONDS)
                bare_starts.append(running.ready_seconds)
                bare_memory.append(running.resident_mib())
    bare = "uvicorn and Starlette alone"
    return Result(
        "footprint",
        (
            Figure("start to ready", statistics.median(starts), "s", bare, statistics.median(bare_starts), "",
                   quartiles(starts)),
            Figure("idle memory of a gateway", statistics.median(memory), "MiB", bare, statistics.median(bare_memory)),
        ),
        {"starts": scale.starts},
    )  # fmt: skip
