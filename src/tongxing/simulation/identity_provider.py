"""Simulated identity provider: an OpenID provider for the synthetic people of each region, over real HTTP.

One process, one issuer a region (``{origin}/{region}``). There are no passwords: whoever opens the sign-in page
chooses which of the test identities to be, and ``login_hint`` (a document number) chooses without a page. All
else is as at a real provider: registered clients and addresses, codes that are good once, PKCE, signed tokens.

Spec: OpenID Connect Core 1.0, section 3.1; Discovery 1.0; RFC 6749, section 4.1; RFC 7636. Claims beyond
the standard ones as ``connectors.identity_provider`` has them; every other person is guardian of the next.
"""

import html
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import compare_digest, token_urlsafe
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

import httpx
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import ECKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tongxing.core.subjects import Document, DocumentType
from tongxing.core.words import RegionId
from tongxing.services.ports import Clock
from tongxing.simulation.people import People, Person

CLIENT_ID: Final = "tongxing-gateway"
INSECURE_TEST_CLIENT_SECRET: Final = "INSECURE_TEST_identity_client"  # noqa: S105 - everybody may know it
CODE_LIFE: Final = timedelta(seconds=60)
TOKEN_LIFE: Final = timedelta(minutes=5)
WARDS_UNTIL: Final = datetime(2034, 1, 1, tzinfo=UTC)
_ALGORITHM: Final = "ES256"
_HAS_A_PASSPORT: Final = 7
_PASSPORTS_MAX: Final = 10_000
"""Its number has four digits for them, after those of nobody and of the region."""


@dataclass(frozen=True, slots=True)
class _Granted:
    person: Person
    nonce: str
    challenge: str
    redirect_uri: str
    ends_at: datetime


