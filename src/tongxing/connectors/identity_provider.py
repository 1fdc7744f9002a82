"""The region's identity provider over OpenID Connect: this gateway is the relying party.

Spec: OpenID Connect Core 1.0, sections 3.1.2 (authorization), 3.1.3 (token) and 3.1.3.7 (which checks an ID
token must pass); Discovery 1.0, section 4; RFC 7636 (PKCE, S256 only). Authlib prepares the requests and checks
the claims, joserfc the signature; the exchanges are ours, so that each is bounded in time and size.

Claims beyond the standard ones (assumed): ``document_type`` and ``document_number`` of the identity document,
``name``, and ``wards``: ``[{document_type, document_number, name, until}]``, ``until`` in unix seconds;
``other_documents`` of the same person: ``[{document_type, document_number}]``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any, Final, TypeVar

import httpx
import msgspec
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from msgspec import Meta

from tongxing.connectors.http_exchange import ExchangeFailed, HttpAnswer, exchange
from tongxing.core.documents import normalise_document
from tongxing.core.errors import Refused
from tongxing.core.limits import CLOCK_SKEW
from tongxing.core.person_links import PERSON_DOCUMENTS_MAX
from tongxing.core.problems import ProblemId
from tongxing.services.ports import Clock
from tongxing.services.sign_in import Attempt, IdentifiedWard, Identity

DEADLINE_SECONDS: Final = 5.0
ANSWER_MAX_BYTES: Final = 64 * 1024
SCOPE: Final = "openid identity"
ALGORITHMS: Final = ("ES256", "EdDSA", "RS256", "PS256")
"""Signatures only: neither ``none`` nor a shared secret can stand for one."""

_OK: Final = 200
_T = TypeVar("_T")


class _Metadata(msgspec.Struct, frozen=True):
    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


class _Tokens(msgspec.Struct, frozen=True):
    id_token: Annotated[str, Meta(max_length=ANSWER_MAX_BYTES)]


class _Ward(msgspec.Struct, frozen=True):
    document_type: str
    document_number: str
    name: str
    until: int


class _Document(msgspec.Struct, frozen=True):
    document_type: str
    document_number: str


class _Claims(msgspec.Struct, frozen=True):
    document_type: str
    document_number: str
    name: Annotated[str, Meta(min_length=1, max_length=128)]
    wards: Annotated[list[_Ward], Meta(max_length=16)] = []
    other_documents: Annotated[list[_Document], Meta(max_length=PERSON_DOCUMENTS_MAX - 1)] = []


@dataclass(frozen=True, slots=True)
class OpenIdProvider:
    """The provider at ``issuer``. ``redirect_uri`` is where browsers come back; ``client_secret`` goes there only."""

    client: httpx.AsyncClient
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str
    clock: Clock

    async def authorization_url(self, state: str, attempt: Attempt) -> str:
        """Return where the browser goes; see the port."""
        metadata = await self._discover()
        return str(
            prepare_grant_uri(
                metadata.authorization_endpoint,
                client_id=self.client_id,
                response_type="code",
                redirect_uri=self.redirect_uri,
                scope=SCOPE,
                state=state,
                nonce=attempt.nonce,
                code_challenge=create_s256_code_challenge(attempt.verifier),  # type: ignore[no-untyped-call]
                code_challenge_method="S256",
            )
        )

    async def identify(self, authorization_code: str, attempt: Attempt) -> Identity:
        """Redeem a code, verify the ID token, read who it is; see the port."""
        metadata = await self._discover()
        id_token = await self._redeem(metadata, authorization_code, attempt)
        keys = await self._fetch("GET", metadata.jwks_uri, dict[str, Any])
        return _read_identity(self._verify(id_token, keys, attempt))

    async def _discover(self) -> _Metadata:
        # Asked for at each sign-in, as the keys are: a key that was taken back counts no more.
        metadata = await self._fetch("GET", self.issuer.rstrip("/") + "/.well-known/openid-configuration", _Metadata)
        if metadata.issuer != self.issuer:
            raise Refused(ProblemId.SIGN_IN_REFUSED, "the identity provider names another issuer")
        return metadata

    async def _redeem(self, metadata: _Metadata, authorization_code: str, attempt: Attempt) -> str:
        body = prepare_token_request(
            "authorization_code",
            code=authorization_code,
            redirect_uri=self.redirect_uri,
            code_verifier=attempt.verifier,
        )
        headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
        own = ClientAuth(self.client_id, self.client_secret, "client_secret_basic")
        _, headers, body = own.prepare("POST", metadata.token_endpoint, headers, body)  # type: ignore[no-untyped-call]
        sent = {name.lower(): value for name, value in headers.items() if name.lower() != "content-length"}
        return (await self._fetch("POST", metadata.token_endpoint, _Tokens, sent, body.encode())).id_token

    def _verify(self, id_token: str, keys: Mapping[str, Any], attempt: Attempt) -> Mapping[str, Any]:
        try:
            token = jwt.decode(id_token, KeySet.import_key_set(dict(keys)), algorithms=list(ALGORITHMS))  # type: ignore[arg-type]
            claims = CodeIDToken(
                token.claims,
                token.header,
                options={
                    "iss": {"essential": True, "value": self.issuer},
                    "aud": {"essential": True, "value": self.client_id},
                },
                params={"nonce": attempt.nonce, "client_id": self.client_id},
            )
            claims.validate(now=int(self.clock.now().timestamp()), leeway=int(CLOCK_SKEW.total_seconds()))
        except (JoseError, ValueError, KeyError, TypeError) as wrong:
            raise Refused(ProblemId.SIGN_IN_REFUSED, f"the ID token is refused: {type(wrong).__name__}") from wrong
        return token.claims

    async def _fetch(
        self, method: str, url: str, kind: type[_T], headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> _T:
        try:
            answer: HttpAnswer = await exchange(
                self.client,
                method,
                url,
                headers=headers or {},
                body=body,
                timeout_seconds=DEADLINE_SECONDS,
                answer_max_bytes=ANSWER_MAX_BYTES,
            )
        except ExchangeFailed as failed:
            raise Refused(ProblemId.UPSTREAM_AWAY, f"the identity provider is {failed.kind}") from failed
        if answer.status != _OK:
            raise Refused(ProblemId.SIGN_IN_REFUSED, f"the identity provider answers {answer.status}")
        try:
            return msgspec.json.decode(answer.body, type=kind)
        except msgspec.MsgspecError as unreadable:
            raise Refused(ProblemId.SIGN_IN_REFUSED, "the identity provider's answer is not readable") from unreadable


def _read_identity(claims: Mapping[str, Any]) -> Identity:
    try:
        told = msgspec.convert(dict(claims), _Claims)
        wards = tuple(
            IdentifiedWard(
                normalise_document(ward.document_type, ward.document_number),
                ward.name,
                datetime.fromtimestamp(ward.until, UTC),
            )
            for ward in told.wards
        )
        others = [normalise_document(each.document_type, each.document_number) for each in told.other_documents]
        own = normalise_document(told.document_type, told.document_number)
        return Identity(own, told.name, wards, tuple(others))
    except (msgspec.ValidationError, Refused, OverflowError, ValueError, OSError) as wrong:
        # What is wrong may hold a document number: only that something is wrong is told.
        raise Refused(ProblemId.SIGN_IN_REFUSED, "the ID token does not say who it is") from wrong
