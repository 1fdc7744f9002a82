"""The gate in front of every route: who calls is proven before anything of the request is used.

A signed request (RFC 9421) is read whole first, since its signature covers the body; a session's
token is checked before a byte of the body is read. What each role may do is the row's to say.
"""

from typing import Any, Final

from starlette.types import Receive, Scope

from tongxing.api.bodies import find_header, join_headers, read_body
from tongxing.api.calls import RouteRow, Trace
from tongxing.api.cookies import parse_cookies, session_cookie
from tongxing.core.border import is_border_between
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.words import FEDERATION, RegionId
from tongxing.services.access import Access, Caller, SignedRequest
from tongxing.services.citizens import CitizenSessions
from tongxing.services.ports import Role

_BEARER: Final = b"bearer "
_SAFE_METHODS: Final = frozenset({"GET", "HEAD"})
"""Methods that change nothing (RFC 9110, section 9.2.1), as far as there are routes of them."""

CHALLENGE: Final = (b"www-authenticate", b'Bearer realm="tongxing", Signature realm="tongxing"')
"""What an answer 401 must name (RFC 9110, section 11.6.1). RFC 9421 has no scheme: ``Signature`` stands for it."""


class Gate:
    """Checks callers. ``origins`` are this node's own addresses, as callers may write them; ``region`` is its own.

    A signature covers the address it was made for. It is verified against this node's own address,
    never against one that the request claims, so that a request made for one node cannot be handed
    on to another.
    """

    def __init__(
        self, access: Access, origins: tuple[str, ...], region: RegionId, citizens: CitizenSessions | None = None
    ) -> None:
        self._access = access
        self._region = region
        self._citizens = citizens
        self._origins = {origin.partition("://")[2].encode(): origin for origin in reversed(origins)}
        self._first_origin = origins[0]

    async def admit(self, scope: Scope, receive: Receive, row: RouteRow[Any], trace: Trace) -> tuple[Caller, bytes]:
        """Return who is calling, in a role that may, and the body. The trace is told the role.

        Raises Refused: UNAUTHENTICATED, SIGNATURE_INVALID, CLOCK_SKEW, NONCE_REPLAYED,
        SESSION_ENDED, FORBIDDEN, or what reading the body raises.
        """
        authorization = find_header(scope, b"authorization")
        if authorization is not None and authorization[:7].lower() == _BEARER:
            caller = await self._access.check_session(authorization[7:].strip().decode("latin-1"))
            if not row.by_session:
                raise Refused(ProblemId.UNAUTHENTICATED, "this call needs a signature; a session is not enough")
            _check_role(caller, row, trace)
            return caller, await read_body(scope, receive, row.body_max_bytes)
        if find_header(scope, b"signature-input") is None:
            if self._citizens is not None and Role.CITIZEN in row.roles:
                caller = self._admit_citizen(self._citizens, scope)
                trace.role = caller.role
                return caller, await read_body(scope, receive, row.body_max_bytes)
            raise Refused(ProblemId.UNAUTHENTICATED, "the request is not signed (RFC 9421)")
        body = await read_body(scope, receive, row.body_max_bytes)
        caller = await self._access.check_request(
            SignedRequest(scope["method"], self._own_url(scope), join_headers(scope), body)
        )
        _check_role(caller, row, trace)
        if is_border_between(caller.region, self._region) and not row.across_border:
            raise Refused(ProblemId.FORBIDDEN, "no personal data cross the border of Hong Kong and Macao")
        return caller, body

    def _admit_citizen(self, citizens: CitizenSessions, scope: Scope) -> Caller:
        """Return the citizen whose session the cookie stands for.

        A browser sends a cookie along whoever's page asks, so that whatever changes something must show
        besides that it comes from our own page: by its origin, where the browser tells it, and by a token.
        """
        token = parse_cookies(scope).get(session_cookie(self._first_origin))
        if token is None:
            raise Refused(ProblemId.UNAUTHENTICATED, "nobody has signed in")
        session = citizens.find(token)
        if scope["method"] not in _SAFE_METHODS:
            origin = find_header(scope, b"origin")
            if origin is not None and origin.lower().partition(b"://")[2] not in self._origins:
                raise Refused(ProblemId.CROSS_SITE, "another site asks")
            shown = find_header(scope, b"x-csrf-token")
            session.check_csrf_token(None if shown is None else shown.decode("latin-1"))
        return Caller("", Role.CITIZEN, FEDERATION, citizen_session=session)

    def _own_url(self, scope: Scope) -> str:
        claimed = (find_header(scope, b"host") or b"").lower()
        origin = self._origins.get(claimed, self._first_origin)
        path = scope["raw_path"].decode("latin-1")
        query = scope["query_string"].decode("latin-1")
        return f"{origin}{path}?{query}" if query else f"{origin}{path}"


def _check_role(caller: Caller, row: RouteRow[Any], trace: Trace) -> None:
    trace.role = caller.role
    if caller.role not in row.roles:
        raise Refused(ProblemId.FORBIDDEN, f"the role {caller.role} may not use this call")
