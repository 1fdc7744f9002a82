"""What the commands about risk areas print: reports of imports, differences of lists, levels of places."""

from collections.abc import Mapping
from typing import Any, Final

from rich.table import Table

from tongxing.cli.output import console
from tongxing.risk.divisions import Gazetteer
from tongxing.risk.history import StateDiff
from tongxing.risk.import_report import ImportReport

CHANGES_TOLD_MAX: Final = 100


def report_as_json(report: ImportReport) -> dict[str, object]:
    """Return the report of an import as one document."""
    return {
        "as_of": report.as_of,
        "entries": report.entries,
        "by_placement": {
            str(placement): {"entries": count, "share": round(report.share_of(placement), 5)}
            for placement, count in report.by_placement.items()
        },
        "by_level": {str(level): count for level, count in report.by_level.items()},
        "whole_units": report.whole_units,
        "all_but_the_above": report.rests,
        "oddities": {str(kind): count for kind, count in report.oddity_counts.items()},
        "told": [{"kind": str(oddity.kind), "detail": oddity.detail} for oddity in report.oddities],
    }


def print_report(report: ImportReport) -> None:
    """Print how many entries were placed how exactly, and what is odd."""
    table = Table(title=f"{report.entries} entries as of {report.as_of:%Y-%m-%d %H:%M}Z")
    table.add_column("placed")
    table.add_column("entries", justify="right")
    table.add_column("share", justify="right")
    for placement, count in report.by_placement.items():
        table.add_row(str(placement), str(count), f"{report.share_of(placement):.2%}")
    console.print(table)
    for oddity in report.oddities:
        console.print(f"{oddity.kind}: {oddity.detail}", markup=False)
    left = sum(report.oddity_counts.values()) - len(report.oddities)
    if left:
        console.print(f"and {left} more oddities", markup=False)


def diff_as_json(diff: StateDiff, gazetteer: Gazetteer) -> dict[str, Any]:
    """Return a difference as the hub's answer has it: counts of all, and the first of each by name."""
    return {
        "areas_appeared": diff.appeared,
        "areas_gone": diff.gone,
        "areas_changed": diff.changed,
        "divisions_changed": len(diff.risks),
        "areas": [
            {"area": str(change.name), "before": change.before, "after": change.after}
            for change in diff.areas[:CHANGES_TOLD_MAX]
        ],
        "divisions": [
            {
                "number": change.number,
                "name": gazetteer.name_of(change.number),
                "before": change.before,
                "after": change.after,
            }
            for change in diff.risks[:CHANGES_TOLD_MAX]
        ],
    }


def print_diff(diff: Mapping[str, Any]) -> None:
    """Print a difference, as ``diff_as_json`` and the hub give it."""
    console.print(
        f"{diff['areas_appeared']} areas appeared, {diff['areas_gone']} are gone, {diff['areas_changed']} have another"
        f" level; {diff['divisions_changed']} divisions have another risk",
        markup=False,
    )
    for change in diff["areas"]:
        console.print(f"  {change['area']}: {change['before'] or '-'} -> {change['after'] or '-'}", markup=False)
    for change in diff["divisions"]:
        said = f"{change['before']} -> {change['after']}"
        console.print(f"  {change['number']} {change['name']}: {said}", markup=False)
    left = diff["areas_appeared"] + diff["areas_gone"] + diff["areas_changed"] - len(diff["areas"])
    left += diff["divisions_changed"] - len(diff["divisions"])
    if left:
        console.print(f"and {left} more changes", markup=False)


def print_levels(answer: Mapping[str, Any]) -> None:
    """Print what a hub says of a place."""
    in_force = answer["in_force"]
    said = "no list is in the history" if in_force is None else f"{in_force['source']} as of {in_force['as_of']}"
    console.print(f"at {answer['at']}: {said}", markup=False)
    for one in answer["divisions"]:
        console.print(
            f"{one['number']} {one['name']}: {one['risk']} since {one['since']} ({one['source']})", markup=False
        )
    for one in answer["areas"]:
        name = " ".join(one[key] for key in ("province", "city", "county", "community") if one[key])
        until = "" if one["until"] is None else f" until {one['until']}"
        console.print(f"{name}: {one['level']} since {one['since']}{until} ({one['source']})", markup=False)
    if answer["has_more_areas"]:
        console.print("and more areas", markup=False)
    if not answer["divisions"] and not answer["areas"]:
        console.print("no list named it then, and no division is called so", markup=False)
