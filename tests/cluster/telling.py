"""Tells on the terminal what the cluster does: steps, bars, and what it came to."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from tests.cluster.ground import Nation
from tests.cluster.loading import Loaded, Reconciled
from tests.cluster.means import Stores
from tests.faults.result import Result

_MIB: Final = 1 << 20


class _RowsPerSecond(ProgressColumn):
    """How fast a bar moves."""

    def render(self, task: Task) -> Text:
        """Return how fast it goes."""
        return Text(f"{task.finished_speed or task.speed or 0:,.0f}/s", style="dim")


@contextmanager
def counting(console: Console, what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show a bar of ``total`` rows, and give what moves it on."""
    columns = (
        TextColumn("  {task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _RowsPerSecond(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task(what, total=total)
        yield lambda rows: progress.update(bar, advance=rows)


@dataclass
class Steps:
    """The steps of a run, each with a line of what came of it; ``wrong`` are those that did not come as they must."""

    console: Console
    began: float = field(default_factory=time.monotonic)
    wrong: list[str] = field(default_factory=list)
    _number: int = 0

    def begin(self, title: str) -> None:
        """Tell that a step begins."""
        self._number += 1
        self.console.print()
        self.console.rule(f"[bold]{self._number}. {escape(title)}", align="left")

    def came(self, *, well: bool, line: str) -> None:
        """Tell what came of it."""
        mark = "[green]✓[/]" if well else "[bold red]✗[/]"
        self.console.print(f"{mark} {escape(line)}  [dim]{self.seconds:,.0f} s[/]")
        if not well:
            self.wrong.append(line)

    @property
    def seconds(self) -> float:
        """How long it all takes so far."""
        return time.monotonic() - self.began


@dataclass
class Summary:
    """What the last table says."""

    loaded: Loaded
    reconciled: Reconciled
    faults: Sequence[Result]
    scenes: tuple[int, int]
    lost: int
    stores: Stores

    def tell(self, steps: Steps) -> None:
        """Print it."""
        console = steps.console
        table = Table(title="The cluster, summed up", show_header=False, title_justify="left")
        for name, value in self._lines(steps.seconds):
            table.add_row(name, value)
        console.print()
        console.print(table)
        for line in steps.wrong:
            console.print(f"[bold red]NOT AS IT MUST BE: {escape(line)}[/]")
        if not steps.wrong:
            console.print("[bold green]all as it must be: nothing lost, every verdict as expected[/]")

    def _lines(self, seconds: float) -> Iterator[tuple[str, str]]:
        loaded, stores = self.loaded, self.stores
        hub = stores.databases["hub"]
        yield "people loaded", f"{loaded.rows:,} of {len(loaded.sums)} regions, in {loaded.batches:,} signed batches"
        yield "rows a second", f"{loaded.rows / max(loaded.seconds, 1e-9):,.0f}"
        yield "sent", f"{loaded.bytes_sent / _MIB:,.1f} MiB (zstd)"
        yield "reconciled at the end", f"{self.reconciled.reports:,} reports on {self.reconciled.days} days of regions"
        yield "the hub's database", f"{hub / _MIB:,.0f} MiB, {hub / max(loaded.rows, 1):,.0f} bytes a person"
        yield "all databases", f"{sum(stores.databases.values()) / _MIB:,.0f} MiB"
        yield "the index in Valkey", f"{stores.index_entries:,} entries, {stores.index_bytes / _MIB:,.1f} MiB"
        for result in self.faults:
            acknowledged = sum(count.acknowledged for count in result.counts)
            yield f"fault: {result.name}", result.not_done or f"{acknowledged:,} acknowledged; {_verdict(result)}"
        passages, wrong = self.scenes
        yield "scenes", f"{passages} verdicts, {wrong} not as expected"
        yield "lost", f"{self.lost:,}"
        yield "in all", f"{seconds:,.0f} s"


def _verdict(result: Result) -> str:
    return "as it must be" if result.is_whole else "NOT AS IT MUST BE"


def tell_servers(console: Console, nation: Nation) -> None:
    """Print what runs, from where, and how it is reached."""
    ground = nation.ground
    console.print(f"  {ground.postgres.found}: {ground.postgres.folder}", style="dim", markup=False)
    for node in ground.cluster.nodes:
        role = "master " if node.is_master() else "replica"
        console.print(f"  {ground.cluster.found}: {role} 127.0.0.1:{node.port}", style="dim", markup=False)
    for number, url in enumerate(nation.hubs, start=1):
        console.print(f"  hub, process {number}: {url}", style="dim", markup=False)
    for region in nation.federation.grounds.regions:
        url = nation.federation.grounds.url(f"gateway-{region}")
        console.print(f"  gateway of {region}: {url}", style="dim", markup=False)


def tell_how_to_look(console: Console, nation: Nation) -> None:
    """Print how everything that runs is looked at by hand."""
    ground = nation.ground
    console.print()
    console.rule("[bold]running: look at it, and end it with Ctrl-C", align="left")
    beside = ground.postgres.found.folder / "psql"
    psql = beside if beside.exists() else "psql"
    for name, address in ground.records.items():
        console.print(f"{psql} '{address}'  # {name}", markup=False)
    port = ground.cluster.nodes[0].port
    console.print(f"valkey-cli -c -p {port} cluster nodes  # or redis-cli, where there is none", markup=False)
    for url in nation.hubs:
        console.print(f"curl {url}/readyz", markup=False)
    console.print(f"ls {nation.federation.grounds.state.path}/logs", markup=False)
