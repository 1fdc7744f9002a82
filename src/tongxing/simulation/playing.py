"""Plays a step of a scene over real HTTP: show, break, scan, mend, and ask who may know what.

What is shown is made before anything is broken, since a display is a minute's affair; the trail and
the citizen's own region are asked when all is well again. Steps in a row with one fault share it.
"""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final

from tongxing.core.limits import VERDICT_DEADLINE_SECONDS
from tongxing.core.reasons import REASONS, ReasonId, citizen_sentence
from tongxing.core.verdicts import Ending, Outcome
from tongxing.core.words import RegionId, Sentence
from tongxing.simulation.arranging import Display, arrange
from tongxing.simulation.callers import Device, ProblemAnswered, Scanned
from tongxing.simulation.federation import Federation
from tongxing.simulation.forgeries import framed_picture, repaint, spoil_national_code
from tongxing.simulation.scenes import AnyText, Expected, LocalCode, NationalCode, RepaintedPicture, Scene, Shown, Step

ALARMS_READ: Final = 1_000


@dataclass(frozen=True, slots=True)
class CitizenTold:
    """What the citizen learns: by the own region with everything, or only the reason's public sentence."""

    sentence: Sentence
    view: Mapping[str, Any] | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Passage:
    """What came of one scan."""

    step: Step
    expected: Expected
    scanned: Scanned
    citizen: CitizenTold
    trail: Mapping[str, Any]
    milliseconds: float
    is_alarmed: bool

    @property
    def outcome(self) -> Outcome:
        """The outcome that the guard was told."""
        return Outcome(self.scanned.guard["outcome"])

    @property
    def reason(self) -> ReasonId:
        """The reason, which only the auditor's trail names in every case."""
        return ReasonId(self.trail["reason"])

    @property
    def ending(self) -> Ending | None:
        """How a REFER ended in the manual lane, as the trail tells it."""
        told = self.trail["ending"]
        return None if told is None else Ending(told["outcome"])

    def departures(self) -> tuple[str, ...]:
        """Return how this differs from what was expected; nothing if it does not."""
        expected = self.expected
        due = REASONS[expected.reason].alarm
        lane, ended = self.step.manual_lane, self.ending
        noted = tuple(sorted(self.trail["notes"]))
        found = (
            (self.outcome is expected.outcome, f"outcome {self.outcome} instead of {expected.outcome}"),
            (self.reason is expected.reason, f"reason {self.reason} instead of {expected.reason}"),
            (self.is_alarmed is due, "an alarm is missing" if due else "an alarm that is not due"),
            (
                (self.citizen.view is not None) is expected.explained,
                "the citizen's own region could " + ("not explain it" if expected.explained else "explain it"),
            ),
            (expected.notes is None or noted == tuple(sorted(expected.notes)), f"notes {', '.join(noted) or 'none'}"),
            (ended is (None if lane is None else lane.ending), f"recorded as ended: {ended}"),
            (self.milliseconds < VERDICT_DEADLINE_SECONDS * 1000, f"later than {VERDICT_DEADLINE_SECONDS} s"),
        )
        return tuple(words for is_so, words in found if not is_so)


@dataclass(frozen=True, slots=True)
class _Scan:
    scanned: Scanned
    milliseconds: float


def play_scene(federation: Federation, scene: Scene) -> Iterator[Passage]:
    """Set the clock to the scene's moment and yield what comes of each scan, in order."""
    federation.clock.set(scene.at)
    if scene.era:
        federation.begin_era(scene.era)
    numbered = groupby(enumerate(scene.steps), key=lambda pair: pair[1].fault or pair[0])
    for _, group in numbered:
        yield from play_steps(federation, [step for _, step in group])


def play_steps(federation: Federation, steps: Sequence[Step]) -> Iterator[Passage]:
    """Play steps that share one fault, or none, at the clock's moment."""
    displays = [_display(federation, step.shown) for step in steps]
    with federation.broken(steps[0].fault):
        scans = [_scan(federation, step, display) for step, display in zip(steps, displays, strict=True)]
    for step, display, done in zip(steps, displays, scans, strict=True):
        yield from _look_back(federation, step, display, done)


