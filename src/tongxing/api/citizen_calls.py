"""The calls of signed-in citizens, at their own region's gateway.

Whom a call is about is said by the session and nothing else: no route takes a document, a subject key or
somebody's number. Ids of bonds and receipts count only for those they were made for.
"""

from datetime import timedelta
from typing import Final

from tongxing.api.calls import Call, NoQuery, Reply
from tongxing.api.citizen_messages import (
    CallbackQuery,
    ConsentMessage,
    FamilyAnswer,
    IdentityAnswer,
    InvitationAnswer,
    MyCodeAnswer,
    MyCodeMessage,
    MyDeclarationAnswer,
    MyDeclarationMessage,
    MyExplanationMessage,
    MyReportMessage,
    RelativeAnswer,
    WardAnswer,
    WardMessage,
)
from tongxing.api.cookies import session_cookie, set_cookie, sign_in_cookie
from tongxing.api.way_calls import describe_looks
from tongxing.api.way_messages import LooksAnswer
from tongxing.app.nodes import Gateway
from tongxing.core.errors import Refused
from tongxing.core.limits import CITIZEN_SESSION_LIFE, SIGN_IN_LIFE
from tongxing.core.problems import ProblemId
from tongxing.core.words import RegionId
from tongxing.recognition.own_report import OwnReportView
from tongxing.recognition.views import CitizenView
from tongxing.services.declarations import DeclaredStay
from tongxing.services.family import Relative

NOTHING: Final = "text/plain"
PAGE: Final = "/my"
"""The citizens' page, where a sign-in ends."""

_SEE_OTHER: Final = 303
_NO_CONTENT: Final = 204
_AT_ONCE: Final = timedelta(0)


async def begin_sign_in(node: Gateway, _call: Call[None, NoQuery]) -> Reply:
    """Send the browser to the region's identity provider."""
    begun = await node.citizens.sign_in.begin()
    cookie = set_cookie(sign_in_cookie(_origin(node)), begun.browser_secret, SIGN_IN_LIFE)
    return _see_other(begun.url, cookie)


async def finish_sign_in(node: Gateway, call: Call[None, CallbackQuery]) -> Reply:
    """Open a session for the browser that comes back, and send it to the citizens' page.

    What did not succeed is told there, by the slug behind ``?sign_in=``.
    """
    told, origin = call.query, _origin(node)
    done = set_cookie(sign_in_cookie(origin), "", _AT_ONCE)
    try:
        if told.error or not told.authorization_code or told.iss not in ("", node.core.settings.identity_issuer):
            raise Refused(ProblemId.SIGN_IN_REFUSED, "the identity provider sends no code")
        browser_secret = call.cookies.get(sign_in_cookie(origin), "")
        session = await node.citizens.sign_in.finish(told.state, told.authorization_code, browser_secret)
    except Refused as refused:
        call.trace.problem = refused.problem
        return _see_other(f"{PAGE}?sign_in={refused.problem}", done)
    node.citizens.sessions.end(call.cookies.get(session_cookie(origin), ""))
    return _see_other(PAGE, done, set_cookie(session_cookie(origin), session.token, CITIZEN_SESSION_LIFE))


async def sign_out(node: Gateway, call: Call[None, NoQuery]) -> Reply:
    """End the session."""
    name = session_cookie(_origin(node))
    node.citizens.sessions.end(call.cookies.get(name, ""))
    return Reply(b"", NOTHING, _NO_CONTENT, (set_cookie(name, "", _AT_ONCE),))


async def tell_identity(node: Gateway, call: Call[None, NoQuery]) -> IdentityAnswer:
    """Tell who has signed in, masked, and the token that goes with whatever changes something."""
    session, now = call.citizen_session, node.core.clock.now()
    wards = enumerate(session.citizen.wards)
    return IdentityAnswer(
        hint=session.citizen.hint,
        region=node.core.settings.region,
        csrf_token=session.csrf_token,
        signed_in_until=session.ends_at,
        wards=[WardAnswer(place, ward.hint, ward.until) for place, ward in wards if now < ward.until],
        family_members_max=node.core.settings.family_members_max,
        takes_declarations=node.citizens.declaring.is_open(),
        now=now,
    )


