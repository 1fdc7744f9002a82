"""Files of rows for ``tongxing ingest``: cut into portions, and how far one is, on disk after each of them.

A portion is lines of JSON, whatever the file is: JSON lines (also ``.gz``, ``.zst``), Arrow or Parquet. Rows are
counted from 1, as the file has them. The note of how far it is stands beside the file and is replaced whole.
"""

import gzip
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import msgspec
import zstandard

from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId

PORTION_MAX_BYTES: Final = 8 * 1024 * 1024
LINE_MAX_BYTES: Final = 64 * 1024
_COLUMNS: Final = (".parquet", ".arrow", ".feather", ".ipc")


@dataclass(frozen=True, slots=True)
class Portion:
    """Some rows: the first one's number, the lines, and how far into the file as it lies on disk that is."""

    first_row: int
    lines: tuple[bytes, ...]
    bytes_read: int


class Progress(msgspec.Struct, frozen=True):
    """How far a file is: ``rows`` are acknowledged. The rest says that it is the same file on the same way."""

    target: str
    size: int
    modified_ns: int
    rows: int = 0
    stored: int = 0
    unchanged: int = 0
    outranked: int = 0
    set_aside: int = 0
    waiting: int = 0


def read_portions(path: Path, after_row: int, rows_max: int) -> Iterator[Portion]:
    """Yield a file's rows from behind ``after_row`` on, at most ``rows_max`` at once.

    Raises ``Refused(BAD_REQUEST)``: no such file, not of its kind, a line that is too long.
    """
    lines: list[bytes] = []
    size, row, at = 0, 0, 0
    for row, (line, at) in enumerate(_read_lines(path), start=1):
        if row <= after_row:
            continue
        if lines and (len(lines) == rows_max or size + len(line) > PORTION_MAX_BYTES):
            yield Portion(row - len(lines), tuple(lines), at)
            lines, size = [], 0
        lines.append(line)
        size += len(line)
    if lines:
        yield Portion(row - len(lines) + 1, tuple(lines), at)


def _read_lines(path: Path) -> Iterator[tuple[bytes, int]]:
    try:
        with path.open("rb") as file:
            if path.suffix in _COLUMNS:
                yield from _read_columns(path, file)
                return
            for number, line in enumerate(_lines_of(_unpacked(path, file)), start=1):
                if len(line) > LINE_MAX_BYTES:
                    raise Refused(ProblemId.BAD_REQUEST, f"{path}: row {number} has more than {LINE_MAX_BYTES} bytes")
                yield line.rstrip(b"\r\n"), file.tell()
    except (OSError, EOFError, zstandard.ZstdError) as wrong:
        raise Refused(ProblemId.BAD_REQUEST, f"{path}: {getattr(wrong, 'strerror', None) or wrong}") from wrong


def _unpacked(path: Path, file: IO[bytes]) -> IO[bytes]:
    if path.suffix == ".gz":
        return io.BufferedReader(gzip.GzipFile(fileobj=file))
    if path.suffix == ".zst":
        return io.BufferedReader(zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True))
    return file


def _lines_of(file: IO[bytes]) -> Iterator[bytes]:
    while line := file.readline(LINE_MAX_BYTES + 1):
        yield line


def _read_columns(path: Path, file: IO[bytes]) -> Iterator[tuple[bytes, int]]:
    # Loaded here: it takes a third of a second, which no other file needs.
    import pyarrow as pa  # noqa: PLC0415

    from tongxing.app.columns_worker import lines_of_columns  # noqa: PLC0415

    try:
        for line in lines_of_columns(file, "parquet" if path.suffix == ".parquet" else "arrow"):
            yield line, file.tell()
    except pa.ArrowException as wrong:
        raise Refused(ProblemId.BAD_REQUEST, f"{path}: it cannot be read as what its name says") from wrong


def note_of(path: Path) -> Path:
    """Return where the note of a file's progress stands."""
    return path.with_name(f"{path.name}.progress.json")


def load_progress(path: Path, target: str) -> Progress:
    """Return how far a file is on its way to ``target``.

    Raises ``Refused``: CONFLICT where the note is of another file or way, BAD_REQUEST for no file or a bad note.
    """
    try:
        status = path.stat()
    except OSError as wrong:
        raise Refused(ProblemId.BAD_REQUEST, f"{path}: {wrong.strerror}") from wrong
    fresh = Progress(target, status.st_size, status.st_mtime_ns)
    note = note_of(path)
    if not note.exists():
        return fresh
    try:
        held = msgspec.json.decode(note.read_bytes(), type=Progress)
    except msgspec.MsgspecError as wrong:
        raise Refused(ProblemId.BAD_REQUEST, f"{note}: it cannot be read; remove it to begin anew") from wrong
    if (held.target, held.size, held.modified_ns) != (fresh.target, fresh.size, fresh.modified_ns):
        raise Refused(ProblemId.CONFLICT, f"{note}: it is of another file or another way; remove it to begin anew")
    return held


def save_progress(path: Path, progress: Progress) -> None:
    """Keep how far a file is; on disk when it returns, the note before or this one, whatever happens."""
    note = note_of(path)
    beside = note.with_suffix(".new")
    with beside.open("wb") as file:
        file.write(msgspec.json.encode(progress))
        file.flush()
        os.fsync(file.fileno())
    beside.replace(note)


def add_counts(progress: Progress, rows: int, told: dict[str, Any]) -> Progress:
    """Return the progress after a portion of ``rows`` rows, of which a node told what became."""
    names = ("stored", "unchanged", "outranked", "waiting")
    counted = {name: getattr(progress, name) + int(told.get(name, 0)) for name in names}
    aside = told.get("set_aside", 0)
    counted["set_aside"] = progress.set_aside + (len(aside) if isinstance(aside, list) else int(aside))
    return msgspec.structs.replace(progress, rows=progress.rows + rows, **counted)
