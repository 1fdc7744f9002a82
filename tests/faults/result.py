"""What came of one fault: what was done, what was acknowledged and is held, what may not be; and how it is printed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from rich.console import Console
from rich.table import Table

from tests.faults.counting import Count

_COUNTED: Final = ("acknowledged", "present once", "lost", "doubled", "invented")


@dataclass(slots=True)
class Result:
    """Of one fault. ``done`` and ``told`` are lines of two; ``wrong`` is empty where all is as it must be."""

    name: str
    done: list[tuple[str, str]] = field(default_factory=list)
    counts: list[Count] = field(default_factory=list)
    told: list[tuple[str, str]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    not_done: str = ""
    seconds: float = 0.0

    @property
    def is_whole(self) -> bool:
        """True if nothing was lost, doubled or invented, and nothing was that may not be."""
        return all(count.is_whole for count in self.counts) and not self.wrong

    def check(self, is_so: object, otherwise: str) -> None:
        """Remember ``otherwise`` as wrong unless ``is_so``."""
        if not is_so and otherwise not in self.wrong:
            self.wrong.append(otherwise)


def print_result(result: Result, console: Console) -> None:
    """Print what was done, what is held, and what is wrong."""
    if result.not_done:
        console.print(f"[bold]{result.name.upper()}: NOT DONE: {result.not_done}[/]")
        return
    done = Table("what was done", "", title=f"{result.name} ({result.seconds:.0f} s)")
    for line in result.done:
        done.add_row(*line)
    console.print(done)
    if result.counts:
        held = Table("what was acknowledged, and what is held", title=result.name)
        for name in _COUNTED:
            held.add_column(name, justify="right")
        for count in result.counts:
            figures = (count.acknowledged, count.present_once, count.lost, count.doubled, count.invented)
            held.add_row(count.what, *(f"{figure:,}" for figure in figures))
        console.print(held)
    if result.told:
        told = Table("what was told", "", title=result.name)
        for line in result.told:
            told.add_row(*line)
        console.print(told)
    for wrong in result.wrong:
        console.print(f"[bold red]WRONG: {wrong}[/]")


def print_summary(results: Sequence[Result], console: Console) -> None:
    """Print one line for each fault."""
    table = Table("fault", "seconds", *_COUNTED, "as it must be", title="Faults")
    for result in results:
        sums = [
            sum(figures)
            for figures in zip(
                *(
                    (count.acknowledged, count.present_once, count.lost, count.doubled, count.invented)
                    for count in result.counts
                ),
                strict=True,
            )
        ] or [0] * len(_COUNTED)
        verdict = "NOT DONE" if result.not_done else "yes" if result.is_whole else "NO"
        table.add_row(result.name, f"{result.seconds:.0f}", *(f"{figure:,}" for figure in sums), verdict)
    console.print(table)
