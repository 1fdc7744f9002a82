"""A dry run as tables for the terminal: by kind of place, by province, what was asked, which rows decided."""

from collections.abc import Iterator, Sequence
from typing import Final

from rich.table import Table

from tongxing.core.calendar import BEIJING
from tongxing.core.provinces import name_division
from tongxing.core.verdicts import MEASURE_WORDS
from tongxing.core.words import PlaceKind
from tongxing.recognition.dry_run import DryRun, Tally

OUTCOMES: Final = ("nothing asked", "measures", "referred", "stopped")
"""The headings of the shares that ``shares_of`` returns."""


def draw_tables(run: DryRun, name: str) -> Iterator[Table]:
    """Yield the tables of one run; ``name`` says which one it is."""
    total = run.total()
    as_of = "" if run.risks_as_of is None else f", risks as of {run.risks_as_of.astimezone(BEIJING):%Y-%m-%d %H:%M}"
    title = f"{run.on}, {name}: {run.cities} cities, {total.total:,} encounters{as_of}"
    by_place = _new_table(title, ("kind of place", *OUTCOMES))
    for kind in PlaceKind:
        by_place.add_row(str(kind), *shares_of(run.total(place_kind=kind)))
    by_place.add_section()
    by_place.add_row("all", *shares_of(total))
    yield by_place
    into = _new_table("People of other cities who come into a province's", ("province", *OUTCOMES))
    out_of = _new_table("People of a province's cities who go to others", ("province", *OUTCOMES))
    for region in run.regions:
        into.add_row(name_division(region).en, *shares_of(run.total(host=region)))
        out_of.add_row(name_division(region).en, *shares_of(run.total(origin=region)))
    yield into
    yield out_of
    asked = _new_table("What is asked, of how many", ("measure", "share"))
    for measure, pairs in sorted(run.measures.items(), key=lambda item: -item[1]):
        asked.add_row(MEASURE_WORDS[measure].en, f"{total.share(pairs):.2%}")
    yield asked
    rows = _new_table("Which rows decide", ("row", "share"))
    for row, pairs in sorted(run.rows.items(), key=lambda item: (-item[1], item[0])):
        rows.add_row(f"{row} (exception)" if row in run.exceptions else row, f"{total.share(pairs):.2%}")
    yield rows


def shares_of(tally: Tally) -> tuple[str, str, str, str]:
    """Return the four shares of a tally as people read them."""
    counts = (tally.nothing_asked, tally.measures, tally.referred, tally.stopped)
    nothing, measures, referred, stopped = (f"{tally.share(count):.1%}" for count in counts)
    return nothing, measures, referred, stopped


def _new_table(title: str, headings: Sequence[str]) -> Table:
    table = Table(title=title)
    for position, heading in enumerate(headings):
        table.add_column(heading, justify="right" if position else "left")
    return table
