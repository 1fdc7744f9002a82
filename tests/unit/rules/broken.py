"""Copies of the shipped rules, each broken in one law: what a publisher could write, and what must be found."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from tests.unit.rules.tables import SHIPPED, row
from tongxing.core.causes import Cause
from tongxing.core.proofs import ProofKind
from tongxing.core.verdicts import Outcome
from tongxing.core.words import RegionId
from tongxing.rules.book import RuleBook, parse_rule_book
from tongxing.rules.deciding import Decision, compile_stack
from tongxing.rules.findings import Finding, FindingKind
from tongxing.rules.situations import Situation, encode_situation, parse_situation

FILES = {path.name: path.read_bytes() for path in sorted(SHIPPED.glob("*.toml"))}
LOCAL, NATIONAL = "45.toml", "national.toml"
HEAVY = 'measures = ["stay_at_observation_point"]'
LIGHT = 'measures = ["take_temperature"]'
ANY_CAUSE = ", ".join(f'"{cause}"' for cause in Cause)
BEST = {
    ProofKind.TEST: "within_24_h",
    ProofKind.ANTIGEN: "negative_24_h",
    ProofKind.VACCINATION: "boosted",
    ProofKind.RECOVERY: "from_14_days",
    ProofKind.ISOLATION: "ended_7_days_ago",
}


@dataclass(frozen=True, slots=True)
class Broken:
    """A law that is broken, how, and the inputs in which the two people of the counter-example differ."""

    name: str
    kind: FindingKind
    book: Callable[[], RuleBook]
    differing: frozenset[str] = frozenset()


def edited(name: str, old: str, new: str) -> Callable[[], RuleBook]:
    """Return how a shipped file is changed in one place."""

    def make() -> RuleBook:
        text = FILES[name].decode()
        assert old in text, f"{name} holds no longer {old!r}"
        return parse_rule_book({**FILES, name: text.replace(old, new, 1).encode()})

    return make


def with_first(*rows: str) -> Callable[[], RuleBook]:
    """Return how rows are put before those of a region's table."""
    return edited(LOCAL, "\n[[row]]", "".join(rows) + "\n[[row]]")


def local(when: str, outcome: str, reason: str, more: str = "") -> str:
    """Return a row that overrides the region's own."""
    return row("broken", when, outcome, reason, more + '\noverrides = ["local_code_from_medium_risk"]')


def stopping_the_unknown() -> RuleBook:
    """Return rules that stop whoever has no record: such a row cannot be read from a file, so it is made here."""
    book = with_first(row("broken", 'standing = ["no_record"]', "REFER", "no_record"))()
    place = (RegionId("45"), "")
    (table,) = book.versions[place]
    rows = tuple(replace(each, outcome=Outcome.STOP) if each.id == "broken" else each for each in table.rows)
    return RuleBook({**book.versions, place: (replace(table, rows=rows),)})


def exception(when: str) -> str:
    """Return a registered exception."""
    return f"""
[[exception]]
id = "broken"
when = {{ {when} }}
measures = ["take_temperature"]
why = {{ zh = "试验", en = "trial" }}
registrar = {{ zh = "试验", en = "trial" }}
legal_basis = "试验"
evidence = "assumed"
first_day = 2020-03-18
last_day = 2020-04-07
"""


_K = FindingKind
MEDIUM = 'level = ["medium"], origin_risk = ["low"]'
CALM = f'{MEDIUM}, fever = ["not_measured", "normal"]'
"""Whoever has a fever is referred anyway, so that nothing is learnt of them."""


def _more_is_asked_with(kind: ProofKind) -> Broken:
    made = with_first(local(f'{MEDIUM}, {kind} = ["{BEST[kind]}"]', "PASS_WITH_MEASURES", "level_medium", HEAVY))
    return Broken(f"better {kind} hurts", _K.EVIDENCE_NOT_MONOTONE, made, frozenset({kind.value}))


def _less_is_asked_without(kind: ProofKind) -> Broken:
    made = with_first(local(f'{CALM}, {kind} = ["unknown"]', "PASS_WITH_MEASURES", "level_medium", LIGHT))
    return Broken(f"unknown {kind} helps", _K.UNKNOWN_NOT_MONOTONE, made, frozenset({kind.value}))


def _less_is_asked_of(name: str, when: str, *differing: str) -> Broken:
    made = with_first(local(f"{CALM}, {when}", "PASS_WITH_MEASURES", "level_medium", LIGHT))
    return Broken(name, _K.UNKNOWN_NOT_MONOTONE, made, frozenset(differing))


BOTH_PROOFS_HURT = with_first(
    local(f'{MEDIUM}, test = ["within_24_h"], vaccination = ["complete"]', "PASS_WITH_MEASURES", "level_medium", HEAVY),
    row("one", f'{MEDIUM}, test = ["within_24_h"]', "REFER", "proof_asked"),
    row("two", f'{MEDIUM}, vaccination = ["complete"]', "REFER", "proof_asked"),
)
"""With either proof a person is referred, with both asked for more than with none: no single step shows it."""

LOW = 'level = ["low"], origin_risk = ["low"]'
HIGH = 'level = ["high"], test = ["unknown"]'


def asks(when: str, measures: str, reason: str = "level_medium") -> str:
    """Return a row of the region that asks for measures."""
    return local(when, "PASS_WITH_MEASURES", reason, measures)


