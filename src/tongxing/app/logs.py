"""Logs: one JSON object a line, in which only named, known-safe fields are ever written.

The list below is all that a log can hold (law 8). A field that is not listed, and a value that is
not of the field's kind, is withheld and counted: a text that somebody passes by mistake cannot
reach a log, whatever it holds. Messages of libraries are withheld whole, since they quote what they
were working on; their logger's name, severity and the error's type and place remain.
"""

import asyncio
import logging
import re
import sys
import traceback
from collections.abc import Callable, MutableMapping, Sequence
from functools import lru_cache
from types import TracebackType
from typing import Any, BinaryIO, Final

import msgspec
import structlog

from tongxing.core.problems import ProblemId
from tongxing.core.reasons import ReasonId, Stage, impersonal_slug
from tongxing.core.verdicts import Outcome, TrailStep
from tongxing.regions.families.reading import is_told_flaw
from tongxing.services.admission import Priority
from tongxing.services.ports import Clock, Role

_Check = Callable[[object], bool]

_LOGGER = re.compile(r"[a-z_]{1,40}(?:\.[a-z_]{1,40}){0,5}")
_ERROR_TYPE = re.compile(r"[A-Z][A-Za-z]{2,39}")
_ROUTE = re.compile(r"/(?:v1/)?[a-z{}_/.-]{0,80}")
_FRAME = re.compile(r"[a-z_.]{1,80}:\d{1,5}")
_REGION = re.compile(r"(?:1[1-5]|[2-9]\d)(?:\d\d)?")
_NUMBER_MAX: Final = 10**9
_FRAMES_MAX: Final = 12


def _one_of(*words: str) -> _Check:
    # The set's own method is the fastest check there is; what cannot be in a set raises TypeError.
    return frozenset(words).__contains__


def _text(pattern: re.Pattern[str]) -> _Check:
    return lru_cache(maxsize=256)(lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None)


def _every(check: _Check) -> _Check:
    return lambda value: isinstance(value, list | tuple) and all(check(item) for item in value)


def _number(value: object) -> bool:
    # An 18-digit document number is not below a thousand million.
    return isinstance(value, int | float) and 0 <= value < _NUMBER_MAX


_TRAILS = [
    f"{first.value}-{last.value}{reason}"
    for first in Stage
    for last in Stage
    for reason in ("", *(f" {reason}" for reason in ReasonId))
]

LOGGED_FIELDS: dict[str, _Check] = {
    "event": _one_of(
        *("request", "fault", "library_message", "listening", "stopping", "stopped"),
        *(
            "bundle_taken_up",
            "bundle_not_refreshed",
            "cases_not_told",
            "counts_not_made",
            "hub_not_told",
            "keys_not_led_over",
            "rows_wait",
            "bundle_not_reissued",
            "published_not_read",
            "housekeeping_failed",
            "turned_away",
        ),
    ),
    "severity": _one_of("debug", "info", "warning", "error", "critical"),
    "node": _one_of("hub", "gateway"),
    "region": _text(_REGION),
    "port": _number,
    "route": _text(_ROUTE),
    "method": _one_of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "other"),
    "status": _number,
    "ms": _number,
    "role": _one_of("public", "unknown", *Role),
    "outcome": _one_of(*Outcome),
    "reason": _one_of(*map(impersonal_slug, ReasonId)),
    "trail": _one_of(*_TRAILS),
    "flaw": lambda value: isinstance(value, str) and is_told_flaw(value),
    "problem": _one_of(*ProblemId),
    "priority": _one_of(*Priority),
    "count": _number,
    "bound": _number,
    "bundle_number": _number,
    "logger": _text(_LOGGER),
    "error_type": _text(_ERROR_TYPE),
    "frames": _every(_text(_FRAME)),
}
"""Every field that can be written, and which values it can have."""

EACH: Final = "each"
"""An event's field that stands for many events: a list of dicts, each with the fields of its own line."""

_ONCE: Final[tuple[dict[str, Any]]] = ({},)
_EventFields = MutableMapping[str, Any]


def keep_known_fields(fields: _EventFields) -> dict[str, object]:
    """Return the fields that are listed and whose value is of their kind; the others counted as ``withheld``."""
    kept: dict[str, object] = {}
    withheld = 0
    for name, value in fields.items():
        check = LOGGED_FIELDS.get(name)
        try:
            if check is not None and check(value):
                kept[name] = value
                continue
        except TypeError:
            # It cannot be in any set, so it is in none of ours.
            pass
        withheld += 1
    if withheld:
        kept["withheld"] = withheld
    return kept


def describe_trail(trail: Sequence[TrailStep]) -> str:
    """Return a verdict's trail as it is logged: ``1-7`` went through, ``1-2 signature_invalid`` stopped at 2."""
    reason = trail[-1].reason
    stages = f"{trail[0].stage.value}-{trail[-1].stage.value}"
    return stages if reason is None else f"{stages} {reason.value}"


def describe_error(error: BaseException) -> dict[str, object]:
    """Return an error's type and the places it came through, without its message: that quotes data."""
    return {
        "error_type": type(error).__name__.lstrip("_"),
        "frames": _describe_places(error.__traceback__),
    }


def _describe_places(trace: TracebackType | None) -> list[str]:
    places = []
    for frame, line in traceback.walk_tb(trace):
        module = str(frame.f_globals.get("__name__", "unknown")).lower()
        places.append(f"{re.sub('[^a-z_.]', '_', module)[:80]}:{line}")
    return places[-_FRAMES_MAX:]


class _LibraryMessages(logging.Handler):
    """Hands on that a library said something, and where; never what."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        structlog.get_logger().log(
            logging.ERROR if record.levelno >= logging.ERROR else logging.WARNING,
            "library_message",
            logger=re.sub("[^a-z_.]", "_", record.name.lower()),
            **(describe_error(error) if error is not None else {}),
        )


class TurnSink:
    """Writes what is logged within one turn of an event loop at once, at the loop's next turn; else at once.

    A busy node logs a line for each request: a system call for each would cost as much as the line.
    """

    def __init__(self, sink: BinaryIO) -> None:
        self._sink = sink
        self._held: list[bytes] = []
        self._told: asyncio.AbstractEventLoop | None = None

    def write(self, line: bytes) -> None:
        """Take a line."""
        self._held.append(line)

    def flush(self) -> None:
        """Write what is held, now or at the next turn of the loop that runs here."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._write_out()
            return
        if self._told is not loop:
            self._told = loop
            loop.call_soon(self._write_out)

    def _write_out(self) -> None:
        self._told = None
        held, self._held = self._held, []
        self._sink.write(b"".join(held))
        self._sink.flush()


def configure_logs(clock: Clock, sink: BinaryIO = sys.stdout.buffer) -> None:
    """Send everything that this process logs to ``sink``, through the list of fields.

    Takes over structlog and the standard library's root logger: once a process, at its start.
    """
    encode = msgspec.json.Encoder().encode

    def encode_lines(_logger: object, severity: str, fields: _EventFields) -> bytes:
        moment = clock.now().isoformat(timespec="milliseconds")
        head = {"at": moment, "severity": severity}
        each: Sequence[_EventFields] = fields.pop(EACH, _ONCE)
        return b"\n".join([encode({**head, **keep_known_fields({**fields, **own})}) for own in each])

    structlog.configure(
        processors=[encode_lines],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.BytesLoggerFactory(TurnSink(sink)),  # type: ignore[arg-type]  # it writes and flushes
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers = [_LibraryMessages()]
    root.setLevel(logging.WARNING)
