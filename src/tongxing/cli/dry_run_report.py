"""The report of a dry run: one page of Markdown and two heat maps, made whole from the runs and nothing else.

The runs are the rules in force, the same without each exception in force, and without all of them. The page holds
no clock and no machine, so that the same rules and levels give the same bytes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tongxing.cli.dry_run_tables import OUTCOMES, shares_of
from tongxing.core.provinces import name_division
from tongxing.core.reports import OriginRisk
from tongxing.core.verdicts import MEASURE_WORDS
from tongxing.core.words import Language, PlaceKind, RegionId
from tongxing.recognition.dry_run import DryRun
from tongxing.recognition.heat_map import draw_svg
from tongxing.risk.case_levels import ASSUMPTIONS
from tongxing.rules.rows import Evidence, RegisteredException

RUN_ASSUMPTIONS: Final = """\
- **Everybody is alike**: a current report of level `00` with its cause *nothing found*, known by causes and not by a
  colour, a code shown on a phone, other regions consulted, no temperature taken, no proof asked for or shown, in no
  group with rules of its own. Nobody is stopped, then, since `STOP` needs a higher level.
- **Every pair weighs the same**: a city of ten million counts as a small one, a pair that nobody travels as any other.
- **The origin is the city**, known to the city, and its risk is the city's as a whole. The real lists were of counties:
  who came from a low-risk county of a city that is not low fares better than here where that is known.
