"""The proof of a rule table: every law, on every day, for everybody, by a solver; or a counter-example.

What is proven of a version of a table, with all that it falls through to: no gap, no row that never decides,
no conflict that is not declared, the national floor with exactly the registered exceptions, the ceiling of the
date and place, the laws about two people (``tongxing.rules.laws``), and that only a current report stops.
All possible people of all days are decided at once; nothing is sampled.

Only the hub's worker and the command line import this module: a verifier needs no solver.
Spec: design, law 5; docs/adr/0020.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.words import FEDERATION
from tongxing.rules.book import RuleBook
from tongxing.rules.breaches import Breaches
from tongxing.rules.encoding import ProofTooLarge
from tongxing.rules.findings import Finding, RulesRefused
from tongxing.rules.stacks import Stack, Version, stacks_of, versions_of
from tongxing.rules.tables import RuleTable

PROOFS_KEPT: Final = 1024
"""So many proofs are remembered in one process, by what they depend on."""


def check_table(table: RuleTable, *, below: Sequence[RuleTable] = (), floor: RuleTable | None = None) -> None:
    """Prove ``table``; raise ``RulesRefused`` with the first counter-example. As ``find_all``."""
    for finding in find_all(table, below=below, floor=floor):
        raise RulesRefused(finding.table, finding)


def find_all(
    table: RuleTable, *, below: Sequence[RuleTable] = (), floor: RuleTable | None = None
) -> tuple[Finding, ...]:
    """Return every way in which ``table`` breaks a law, each once for each row or pair of rows concerned.

    ``below`` is what it falls through to, most local first; ``floor`` the national table, without which neither
    floor nor ceiling is looked at. Raises ``Refused(RULES_REFUSED)`` for a table too large to be proven.
    """
    national = [floor] if floor is not None else [table] if table.region == FEDERATION else []
    return find_in_stack(
        Stack(Version(table, table.days), tuple(Version(each, each.days) for each in below), versions_of(national))
    )


def find_in_book(book: RuleBook, proven: RuleBook | None = None) -> Iterator[Finding]:
    """Yield every way in which the tables of a book break a law.

    What ``proven`` holds with all that it stands on is proven already, and left out. Raises
    ``Refused(RULES_REFUSED)`` for a table too large to be proven.
    """
    known = frozenset() if proven is None else frozenset(stacks_of(proven))
    for stack in stacks_of(book):
        if stack not in known:
            yield from find_in_stack(stack)


@lru_cache(maxsize=PROOFS_KEPT)
def find_in_stack(stack: Stack) -> tuple[Finding, ...]:
    """Return every way in which the version on top of a stack breaks a law. Raises as ``find_all``."""
    found: list[Finding] = []
    try:
        found.extend(Breaches(stack).find())
    except ProofTooLarge as error:
        if found:  # refused in any case: what was found first is what has to be told
            return tuple(found)
        told = f"{stack.own.name} is too large to be proven ({error}): fewer rows or days of change are needed"
        raise Refused(ProblemId.RULES_REFUSED, told) from error
    return tuple(found)
