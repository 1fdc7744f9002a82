"""Measure: ``python -m benchmarks [NAME …]`` prints a table and writes it as JSON.

python -m benchmarks                              all benchmarks, some fifteen minutes
python -m benchmarks deciding serving             these two
python -m benchmarks surge --into docs/performance.json      beside the figures of earlier runs; then make docs
python -m benchmarks lookups --keep FOLDER        with 20 million subjects, loaded once and kept
"""

import argparse
import shlex
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Final

import msgspec
from rich.console import Console
from rich.table import Table

from benchmarks.access import measure_access
from benchmarks.deciding import measure_deciding
from benchmarks.dry_run import measure_dry_run
from benchmarks.families import measure_families
from benchmarks.figures import FULL, TINY, Figure, Result, Scale
from benchmarks.footprint import measure_footprint
from benchmarks.foreign_codes import measure_foreign_codes
from benchmarks.importing import measure_importing
from benchmarks.ingesting import measure_ingesting
from benchmarks.lookups import measure_lookups
from benchmarks.machine import RESULTS, describe_commit, describe_machine
from benchmarks.one_stop import measure_one_stop
from benchmarks.pictures import measure_pictures
from benchmarks.proving import measure_proving
from benchmarks.recording import measure_recording
from benchmarks.rules import measure_rules
from benchmarks.serving import measure_serving
from benchmarks.surge import measure_surge
from benchmarks.translating import measure_translating
from benchmarks.visibility import measure_visibility
from benchmarks.ways import measure_ways

BENCHMARKS: Final[Mapping[str, Callable[[Scale], Result]]] = MappingProxyType(
    {
        "deciding": measure_deciding,
        "serving": measure_serving,
        "pictures": measure_pictures,
        "footprint": measure_footprint,
        "access": measure_access,
        "recording": measure_recording,
        "ways": measure_ways,
        "translating": measure_translating,
        "families": measure_families,
        "foreign_codes": measure_foreign_codes,
        "rules": measure_rules,
        "proving": measure_proving,
        "dry_run": measure_dry_run,
        "importing": measure_importing,
        "one_stop": measure_one_stop,
        "surge": measure_surge,
        "visibility": measure_visibility,
        "lookups": measure_lookups,
        "ingesting": measure_ingesting,
    }
)


_WIDTH: Final = 140


def main() -> None:
    """Run the benchmarks that are named, or all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure figures beside baselines.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of: {', '.join(BENCHMARKS)}")
    parser.add_argument("--output", type=Path, default=RESULTS / "latest.json", help="where to write the JSON")
    parser.add_argument("--into", type=Path, metavar="FILE", help="a JSON of earlier runs to put the figures into")
    parser.add_argument("--tiny", action="store_true", help="only show that they run: the figures say nothing")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where loaded records stand for the next run")
    given = parser.parse_args()
    unknown = sorted(set(given.names) - BENCHMARKS.keys())
    if unknown:
        parser.error(f"no such benchmark: {', '.join(unknown)}")
    console = Console()
    if not console.is_terminal:
        console.width = _WIDTH
    RESULTS.mkdir(exist_ok=True)
    results = []
    scale = replace(TINY if given.tiny else FULL, keep=given.keep)
    for name in given.names or BENCHMARKS:
        started = time.perf_counter()
        with console.status(f"measuring {name}"):
            results.append(BENCHMARKS[name](scale))
        console.print(f"{name}: measured in {time.perf_counter() - started:.0f} s")
    console.print(draw_table(results))
    given.output.parent.mkdir(exist_ok=True)
    given.output.write_bytes(encode_results(results, shlex.join(["python", "-m", "benchmarks", *sys.argv[1:]])))
    console.print(f"written to {given.output}", soft_wrap=True)
    if given.into is not None:
        given.into.write_bytes(put_into(given.into.read_bytes(), given.output.read_bytes()))


def draw_table(results: Sequence[Result]) -> Table:
    """Return the table of all figures."""
    table = Table(title="Each figure beside its baseline of the same run")
    for heading in ("figure", "value", "baseline", "", "ratio", "wanted"):
        table.add_column(heading, justify="right" if heading in ("value", "", "ratio") else "left")
    for result in results:
        for figure in result.figures:
            table.add_row(
                figure.name,
                _quantity(figure.value, figure.unit),
                figure.baseline_name,
                _quantity(figure.baseline, figure.unit),
                f"{figure.ratio:.2f}",
                figure.wanted,
            )
        table.add_section()
    return table


def encode_results(results: Sequence[Result], command: str) -> bytes:
    """Return the JSON: command, commit, machine, and all figures with both sides."""
    document = {
        "command": command,
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": describe_commit(),
        "machine": describe_machine(),
        "benchmarks": {result.benchmark: _plain(result) for result in results},
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def put_into(held: bytes, measured: bytes) -> bytes:
    """Return the JSON of earlier runs with another run's figures in it: each benchmark with its moment and commit."""
    into, new = msgspec.json.decode(held), msgspec.json.decode(measured)
    told = {"measured_at": new["measured_at"], "commit": new["commit"]}
    for name, result in new["benchmarks"].items():
        into["benchmarks"][name] = {**told, **result}
    into["machine"] = new["machine"]
    return msgspec.json.format(msgspec.json.encode(into), indent=2) + b"\n"


def _plain(result: Result) -> dict[str, object]:
    return {"setting": result.setting, "figures": [_plain_figure(figure) for figure in result.figures]}


def _plain_figure(figure: Figure) -> dict[str, object]:
    plain: dict[str, object] = {
        "name": figure.name,
        "value": _rounded(figure.value),
        "unit": figure.unit,
        "baseline_name": figure.baseline_name,
        "baseline": _rounded(figure.baseline),
        "ratio": _rounded(figure.ratio),
    }
    if figure.wanted:
        plain["wanted"] = figure.wanted
    if figure.spread is not None:
        plain["quartiles"] = [_rounded(value) for value in figure.spread]
    return plain


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")


def _quantity(value: float, unit: str) -> str:
    return f"{value:,.0f} {unit}" if value >= 1000 else f"{value:.3g} {unit}"


if __name__ == "__main__":
    main()
