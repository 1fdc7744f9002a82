"""``tongxing ingest``: a file of rows goes to the hub in numbered batches, or as a back end's rows to its gateway."""

import asyncio
import gzip
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from tongxing.cli.calling import calling_node
from tongxing.cli.ingest_file import (
    Portion,
    add_counts,
    load_progress,
    note_of,
    read_portions,
    save_progress,
)
from tongxing.cli.ingest_file import Progress as FileProgress
from tongxing.cli.naming_subjects import name_subjects
from tongxing.cli.output import console, print_json
from tongxing.connectors.node import NodeCaller
from tongxing.core.datasets import HANDED_IN
from tongxing.core.errors import Refused
from tongxing.core.limits import INGEST_ROWS_MAX, REPORTS_PER_BATCH_MAX
from tongxing.core.problems import ProblemId

EXIT_SET_ASIDE: Final = 3
ROWS_A_BATCH: Final = 5_000
_WAITS: Final = frozenset({ProblemId.OVERLOADED, ProblemId.UPSTREAM_AWAY})
_WAIT_SECONDS_MAX: Final = 30.0
_SHOWN_MAX: Final = 10

Send = Callable[[NodeCaller, Portion], Any]


def ingest(  # noqa: PLR0913, PLR0917 - options of one command
    file: Annotated[Path, typer.Argument(help="JSON lines (.jsonl, .gz, .zst), Arrow (.arrow) or Parquet (.parquet)")],
    to: Annotated[str, typer.Option(help="address of the hub; with --docked of the region's gateway")],
    key: Annotated[
        Path, typer.Option(help="the gateway's or the dataset owner's key file; with --docked the back end's")
    ],
    dataset: Annotated[str, typer.Option(help="which dataset the rows are of")] = "reports",
    docked: Annotated[bool, typer.Option(help="rows in the region's own words, for its gateway")] = False,
    rows: Annotated[int, typer.Option(min=1, max=INGEST_ROWS_MAX, help="so many in one batch")] = ROWS_A_BATCH,
    patience: Annotated[float, typer.Option(help="give up after so many seconds without an answer")] = 600.0,
    json: Annotated[bool, typer.Option("--json", help="print the counts as one JSON document")] = False,
) -> None:
    """Send a file's rows, and say what became of each; begun again, it goes on where it was.

    How far it is stands in FILE.progress.json after each batch. Rows that were set aside are listed with their
    reasons in FILE.set-aside.tsv; then the exit status is 3. A batch that is sent twice counts once. Rows of a dataset
    that name people by "document" are sent with their subject keys instead, which the hub is asked for.
    """
    target = f"{to} {'docked' if docked else dataset}"
    progress = load_progress(file, target)
    if progress.rows and not json:
        console.print(f"goes on behind row {progress.rows:,} ({note_of(file)})", markup=False)
    sender = _Sender(file, "" if docked else dataset, patience)
    each = min(rows, REPORTS_PER_BATCH_MAX) if docked else rows
    done = asyncio.run(_send_all(sender, to, key, progress, each))
    if json:
        print_json({name: getattr(done, name) for name in _COUNTED})
    else:
        console.print(", ".join(f"{name.replace('_', ' ')} {getattr(done, name):,}" for name in _COUNTED), markup=False)
    if done.set_aside:
        if not json:
            console.print(f"set aside: see {sender.aside}", markup=False)
        raise typer.Exit(EXIT_SET_ASIDE)


_COUNTED: Final = ("rows", "stored", "unchanged", "outranked", "set_aside", "waiting")


async def _send_all(sender: "_Sender", to: str, key: Path, progress: FileProgress, rows: int) -> FileProgress:
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
    )
    async with calling_node(to, key) as node:
        with bar:
            task = bar.add_task(sender.file.name, total=progress.size)
            for portion in read_portions(sender.file, progress.rows, rows):
                told = await sender.send(node, portion)
                progress = add_counts(progress, len(portion.lines), told)
                save_progress(sender.file, progress)
                words = f"{sender.file.name}: {progress.rows:,} rows"
                bar.update(task, completed=portion.bytes_read, description=words)
    return progress


class _Sender:
    """Sends portions of one file: of ``dataset`` to the hub, of none to a gateway as a back end's rows."""

    def __init__(self, file: Path, dataset: str, patience: float) -> None:
        self.file = file
        self.aside = file.with_name(f"{file.name}.set-aside.tsv")
        self._dataset = dataset
        self._patience = patience
        self._number = 0

    async def send(self, node: NodeCaller, portion: Portion) -> dict[str, Any]:
        """Send one portion until it is acknowledged. Raises ``Refused``, also after too long without an answer."""
        waited, wait = 0.0, 1.0
        while True:
            try:
                return await (self._send_batch if self._dataset else self._dock)(node, portion)
            except Refused as refused:
                if refused.problem not in _WAITS or waited >= self._patience:
                    raise
                now = max(wait, refused.retry_after_seconds)
            await asyncio.sleep(now)
            waited, wait = waited + now, min(2 * wait, _WAIT_SECONDS_MAX)

    async def _send_batch(self, node: NodeCaller, portion: Portion) -> dict[str, Any]:
        if not self._number:
            self._number = await node.last_batch(self._dataset) + 1
        lines, unnamed = await self._name(node, portion)
        body = gzip.compress(b"".join(line + b"\n" for line in lines), compresslevel=1, mtime=0)
        try:
            told = await node.send_batch(self._dataset, self._number, body, "gzip")
        except Refused as refused:
            if refused.problem is ProblemId.CONFLICT:  # somebody else has sent under this number meanwhile
                self._number = 0
                raise Refused(ProblemId.OVERLOADED, refused.detail) from refused
            raise
        self._note_aside([(portion.first_row + place, reason) for place, reason in unnamed])
        if told["set_aside"]:
            await self._list_set_aside(node, portion)
        self._number += 1
        return {**told, "set_aside": int(told["set_aside"]) + len(unnamed)}

    async def _name(self, node: NodeCaller, portion: Portion) -> tuple[Sequence[bytes], list[tuple[int, str]]]:
        """Put subject keys for documents in an owner's rows, and say which rows have no document that can be one."""
        if self._dataset not in HANDED_IN:
            return portion.lines, []
        return await name_subjects(node, portion.lines)

    async def _list_set_aside(self, node: NodeCaller, portion: Portion) -> None:
        after = 0
        while rows := await node.set_aside(self._dataset, self._number, after):
            self._note_aside([(portion.first_row - 1 + int(row["line"]), str(row["reason"])) for row in rows])
            after = int(rows[-1]["line"])

    async def _dock(self, node: NodeCaller, portion: Portion) -> dict[str, Any]:
        rows, places, unread = [], [], []
        for place, line in enumerate(portion.lines):
            try:
                row = msgspec.json.decode(line, type=dict[str, Any])
            except msgspec.MsgspecError:
                unread.append((portion.first_row + place, "not a JSON object"))
                continue
            rows.append(row)
            places.append(portion.first_row + place)
        told = await node.dock(rows)
        aside = [(places[int(each["index"])], str(each["reason"])) for each in told["set_aside"]] + unread
        self._note_aside(sorted(aside))
        return {**told, "set_aside": aside}

    def _note_aside(self, rows: list[tuple[int, str]]) -> None:
        if rows:
            with self.aside.open("a", encoding="utf-8") as noted:
                noted.writelines(f"{row}\t{reason}\n" for row, reason in rows)