class IdentityProvider:
    """The providers of several regions. ``redirect_uris`` are their gateways' registered addresses."""

    def __init__(
        self, origin: str, people: Mapping[RegionId, People], redirect_uris: Mapping[RegionId, str], clock: Clock
    ) -> None:
        self._origin = origin
        self._people = people
        self._redirect_uris = redirect_uris
        self._clock = clock
        self._key = ECKey.generate_key("P-256", {"kid": token_urlsafe(8), "use": "sig"})
        self._granted: dict[str, _Granted] = {}

    def build(self) -> Starlette:
        """Return the application."""
        return Starlette(
            routes=[
                Route("/{region}/.well-known/openid-configuration", self._tell_metadata),
                Route("/{region}/jwks", self._tell_keys),
                Route("/{region}/authorize", self._authorize),
                Route("/{region}/token", self._redeem, methods=["POST"]),
            ]
        )

    async def _tell_metadata(self, request: Request) -> Response:
        issuer = self._issuer(request)
        return JSONResponse(
            {
                "issuer": issuer,
                "authorization_endpoint": f"{issuer}/authorize",
                "token_endpoint": f"{issuer}/token",
                "jwks_uri": f"{issuer}/jwks",
                "response_types_supported": ["code"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": [_ALGORITHM],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            }
        )

    async def _tell_keys(self, _request: Request) -> Response:
        return JSONResponse({"keys": [self._key.as_dict(private=False)]})

    async def _authorize(self, request: Request) -> Response:
        """Ask who somebody wants to be, then send the browser back with a code that is good once."""
        asked, region = request.query_params, RegionId(request.path_params["region"])
        if asked.get("client_id") != CLIENT_ID or asked.get("redirect_uri") != self._redirect_uris.get(region):
            # Never back to an address that is not registered (RFC 6749, section 4.1.2.1).
            return HTMLResponse("unknown client or address", status_code=400)
        needed = ("state", "nonce", "code_challenge")
        is_whole = all(asked.get(name) for name in needed) and asked.get("code_challenge_method") == "S256"
        if asked.get("response_type") != "code" or not is_whole:
            return _back(asked["redirect_uri"], error="invalid_request", state=asked.get("state", ""))
        if "login_hint" not in asked:
            return HTMLResponse(self._page(region, dict(asked)))
        person = self._people[region].find_number(asked["login_hint"])
        if person is None:
            return _back(asked["redirect_uri"], error="access_denied", state=asked["state"])
        granted = token_urlsafe(32)
        ends_at = self._clock.now() + CODE_LIFE
        self._granted[granted] = _Granted(
            person, asked["nonce"], asked["code_challenge"], asked["redirect_uri"], ends_at
        )
        return _back(asked["redirect_uri"], code=granted, state=asked["state"])

    async def _redeem(self, request: Request) -> Response:
        """Give the ID token for a code: to the client that it was made for, with the verifier, once."""
        own = httpx.BasicAuth(CLIENT_ID, INSECURE_TEST_CLIENT_SECRET)
        (signed,) = list(own.auth_flow(httpx.Request("POST", "http://localhost")))
        if not compare_digest(request.headers.get("authorization", ""), signed.headers["authorization"]):
            return JSONResponse({"error": "invalid_client"}, status_code=401)
        form = dict(parse_qsl((await request.body()).decode("ascii", errors="replace")))
        granted = self._granted.pop(form.get("code", ""), None)
        fits = (
            granted is not None
            and form.get("grant_type") == "authorization_code"
            and form.get("redirect_uri") == granted.redirect_uri
            and create_s256_code_challenge(form.get("code_verifier", "")) == granted.challenge  # type: ignore[no-untyped-call]
            and self._clock.now() < granted.ends_at
            and str(granted.person.region) == request.path_params["region"]
        )
        if granted is None or not fits:
            return JSONResponse({"error": "invalid_grant"}, status_code=400)
        header = {"alg": _ALGORITHM, "kid": self._key.kid}
        id_token = jwt.encode(header, self._claims(granted, self._issuer(request)), self._key)
        return JSONResponse({"access_token": token_urlsafe(16), "token_type": "Bearer", "id_token": id_token})

    def _claims(self, granted: _Granted, issuer: str) -> dict[str, Any]:
        now, person = self._clock.now(), granted.person
        return {
            "iss": issuer,
            "sub": f"{person.region}-{person.index}",
            "aud": CLIENT_ID,
            "iat": int(now.timestamp()),
            "exp": int((now + TOKEN_LIFE).timestamp()),
            "nonce": granted.nonce,
            **_describe(person),
            "other_documents": [_numbers(document) for document in other_documents_of(person)],
            "wards": [{**_describe(ward), "until": int(WARDS_UNTIL.timestamp())} for ward in self._wards(person)],
        }

    def _wards(self, person: Person) -> Iterator[Person]:
        people = self._people[person.region]
        if person.index % 2 == 0 and person.index + 1 < len(people):
            yield people[person.index + 1]

    def _page(self, region: RegionId, asked: Mapping[str, str]) -> str:
        rows = "".join(
            f'<li><a href="?{html.escape(urlencode({**asked, "login_hint": person.document.number}))}">'
            f"{html.escape(person.name)} · {html.escape(person.circumstance)}</a></li>"
            for person in choose_test_identities(self._people[region])
        )
        return (
            '<!doctype html><html lang="zh"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
            f"<title>模拟统一身份认证 · simulated identity provider</title><h1>{html.escape(region)}</h1>"
            f"<p>选择测试身份 · choose a test identity</p><ul>{rows}</ul>"
        )

    def _issuer(self, request: Request) -> str:
        return issuer_of(self._origin, RegionId(request.path_params["region"]))


def issuer_of(origin: str, region: RegionId) -> str:
    """Return the issuer of a region."""
    return f"{origin}/{region}"


def choose_test_identities(people: People) -> list[Person]:
    """Return one person in each circumstance that the region has: whom the sign-in page offers."""
    found: dict[str, Person] = {}
    for person in people:
        found.setdefault(person.circumstance, person)
    return list(found.values())


def other_documents_of(person: Person) -> tuple[Document, ...]:
    """Return what else a person has: one in ten a passport of nobody's number."""
    if person.index % 10 != _HAS_A_PASSPORT or person.index >= _PASSPORTS_MAX:
        return ()
    return (Document(DocumentType.PASSPORT, f"E99{person.region[:2]}{person.index:04d}"),)


def _describe(person: Person) -> dict[str, str]:
    return {**_numbers(person.document), "name": person.name}


def _numbers(document: Document) -> dict[str, str]:
    return {"document_type": str(document.type), "document_number": document.number}


def _back(redirect_uri: str, **told: str) -> Response:
    return RedirectResponse(f"{redirect_uri}?{urlencode(told)}", status_code=303)
