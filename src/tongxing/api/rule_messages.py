"""What is sent and told of rule tables: proposals, trials, the tables themselves, the register of exceptions."""

from datetime import date, datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from tongxing.api.messages import Message, RegionNumber
from tongxing.core.reasons import ReasonId
from tongxing.core.verdicts import Measure, Outcome
from tongxing.recognition.rule_view import InputView
from tongxing.recognition.view_words import Words
from tongxing.rules.tables import RULE_TABLE_MAX_BYTES

Site = Annotated[str, Meta(pattern=r"^([a-z0-9][a-z0-9_]{0,47})?\Z", description="one of the region's sites, or none")]
TableText = Annotated[str, Meta(max_length=RULE_TABLE_MAX_BYTES, description="a rule table in TOML")]
SituationContent = Annotated[
    dict[str, Any],
    Meta(max_length=32, description="the inputs of a rule table by name, in the words of the files: a runnable input"),
]


class RejectionMessage(Message, frozen=True):
    """Why a proposal is rejected."""

    why: Annotated[str, Meta(min_length=1, max_length=500)]


class TrialMessage(Message, frozen=True):
    """Whom to decide on, where and when; with ``table`` as if it were in force.

    ``examine`` has the table proven and its notice written as well, which takes seconds.
    """

    region: RegionNumber
    site: Site = ""
    on: date | None = None
    situation: SituationContent | None = None
    table: TableText | None = None
    examine: bool = False


class PlaceQuery(Message, frozen=True):
    """One of a region's sites, and the day; by default none, and today."""

    site: Site = ""
    on: date | None = None


class ProposalsQuery(Message, frozen=True):
    """How many at most: each comes with its whole table."""

    limit: Annotated[int, Meta(ge=1, le=50)] = 20


class DecisionAnswer(msgspec.Struct, frozen=True):
    """What a table says, in words: the row, the outcome, what is asked, on what it rests."""

    row: str
    outcome: Outcome
    headline: Words
    reason: ReasonId
    sentence: Words
    measures: list[Words]
    legal_basis: str
    inputs_used: list[InputView]
    exception: str | None


class ChangeAnswer(msgspec.Struct, frozen=True):
    """The nearest change that would alter the outcome: whom it would make of the person, and what is decided then.

    Where only waiting helps, the person stays the same and ``day`` is a later one.
    """

    sentence: Words
    day: date
    situation: dict[str, Any]
    outcome: Outcome
    row: str


class FindingAnswer(msgspec.Struct, frozen=True):
    """What is wrong with a table: a counter-example as a sentence, and as runnable inputs."""

    kind: str
    table: str
    rows: list[str]
    day: date
    sentence: Words
    situation: dict[str, Any]
    other: dict[str, Any] | None


class DifferenceAnswer(msgspec.Struct, frozen=True):
    """Who is treated differently, by example; no example where codes begin or cease to be read at a kind of place."""

    region: str
    site: str
    day: date
    sentence: Words
    situation: dict[str, Any] | None
    before: str | None
    after: str | None


class TrialAnswer(msgspec.Struct, frozen=True):
    """What was asked for of a trial. ``findings`` is empty where the table holds, and null where it was not proven."""

    decision: DecisionAnswer | None
    undecided: str | None
    nearest_change: ChangeAnswer | None
    findings: list[FindingAnswer] | None
    differences: list[DifferenceAnswer] | None
    notice: Words | None


class ProposalAnswer(msgspec.Struct, frozen=True):
    """A proposal: its table, what the public will be told, and what became of it."""

    proposal_id: str
    file_name: str
    state: str
    notice: Words
    proposed_by: str
    proposed_at: datetime
    expires_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    why: str | None
    bundle_number: int | None
    table: str


class ProposalsAnswer(msgspec.Struct, frozen=True):
    """Proposals, the newest first."""

    proposals: list[ProposalAnswer]


class NoticeAnswer(msgspec.Struct, frozen=True):
    """What the public is told of one change of the rules, which this bundle carries."""

    notice: Words
    approved_at: datetime
    bundle_number: int
    file_name: str


class NoticesAnswer(msgspec.Struct, frozen=True):
    """The public notices, the newest first."""

    notices: list[NoticeAnswer]


class TableHeadAnswer(msgspec.Struct, frozen=True):
    """One version of one table. Region 00 is the national floor and ceiling."""

    region: str
    site: str
    id: str
    name: Words
    version: int
    first_day: date
    last_day: date | None
    in_force: bool
    urgent: Words | None
    exceptions: list[str]


class RulesAnswer(msgspec.Struct, frozen=True):
    """The tables in force and those to come."""

    tables: list[TableHeadAnswer]
    on: date


class WhenAnswer(msgspec.Struct, frozen=True):
    """One thing that a row asks of a situation: the key in files, and in words."""

    key: str
    name: Words
    values: list[Words]


class RowAnswer(msgspec.Struct, frozen=True):
    """One row of a table, in words. ``kind`` is ``exception``, ``row``, ``not_checked`` or ``ceiling``."""

    kind: str
    id: str
    when: list[WhenAnswer]
    outcome: Outcome | None
    headline: Words | None
    measures: list[Measure]
    measure_words: list[Words]
    reason: ReasonId | None
    demand: str | None
    legal_basis: str
    evidence: str
    first_day: date
    last_day: date | None
    in_force: bool
    overrides: list[str]
    why: Words | None
    registrar: Words | None


class TableAnswer(msgspec.Struct, frozen=True):
    """The version of a table that is in force on a day, row by row; what it does not decide, those under it do.

    ``toml`` is the table's file as it was published; only the hub has it.
    """

    head: TableHeadAnswer
    rows: list[RowAnswer]
    toml: str | None
    falls_through_to: list[str]


class ReadingAnswer(msgspec.Struct, frozen=True):
    """What stands in a table's file: as it is written, and in words; ``refused`` says why it is no table yet."""

    content: dict[str, Any]
    table: TableAnswer | None
    refused: str | None


class ExceptionAnswer(msgspec.Struct, frozen=True):
    """One entry of the public register of exceptions to the national floor."""

    id: str
    region: str
    site: str
    when: list[WhenAnswer]
    measures: list[Words]
    why: Words
    legal_basis: str
    evidence: str
    registrar: Words
    first_day: date
    last_day: date | None
    in_force: bool


class ExceptionsAnswer(msgspec.Struct, frozen=True):
    """The public register of exceptions, those that have ended too."""

    exceptions: list[ExceptionAnswer]
    on: date
