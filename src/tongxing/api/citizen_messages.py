"""What citizens' pages send and get. Nothing here names a person: who is meant is said by the session."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from tongxing.api.messages import Hex16Bytes, Message, RegionNumber, ShortText, StayMessage
from tongxing.core.limits import RECEIPTS_MAX, STAYS_PER_DECLARATION_MAX
from tongxing.services.family import INVITATION_CHARACTERS, BondGround

ReceiptHex = Annotated[str, Meta(pattern=r"^([0-9a-f]{2}){29,700}\Z", description="as POST /v1/my/codes told it")]
InvitationText = Annotated[
    str,
    Meta(
        pattern=rf"^[a-z2-7]{{{INVITATION_CHARACTERS}}}\Z",
        description=f"{INVITATION_CHARACTERS} characters of base32",
    ),
]


class CallbackQuery(msgspec.Struct, frozen=True):
    """What the identity provider sends back by the browser (RFC 6749, section 4.1.2; RFC 9207).

    Whatever else it sends is ignored, as the section says.
    """

    state: Annotated[str, Meta(max_length=128)] = ""
    authorization_code: Annotated[str, Meta(max_length=2048)] = msgspec.field(name="code", default="")
    error: str = ""
    iss: str = ""


class WardAnswer(msgspec.Struct, frozen=True):
    """A child whose guardian the signed-in person is: its place in the list, and the masked name."""

    ward: int
    hint: str
    until: datetime


class IdentityAnswer(msgspec.Struct, frozen=True):
    """Who has signed in, as far as a page needs it. ``csrf_token`` is for the header ``X-CSRF-Token``."""

    hint: str
    region: str
    csrf_token: str
    signed_in_until: datetime
    wards: list[WardAnswer]
    family_members_max: int
    takes_declarations: bool
    now: datetime


class MyCodeMessage(Message, frozen=True):
    """Whose code: one's own, or that of a member, by the bond's id in GET /v1/my/family."""

    member: Hex16Bytes | None = None


class MyCodeAnswer(msgspec.Struct, frozen=True):
    """A code to draw until ``expires_at``. ``receipt_hex`` asks later why a checkpoint decided as it did.

    There is none for a member who has consented: they ask themselves.
    """

    qr_text: str
    expires_at: datetime
    hint: str
    receipt_hex: str | None
    now: datetime


class MyExplanationMessage(Message, frozen=True):
    """Which verdict, and the receipts of the codes on which it may have been given; none for one by document."""

    host: RegionNumber
    ref: ShortText
    receipts: Annotated[list[ReceiptHex], Meta(max_length=RECEIPTS_MAX)]


class MyReportMessage(Message, frozen=True):
    """Whose: what is behind one's own code, or behind that of a child, by the bond's id in GET /v1/my/family."""

    member: Hex16Bytes | None = None


class MyDeclarationMessage(Message, frozen=True):
    """Where the signed-in person was, for a region that adopts the national code."""

    stays: Annotated[list[StayMessage], Meta(min_length=1, max_length=STAYS_PER_DECLARATION_MAX)]


class MyDeclarationAnswer(msgspec.Struct, frozen=True):
    """When it was declared, and its number; durable at the hub."""

    declared_at: datetime
    number: str


class RelativeAnswer(msgspec.Struct, frozen=True):
    """The other side of a bond."""

    bond_id: str
    hint: str
    ground: BondGround
    ends_at: datetime


class FamilyAnswer(msgspec.Struct, frozen=True):
    """``members``: whose codes one may show. ``holders``: who may show one's own."""

    members: list[RelativeAnswer]
    holders: list[RelativeAnswer]
    members_max: int


class WardMessage(Message, frozen=True):
    """Which of one's own wards, by its place in GET /v1/my/identity."""

    ward: Annotated[int, Meta(ge=0, le=15)]


class InvitationAnswer(msgspec.Struct, frozen=True):
    """What the member types after their own sign-in; good once."""

    invitation: str
    expires_at: datetime


class ConsentMessage(Message, frozen=True):
    """The signed-in person lets whoever made the invitation show their code; ``consent`` must be true."""

    invitation: InvitationText
    consent: bool
