"""``tongxing keys rotation`` and ``retire-subjects``: how far a rotation of the hub's secret is, and its end."""

import asyncio
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from tongxing.app.subject_secrets import load_subject_secrets, retire_subject_secret
from tongxing.cli.calling import calling_node
from tongxing.cli.output import console, print_json
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId

EXIT_UNFINISHED: Final = 3

NodeOption = Annotated[str, typer.Option("--node", help="address of the hub")]
KeyOption = Annotated[Path, typer.Option(help="key file of one of its operators")]


def rotation(
    node: Annotated[str, typer.Option(help="address of the hub, or of a gateway")],
    key: KeyOption,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON document")] = False,
) -> None:
    """Say how much is held under the current version of subject keys; exit status 3 while anything is not."""
    told = _ask(node, key)
    if as_json:
        print_json(told)
    else:
        for line in _lines(told):
            console.print(line, markup=False)
    if not told["is_complete"]:
        raise typer.Exit(EXIT_UNFINISHED)


def retire_subjects(
    folder: Annotated[Path, typer.Argument(help="the hub's folder of key files")],
    node: NodeOption,
    key: KeyOption,
    losing: Annotated[int, typer.Option(min=0, help="retire it though so many people are found by nobody then")] = 0,
) -> None:
    """Retire the older of two versions, from the hub's next start on; its file is renamed, not erased.

    Refused while people are known under the older version alone, unless --losing says at least how many.
    """
    current = load_subject_secrets(folder)[0].version
    told = _ask(node, key)
    if told["version"] != current or told["counted_at"] is None:
        raise Refused(ProblemId.CONFLICT, f"the hub has not counted under version {current} yet; start it, and wait")
    waiting = int(told["people_waiting"])
    if waiting > losing:
        words = "would be found by nobody until they are handed in again; --losing that many retires it all the same"
        raise Refused(ProblemId.CONFLICT, f"{waiting} people {words}")
    if not told["is_complete"] and not losing:
        raise Refused(ProblemId.CONFLICT, "rows are still being led over to the newer version; wait a minute")
    version, path = retire_subject_secret(folder)
    console.print(f"version {version} is retired: {path}", markup=False)


def _ask(node: str, key: Path) -> dict[str, Any]:
    async def ask() -> dict[str, Any]:
        async with calling_node(node, key) as caller:
            return await caller.key_rotation()

    return asyncio.run(ask())


def _lines(told: dict[str, Any]) -> list[str]:
    if told["counted_at"] is None:
        return [f"version {told['version']}: not counted yet"]
    lines = [f"version {told['version']}, counted at {told['counted_at']}"]
    for count in told["counts"]:
        name = count["dataset"] if count["region"] is None else f"{count['dataset']} of {count['region']}"
        held, old = int(count["held"]), int(count["old"])
        share = "100 %" if not old else f"{min(99.9, 100 * (held - old) / held):.1f} %"
        rest = f"; {old:,} under an older version, {count['waiting']:,} wait to be handed in again" if old else ""
        lines.append(f"{name}: {share} of {held:,}{rest}")
    if told["people_waiting"]:
        lines.append(f"{told['people_waiting']:,} people are known under the older version alone")
    lines.append("complete: nothing is held under an older version" if told["is_complete"] else "not complete")
    return lines
