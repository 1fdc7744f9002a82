"""The relying party against the simulated provider, and against one that lies: each check of an ID token has a test."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from tests.fakes.access_stores import HandSetClock
from tongxing.connectors.identity_provider import OpenIdProvider
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.words import RegionId
from tongxing.services.sign_in import Attempt
from tongxing.simulation.identity_provider import (
    CLIENT_ID,
    INSECURE_TEST_CLIENT_SECRET,
    IdentityProvider,
    other_documents_of,
)
from tongxing.simulation.people import make_people

pytestmark = pytest.mark.anyio

AT = datetime(2020, 3, 31, 4, 0, tzinfo=UTC)
ORIGIN, HUBEI = "http://identity.example", RegionId("42")
CALLBACK = "http://gateway.example/v1/my/sign-in/callback"
PEOPLE = make_people(HUBEI, count=20, seed=1, at=AT)
ATTEMPT = Attempt("a-nonce-of-this-attempt", "a-verifier-" + "v" * 43)


def provider() -> IdentityProvider:
    return IdentityProvider(ORIGIN, {HUBEI: PEOPLE}, {HUBEI: CALLBACK}, HandSetClock(AT))


def relying(at: IdentityProvider, clock: HandSetClock | None = None, secret: str = INSECURE_TEST_CLIENT_SECRET) -> Any:
    client = httpx.AsyncClient(transport=httpx.ASGITransport(at.build()))
    return OpenIdProvider(client, f"{ORIGIN}/42", CLIENT_ID, secret, CALLBACK, clock or HandSetClock(AT))


async def grant(party: OpenIdProvider, index: int = 0) -> str:
    """Return the code with which the browser of a person comes back."""
    url = await party.authorization_url("a-state", ATTEMPT)
    number = PEOPLE[index].document.number
    answer = await party.client.get(f"{url}&login_hint={number}")
    told = parse_qs(urlsplit(answer.headers["location"]).query)
    assert told["state"] == ["a-state"]
    return told["code"][0]


async def refused(party: OpenIdProvider, granted: str, attempt: Attempt = ATTEMPT) -> ProblemId:
    with pytest.raises(Refused) as told:
        await party.identify(granted, attempt)
    assert PEOPLE[0].document.number not in str(told.value)
    return told.value.problem


async def test_a_person_is_identified_with_their_wards() -> None:
    party = relying(provider())
    identity = await party.identify(await grant(party), ATTEMPT)
    assert (identity.document, identity.name) == (PEOPLE[0].document, PEOPLE[0].name)
    assert [ward.document for ward in identity.wards] == [PEOPLE[1].document]


async def test_a_person_is_identified_with_their_other_documents() -> None:
    party = relying(provider())
    identity = await party.identify(await grant(party, 7), ATTEMPT)
    assert identity.other_documents == other_documents_of(PEOPLE[7])
    assert len(identity.other_documents) == 1
    assert (await party.identify(await grant(party, 6), ATTEMPT)).other_documents == ()


async def test_a_code_is_good_once_and_only_with_its_verifier_and_secret() -> None:
    at = provider()
    party = relying(at)
    granted = await grant(party)
    assert await refused(party, granted, Attempt(ATTEMPT.nonce, "w" * 43)) is ProblemId.SIGN_IN_REFUSED
    assert await refused(party, granted) is ProblemId.SIGN_IN_REFUSED
    assert await refused(relying(at, secret="another"), await grant(party)) is ProblemId.SIGN_IN_REFUSED


async def test_a_token_for_another_attempt_is_refused() -> None:
    party = relying(provider())
    assert await refused(party, await grant(party), Attempt("another", ATTEMPT.verifier)) is ProblemId.SIGN_IN_REFUSED


STRANGER = ECKey.generate_key("P-256")
CHANGES: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "of another issuer": lambda claims: {**claims, "iss": f"{ORIGIN}/45"},
    "for another client": lambda claims: {**claims, "aud": "another"},
    "for another client by ours": lambda claims: {**claims, "aud": "another", "azp": CLIENT_ID},
    "for another client's list": lambda claims: {**claims, "aud": ["another", "a third"], "azp": CLIENT_ID},
    "by another client": lambda claims: {**claims, "azp": "another"},
    "with another nonce": lambda claims: {**claims, "nonce": "another"},
    "without a nonce": lambda claims: {name: value for name, value in claims.items() if name != "nonce"},
    "that has ended": lambda claims: {**claims, "exp": claims["iat"] - 31},
    "of the future": lambda claims: {**claims, "iat": claims["iat"] + 3600, "nbf": claims["iat"] + 3600},
    "without an end": lambda claims: {name: value for name, value in claims.items() if name != "exp"},
    "without a document": lambda claims: {**claims, "document_number": ""},
    "with a false document": lambda claims: {**claims, "document_number": "990000190001010000"},
}


@pytest.mark.parametrize("how", CHANGES)
async def test_a_token_is_refused_that_is(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    at, party = provider(), None
    claims = at._claims
    monkeypatch.setattr(
        IdentityProvider, "_claims", lambda _self, granted, issuer: CHANGES[how](claims(granted, issuer))
    )
    party = relying(at)
    assert await refused(party, await grant(party)) is ProblemId.SIGN_IN_REFUSED


@pytest.mark.parametrize("by", ["another key", "a secret", "nobody"])
async def test_a_token_is_refused_that_is_signed_by(by: str, monkeypatch: pytest.MonkeyPatch) -> None:
    at = provider()
    encode = jwt.encode

    def forge(header: dict[str, Any], claims: dict[str, Any], _key: Any) -> str:
        if by == "another key":
            return encode({**header, "kid": at._key.kid}, claims, STRANGER)
        if by == "a secret":
            shared = OctKey.import_key(INSECURE_TEST_CLIENT_SECRET.ljust(32, "."))
            return encode({"alg": "HS256", "kid": at._key.kid}, claims, shared)
        whole = encode(header, claims, at._key)
        return "eyJhbGciOiJub25lIn0." + whole.split(".")[1] + "."

    monkeypatch.setattr("tongxing.simulation.identity_provider.jwt.encode", forge)
    party = relying(at)
    assert await refused(party, await grant(party)) is ProblemId.SIGN_IN_REFUSED


async def test_a_provider_that_is_away_is_told_as_such() -> None:
    def away(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("away", request=request)

    client = httpx.AsyncClient(transport=httpx.MockTransport(away))
    party = OpenIdProvider(client, f"{ORIGIN}/42", CLIENT_ID, "x", CALLBACK, HandSetClock(AT))
    with pytest.raises(Refused) as told:
        await party.authorization_url("s", ATTEMPT)
    assert told.value.problem is ProblemId.UPSTREAM_AWAY
