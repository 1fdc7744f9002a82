"""What a node takes to others: connections to them, and the secrets that they ask for."""

from collections.abc import Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final

import httpx
from pydantic import SecretStr

from tongxing.connectors.http_connections import KeptTransport

CONNECTIONS_MAX: Final = 256
"""How many connections a node keeps open to all whom it asks."""


def open_http_client() -> httpx.AsyncClient:
    """Return a client that follows nobody's redirections, no proxy of the environment, and keeps nobody's cookies.

    Whom a node asks is said by its settings and the directory alone.
    """
    cookies = CookieJar(DefaultCookiePolicy(allowed_domains=()))
    transport = KeptTransport(CONNECTIONS_MAX)
    return httpx.AsyncClient(follow_redirects=False, trust_env=False, cookies=cookies, transport=transport)


def plain_secrets(secrets: Mapping[str, SecretStr]) -> dict[str, str]:
    """Return secrets as they are sent."""
    return {name: secret.get_secret_value() for name, secret in secrets.items()}
