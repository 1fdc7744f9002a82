"""The port through which services, stores and connectors tell how long things took: closed words only."""

from enum import StrEnum
from typing import Final, Protocol


class Stretch(StrEnum):
    """A stretch of work on one scan: all of it, and the writing of its record (stage 8)."""

    VERIFY = "verify"
    RECORD = "record"


class Upstream(StrEnum):
    """A system that this node asks."""

    HUB = "hub"
    GATEWAY = "gateway"
    BACK_END = "back_end"


class UpstreamResult(StrEnum):
    """What came of asking it."""

    ANSWERED = "answered"
    REFUSED = "refused"
    AWAY = "away"
    SLOW = "slow"
    UNREADABLE = "unreadable"


class Observer(Protocol):
    """Is told of work done, from any thread; never raises, never blocks, keeps nothing of any person."""

    def stretch_took(self, stretch: Stretch, seconds: float) -> None:
        """A stretch of work took so long."""
        ...

    def upstream_answered(self, upstream: Upstream, result: UpstreamResult, seconds: float) -> None:
        """A call to another system ended so after so long."""
        ...

    def committed(self, rows: int) -> None:
        """One commit made so many writes durable."""
        ...


class NoObserver:
    """Nobody watches."""

    def stretch_took(self, stretch: Stretch, seconds: float) -> None:
        """Do nothing."""

    def upstream_answered(self, upstream: Upstream, result: UpstreamResult, seconds: float) -> None:
        """Do nothing."""

    def committed(self, rows: int) -> None:
        """Do nothing."""


NO_OBSERVER: Final = NoObserver()
"""For whoever is not watched."""
