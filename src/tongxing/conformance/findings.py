"""What an examination found: one result a check, each with what was seen."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from tongxing.conformance.catalogue import Check
from tongxing.core.words import RegionId, Sentence


class Verdict(StrEnum):
    """How a check ended. What was not tried has not passed."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_TRIED = "not_tried"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was seen: about which case, and what. Neither a code nor a document number is repeated in it."""

    about: Sentence
    saw: Sentence


@dataclass(slots=True)
class Result:
    """What came of one check: how many cases were tried, what failed, and why something was not tried."""

    tried: int = 0
    failures: list[Finding] = field(default_factory=list)
    not_tried: Sentence | None = None

    @property
    def verdict(self) -> Verdict:
        """How the check ended."""
        if self.failures:
            return Verdict.FAILED
        return Verdict.PASSED if self.tried else Verdict.NOT_TRIED


@dataclass(frozen=True, slots=True)
class Examined:
    """Whose service was examined, when, and what came of each check in the order of the catalogue.

    ``kind`` is the family of a dialect. ``checks`` are the catalogue's rows, by the slugs that ``results`` has.
    """

    url: str
    region: RegionId
    name: Sentence
    kind: str
    at: datetime
    checks: Mapping[str, Check]
    results: Mapping[str, Result]

    @property
    def conforms(self) -> bool:
        """True if no check failed and one passed at least."""
        verdicts = {result.verdict for result in self.results.values()}
        return Verdict.FAILED not in verdicts and Verdict.PASSED in verdicts

    def count(self, verdict: Verdict) -> int:
        """Return how many checks ended so."""
        return sum(result.verdict is verdict for result in self.results.values())


FINDINGS_KEPT_MAX = 12
"""Of one check: whoever reads ten failures alike needs no eleventh."""


class Notebook:
    """Collects results while an examination goes on."""

    def __init__(self, checks: Iterable[str]) -> None:
        self.results: dict[str, Result] = {check: Result() for check in checks}

    def passed(self, check: str) -> None:
        """Note that one case went well."""
        self.results[check].tried += 1

    def failed(self, check: str, about: Sentence, saw: Sentence) -> None:
        """Note a case that did not, with what was seen."""
        result = self.results[check]
        result.tried += 1
        finding = Finding(about, saw)
        if finding not in result.failures and len(result.failures) < FINDINGS_KEPT_MAX:
            result.failures.append(finding)

    def weigh(self, check: str, about: Sentence, saw: Sentence | None) -> None:
        """Note a case that went well (``saw`` is None) or did not."""
        if saw is None:
            self.passed(check)
        else:
            self.failed(check, about, saw)

    def not_tried(self, check: str, why: Sentence) -> None:
        """Note why a case could not be tried; the first reason is kept."""
        result = self.results[check]
        result.not_tried = result.not_tried or why

    def close(self, why: Sentence) -> None:
        """Say of each check without any case why it has none."""
        for check, result in self.results.items():
            if result.tried == 0:
                self.not_tried(check, why)
