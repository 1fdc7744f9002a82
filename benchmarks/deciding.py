"""Deciding in process, on one core: from the text of a national code to a verdict, beside the bare signature check.

Each code is decided once, and nothing of a decision is kept. The baseline is the library's own call on
the same bytes, made ready beforehand (concatenated, or in DER): everything else is our part. Short
rounds of both alternate, so that what the machine does meanwhile meets both and spoils few of them; each
figure is the median of the rounds.
"""

import statistics
import time
from collections.abc import Callable
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from nacl import bindings

from benchmarks.figures import Figure, Result, Scale, quartiles
from benchmarks.machine import pinned_to, server_core
from tests.world import AT, World
from tongxing.core.verdicts import Outcome, Verdict
from tongxing.core.words import PlaceKind
from tongxing.crypto.keys import PublicKey
from tongxing.crypto.suites import SuiteId
from tongxing.recognition.knowledge import Knowledge
from tongxing.recognition.pipeline import decide_passage
from tongxing.recognition.stages import Scan
from tongxing.wire.national_code import UnverifiedNationalCode, parse_national_code

OVERHEAD_WANTED: Final = "at most 20 µs"
_HALF: Final = 32
_LEAD_IN: Final = 5
"""So many of a round do not count: they begin with what the other side left in the processor's caches."""

_Call = tuple[Callable[..., object], tuple[object, ...]]
"""A function and what to call it with."""


def measure_deciding(scale: Scale) -> Result:
    """Measure both suites."""
    with pinned_to(server_core()):
        figures = [figure for suite in SuiteId for figure in _measure_suite(suite, scale)]
    return Result("deciding", tuple(figures), {"rounds": scale.rounds, "codes a round": scale.codes_a_round})


def decide(qr_text: str, knowledge: Knowledge) -> Verdict:
    """Return the verdict on a code that needs nobody to be asked."""
    deciding = decide_passage(Scan(qr_text, PlaceKind.TRAFFIC_GATE, knowledge.host), knowledge, at=AT)
    try:
        next(deciding)
    except StopIteration as decided:
        verdict: Verdict = decided.value
        return verdict
    raise LookupError("the pipeline asked for a statement")


def _measure_suite(suite: SuiteId, scale: Scale) -> tuple[Figure, Figure]:
    world, numbers = World(suite=suite), iter(range(scale.rounds * scale.codes_a_round + 1))
    knowledge, prepare = world.knowledge(), _CHECKS[suite](world.code_key().public)
    assert decide(world.national_code(number=next(numbers)), knowledge).outcome is Outcome.PASS
    rounds = [
        [world.national_code(number=next(numbers)) for _ in range(scale.codes_a_round)] for _ in range(scale.rounds)
    ]
    calls = [[prepare(parse_national_code(qr_text)) for qr_text in codes] for codes in rounds]
    checks, verdicts = [], []
    for codes, own_calls in zip(rounds, calls, strict=True):
        checks.append(_seconds_of_checks(own_calls))
        verdicts.append(_seconds_of_verdicts(codes, knowledge))
    check, verdict = statistics.median(checks), statistics.median(verdicts)
    overheads = [1e6 * (each - check) for each in verdicts]
    return (
        Figure(f"verdicts in process, {suite}", 1 / verdict, "1/s", "bare signature checks", 1 / check),
        Figure(
            f"overhead over the signature check, {suite}",
            1e6 * (verdict - check),
            "µs",
            "bare signature check",
            1e6 * check,
            OVERHEAD_WANTED,
            quartiles(overheads),
        ),
    )


def _seconds_of_verdicts(codes: list[str], knowledge: Knowledge) -> float:
    """Return the seconds that each of ``codes`` takes, once the first ones have warmed the caches up."""
    for qr_text in codes[:_LEAD_IN]:
        decide(qr_text, knowledge)
    counted = codes[_LEAD_IN:] or codes
    started = time.perf_counter()
    for qr_text in counted:
        decide(qr_text, knowledge)
    return (time.perf_counter() - started) / len(counted)


def _seconds_of_checks(calls: list[_Call]) -> float:
    """As ``_seconds_of_verdicts``, of the library's calls."""
    for check, arguments in calls[:_LEAD_IN]:
        check(*arguments)
    counted = calls[_LEAD_IN:] or calls
    started = time.perf_counter()
    for check, arguments in counted:
        check(*arguments)
    return (time.perf_counter() - started) / len(counted)


def _check_by_sodium(key: PublicKey) -> Callable[[UnverifiedNationalCode], _Call]:
    return lambda code: (bindings.crypto_sign_open, (code.signature + code.to_be_signed, key.raw))


def _check_by_openssl(key: PublicKey) -> Callable[[UnverifiedNationalCode], _Call]:
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key.raw)
    algorithm = ec.ECDSA(hashes.SHA256())

    def prepare(code: UnverifiedNationalCode) -> _Call:
        r, s = (int.from_bytes(half, "big") for half in (code.signature[:_HALF], code.signature[_HALF:]))
        return public.verify, (encode_dss_signature(r, s), code.to_be_signed, algorithm)

    return prepare


_CHECKS: Final = {SuiteId.EDDSA: _check_by_sodium, SuiteId.ES256: _check_by_openssl}
"""How the library's own call is made ready for one code of a key."""
