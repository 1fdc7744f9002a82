"""Who is calling: a request signature on each scan (RFC 9421) beside a session that was opened by one.

In process, what the check itself costs; over HTTP, what is left of the verdicts a second, on the same
gateway in alternating rounds. A signed scan also writes its nonce durably. Explained in
docs/adr/0009-access-rfc9421-and-sessions.md.
"""

import asyncio
import itertools
import statistics
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from benchmarks.figures import Figure, Result, Scale, quartiles
from benchmarks.gateways import AT, GatewayOnDisk, gateway_on_disk
from benchmarks.load import Load, http_request
from benchmarks.machine import kept_off, pinned_to, server_core
from benchmarks.serving import run_load, run_scans, scan_body
from tests.fakes.access_stores import CredentialsInMemory, HandSetClock, NoncesInMemory
from tongxing.core.words import RegionId
from tongxing.crypto.http_signatures import sign_request
from tongxing.crypto.keys import SigningKey
from tongxing.crypto.suites import SuiteId
from tongxing.services.access import Access, SignedRequest
from tongxing.services.ports import Credential, Role
from tongxing.services.sessions import Sessions

ROUNDS: Final = 3
CHECK_ROUNDS: Final = 9
SIGNED_SHARE: Final = 2
"""A signed scan takes a millisecond to make and to check: so much fewer are sent than elsewhere."""

_JSON: Final = {"content-type": "application/json"}
_NUMBERS: Final = itertools.count()


def measure_access(scale: Scale) -> Result:
    """Measure both ways of proving who scans, in process and over HTTP."""
    rounds, scans = min(ROUNDS, scale.rounds), max(1, scale.scans_a_round // SIGNED_SHARE)
    with pinned_to(server_core()):
        by_session, by_signature, bare = asyncio.run(_measure_checks(max(1, scans // CHECK_ROUNDS)))
    with gateway_on_disk() as gateway, gateway.running() as running, kept_off(server_core()):
        sessions, signed, session_used, signed_used = [], [], [], []
        for _ in range(rounds):
            codes = gateway.make_codes(scans)
            requests = sign_scans(gateway, gateway.make_codes(scans))
            moments = [running.processor_seconds()]
            sessions.append(run_scans(gateway, codes, scale.connections))
            moments.append(running.processor_seconds())
            gateway.clock.set(AT)
            signed.append(run_load(gateway.port, requests, scale.connections))
            moments.append(running.processor_seconds())
            session_used.append(moments[1] - moments[0])
            signed_used.append(moments[2] - moments[1])
    each = 1e6 / scans
    return Result(
        "access",
        (
            Figure("check of a session", by_session, "µs", "one Ed25519 check", bare),
            Figure("check of a signed request", by_signature, "µs", "one Ed25519 check", bare),
            _rate(signed, sessions),
            Figure(
                "processor time a verdict, each scan signed",
                statistics.median(signed_used) * each,
                "µs",
                "by session",
                statistics.median(session_used) * each,
            ),
        ),
        {"connections": scale.connections, "rounds": rounds, "scans a round": scans},
    )


def _rate(signed: Sequence[Load], sessions: Sequence[Load]) -> Figure:
    rates = [load.a_second for load in signed]
    return Figure(
        "verdicts over HTTP, each scan signed",
        statistics.median(rates),
        "1/s",
        "by session",
        statistics.median(load.a_second for load in sessions),
        "a session pays off if the ratio is below 0.5",
        quartiles(rates),
    )


def sign_scans(gateway: GatewayOnDisk, codes: Sequence[str]) -> list[bytes]:
    """Return whole requests, each signed by the device with a nonce of its own."""
    requests = []
    for qr_text in codes:
        body = scan_body(qr_text)
        signed = _sign(gateway.device_key, f"http://127.0.0.1:{gateway.port}/v1/verifications", body)
        requests.append(http_request("/v1/verifications", body, {**_JSON, **signed}, gateway.port))
    return requests


def _sign(key: SigningKey, url: str, body: bytes) -> dict[str, str]:
    return sign_request(
        method="POST",
        url=url,
        headers=_JSON,
        body=body,
        key=key,
        created=AT,
        nonce=f"benchmark-{next(_NUMBERS):016d}",
    )


async def _measure_checks(count: int) -> tuple[float, float, float]:
    """Return the microseconds of a session's check, of a signed request's, and of one bare Ed25519 check.

    Medians of ``CHECK_ROUNDS`` rounds of ``count`` checks each.
    """
    key = SigningKey.from_seed(SuiteId.EDDSA, b"INSECURE_TEST_BENCHMARK_DEVICE..")
    credentials, clock = CredentialsInMemory(), HandSetClock(AT)
    sessions = Sessions(bytes)
    access = Access(credentials=credentials, nonces=NoncesInMemory(), sessions=sessions, clock=clock)
    credential = Credential(
        key.public.kid.hex(), Role.DEVICE, key.public, "benchmark", RegionId("45"), AT + timedelta(days=1)
    )
    await credentials.enrol(credential)
    token = sessions.open(credential, AT).token
    url, body = "http://gateway.example/v1/verifications", scan_body("9" * 400)
    requests = [_signed_request(key, url, body) for _ in range(CHECK_ROUNDS * count)]
    message, signature = body, key.sign(body)

    each = 1e6 / count
    by_session, by_signature, bare = [], [], []
    for start in range(0, len(requests), count):
        moments = [time.perf_counter()]
        for _ in range(count):
            await access.check_session(token)
        moments.append(time.perf_counter())
        for request in requests[start : start + count]:
            await access.check_request(request)
        moments.append(time.perf_counter())
        for _ in range(count):
            key.public.verify(message, signature)
        moments.append(time.perf_counter())
        by_session.append((moments[1] - moments[0]) * each)
        by_signature.append((moments[2] - moments[1]) * each)
        bare.append((moments[3] - moments[2]) * each)
    return statistics.median(by_session), statistics.median(by_signature), statistics.median(bare)


def _signed_request(key: SigningKey, url: str, body: bytes) -> SignedRequest:
    headers = {**_JSON, "host": urlsplit(url).netloc, **_sign(key, url, body)}
    return SignedRequest("POST", url, {name.lower(): value for name, value in headers.items()}, body)