def refers(when: str) -> str:
    """Return a row of the region that sends to the manual lane; it has to name a proof."""
    return local(when, "REFER", "proof_asked")


def _breach(name: str, kind: FindingKind, book: Callable[[], RuleBook], *differing: str) -> Broken:
    return Broken(name, kind, book, frozenset(differing))


_LATER = edited(LOCAL, "last_day = 2021-03-22", "last_day = 2021-03-23")
_AGAIN = with_first(asks(MEDIUM, LIGHT), row("again", MEDIUM, "PASS_WITH_MEASURES", "level_medium", LIGHT))
_LOWER_PAYS = with_first(asks(MEDIUM, LIGHT), row("low", LOW, "PASS_WITH_MEASURES", "local_measures", HEAVY))
_SECOND_CODE = 'measures = ["show_second_code"]'
_LOW_MEDIUM = 'level = ["low", "medium"]'
_MIXED = 'origin_risk = ["mixed"]'
_NO_FEVER = 'fever = ["not_measured", "normal"]'
_UNKNOWN_PASSES = local('level = ["low"], origin_risk = ["unknown"]', "PASS", "low_level")
_BUT_THERMOMETER = 'measures = ["report_to_community", "observe_health_14_days"]'
_FEVER_SPARES = asks(f'{MEDIUM}, fever = ["fever"]', _BUT_THERMOMETER, "fever_measured_here")
_FEVER_HELPS = asks(f'{MEDIUM}, fever = ["fever"]', LIGHT, "fever_measured_here")

EVERY_BREACH = (
    _breach("a gap", _K.GAP, edited(NATIONAL, f"{_LOW_MEDIUM}, {_MIXED} }}", f'level = ["low"], {_MIXED} }}')),
    _breach("a row that never decides", _K.DEAD_ROW, _AGAIN),
    _breach("a conflict", _K.CONFLICT, edited(NATIONAL, 'overrides = ["level_high"]', "")),
    _breach("below the floor", _K.BELOW_FLOOR, with_first(asks(LOW, LIGHT, "local_measures"))),
    _breach("an exception to nothing", _K.NEEDLESS_EXCEPTION, with_first(exception(MEDIUM))),
    _breach("a second application", _K.ABOVE_CEILING, _LATER),
    _breach("a second code", _K.ABOVE_CEILING, with_first(asks(MEDIUM, _SECOND_CODE))),
    _breach(
        "the code alone",
        _K.ABOVE_CEILING,
        with_first(refers(f'{MEDIUM}, test = ["unknown"], credential = ["paper"]')),
        "credential",
    ),
    _breach("a higher level is asked for less", _K.LEVEL_NOT_MONOTONE, _LOWER_PAYS, "level"),
    *(_more_is_asked_with(kind) for kind in ProofKind),
    _breach(
        "a positive test helps",
        _K.EVIDENCE_NOT_MONOTONE,
        with_first(asks(f'{MEDIUM}, test = ["positive"]', LIGHT)),
        "test",
    ),
    _breach("better proofs of two kinds hurt", _K.EVIDENCE_NOT_MONOTONE, BOTH_PROOFS_HURT, "test", "vaccination"),
    _breach(
        "a normal temperature hurts",
        _K.FEVER_NOT_MONOTONE,
        with_first(asks(f'{MEDIUM}, fever = ["normal"]', HEAVY)),
        "fever",
    ),
    _breach("a fever helps", _K.FEVER_NOT_MONOTONE, with_first(_FEVER_HELPS), "fever"),
    _breach("a fever asks less than a normal temperature", _K.FEVER_NOT_MONOTONE, with_first(_FEVER_SPARES), "fever"),
    _breach("a fever alone stops", _K.FEVER_NOT_MONOTONE, with_first(refers(f"{HIGH}, {_NO_FEVER}")), "fever"),
    _breach(
        "an unknown origin helps",
        _K.UNKNOWN_NOT_MONOTONE,
        with_first(_UNKNOWN_PASSES),
        "origin_risk",
        "origin_precision",
    ),
    _less_is_asked_of("a mere colour helps", "colour_only = true", "colour_only"),
    _less_is_asked_of("a mere colour without causes helps", "colour_only = true", "colour_only", "cause"),
    _less_is_asked_of("causes untold help", f"colour_only = false, cause_none = [{ANY_CAUSE}]", "cause"),
    _less_is_asked_of("not to be consulted helps", "others_consulted = false", "others_consulted"),
    *(_less_is_asked_without(kind) for kind in ProofKind),
    _breach("no record stops", _K.STOP_WITHOUT_REPORT, stopping_the_unknown),
    _breach("paper stops", _K.STOP_FOR_CREDENTIAL, with_first(refers(f'{HIGH}, credential = ["code"]')), "credential"),
)


def run(book: RuleBook, finding: Finding, situation: Situation) -> Decision:
    """Decide a counter-example's situation from its runnable input, by the rules of the table's place on its day."""
    region, _, site = finding.table.partition("/")[0].partition("-")
    stack = book.stack_on(RegionId(region), finding.day, site)
    return compile_stack(stack, finding.day).decide(parse_situation(encode_situation(situation)))


def floor_on(book: RuleBook, day: date, situation: Situation) -> Decision:
    """Return what the national table alone decides."""
    return compile_stack(book.stack_on(RegionId("00"), day), day).decide(situation)
