"""``tongxing store``: a node's record is copied from its SQLite file to PostgreSQL."""

import sys
from pathlib import Path
from typing import Annotated, Self

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from tongxing.cli.output import console, print_json
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.stores.copying import CopyProgress, copy_record
from tongxing.stores.postgres.faults import check_address

app = typer.Typer(help="What a node keeps, and where.", no_args_is_help=True)


@app.callback()
def store() -> None:
    """What a node keeps, and where."""


@app.command("copy")
def copy(
    source: Annotated[Path, typer.Argument(help="the node's file, as var/lib/tongxing/node.sqlite")],
    record: Annotated[
        str,
        typer.Option(envvar="TONGXING_RECORD", help="an empty database, as postgresql://user@host/database"),
    ],
    json: Annotated[
        bool, typer.Option("--json", help="print how many rows of each table, as one JSON document")
    ] = False,
) -> None:
    """Copy a stopped node's record to an empty PostgreSQL database, check every row, and say what was copied.

    All or nothing; the file stays as it is. A password is best given in TONGXING_RECORD or in ~/.pgpass: what
    stands on a command line can be read by others.
    """
    try:
        check_address(record)
    except ValueError as wrong:
        raise Refused(ProblemId.BAD_REQUEST, str(wrong)) from wrong
    with _Bars() as bars:
        copied = copy_record(source, record, bars.show)
    if json:
        print_json({"copied": copied})
        return
    for table, rows in copied.items():
        if rows:
            console.print(f"{table}: {rows:,}", markup=False)
    console.print(f"{sum(copied.values()):,} rows copied and compared", markup=False)


class _Bars:
    """A bar for each table that holds anything, on a terminal's error output."""

    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            disable=not sys.stderr.isatty(),
        )
        self._bars: dict[tuple[str, bool], TaskID] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def show(self, told: CopyProgress) -> None:
        """Show how far it is."""
        key = (told.table, told.checked)
        if key not in self._bars:
            words = f"{told.table}, {'compared' if told.checked else 'copied'}"
            self._bars[key] = self._progress.add_task(words, total=told.total)
        self._progress.update(self._bars[key], completed=told.done)
