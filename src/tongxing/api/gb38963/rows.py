"""The rows that the face of GB/T 38963-2020 adds to a gateway's table of routes."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from tongxing.api.calls import Call, RouteRow
from tongxing.api.gb38963 import calls as of_standard
from tongxing.api.gb38963.failing import RETURN_CODE_FORM
from tongxing.api.gb38963.names import CALL_NAMES, CallNumber
from tongxing.app.nodes import Gateway
from tongxing.core.limits import SCAN_BODY_MAX_BYTES
from tongxing.core.problems import ProblemId
from tongxing.services.ports import Role

_BACK_END: Final = frozenset({Role.BACK_END})
_DEVICE: Final = frozenset({Role.DEVICE})
_SMALL: Final = 16 * 1024

_AWAY: Final = ProblemId.UPSTREAM_AWAY
_CONSENT: Final = ProblemId.CONSENT_NEEDED
_LIMITED: Final = ProblemId.LIMITED
_NOT_FOUND: Final = ProblemId.NOT_FOUND
_TICKET: Final = ProblemId.TICKET_UNUSABLE
_UNCONFIRMED: Final = ProblemId.CODE_NOT_CONFIRMED
_UNUSED: Final = ProblemId.WAY_NOT_USED


def _row(
    number: CallNumber,
    roles: frozenset[Role],
    handler: Callable[[Gateway, Call[Any, Any]], Awaitable[object]],
    *problems: ProblemId,
    body_max_bytes: int = _SMALL,
) -> RouteRow[Gateway]:
    return RouteRow(
        "POST",
        CALL_NAMES[number].path,
        roles,
        handler,
        body_max_bytes,
        by_session=Role.DEVICE in roles,
        problems=problems,
        fails_as=RETURN_CODE_FORM,
    )


# fmt: off
GB38963_ROUTES: Final[tuple[RouteRow[Gateway], ...]] = (
    _row(CallNumber.HEALTH_DECLARATION, _BACK_END, of_standard.declare_health, _CONSENT, _UNUSED, _LIMITED, _AWAY),
    _row(CallNumber.TRIP_DECLARATION, _BACK_END, of_standard.declare_trips, _CONSENT, _UNUSED, _LIMITED, _AWAY),
    _row(CallNumber.HEALTH_QUERY, _BACK_END | _DEVICE, of_standard.query_health,
         _CONSENT, _TICKET, _UNUSED, _LIMITED, _NOT_FOUND, _AWAY),
    _row(CallNumber.CALL_APPLICATION, _BACK_END | _DEVICE, of_standard.apply_for_call),
    _row(CallNumber.CODE_MAKING, _BACK_END, of_standard.make_standard_code, _CONSENT, _TICKET, _UNCONFIRMED, _AWAY),
    _row(CallNumber.CODE_VERIFICATION, _DEVICE, of_standard.verify_standard_code, _TICKET, _AWAY,
         body_max_bytes=SCAN_BODY_MAX_BYTES),
    _row(CallNumber.ERROR_CORRECTION, _BACK_END, of_standard.correct_error, _CONSENT, _LIMITED, _NOT_FOUND, _AWAY),
)
# fmt: on
