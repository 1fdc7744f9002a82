"""What the hub and its proving worker say to each other: one question on standard input, one answer on output.

Both ends are this program in this version, so the form needs no version of its own: MessagePack of the structs
below. The hub imports this module and not the worker, which brings the solver along.
"""

from datetime import date
from enum import StrEnum

import msgspec

from tongxing.core.limits import PROVING_SECONDS_A_TABLE
from tongxing.core.words import RegionId
from tongxing.rules.differences import Difference, Said, UncheckedPlace
from tongxing.rules.findings import Finding
from tongxing.rules.situations import Situation


class Ask(StrEnum):
    """Which method of the port is asked for."""

    PROVE = "prove"
    FIND_ALL = "find_all"
    COMPARE = "compare"


class Question(msgspec.Struct, frozen=True):
    """The arguments of one call; those that the method does not have stay as they are."""

    ask: Ask
    rules: dict[str, bytes]
    held: dict[str, bytes] | None = None
    file_name: str = ""
    since: date = date.min

    @property
    def seconds_more(self) -> int:
        """How much longer than one table the answer may take."""
        return PROVING_SECONDS_A_TABLE * len(self.rules)


class SentDifference(msgspec.Struct, frozen=True):
    """A difference with its example told apart by kind."""

    region: RegionId
    site: str
    day: date
    person: Situation | None
    place: UncheckedPlace | None
    before: Said | None
    after: Said | None


class Answer(msgspec.Struct, frozen=True):
    """What came of it: findings, differences, or the sentence of a refusal."""

    findings: tuple[Finding, ...] = ()
    differences: tuple[SentDifference, ...] = ()
    refused: str | None = None


def send(difference: Difference) -> SentDifference:
    """Return a difference in the form in which it is sent."""
    example = difference.example
    person, place = (example, None) if isinstance(example, Situation) else (None, example)
    return SentDifference(
        difference.region, difference.site, difference.day, person, place, difference.before, difference.after
    )


def receive(sent: SentDifference) -> Difference:
    """Return the difference that was sent."""
    example = sent.person if sent.person is not None else sent.place
    if example is None:
        raise ValueError("a difference came without its example")
    return Difference(sent.region, sent.site, sent.day, example, sent.before, sent.after)
