"""The shipped rule tables, and small ones made for a test."""

from datetime import date
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

from tongxing.core.checkpoints import Fever
from tongxing.core.levels import Level
from tongxing.core.reports import OriginRisk, Precision
from tongxing.core.words import PlaceKind, RegionId
from tongxing.rules.book import parse_rule_book
from tongxing.rules.deciding import CompiledRules, Decision, compile_stack
from tongxing.rules.situations import Situation
from tongxing.rules.tables import RuleTable, parse_rule_table

SHIPPED = Path(__file__).parents[3] / "src" / "tongxing" / "data" / "rules"
BOOK = parse_rule_book({path.name: path.read_bytes() for path in sorted(SHIPPED.glob("*.toml"))})
FLOOR = parse_rule_table((SHIPPED / "national.toml").read_bytes())
GUANGXI = parse_rule_table((SHIPPED / "45.toml").read_bytes())
BEIJING = parse_rule_table((SHIPPED / "11.toml").read_bytes())
HUBEI = parse_rule_table((SHIPPED / "42.toml").read_bytes())
EVERY_SHIPPED = BOOK.tables

HEAD = """
[table]
region = "99"
id = "trial"
name = { zh = "试验", en = "trial" }
first_day = 2020-03-18
"""

STOP_HIGH = """
[[row]]
id = "level_high"
when = { level = ["high"] }
outcome = "STOP"
reason = "level_high"
legal_basis = "试验"
evidence = "assumed"
"""


def row(row_id: str, when: str, outcome: str, reason: str, more: str = "") -> str:
    return f"""
[[row]]
id = "{row_id}"
when = {{ {when} }}
outcome = "{outcome}"
reason = "{reason}"
legal_basis = "试验"
evidence = "assumed"
{more}
"""


MEASURES = 'measures = ["take_temperature"]'
LOW_LOW = row("low_low", 'level = ["low"], origin_risk = ["low"]', "PASS", "low_level_low_origin")
MEDIUM = row(
    "medium",
    'level = ["medium"], origin_risk = ["low", "medium", "high"]',
    "PASS_WITH_MEASURES",
    "level_medium",
    MEASURES,
)
FROM_MEDIUM = row(
    "from_medium", 'level = ["low"], origin_risk = ["medium"]', "PASS_WITH_MEASURES", "origin_medium", MEASURES
)
FROM_HIGH = row("from_high", 'level = ["low"], origin_risk = ["high"]', "PASS_WITH_MEASURES", "origin_high", MEASURES)
MIXED = row("mixed", 'level = ["low", "medium"], origin_risk = ["mixed"]', "REFER", "origin_mixed")
UNKNOWN = row("unknown", 'level = ["low", "medium"], origin_risk = ["unknown"]', "REFER", "origin_unknown")
REST = MEDIUM + FROM_MEDIUM + FROM_HIGH + MIXED + UNKNOWN
"""With ``STOP_HIGH`` and ``LOW_LOW`` a whole table that breaks no law before 2021-03-23."""

HEAD_UNTIL_2021 = HEAD + "last_day = 2021-03-22\n"


def table(*parts: str) -> RuleTable:
    return parse_rule_table("".join(parts).encode())


def precision_at(origin_risk: OriginRisk) -> Precision:
    return Precision.NONE if origin_risk is OriginRisk.UNKNOWN else Precision.EXACT


def situation_of(*values: Any, **others: Any) -> Situation:
    """Return a situation; of an unknown origin no place is known either."""
    situation = Situation(*values, **others)
    return situation.changed(origin_precision=precision_at(situation.origin_risk))


EVERY_SITUATION = tuple(
    situation_of(*values) for values in product(Level, (False, True), OriginRisk, (False, True), PlaceKind, Fever)
)
"""All 720 situations in which everything else is as usual."""


def decide(table: RuleTable, on: date, *values: Any, **others: Any) -> Decision:
    """Return what one table alone decides on a day."""
    return compile_stack((table,), on).decide(situation_of(*values, **others))


@cache
def shipped_on(region: str, on: date) -> CompiledRules:
    """Return the shipped rules of a region's checkpoints on a day, the national ones under them."""
    return compile_stack(BOOK.stack_on(RegionId(region), on), on)
