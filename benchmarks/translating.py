"""Translating everything that any region's code can say, to every other region, on one core: per second.

A *case* is one status of one region with one of its reason words or none, rendered by one other region: its
source's answer becomes a report, and the report the host's own status with what is lost. The baseline is what a
table made beforehand would cost, a bare look-up in a dict by issuer, status, word and host, which knows
neither time nor validity. The whole matrix of a day stands beside the same, each case decided by itself.
Rounds of both alternate; each figure is the median.
"""

import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, TypeVar

from benchmarks.figures import Figure, Result, Scale, quartiles
from benchmarks.machine import pinned_to, server_core
from tongxing.app.packaged import PROFILES, RULES, load_files
from tongxing.core.calendar import BEIJING
from tongxing.core.levels import Standing
from tongxing.core.words import PlaceKind, RegionId
from tongxing.recognition.matrix import NOON, answers_of, make_matrix, situation_told, telling_of
from tongxing.regions.answers import SourceAnswer
from tongxing.regions.profile import Profile, parse_profile
from tongxing.regions.rendering import Rendered, render_report
from tongxing.regions.translation import translate
from tongxing.rules.book import RuleBook, parse_rule_book
from tongxing.rules.deciding import CompiledRules, compile_stack

ON: Final = date(2022, 7, 1)
AT: Final = datetime.combine(ON, NOON, BEIJING)
_ROUNDS_AT_MOST: Final = 9
_REGIONS_WHEN_TINY: Final = 4

Given = TypeVar("Given")
Key = tuple[RegionId, str, tuple[str, ...], RegionId]


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that ``issuer`` can say, to ``host``."""

    answer: SourceAnswer
    issuer: Profile
    host: Profile

    @property
    def key(self) -> Key:
        """By what a table made beforehand would be looked up."""
        return self.issuer.region, self.answer.status, self.answer.told, self.host.region


def measure_translating(scale: Scale) -> Result:
    """Measure translation and rendering of every case, translation alone, and the whole matrix of a day."""
    is_tiny = scale.rounds == 1
    profiles = [parse_profile(data) for data in load_files(PROFILES).values()][
        : _REGIONS_WHEN_TINY if is_tiny else None
    ]
    book = parse_rule_book(load_files(RULES))
    cases = list(_cases(profiles))
    keys = [case.key for case in cases]
    table = {case.key: _render(case) for case in cases}
    rules = {profile.region: compile_stack(book.stack_on(profile.region, ON), ON) for profile in profiles}
    with pinned_to(server_core()):
        rounds = [
            (
                _seconds_of(_render, cases),
                _seconds_of(_translate, cases),
                _seconds_of(table.__getitem__, keys),
                _seconds_of_matrix(profiles, book),
                _seconds_one_by_one(cases, rules),
            )
            for _ in range(min(scale.rounds, _ROUNDS_AT_MOST))
        ]
    rendered, translated, looked_up, whole, one_by_one = zip(*rounds, strict=True)
    bare = len(cases) / statistics.median(looked_up)
    name = "a bare look-up in a dict"
    return Result(
        "translating",
        (
            _figure("translated and rendered, all pairs and statuses", rendered, len(cases), name, bare),
            _figure("translated alone", translated, len(cases), name, bare),
            Figure(
                "the matrix of a day, decided too",
                statistics.median(whole),
                "s",
                "each case by itself",
                statistics.median(one_by_one),
                "",
                quartiles(whole),
            ),
        ),
        {"regions": len(profiles), "cases": len(cases), "kinds of place": len(PlaceKind), "rounds": len(rounds)},
    )


def _cases(profiles: Sequence[Profile]) -> Iterable[Case]:
    for issuer in profiles:
        for _, answer in answers_of(issuer, AT):
            for host in profiles:
                if host.region != issuer.region:
                    yield Case(answer, issuer, host)


def _translate(case: Case) -> object:
    return translate(case.answer, case.issuer, at=AT, revision=1)


def _render(case: Case) -> Rendered:
    return render_report(translate(case.answer, case.issuer, at=AT, revision=1).report, case.host, at=AT)


def _decide(case: Case, rules: CompiledRules) -> None:
    report = translate(case.answer, case.issuer, at=AT, revision=1).report
    render_report(report, case.host, at=AT)
    telling = telling_of(report, AT)
    if telling.standing is Standing.CURRENT:
        for kind in PlaceKind:
            rules.decide(situation_told(telling, kind))


def _seconds_of(call: Callable[[Given], object], over: Sequence[Given]) -> float:
    started = time.perf_counter()
    for each in over:
        call(each)
    return time.perf_counter() - started


def _seconds_of_matrix(profiles: Sequence[Profile], book: RuleBook) -> float:
    started = time.perf_counter()
    make_matrix(profiles, book, ON)
    return time.perf_counter() - started


def _seconds_one_by_one(cases: Sequence[Case], rules: dict[RegionId, CompiledRules]) -> float:
    started = time.perf_counter()
    for case in cases:
        _decide(case, rules[case.host.region])
    return time.perf_counter() - started


def _figure(name: str, seconds: Sequence[float], count: int, baseline_name: str, baseline: float) -> Figure:
    per_second = [count / each for each in seconds]
    return Figure(name, statistics.median(per_second), "1/s", baseline_name, baseline, "", quartiles(per_second))
