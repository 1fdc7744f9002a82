"""One-stop query: what the hub answers a gateway, and the port by which a gateway asks it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from tongxing.core.looks import Look
from tongxing.core.one_stop import Panels
from tongxing.core.subjects import SubjectKeys
from tongxing.services.ports import SubjectReport


@dataclass(frozen=True, slots=True)
class OneStop:
    """What is known of a person across all regions and sources."""

    reports: tuple[SubjectReport, ...]
    panels: Panels
    decided_at: datetime


class OneStopSource(Protocol):
    """The hub, asked for everything at once."""

    async def ask(self, keys: SubjectKeys, look: Look | None, *, timeout_seconds: float, details: bool) -> OneStop:
        """Return everything, or reports alone without ``details``; the look is recorded there before it answers.

        ``look`` is None only where a signed-in person asks about themselves. Raises ``Refused``: ``LIMITED``,
        ``OVERLOADED``, ``UPSTREAM_AWAY`` also where no answer came in time.
        """
        ...
