"""Joins what serves a region's own citizens, who sign in, to a gateway's parts."""

from dataclasses import dataclass
from typing import Final

from tongxing.app.cases import GatewayCases, join_gateway_links
from tongxing.app.settings import NodeSettings
from tongxing.app.ways import Minting, WayParts
from tongxing.connectors.identity_provider import OpenIdProvider
from tongxing.services.citizen_codes import CitizenCodeDesk
from tongxing.services.citizens import CitizenSessions
from tongxing.services.codes import CodeDesk
from tongxing.services.declaring import DeclaringDesk
from tongxing.services.explanations import ExplanationDesk
from tongxing.services.family import FamilyDesk
from tongxing.services.own_reports import OwnReportDesk
from tongxing.services.person_links import PersonLinkDesk
from tongxing.services.sign_in import SignInDesk

CALLBACK_PATH: Final = "/v1/my/sign-in/callback"
"""Where the identity provider sends browsers back to; the provider must know it."""


@dataclass(frozen=True, slots=True)
class Citizens:
    """The use cases of citizens, for the gateway's doors."""

    sessions: CitizenSessions
    sign_in: SignInDesk
    family: FamilyDesk
    my_codes: CitizenCodeDesk
    own_reports: OwnReportDesk
    declaring: DeclaringDesk
    cases: GatewayCases
    links: PersonLinkDesk


def join_citizens(
    settings: NodeSettings,
    minting: Minting,
    code_desk: CodeDesk,
    explanations: ExplanationDesk,
) -> Citizens:
    """Join the use cases."""
    parts = minting.parts
    sessions = CitizenSessions(parts.clock, parts.entropy)
    family = FamilyDesk(
        store=parts.stores.family,
        sealed=parts.sealed_for("family bonds"),
        members_max=settings.family_members_max,
        clock=parts.clock,
        entropy=parts.entropy,
    )
    cases, links = join_gateway_links(parts, family)
    return Citizens(
        sessions=sessions,
        sign_in=SignInDesk(
            provider=_open_provider(settings, parts),
            sessions=sessions,
            subject_keys=parts.subject_keys,
            links=links,
            clock=parts.clock,
            entropy=parts.entropy,
        ),
        family=family,
        my_codes=CitizenCodeDesk(
            region=parts.region,
            reference=parts.reference,
            code_desk=code_desk,
            explanations=explanations,
            family=family,
            hub=parts.hub,
            limits=parts.stores.limits,
            sealed=parts.sealed_for("receipts of codes"),
            clock=parts.clock,
        ),
        own_reports=OwnReportDesk(parts.reference, family, minting.known, parts.clock),
        declaring=DeclaringDesk(parts.region, parts.reference, parts.hub, parts.stores.limits, parts.clock),
        cases=cases,
        links=links,
    )


def _open_provider(settings: NodeSettings, parts: WayParts) -> OpenIdProvider | None:
    issuer, client_id, secret = settings.identity_issuer, settings.identity_client_id, settings.identity_client_secret
    if issuer is None or client_id is None or secret is None:
        return None
    return OpenIdProvider(
        client=parts.http,
        issuer=issuer,
        client_id=client_id,
        client_secret=secret.get_secret_value(),
        redirect_uri=settings.public_urls[0] + CALLBACK_PATH,
        clock=parts.clock,
    )
