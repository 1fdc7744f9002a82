"""Proving in the process that asks: for the command line, for tests, and for the hub's worker.

It holds the processor for seconds and brings the solver along, so no node serves anybody in such a process.
"""

from collections.abc import Mapping
from datetime import date

from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.words import FEDERATION
from tongxing.rules.book import RuleBook, parse_named_table, parse_rule_book
from tongxing.rules.differences import Difference
from tongxing.rules.diffing import diff_books
from tongxing.rules.encoding import ProofTooLarge
from tongxing.rules.findings import Finding, RulesRefused
from tongxing.rules.proof import find_in_book, find_in_stack
from tongxing.rules.stacks import stacks_of
from tongxing.services.rule_ports import DIFFERENCES_TOLD_MAX, FINDINGS_TOLD_MAX


class InProcessProver:
    """The port ``Prover``, as a plain call. What was proven once in this process is remembered by its content."""

    async def prove(self, rules: Mapping[str, bytes], held: Mapping[str, bytes] | None) -> None:
        """As the port says."""
        book = _parse(rules)
        for finding in find_in_book(book, None if held is None else _parse(held)):
            raise RulesRefused(finding.table, finding)

    async def find_all(self, rules: Mapping[str, bytes], file_name: str) -> tuple[Finding, ...]:
        """As the port says."""
        book, table = _parse(rules), parse_named_table(file_name, rules[file_name])
        found = [each for stack in stacks_of(book) if stack.own.table == table for each in find_in_stack(stack)]
        return tuple(found[:FINDINGS_TOLD_MAX])

    async def compare(
        self, before: Mapping[str, bytes], after: Mapping[str, bytes], since: date
    ) -> tuple[Difference, ...]:
        """As the port says."""
        try:
            return diff_books(parse_rule_book(before), parse_rule_book(after), since, DIFFERENCES_TOLD_MAX)
        except ProofTooLarge as error:
            raise Refused(ProblemId.RULES_REFUSED, f"too large to be compared: {error}") from error


def _parse(rules: Mapping[str, bytes]) -> RuleBook:
    book = parse_rule_book(rules)
    if (FEDERATION, "") not in book.versions:
        raise Refused(ProblemId.RULES_REFUSED, "the national table is missing")
    return book