def _display(federation: Federation, shown: Shown) -> Display:
    match shown:
        case AnyText(text):
            return Display(None, text)
        case LocalCode(circumstance, region):
            return Display(region, federation.show_code(region, circumstance).qr_text)
        case RepaintedPicture(circumstance, frame, repainted, region):
            qr_text = federation.show_code(region, circumstance).qr_text
            return Display(region, qr_text, repaint(framed_picture(qr_text, frame), frame, repainted))
        case NationalCode(circumstance, flaw, region):
            qr_text = federation.make_national_code(region, circumstance)
            return Display(region, qr_text if flaw is None else spoil_national_code(qr_text, flaw))
        case _:
            return arrange(federation, shown)


def _scan(federation: Federation, step: Step, display: Display) -> list[_Scan]:
    federation.clock.advance(step.waited)
    count = len(step.expected)
    if not step.at_once:
        device = federation.device(step.host, step.place)
        device.renew_session()
        return [_scan_once(device, step, display) for _ in range(count)]
    devices = federation.devices_beside(step.host, step.place)[:count]
    for device in devices:
        device.renew_session()
    together = threading.Barrier(len(devices))

    def scan_together(device: Device) -> _Scan:
        together.wait()
        return _scan_once(device, step, display)

    with ThreadPoolExecutor(len(devices)) as pool:
        return list(pool.map(scan_together, devices))


def _scan_once(device: Device, step: Step, display: Display) -> _Scan:
    began = time.perf_counter()
    if display.document is not None:
        scanned = device.verify_document(display.document)
    elif display.picture is not None:
        scanned = device.scan_picture(display.picture)
    else:
        scanned = device.scan(display.qr_text, step.temperature, step.proofs)
    milliseconds = (time.perf_counter() - began) * 1000
    if step.manual_lane is not None:
        ended = {"seen": step.manual_lane.seen, "outcome": step.manual_lane.ending}
        device.post(f"/v1/verdicts/{scanned.ref}/ending", ended)
    return _Scan(scanned, milliseconds)


def _look_back(federation: Federation, step: Step, display: Display, scans: Sequence[_Scan]) -> Iterator[Passage]:
    operator = federation.operators[step.host]
    trails = [operator.get(f"/v1/verdicts/{scan.scanned.ref}/trail") for scan in scans]
    alarmed = {alarm["ref"] for alarm in operator.get(f"/v1/alarms?limit={ALARMS_READ}")["alarms"]}
    expectations = _match(step, [ReasonId(trail["reason"]) for trail in trails])
    for scan, trail, expected in zip(scans, trails, expectations, strict=True):
        yield Passage(
            step=step,
            expected=expected,
            scanned=scan.scanned,
            citizen=_ask_own_region(federation, step.host, display, scan.scanned.ref, ReasonId(trail["reason"])),
            trail=trail,
            milliseconds=scan.milliseconds,
            is_alarmed=scan.scanned.ref in alarmed,
        )


def _match(step: Step, reasons: Sequence[ReasonId]) -> list[Expected]:
    """Return the expectation of each scan: in order, or whichever fits where the scans were at one moment."""
    if not step.at_once:
        return list(step.expected)
    left = list(step.expected)
    matched = []
    for reason in reasons:
        fitting = next((expected for expected in left if expected.reason is reason), left[0])
        left.remove(fitting)
        matched.append(fitting)
    return matched


def _ask_own_region(
    federation: Federation, host: RegionId, display: Display, ref: str, reason: ReasonId
) -> CitizenTold:
    """Ask as the citizen's own region does; where that knows of nobody, the reason's public sentence remains."""
    if display.region is not None:
        asked = {"host": host, "ref": ref, "qr_text": display.qr_text}
        try:
            view = federation.back_ends[display.region].post("/v1/explanations", asked)
        except ProblemAnswered:
            pass
        else:
            return CitizenTold(Sentence(view["sentence"]["zh"], view["sentence"]["en"]), view)
    return CitizenTold(citizen_sentence(reason), None)
