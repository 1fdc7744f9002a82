"""Reading files that were named on the command line: bounded, and with the file's name in every error."""

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
