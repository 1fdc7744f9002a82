"""Law 3 for local codes: the same code, bundle, clock and statement bytes give the same verdict in every door.

The issuer's gateway is played over real HTTP: it answers with one canned statement. The host's gateway
asks with the query id that the statement was made for, so that the very same bytes are judged.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec
import pytest

from tests.running_gateway import RunningGateway, running_gateway
from tests.world import (
    AT,
    GUANGXI,
    HUBEI,
    HUBEI_CODE,
    PAIRS,
    QUERY_ID,
    ROOT,
    World,
    decide,
    insecure_test_key,
    report_of,
)
from tongxing.core.causes import Cause
from tongxing.core.reasons import REASONS, ReasonId
from tongxing.core.verdicts import Outcome
from tongxing.core.words import PlaceKind, RegionId
from tongxing.offline import OfflineVerifier
from tongxing.recognition.knowledge import load_knowledge
from tongxing.recognition.views import auditor_view
from tongxing.trust.bundle import restore_bundle
from tongxing.trust.directory import DirectoryRecord

GATE = PlaceKind.TRAFFIC_GATE
WORLD = World()


def flip_last_bit(data: bytes) -> bytes:
    """Return bytes whose signature, at their end, is another one."""
    return data[:-1] + bytes([data[-1] ^ 1])


@dataclass(frozen=True)
class LocalVector:
    """One statement on Hubei's code, shown in Guangxi at ``AT``, and what every door must say of it."""

    name: str
    statement: bytes
    outcome: Outcome
    reason: ReasonId


VECTORS = (
    LocalVector("good", WORLD.statement(report_of()), Outcome.PASS, ReasonId.LOW_LEVEL_LOW_ORIGIN),
    LocalVector("contact", WORLD.statement(report_of(Cause.CLOSE_CONTACT)), Outcome.STOP, ReasonId.LEVEL_HIGH),
    LocalVector(
        "expired",
        WORLD.statement(report_of(), issued_at=AT - timedelta(seconds=120), expires_at=AT - timedelta(seconds=90)),
        Outcome.REFER,
        ReasonId.STATEMENT_OUT_OF_TIME,
    ),
    LocalVector("forged", flip_last_bit(WORLD.statement(report_of())), Outcome.REFER, ReasonId.STATEMENT_FORGED),
    LocalVector(
        "unknown key",
        WORLD.statement(report_of(), key=insecure_test_key("nobody's")),
        Outcome.REFER,
        ReasonId.STATEMENT_KEY_UNKNOWN,
    ),
    LocalVector(
        "another audience",
        WORLD.statement(report_of(), audience=HUBEI),
        Outcome.REFER,
        ReasonId.STATEMENT_FOR_ANOTHER_QUERY,
    ),
    LocalVector(
        "another query",
        WORLD.statement(report_of(), query_id=bytes(16)),
        Outcome.REFER,
        ReasonId.STATEMENT_FOR_ANOTHER_QUERY,
    ),
    LocalVector("no statement", b"<html></html>", Outcome.REFER, ReasonId.SOURCE_UNREADABLE),
)
vectors = pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)


class CannedIssuer(ThreadingHTTPServer):
    """Plays Hubei's gateway: whatever it is asked, it answers with ``statement``."""

    statement = b""

    @property
    def url(self) -> str:
        """Where it is reached."""
        return f"http://127.0.0.1:{self.server_port}"


class Answering(BaseHTTPRequestHandler):
    """Answers one request."""

    def do_POST(self) -> None:
        """Send the canned statement."""
        assert isinstance(self.server, CannedIssuer)
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.send_response(200)
        self.send_header("content-type", "application/cose")
        self.send_header("content-length", str(len(self.server.statement)))
        self.end_headers()
        self.wfile.write(self.server.statement)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class WorldWithIssuerAt(World):
    """The world whose directory says that Hubei's gateway is at ``url``."""

    url = ""

    def _record(self, region: RegionId) -> DirectoryRecord:
        record = super()._record(region)
        return replace(record, url=self.url) if region == HUBEI else record


@contextmanager
def canned_issuer() -> Iterator[CannedIssuer]:
    """Serve a canned issuer."""
    server = CannedIssuer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(30)


def make_entropy(count: int) -> bytes:
    """Give every query the id that the statements were made for; all else is random."""
    return QUERY_ID if count == len(QUERY_ID) else os.urandom(count)


@dataclass
class Doors:
    """The issuer, the bundle that names it, and the host's gateway."""

    issuer: CannedIssuer
    bundle: bytes
    gateway: RunningGateway


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    """Open all doors on one bundle."""
    with canned_issuer() as issuer:
        world = WorldWithIssuerAt()
        world.url = issuer.url
        bundle = world.bundle()
        folder = tmp_path_factory.mktemp("gateway")
        with running_gateway(folder, GUANGXI, bundle, AT, entropy=make_entropy) as gateway:
            yield Doors(issuer, bundle, gateway)


def told_by_library(vector: LocalVector, bundle: bytes) -> dict[str, object]:
    """Return the auditor's view as the library gives it, as JSON values without the reference."""
    knowledge = load_knowledge(restore_bundle(bundle, roots=[ROOT.public]), host=GUANGXI, sealing_pair=PAIRS[GUANGXI])
    verdict = decide(knowledge, HUBEI_CODE, at=AT, answer=lambda _: vector.statement)
    view: dict[str, object] = msgspec.json.decode(msgspec.json.encode(auditor_view(verdict, "ref", knowledge)))
    return {name: value for name, value in view.items() if name != "ref"}


@vectors
def test_the_library_says_what_the_vector_expects(vector: LocalVector) -> None:
    told = told_by_library(vector, WORLD.bundle())
    assert (told["outcome"], told["reason"]) == (vector.outcome, vector.reason)
    assert told["trail"][-1]["number"] == REASONS[vector.reason].stage  # type: ignore[index]


@vectors
def test_the_api_says_the_same_of_the_same_bytes(vector: LocalVector, doors: Doors) -> None:
    """Over real HTTP on both sides."""
    doors.issuer.statement = vector.statement
    guard = doors.gateway.verify(HUBEI_CODE, GATE)
    assert guard["outcome"] == vector.outcome
    trail = doors.gateway.trail(guard["ref"])
    assert {name: value for name, value in trail.items() if name != "ref"} == told_by_library(vector, doors.bundle)


def test_without_a_wire_no_local_code_is_decided_and_this_is_told(doors: Doors) -> None:
    """The one door that cannot be given a statement refers, whatever the issuer would say."""
    verifier = OfflineVerifier.from_bundle(doors.bundle, host=GUANGXI, roots=[ROOT.public], sealing_pair=PAIRS[GUANGXI])
    verdict = verifier.verify(HUBEI_CODE, GATE, at=AT)
    assert (verdict.outcome, verdict.reason) == (Outcome.REFER, ReasonId.GATEWAY_AWAY)
