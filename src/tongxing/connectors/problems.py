"""Reads what another node refused: its problem (RFC 9457), the reason in it if it names one, its counter-example."""

from datetime import date
from typing import Any, Final, NoReturn

import msgspec

from tongxing.connectors.http_exchange import HttpAnswer
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.reasons import REASONS, ReasonId, Stage
from tongxing.core.words import Sentence
from tongxing.regions.families.reading import is_told_flaw
from tongxing.rules.findings import Finding, FindingKind, RulesRefused
from tongxing.rules.situations import parse_situation

_HTTP_UNAUTHORIZED: Final = 401
TYPE_PREFIX: Final = "urn:tongxing:problem:"

TOLD_BY_ISSUERS: Final = frozenset(
    reason
    for reason, row in REASONS.items()
    if row.stage in (Stage.STATUS, Stage.TRANSLATE) or reason is ReasonId.TRANSIT_EXPIRED
)
"""The reasons that an issuer's gateway can have for not making a statement."""


def raise_upstream_problem(answer: HttpAnswer, who: str) -> NoReturn:
    """As ``raise_problem``, for whoever this node asks on its caller's behalf.

    That this node was not believed, or that the upstream has no room or fails, is not its caller's fault: the
    upstream is as good as away.
    """
    slug = _read(answer).type.removeprefix(TYPE_PREFIX)
    if slug in {ProblemId.STORE_FULL, ProblemId.FAULT}:
        raise Refused(ProblemId.UPSTREAM_AWAY, f"{who}: {slug}")
    if answer.status == _HTTP_UNAUTHORIZED:
        raise Refused(ProblemId.UPSTREAM_AWAY, f"{who} did not accept this node's request: {slug[:64]}")
    raise_problem(answer, who)


class _ProblemBody(msgspec.Struct, frozen=True):
    type: str = ""
    detail: str = ""
    reason: str | None = None
    finding: dict[str, Any] | None = None


class _FindingBody(msgspec.Struct, frozen=True):
    kind: FindingKind
    table: str
    rows: tuple[str, ...]
    day: date
    sentence: Sentence
    situation: dict[str, Any]
    other: dict[str, Any] | None


_BODIES: Final = msgspec.json.Decoder(_ProblemBody)


def told_reason(answer: HttpAnswer) -> ReasonId | None:
    """Return the reason that a problem names, or None."""
    reason = _read(answer).reason
    return ReasonId(reason) if reason is not None and reason in ReasonId.__members__.values() else None


def told_flaw(answer: HttpAnswer) -> str:
    """Return what a problem says was wrong with a back end's answer; empty if it says so in no words we know."""
    detail = _read(answer).detail
    return detail if is_told_flaw(detail) else ""


def raise_problem(answer: HttpAnswer, who: str) -> NoReturn:
    """Raise ``Refused`` with the problem that ``who`` answered; ``UPSTREAM_AWAY`` if it is none we know.

    ``RulesRefused`` where it brings a counter-example.
    """
    body = _read(answer)
    finding = None if body.finding is None else _read_finding(body.finding)
    if finding is not None:
        raise RulesRefused(f"{who}: {finding.table}", finding)
    slug, again = body.type.removeprefix(TYPE_PREFIX), answer.retry_after_seconds
    if slug in ProblemId.__members__.values():
        raise Refused(ProblemId(slug), f"{who}: {body.detail}"[:300], retry_after_seconds=again)
    raise Refused(ProblemId.UPSTREAM_AWAY, f"{who}: status {answer.status}", retry_after_seconds=again)


def _read_finding(body: dict[str, Any]) -> Finding | None:
    """Return a counter-example; None for one that this version cannot read, whose sentence is in the detail."""
    try:
        read = msgspec.convert(body, _FindingBody)
        other = None if read.other is None else parse_situation(read.other)
        situation = parse_situation(read.situation)
    except (msgspec.MsgspecError, Refused):
        return None
    return Finding(read.kind, read.day, situation, read.sentence, read.table, read.rows, other)


def _read(answer: HttpAnswer) -> _ProblemBody:
    try:
        return _BODIES.decode(answer.body)
    except msgspec.MsgspecError:
        return _ProblemBody()
