"""The settings file that founding writes: ``TONGXING_…='…'`` a line, as a shell, systemd and Compose read it alike.

Invariant: what the file says is what the settings were checked as; it may hold a password, so its mode is 0600.
"""

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec

from tongxing.app.settings import PREFIX, NodeSettings, check_origin, load_settings
from tongxing.core.errors import Fault, Refused
from tongxing.core.problems import ProblemId

_OWNER_ONLY: Final = stat.S_IRUSR | stat.S_IWUSR

Told = Mapping[str, str | int | list[str]]
"""Settings by name, without their prefix."""


def settle(told: Told) -> tuple[NodeSettings, bytes]:
    """Return the settings of the environment with ``told`` for what it does not say, and the file that says them all.

    Raises ``Refused(SETTINGS_REFUSED)`` naming what is wrong, or what no such file can hold.
    """
    missing = {name: value for name, value in told.items() if f"{PREFIX}{name.upper()}" not in os.environ}
    settings = load_settings(missing)
    texts = {name: text for name, text in sorted(os.environ.items()) if name.startswith(PREFIX)}
    for name, value in missing.items():
        text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
        texts[f"{PREFIX}{name.upper()}"] = text
    return settings, encode_settings_file(texts)


def port_of(url: str) -> int | None:
    """Return the port that an address names, None where it names none. Raises ``Refused(SETTINGS_REFUSED)``."""
    try:
        return urlsplit(check_origin(url)).port
    except ValueError as wrong:
        raise Refused(ProblemId.SETTINGS_REFUSED, f"{url[:80]!r}: {wrong}") from wrong


def encode_settings_file(texts: Mapping[str, str]) -> bytes:
    """Return the file. Raises ``Refused(SETTINGS_REFUSED)`` for a value that readers would take differently."""
    for name, text in texts.items():
        if not text.isprintable() or "'" in text or "\\" in text:
            raise Refused(ProblemId.SETTINGS_REFUSED, f"{name}: quotes, backslashes and line ends cannot be written")
    return "".join(f"{name}='{text}'\n" for name, text in texts.items()).encode()


def save_settings_file(path: Path, content: bytes) -> None:
    """Write the file whole, mode 0600, in place of one that was there. Raises ``Fault``."""
    beside = path.with_name(f"{path.name}.part")
    try:
        beside.unlink(missing_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise Fault(f"{path}: {error.strerror}") from error
