"""What each path is for, so that a node with too much to do knows whom to serve first.

By the first two parts of a path, which can be read from a request before anything of it is parsed. What is not named
here (pages, statistics, whatever an operator or a citizen looks at) comes last.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from tongxing.api.gb38963.names import CALL_NAMES
from tongxing.services.admission import Priority

_VERDICTS: Final = (
    "verifications", "sessions", "statements", "verdicts", "consultations", "report-queries", "subject-keys",
    "shared-looks", "conversions", "conversion-statements", "carried-statements", "carried-digests", "recognitions",
    "codes", "national-codes", "tickets", "transit-passes", "printed-codes", "declarations", "bundles",
    "docked-reports", "reports", "datasets", "evidence", "report-sums", "shared-links", "passage-counts",
    "forwarded-cases",
)  # fmt: skip
"""Whoever stands at a gate waits for these; or reports are lost if they are not taken in."""

_QUERIES: Final = ("one-stop-queries", "person-queries")

HEADS: Final[Mapping[bytes, Priority]] = MappingProxyType(
    {
        **dict.fromkeys((b"/healthz", b"/readyz", b"/metrics"), Priority.HEALTH),
        **{f"/v1/{name}".encode(): Priority.VERDICT for name in _VERDICTS},
        **{f"/v1/{name}".encode(): Priority.QUERY for name in _QUERIES},
        **{name.path.encode(): Priority.VERDICT for name in CALL_NAMES.values()},
        b"/v1/my/one-stop": Priority.QUERY,
    }
)
"""Priorities by path, or by its first two parts."""


def priority_of(path: bytes) -> Priority:
    """Return what a request for ``path`` (as sent, without its query) is for."""
    found = HEADS.get(path)
    if found is None:
        found = HEADS.get(b"/".join(path.split(b"/", 3)[:3]), Priority.PAGE)
    return found
