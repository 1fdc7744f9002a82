"""What a node takes to others: connections to them, and the secrets that they ask for."""

from collections.abc import Mapping
from typing import Final

import httpx
from pydantic import SecretStr

CONNECTIONS_MAX: Final = 256
"""How many connections a node keeps open to all whom it asks."""


def open_http_client() -> httpx.AsyncClient:
    """Return a client that follows nobody's redirections and no proxy of the environment.

    Whom a node asks is said by its settings and the directory alone.
    """
    limits = httpx.Limits(max_connections=CONNECTIONS_MAX, max_keepalive_connections=CONNECTIONS_MAX)
    return httpx.AsyncClient(follow_redirects=False, trust_env=False, limits=limits)


def plain_secrets(secrets: Mapping[str, SecretStr]) -> dict[str, str]:
    """Return secrets as they are sent."""
    return {name: secret.get_secret_value() for name, secret in secrets.items()}