async def make_my_code(node: Gateway, call: Call[MyCodeMessage, NoQuery]) -> MyCodeAnswer:
    """Make a national code for the signed-in person or a member of their family, shown for about a minute."""
    shown = await node.citizens.my_codes.make(call.citizen, call.body.member)
    receipt = None if shown.receipt is None else shown.receipt.hex()
    return MyCodeAnswer(shown.qr_text, shown.expires_at, shown.hint, receipt, node.core.clock.now())


async def explain_to_citizen(node: Gateway, call: Call[MyExplanationMessage, NoQuery]) -> CitizenView:
    """Explain a verdict given anywhere on a code that the signed-in person has shown."""
    message = call.body
    receipts = [bytes.fromhex(receipt) for receipt in message.receipts]
    return await node.citizens.my_codes.explain(call.citizen, RegionId(message.host), message.ref, receipts)


async def tell_my_report(node: Gateway, call: Call[MyReportMessage, NoQuery]) -> OwnReportView:
    """Tell the signed-in person what is behind their code: why, until when, what clears it."""
    return await node.citizens.own_reports.tell(call.citizen, call.body.member)


async def declare_stays(node: Gateway, call: Call[MyDeclarationMessage, NoQuery]) -> MyDeclarationAnswer:
    """Take in where the signed-in person was, for the federation's assessor."""
    stays = [DeclaredStay(stay.division, stay.since, stay.until) for stay in call.body.stays]
    declared = await node.citizens.declaring.declare(call.citizen.keys, stays)
    return MyDeclarationAnswer(declared.declared_at, declared.number)


async def tell_my_looks(node: Gateway, call: Call[None, NoQuery]) -> LooksAnswer:
    """Tell the signed-in person who has looked them up, here and in other regions."""
    return describe_looks(await node.ways.looks.looks_at(call.citizen.keys))


async def tell_family(node: Gateway, call: Call[None, NoQuery]) -> FamilyAnswer:
    """Tell whose codes the signed-in person may show, and who may show theirs."""
    family = await node.citizens.family.family_of(call.citizen)
    return FamilyAnswer(
        [_relative(member) for member in family.members],
        [_relative(holder) for holder in family.holders],
        node.core.settings.family_members_max,
    )


async def bind_ward(node: Gateway, call: Call[WardMessage, NoQuery]) -> RelativeAnswer:
    """Bind a child whose guardian the identity provider says the signed-in person is."""
    return _relative(await node.citizens.family.bind_ward(call.citizen, call.body.ward))


async def invite_to_family(node: Gateway, call: Call[None, NoQuery]) -> InvitationAnswer:
    """Make an invitation by which one adult can let the signed-in person show their code."""
    made = node.citizens.family.invite(call.citizen)
    return InvitationAnswer(made.invitation, made.ends_at)


async def consent_to_family(node: Gateway, call: Call[ConsentMessage, NoQuery]) -> RelativeAnswer:
    """Let whoever made an invitation show the signed-in person's code; answers who that is."""
    if not call.body.consent:
        raise Refused(ProblemId.CONSENT_NEEDED, "consent was not given")
    return _relative(await node.citizens.family.consent(call.citizen, call.body.invitation))


async def end_bond(node: Gateway, call: Call[None, NoQuery]) -> None:
    """End a bond, as the one who shows or as the one who is shown."""
    await node.citizens.family.end(call.citizen, call.path["bond_id"])


def _relative(relative: Relative) -> RelativeAnswer:
    return RelativeAnswer(relative.bond_id, relative.hint, relative.ground, relative.ends_at)


def _see_other(url: str, *cookies: tuple[bytes, bytes]) -> Reply:
    return Reply(b"", NOTHING, _SEE_OTHER, ((b"location", url.encode()), *cookies))


def _origin(node: Gateway) -> str:
    return node.core.settings.public_urls[0]
