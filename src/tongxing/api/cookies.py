"""Cookies of citizens' browsers: opaque, for this host alone, out of reach of scripts.

Spec: RFC 6265, and ``SameSite`` and the prefix ``__Host-`` of its successor: where a node is reached by https,
a cookie is ``Secure`` and no other host of the domain can set it.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from starlette.types import Scope

from tongxing.api.bodies import find_header

_PREFIX: Final = "__Host-"
_PAIR: Final = re.compile(r"([A-Za-z0-9_-]{1,64})=([A-Za-z0-9_-]{1,128})")


def session_cookie(origin: str) -> str:
    """Return the name of the cookie that stands for a citizen's session, at a node of that address."""
    return _name("tongxing-session", origin)


def sign_in_cookie(origin: str) -> str:
    """Return the name of the cookie that binds an attempt to sign in to the browser that began it."""
    return _name("tongxing-sign-in", origin)


def parse_cookies(scope: Scope) -> Mapping[str, str]:
    """Return the cookies of a request that can be ours; of two with one name neither counts."""
    header = (find_header(scope, b"cookie") or b"").decode("latin-1")
    found: dict[str, str] = {}
    twice = set()
    for text in header.split(";"):
        pair = _PAIR.fullmatch(text.strip())
        if pair is not None:
            twice |= {pair[1]} & found.keys()
            found[pair[1]] = pair[2]
    return {name: value for name, value in found.items() if name not in twice}


def set_cookie(name: str, value: str, life: timedelta) -> tuple[bytes, bytes]:
    """Return the header that sets a cookie for so long; no life at all erases it."""
    secure = "; Secure" if name.startswith(_PREFIX) else ""
    seconds = int(life.total_seconds())
    return b"set-cookie", f"{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}".encode()


def _name(word: str, origin: str) -> str:
    return _PREFIX + word if origin.startswith("https://") else word
