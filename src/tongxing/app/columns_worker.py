"""A process of its own that turns one Arrow or Parquet file into JSON lines and ends.

Such files are read by a large library in another language, and say themselves how much they unpack to. So nobody
reads them beside a node's keys: this process has a bound on its memory and its time from the kernel, and writes no
more than ``INGEST_UNPACKED_MAX_BYTES`` and ``INGEST_ROWS_MAX`` rows. Columns are the members of a JSON line:
``subject`` (33 bytes, or text in hexadecimal), ``report`` and ``origin`` (structs); a null is a member left out.

Status 0: the lines are on standard output. 2: a sentence is. Anything else: the file broke its reader.
Spec: Apache Arrow columnar format 1.x (IPC stream and file), Apache Parquet format 2.x.
"""

import io
import os
import resource
import sys
from collections.abc import Callable, Iterator
from typing import IO, Any, Final, NoReturn

import msgspec

from tongxing.core.limits import INGEST_ROWS_MAX, INGEST_UNPACKED_MAX_BYTES

MEMORY_MAX_BYTES: Final = 2 * 1024 * 1024 * 1024
SECONDS_MAX: Final = 30
STATUS_REFUSED: Final = 2
_ROWS_AT_ONCE: Final = 500
_FILE_MAGIC: Final = b"ARROW1"


class FileRefused(Exception):
    """The file is not as it must be; the sentence says how."""


def write_lines(data: bytes, form: str, write: Callable[[bytes], object]) -> None:
    """Write each row of a file as a JSON line. Raises ``FileRefused``."""
    size = 0
    for number, line in enumerate(lines_of_columns(io.BytesIO(data), form), start=1):
        if number > INGEST_ROWS_MAX:
            raise FileRefused(f"a batch has at most {INGEST_ROWS_MAX} rows")
        size += len(line) + 1
        if size > INGEST_UNPACKED_MAX_BYTES:
            raise FileRefused(f"unpacked, the batch has more than {INGEST_UNPACKED_MAX_BYTES} bytes")
        write(line + b"\n")


def lines_of_columns(file: IO[bytes], form: str) -> Iterator[bytes]:
    """Yield each row of a file as a line of JSON, without its end. Raises ``pyarrow.ArrowException``."""
    for batch in _batches(file, form):
        for row in batch.to_pylist():
            yield msgspec.json.encode(_without_nulls(row))


def _batches(file: IO[bytes], form: str) -> Iterator[Any]:
    # Loaded here, behind the bounds: to load it takes a third of a second.
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import ipc, parquet  # noqa: PLC0415

    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    if form == "parquet":
        yield from parquet.ParquetFile(file).iter_batches(batch_size=_ROWS_AT_ONCE, use_threads=False)
        return
    is_file = file.read(len(_FILE_MAGIC)) == _FILE_MAGIC
    file.seek(0)
    if is_file:
        reader = ipc.open_file(file)
        whole: Iterator[Any] = (reader.get_batch(index) for index in range(reader.num_record_batches))
    else:
        whole = iter(ipc.open_stream(file))
    for batch in whole:
        batch.validate(full=True)
        for start in range(0, batch.num_rows, _ROWS_AT_ONCE):
            yield batch.slice(start, _ROWS_AT_ONCE)


def _without_nulls(value: Any) -> Any:  # noqa: ANN401 - as rows are
    """Return a row as JSON has it: no member that is null, bytes in hexadecimal."""
    if isinstance(value, dict):
        return {name: _without_nulls(each) for name, each in value.items() if each is not None and each != []}
    if isinstance(value, list):
        return [_without_nulls(each) for each in value]
    return value.hex() if isinstance(value, bytes) else value


def main() -> None:
    """Turn the file on standard input, of the form that the first argument names."""
    os.environ["ARROW_DEFAULT_MEMORY_POOL"] = "system"
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX_BYTES, MEMORY_MAX_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS_MAX, SECONDS_MAX))
    lines: list[bytes] = []
    try:
        write_lines(sys.stdin.buffer.read(), sys.argv[1], lines.append)
    except FileRefused as refused:
        _refuse(str(refused))
    except (ValueError, TypeError, LookupError, OSError, ArithmeticError, NotImplementedError, MemoryError) as wrong:
        _refuse(f"it cannot be read as {sys.argv[1]} ({type(wrong).__name__})")
    sys.stdout.buffer.write(b"".join(lines))


def _refuse(sentence: str) -> NoReturn:
    sys.stdout.write(sentence)
    sys.exit(STATUS_REFUSED)


if __name__ == "__main__":
    main()
