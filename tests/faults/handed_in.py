"""A region's batches handed in to the hub by hand, with the key of its gateway: what may come twice, or at once."""

import os
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from tests.faults.counting import rows_of
from tests.faults.ground import Ground
from tests.faults.supply import FIRST_AS_OF, REVISIONS_PER_SECOND
from tongxing.app.node_keys import GatewayKeys
from tongxing.core.levels import Level, Standing
from tongxing.core.reports import Report
from tongxing.core.subjects import SUBJECT_KEY_BYTES, SubjectKey
from tongxing.core.words import RegionId
from tongxing.crypto.digests import sha256
from tongxing.crypto.keys import SigningKey
from tongxing.simulation.callers import Caller
from tongxing.simulation.federation import Federation
from tongxing.simulation.founding import HUB, gateway_name
from tongxing.wire.report_lines import encode_report_line

FAR_ABOVE: Final = 1_000_000
"""Beyond what the region's own outbox has numbered, and will for a while."""

_LAST: Final = b"SELECT coalesce(max(number), 0) FROM ingest_batches WHERE sender = %s AND dataset = 'reports'"
_BATCHES: Final = b"SELECT count(*), max(number) FROM ingest_batches WHERE sender = %s AND dataset = 'reports'"
_HELD: Final = b"SELECT subject, issuer, revision, retracted, body FROM reports WHERE issuer = %s ORDER BY subject"


@dataclass(frozen=True, slots=True)
class Told:
    """What the hub said of a batch."""

    status: int
    answer: dict[str, Any]

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """Stored, unchanged, outranked, set aside."""
        told = self.answer
        return told["stored"], told["unchanged"], told["outranked"], told["set_aside"]


def gateway_of(ground: Ground, region: RegionId, url: str) -> Caller:
    """Return a caller of a hub at ``url`` with the own key of a region's gateway."""
    return Caller(url, request_key(ground.federation, region), ground.federation.clock)


def request_key(federation: Federation, region: RegionId) -> SigningKey:
    """Return the key by which a region's gateway signs."""
    return GatewayKeys.load(federation.grounds.keys_dir(gateway_name(region))).request


def hand_in(gateway: Caller, number: int, body: bytes) -> Told:
    """Send a numbered batch of reports."""
    headers = {"content-type": "application/x-ndjson"}
    response = gateway.send("PUT", f"/v1/datasets/reports/batches/{number}", body, headers)
    return Told(response.status_code, msgspec.json.decode(response.content))


def new_subjects(count: int) -> list[SubjectKey]:
    """Return subject keys that nobody has: 0x01 and random bytes."""
    return [SubjectKey(b"\x01" + os.urandom(SUBJECT_KEY_BYTES - 1)) for _ in range(count)]


def batch_of(region: RegionId, subjects: list[SubjectKey], days: int, draw: random.Random) -> bytes:
    """Return the lines of a batch: what a region says of subjects, levels as drawn.

    As of ``days`` before any numbered report (``supply.Supply``), among which it must not be counted.
    """
    at = moment_of(days)
    lines = []
    for subject in subjects:
        level = draw.choice((Level.LOW, Level.LOW, Level.MEDIUM, Level.HIGH))
        revision = int(at.timestamp()) * REVISIONS_PER_SECOND
        report = Report(region, Standing.CURRENT, level, (), revision, at, None)
        lines.append(encode_report_line(subject, report, None))
    return b"".join(line + b"\n" for line in lines)


def moment_of(days: int) -> datetime:
    """Return as of when such a batch is."""
    return FIRST_AS_OF - timedelta(days=days)


def first_number(ground: Ground, region: RegionId) -> int:
    """Return a number from which on none is taken."""
    ((last,),) = rows_of(ground.records[HUB], _LAST, region)
    return int(last) + FAR_ABOVE


def held_digest(ground: Ground, region: RegionId) -> tuple[int, str]:
    """Return how many reports of a region the hub holds, and a digest of all of them."""
    rows = rows_of(ground.records[HUB], _HELD, region)
    return len(rows), sha256(repr(rows).encode()).hex()


def held_batches(ground: Ground, region: RegionId) -> tuple[int, int]:
    """Return how many batches of a region the hub knows, and the highest number."""
    ((count, highest),) = rows_of(ground.records[HUB], _BATCHES, region)
    return int(count), int(highest or 0)
