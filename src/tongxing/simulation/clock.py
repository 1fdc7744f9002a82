"""A clock that can be set, shared by all processes of one simulated federation; nothing else may use it.

The time is the machine's monotonic clock, which all its processes share, plus one offset kept in a
small file that every process maps into memory. So setting it is one write of one aligned 64-bit
word, which all processes see at once and none can see half, and between two settings it ticks on.
The file means nothing after the machine was restarted: a federation begins with a fresh one.
"""

import mmap
import os
import struct
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

_WORD: Final = struct.Struct("=q")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class SharedClock:
    """The clock in ``path``, which ``create`` made. Implements ``services.ports.Clock``."""

    def __init__(self, path: Path) -> None:
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), _WORD.size)
        # Item access of a cast view is one load or store of an aligned word.
        self._offset_microseconds = memoryview(self._map).cast("q")

    @classmethod
    def create(cls, path: Path, at: datetime) -> "SharedClock":
        """Make a clock that shows ``at`` (aware). Raises FileExistsError: a running clock is not replaced."""
        with path.open("xb") as file:
            file.write(_WORD.pack(_offset_for(at)))
            file.flush()
            os.fsync(file.fileno())
        return cls(path)

    def now(self) -> datetime:
        """Return the present moment of the federation, aware UTC."""
        return _EPOCH + timedelta(microseconds=self._offset_microseconds[0] + _monotonic_microseconds())

    def set(self, at: datetime) -> None:
        """Let it be ``at`` (aware) from now on, in every process; earlier than now is allowed."""
        self._offset_microseconds[0] = _offset_for(at)

    def advance(self, by: timedelta) -> None:
        """Let ``by`` pass at once."""
        self._offset_microseconds[0] += by // _MICROSECOND


def _offset_for(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND - _monotonic_microseconds()


def _monotonic_microseconds() -> int:
    return time.monotonic_ns() // 1000
