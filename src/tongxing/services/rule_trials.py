"""Try a rule table out before it is proposed: an example person, the proof's answer, the notice that would be given.

Nothing here is kept, and nothing comes into force.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from tongxing.core.calendar import beijing_day
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.words import RegionId, Sentence
from tongxing.rules.book import RuleBook, file_name_of, parse_rule_book
from tongxing.rules.deciding import Decision, compile_stack
from tongxing.rules.differences import Difference
from tongxing.rules.findings import Finding
from tongxing.rules.nearest import Change, find_nearest_change
from tongxing.rules.notice import write_notice
from tongxing.rules.situations import Situation, is_possible
from tongxing.rules.tables import RuleTable, parse_rule_table
from tongxing.services.ports import Clock
from tongxing.services.publishing import PublishingDesk
from tongxing.services.rule_ports import Prover


@dataclass(frozen=True, slots=True)
class Tried:
    """What would be decided of an example person, and the nearest change that would alter it."""

    decision: Decision
    change: Change | None


@dataclass(frozen=True, slots=True)
class Examined:
    """What is wrong with a table, and what it would change; both empty where it holds and changes nothing."""

    findings: tuple[Finding, ...]
    differences: tuple[Difference, ...]
    notice: Sentence


class RuleTrials:
    """Tries tables out on the rules in force."""

    def __init__(self, *, publishing: PublishingDesk, prover: Prover, clock: Clock) -> None:
        self._publishing = publishing
        self._prover = prover
        self._clock = clock
        self._read: tuple[Mapping[str, bytes], RuleBook] = ({}, RuleBook({}))

    async def decide(
        self, region: RegionId, site: str, situation: Situation, on: date | None, table: bytes | None
    ) -> Tried:
        """Decide an example person at a place on a day (today, if none), with ``table`` in force there if one is given.

        Raises ``Refused(RULES_REFUSED)`` for a table that cannot be read, one of another place, or a situation
        that nobody can be in; ``Undecidable`` where no rule is in force or no row decides.
        """
        day = on or beijing_day(self._clock.now())
        if not is_possible(situation, day):
            raise Refused(ProblemId.RULES_REFUSED, f"nobody can be in this situation on {day.isoformat()}")
        book = await self._book()
        if table is not None:
            book = with_table(book, parse_rule_table(table))
        rules = compile_stack(book.stack_on(region, day, site), day)
        return Tried(rules.decide(situation), find_nearest_change(rules, situation, day))

    async def examine(self, table: bytes) -> Examined:
        """Return what the proof finds in a table among those in force, and what it would change; takes seconds.

        Raises ``Refused(RULES_REFUSED)`` for a table that cannot be read or proven.
        """
        read = parse_rule_table(table)
        in_force = await self._publishing.rules_in_force()
        file_name = file_name_of(await self._book(), read)
        files = {**in_force, file_name: table}
        findings = await self._prover.find_all(files, file_name)
        differences = await self._prover.compare(in_force, files, beijing_day(self._clock.now()))
        return Examined(findings, differences, write_notice(read, differences))

    async def _book(self) -> RuleBook:
        files = await self._publishing.rules_in_force()
        if files != self._read[0]:
            self._read = files, parse_rule_book(files)
        return self._read[1]


def with_table(book: RuleBook, table: RuleTable) -> RuleBook:
    """Return a book with a version of a table in the place of the one of its first day, or beside the others."""
    place = table.region, table.site
    others = [held for held in book.versions.get(place, ()) if held.days.first != table.days.first]
    versions = tuple(sorted([*others, table], key=lambda held: held.days.first))
    return replace(book, versions={**book.versions, place: versions})
