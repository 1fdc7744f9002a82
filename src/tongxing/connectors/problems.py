"""Reads what another node refused: its problem (RFC 9457), and the reason in it if it names one."""

from typing import Final, NoReturn

import msgspec

from tongxing.connectors.http_exchange import HttpAnswer
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.reasons import REASONS, ReasonId, Stage

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

    That this node was not believed is not its caller's fault: the upstream is as good as away.
    """
    if answer.status == _HTTP_UNAUTHORIZED:
        slug = _read(answer).type.removeprefix(TYPE_PREFIX)[:64]
        raise Refused(ProblemId.UPSTREAM_AWAY, f"{who} did not accept this node's request: {slug}")
    raise_problem(answer, who)


class _ProblemBody(msgspec.Struct, frozen=True):
    type: str = ""
    detail: str = ""
    reason: str | None = None


_BODIES: Final = msgspec.json.Decoder(_ProblemBody)


def told_reason(answer: HttpAnswer) -> ReasonId | None:
    """Return the reason that a problem names, or None."""
    reason = _read(answer).reason
    return ReasonId(reason) if reason is not None and reason in ReasonId.__members__.values() else None


def raise_problem(answer: HttpAnswer, who: str) -> NoReturn:
    """Raise ``Refused`` with the problem that ``who`` answered; ``UPSTREAM_AWAY`` if it is none we know."""
    body = _read(answer)
    slug = body.type.removeprefix(TYPE_PREFIX)
    if slug in ProblemId.__members__.values():
        raise Refused(ProblemId(slug), f"{who}: {body.detail}"[:300])
    raise Refused(ProblemId.UPSTREAM_AWAY, f"{who}: status {answer.status}")


def _read(answer: HttpAnswer) -> _ProblemBody:
    try:
        return _BODIES.decode(answer.body)
    except msgspec.MsgspecError:
        return _ProblemBody()
