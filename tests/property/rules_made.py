"""Made-up situations, rows and tables over every input, for properties of rules."""

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from tongxing.core.causes import CAUSES, Cause
from tongxing.core.groups import Group
from tongxing.core.levels import Level, Standing
from tongxing.core.reasons import ReasonId
from tongxing.core.reports import OriginRisk, Precision
from tongxing.core.verdicts import Measure, Outcome
from tongxing.core.words import RegionId, Sentence
from tongxing.rules.inputs import INPUTS, Input
from tongxing.rules.rows import Conditions, Days, Evidence, RegisteredException, RuleRow
from tongxing.rules.situations import Situation
from tongxing.rules.tables import RuleTable

FIRST, LAST = date(2020, 3, 18), date(2020, 12, 31)
WORDS = Sentence("试验", "trial")


def _values(entry: Input) -> list[Any]:
    return list(entry.values)


def _some(entry: Input) -> st.SearchStrategy[frozenset[Any]]:
    return st.frozensets(st.sampled_from(_values(entry)), min_size=1)


SITUATIONS = st.builds(
    Situation,
    **{
        entry.attribute: (
            st.frozensets(st.sampled_from(_values(entry)), max_size=3)
            if entry.many
            else st.sampled_from([*_values(entry), *([None] if entry.name == "level" else [])])
        )
        for entry in INPUTS
    },
)
"""Any value of each input, possible together or not."""


@st.composite
def possible_situations(draw: st.DrawFn) -> Situation:
    """Draw a situation with a current report that somebody can be in on ``FIRST``."""
    level = draw(st.sampled_from(Level))
    causes = draw(st.frozensets(st.sampled_from(Cause), max_size=2))
    situation = draw(SITUATIONS).changed(standing=Standing.CURRENT, level=level, causes=causes)
    if any(CAUSES[cause].level_on(FIRST).rank > level.rank for cause in causes) or situation.colour_only:
        situation = situation.changed(causes=frozenset())
    if situation.origin_risk is OriginRisk.UNKNOWN:
        situation = situation.changed(origin_precision=Precision.NONE)
    elif situation.origin_precision is Precision.NONE:
        situation = situation.changed(origin_precision=Precision.EXACT)
    return situation.changed(groups=situation.groups - {Group.CHILD})


def _asked(names: frozenset[str]) -> st.SearchStrategy[Conditions]:
    asked: dict[str, st.SearchStrategy[frozenset[Any]]] = {}
    for entry in INPUTS:
        if entry.name in names:
            if entry.many:
                asked |= {key: st.frozensets(st.sampled_from(_values(entry)), max_size=3) for key in entry.keys}
            else:
                asked[entry.name] = _some(entry)
    return st.builds(Conditions, **asked)


CONDITIONS = st.frozensets(st.sampled_from([entry.name for entry in INPUTS]), max_size=4).flatmap(_asked)
"""Conditions that ask for at most four inputs, as officials write them."""

DAYS = st.builds(
    lambda start, length: Days(FIRST + timedelta(days=start), FIRST + timedelta(days=start + length)),
    st.integers(0, 200),
    st.integers(0, 200),
)
OUTCOMES = st.sampled_from(
    [
        (Outcome.PASS, ()),
        (Outcome.PASS_WITH_MEASURES, (Measure.TAKE_TEMPERATURE,)),
        (Outcome.PASS_WITH_MEASURES, (Measure.SHOW_TEST_48_H,)),
        (Outcome.REFER, ()),
        (Outcome.STOP, ()),
    ]
)


def make_row(
    position: int,
    conditions: Conditions,
    outcome: tuple[Outcome, tuple[Measure, ...]],
    days: Days,
) -> RuleRow:
    """Return a row of which the reason claims nothing: its form is not what these properties are about."""
    return RuleRow(
        f"row_{position}", conditions, outcome[0], outcome[1], ReasonId.LOCAL_CONDITION, "试验", Evidence.ASSUMED, days
    )


def rows_of(conditions: st.SearchStrategy[Conditions], max_size: int = 8) -> st.SearchStrategy[tuple[RuleRow, ...]]:
    """Draw rows in order."""
    return st.lists(st.tuples(conditions, OUTCOMES, DAYS), max_size=max_size).map(
        lambda parts: tuple(make_row(position, *part) for position, part in enumerate(parts))
    )


ROWS = rows_of(CONDITIONS)
CATCH_ALL = make_row(99, Conditions(), (Outcome.REFER, ()), Days(FIRST, LAST))


def table_of(
    rows: tuple[RuleRow, ...], exceptions: tuple[RuleRow, ...] = (), region: str = "99", table_id: str = "trial"
) -> RuleTable:
    """Return a table in force from ``FIRST`` to ``LAST``."""
    registered = tuple(RegisteredException(row, WORDS, WORDS) for row in exceptions)
    return RuleTable(RegionId(region), table_id, WORDS, Days(FIRST, LAST), rows, registered)
