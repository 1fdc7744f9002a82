"""Files that were named on the command line: read bounded, written whole, and with the name in every error."""

from pathlib import Path

from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId


def read_file(path: Path, max_bytes: int) -> bytes:
    """Return at most one byte more than ``max_bytes`` of a file, so that whoever parses it can refuse it.

    Raises ``Refused(BAD_REQUEST)`` if it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(max_bytes + 1)
    except OSError as error:
        raise Refused(ProblemId.BAD_REQUEST, f"{path}: {error.strerror}") from error


def write_file(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: a half-written one never stands under the name.

    Raises ``Refused(BAD_REQUEST)`` if it cannot be written.
    """
    beside = path.with_name(f"{path.name}.part")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    except OSError as error:
        raise Refused(ProblemId.BAD_REQUEST, f"{path}: {error.strerror}") from error