- **Each kind of place once**: a traveller meets several of them; the shares are of encounters, not of journeys.
- **Rules know no home**: an exception that means arrivals meets people of the region's own other cities too.
- **Regions without a rule table of their own** follow the national one. What they really asked is not in it.
"""


@dataclass(frozen=True, slots=True)
class Trial:
    """Everything that a report tells. ```without`` are the runs without each exception that decided anything, by its
    public name; ``without_all`` is None where none did. ``cities`` names each city that was not low, with its risk.
    ``evidence`` tells of each row how sure it is. ``by_levels`` is set where the risk was computed from cases.
    """  # noqa: D205 - the first sentence needs the line

    run: DryRun
    exceptions: Mapping[str, RegisteredException]
    without: Mapping[str, DryRun]
    without_all: DryRun | None
    cities: Sequence[tuple[str, OriginRisk]]
    evidence: Mapping[str, Evidence]
    command: str
    by_levels: bool


def make_report(trial: Trial) -> dict[str, bytes]:
    """Return the files of the report by name: the page, the picture, and the picture without any exception."""
    stem = f"report-{trial.run.on}"
    files = {f"{stem}.md": _page(trial, stem), f"{stem}.svg": draw_svg(trial.run, Language.EN)}
    if trial.without_all is not None:
        files[f"{stem}-without-exceptions.svg"] = draw_svg(trial.without_all, Language.EN)
    return {name: text.encode() for name, text in files.items()}


def _page(trial: Trial, stem: str) -> str:
    lines = [
        "<!-- Made by the command below from rules and levels; not to be edited. -->\n",
        f"# What the rules of {trial.run.on} cost people\n",
        "Made, with its pictures, by\n",
        f"```sh\n{trial.command}\n```\n",
        *_summary(trial, stem),
        *_exceptions(trial, stem),
        *_provinces(trial.run),
        *_measures(trial.run),
        *_rows(trial),
        *_assumptions(trial),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _summary(trial: Trial, stem: str) -> Iterator[str]:
    run, total = trial.run, trial.run.total()
    not_low = "; ".join(f"{name} ({risk})" for name, risk in trial.cities)
    yield (
        f"{run.cities} cities (prefectures and municipalities), each to each other one, at {len(PlaceKind)} kinds of "
        "place: "
        f"{total.total:,} encounters. Of the cities {run.risks.get(OriginRisk.LOW, 0)} were at low risk that day"
        f"{f', and these were not: {not_low}' if not_low else ''}.\n"
    )
    by_exception = sum(run.exceptions.values())
    asked = total.total - total.nothing_asked
    yield (
        f"In {asked:,} of them something is asked: in {by_exception:,} by a registered "
        f"exception, in {asked - by_exception:,} by other rows, outside what the floor owes.\n"
    )
    yield _head(("kind of place", *OUTCOMES))
    for kind in PlaceKind:
        yield _line((str(kind).replace("_", " "), *shares_of(run.total(place_kind=kind))))
    yield _line(("**all**", *shares_of(total)))
    yield f"\n![Share of city pairs that pass with nothing asked, province by province]({stem}.svg)\n"


def _exceptions(trial: Trial, stem: str) -> Iterator[str]:
    yield "## Before and after the exceptions\n"
    if trial.without_all is None:
        yield "No exception decided anything.\n"
        return
    for name, entry in sorted(trial.exceptions.items()):
        days = f"{entry.row.days.first} to {entry.row.days.last}"
        yield f"- `{name}`, {days}, registered by {entry.registrar.en}: {entry.why.en} (*{entry.row.evidence}*)."
    yield "\nEach asks something of people whom the floor lets pass; without it they pass with nothing asked.\n"
    headings = ("exceptions", "encounters decided by one", *OUTCOMES)
    yield _head(headings)
    yield _line(("as in force", f"{sum(trial.run.exceptions.values()):,}", *shares_of(trial.run.total())))
    for name, run in sorted(trial.without.items()):
        yield _line((f"without `{name}`", f"{sum(run.exceptions.values()):,}", *shares_of(run.total())))
    yield _line(("without any", "0", *shares_of(trial.without_all.total())))
    yield "\nInto the regions concerned alone:\n"
    yield _head(("into", "exceptions", *OUTCOMES))
    for region in sorted({RegionId(name.partition("/")[0]) for name in trial.without}):
        name = name_division(region).en
        yield _line((name, "as in force", *shares_of(trial.run.total(host=region))))
        yield _line((name, "without any", *shares_of(trial.without_all.total(host=region))))
    yield f"\n![The same without any exception]({stem}-without-exceptions.svg)\n"


def _provinces(run: DryRun) -> Iterator[str]:
    yield "## By province\n"
    yield "*In*: people of other cities who come into its cities. *Out*: people of its cities who go to others.\n"
    yield _head(("province", *(f"in: {each}" for each in OUTCOMES), *(f"out: {each}" for each in OUTCOMES)))
    for region in run.regions:
        shares = (*shares_of(run.total(host=region)), *shares_of(run.total(origin=region)))
        yield _line((name_division(region).en, *shares))
    yield ""


def _measures(run: DryRun) -> Iterator[str]:
    yield "## What is asked\n"
    yield _head(("measure", "encounters", "share of all"))
    for measure, pairs in sorted(run.measures.items(), key=lambda item: (-item[1], item[0])):
        yield _line((MEASURE_WORDS[measure].en, f"{pairs:,}", f"{run.total().share(pairs):.2%}"))
    yield ""


def _rows(trial: Trial) -> Iterator[str]:
    total = trial.run.total()
    yield "## Which rows decide, and how sure they are\n"
    yield "*doc*: an official notice; *sum*: press; *assumed*: our choice, where no text could be read.\n"
    yield _head(("row", "how sure", "encounters", "share of all"))
    for row, pairs in sorted(trial.run.rows.items(), key=lambda item: (-item[1], item[0])):
        yield _line((f"`{row}`", str(trial.evidence[row]), f"{pairs:,}", f"{total.share(pairs):.2%}"))
    assumed = sum(pairs for row, pairs in trial.run.rows.items() if trial.evidence[row] is Evidence.ASSUMED)
    yield f"\n{total.share(assumed):.2%} of all encounters are decided by a row that is assumed.\n"


def _assumptions(trial: Trial) -> Iterator[str]:
    yield "## What is assumed\n"
    yield "Of the run:\n"
    yield RUN_ASSUMPTIONS
    if trial.by_levels:
        yield "Of the levels of the day, which follow from case counts by the rule of February 2020:\n"
        yield from (f"- *{name}*: {said.en}" for name, said in ASSUMPTIONS.items())
    yield ""


def _head(cells: Sequence[str]) -> str:
    return f"{_line(cells)}\n|{'---|' * len(cells)}"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
