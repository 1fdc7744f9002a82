"""``tongxing sources``: owners of datasets beyond the regions: docking them, how far they are, what the hub holds."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from tongxing.cli.calling import calling_node
from tongxing.cli.ingest_file import read_portions
from tongxing.cli.naming_subjects import name_subjects
from tongxing.cli.output import console, parse_moment, print_json
from tongxing.connectors.node import NodeCaller
from tongxing.core.datasets import DATASETS, HANDED_IN, Dataset
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.services.evidence_sums import sum_pieces
from tongxing.services.report_sums import NOTHING, DaySum, DaySums, add_days, differing_days
from tongxing.wire.cbor import WireError
from tongxing.wire.evidence_lines import parse_evidence_line

app = typer.Typer(help="Owners of datasets beyond the regions.", no_args_is_help=True)

EXIT_DIFFERS: Final = 3
_ROWS_AT_ONCE: Final = 5_000

HubOption = Annotated[str, typer.Option("--to", help="address of the hub")]
KeyOption = Annotated[Path, typer.Option(help="key file of the dataset's owner")]
DatasetArgument = Annotated[Dataset, typer.Argument(help="the dataset")]
JsonOption = Annotated[bool, typer.Option("--json", help="print one JSON document")]


@app.command("dock")
def dock(
    datasets: Annotated[list[Dataset], typer.Argument(help="the datasets that it hands in")],
    to: HubOption,
    key: Annotated[Path, typer.Option(help="key file of an operator of the hub")],
    public: Annotated[str, typer.Option(help="the owner's key, as EdDSA:<hex>: `tongxing keys show` prints it")],
    label: Annotated[str, typer.Option(help="whose key it is")],
    days: Annotated[int, typer.Option(min=1, max=730, help="for so many days")] = 365,
) -> None:
    """Enrol the key of a dataset's owner at the hub, so that it can hand the dataset in, and nothing else."""
    until = datetime.now(UTC) + timedelta(days=days)

    async def enrol() -> dict[str, Any]:
        async with calling_node(to, key) as node:
            return await node.enrol_source(public, label, until, datasets)

    told = asyncio.run(enrol())
    console.print(f"{told['key_id']}: {', '.join(datasets)}, until {until:%Y-%m-%d}", markup=False)


@app.command("complete")
def complete(
    dataset: DatasetArgument,
    to: HubOption,
    key: KeyOption,
    as_of: Annotated[str, typer.Option(help="until when nothing is missing, ISO 8601; now if not said")] = "",
) -> None:
    """Say that everything which was held at a moment has been sent: by that the dataset's age is told."""
    moment = parse_moment(as_of) if as_of else datetime.now(UTC)

    async def say() -> dict[str, Any]:
        async with calling_node(to, key) as node:
            return await node.say_complete(dataset, moment)

    told = asyncio.run(say())
    console.print(f"{dataset}: whole until {told['as_of']}, last batch {told['number']}", markup=False)


@app.command("reconcile")
def reconcile(
    file: Annotated[Path, typer.Argument(help="the whole dataset, each piece once, as for `tongxing ingest`")],
    dataset: Annotated[Dataset, typer.Option(help="which dataset the rows are of")],
    to: HubOption,
    key: KeyOption,
    *,
    as_json: JsonOption = False,
) -> None:
    """Compare a file with what the hub holds of a dataset, and say on which days they differ; then exit status 3.

    To mend such days send the file again: what the hub holds already counts once.
    """
    if dataset not in HANDED_IN:
        raise Refused(ProblemId.BAD_REQUEST, f"{dataset}: nobody hands this in by rows")
    here, there = asyncio.run(_compare(file, dataset, to, key))
    differing = differing_days(here, there)
    if as_json:
        print_json({"days": [_describe(day, here, there) for day in sorted(here.keys() | there.keys())]})
    else:
        for day in sorted(differing):
            ours, theirs = here.get(day, NOTHING).count, there.get(day, NOTHING).count
            console.print(f"{day}: {ours:,} in the file, {theirs:,} at the hub, not the same", markup=False)
        total = sum(each.count for each in here.values())
        console.print(f"{total:,} pieces of {len(here)} days in the file; {len(differing)} days differ", markup=False)
    if differing:
        raise typer.Exit(EXIT_DIFFERS)


async def _compare(file: Path, dataset: Dataset, to: str, key: Path) -> tuple[DaySums, DaySums]:
    here: DaySums = {}
    there: DaySums = {}
    async with calling_node(to, key) as node:
        for portion in read_portions(file, 0, _ROWS_AT_ONCE):
            lines, wrong = await name_subjects(node, portion.lines)
            if wrong:
                raise Refused(ProblemId.BAD_REQUEST, f"{file}: row {portion.first_row + wrong[0][0]}: {wrong[0][1]}")
            here = add_days(here, _sum_lines(file, dataset, portion.first_row, lines))
        after: str | None = ""
        while after is not None:
            days, after = await _sum_there(node, dataset, after)
            there = add_days(there, days)
    return here, there


async def _sum_there(node: NodeCaller, dataset: Dataset, after: str) -> tuple[DaySums, str | None]:
    told = await node.sum_dataset(dataset, after)
    days: list[dict[str, Any]] = told["days"]
    read = {date.fromisoformat(day["day"]): DaySum(int(day["count"]), int(day["digest_hex"], 16)) for day in days}
    return read, str(told["next_after"]) or None


def _sum_lines(file: Path, dataset: Dataset, first_row: int, lines: list[bytes]) -> DaySums:
    def pieces() -> Iterator[Any]:
        for row, line in enumerate(lines, start=first_row):
            try:
                subject, piece, _name = parse_evidence_line(line)
            except WireError as wrong:
                raise Refused(ProblemId.BAD_REQUEST, f"{file}: row {row}: {wrong}") from wrong
            if piece.kind not in DATASETS[dataset].kinds:
                raise Refused(ProblemId.BAD_REQUEST, f"{file}: row {row}: a {piece.kind} stands in another dataset")
            yield subject, piece

    return sum_pieces(pieces())


def _describe(day: date, here: DaySums, there: DaySums) -> dict[str, object]:
    ours, theirs = here.get(day, NOTHING), there.get(day, NOTHING)
    return {
        "day": day.isoformat(),
        "same": ours == theirs,
        "here": {"count": ours.count, "digest": f"{ours.total:064x}"},
        "hub": {"count": theirs.count, "digest": f"{theirs.total:064x}"},
    }
