"""``tongxing rules``: prove rule tables, explain and compare them, put them in force, and what they cost people."""

import asyncio
import re
import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import typer

from tongxing.app.packaged import RULES, load_files
from tongxing.cli import dry_run, rule_publishing
from tongxing.cli.files import read_file
from tongxing.cli.output import console, parse_day, print_json
from tongxing.cli.rule_telling import decision_as_json, difference_as_json, say, tell_decision, tell_findings
from tongxing.core.calendar import beijing_day
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.words import FEDERATION, Language, RegionId
from tongxing.rules.book import file_name_of, parse_rule_book
from tongxing.rules.deciding import compile_stack
from tongxing.rules.nearest import find_nearest_change
from tongxing.rules.notice import write_notice
from tongxing.rules.situations import is_possible, parse_situation
from tongxing.rules.table_file import SITE_PATTERN
from tongxing.rules.tables import RULE_TABLE_MAX_BYTES, RuleTable, parse_rule_table

SITUATION_MAX_BYTES: Final = 64 * 1024
EXIT_FOUND: Final = 2

app = typer.Typer(help="Rule tables.", no_args_is_help=True)
app.command("dry-run")(dry_run.dry_run)
app.command("publish")(rule_publishing.publish)
app.command("approve")(rule_publishing.approve)
app.command("reject")(rule_publishing.reject)

Against = Annotated[
    Path | None, typer.Option("--against", help="Folder with the other tables; the ones that ship, if none is named.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Lang = Annotated[Language, typer.Option(help="Language of the words.")]


@app.callback()
def rules() -> None:
    """Rule tables."""


@app.command("check")
def check(
    files: Annotated[list[Path], typer.Argument(help="Rule tables (TOML), as they would be in force together.")],
    *,
    against: Against = None,
    as_json: AsJson = False,
    lang: Lang = Language.ZH,
) -> None:
    """Prove tables among the others; exit 2 with each counter-example as a sentence and as a runnable input."""
    from tongxing.services.proving_in_process import InProcessProver  # noqa: PLC0415 - it brings the solver along

    held = _load(against)
    names: dict[Path, str] = {}
    for file in files:
        held, name = _with_file(held, file)
        if name in names.values():
            raise Refused(ProblemId.BAD_REQUEST, f"{file}: another of the files is that place's table of the same days")
        names[file] = name
    if (FEDERATION, "") not in parse_rule_book(held).versions:
        raise Refused(ProblemId.BAD_REQUEST, f"{against}: without national.toml no floor and no ceiling is proven")
    prover = InProcessProver()
    found = {file: asyncio.run(prover.find_all(held, name)) for file, name in names.items()}
    tell_findings([(str(file), told) for file, told in found.items()], lang, as_json=as_json)
    raise typer.Exit(EXIT_FOUND if any(found.values()) else 0)


@app.command("explain")
def explain(
    situation: Annotated[Path, typer.Argument(help="A runnable input or a finding (JSON); - reads standard input.")],
    *,
    region: Annotated[str, typer.Option(help="Number of the region whose checkpoint it is.")],
    on: Annotated[
        str | None, typer.Option(help="The Beijing day, as 2020-03-21; by default the finding's, or today.")
    ] = None,
    site: Annotated[str, typer.Option(help="One of the region's sites.")] = "",
    against: Against = None,
    as_json: AsJson = False,
    lang: Lang = Language.ZH,
) -> None:
    """Decide an example person: the row, what it rests on, and the nearest change that would alter the outcome."""
    content = _read_situation(situation)
    day = _parse_day(on or content.get("day"))
    person = parse_situation(content.get("situation", content))
    if not is_possible(person, day):
        raise Refused(ProblemId.RULES_REFUSED, f"nobody can be in this situation on {day.isoformat()}")
    if re.fullmatch(SITE_PATTERN, site) is None:
        raise Refused(ProblemId.BAD_REQUEST, f"--site is a site's name, as north_station: {site[:60]!r}")
    book, place = parse_rule_book(_load(against)), _parse_region(region)
    if site and book.table_on(place, site, day) is None:
        raise Refused(ProblemId.BAD_REQUEST, f"no table of site {site!r} of region {place} is in force on {day}")
    compiled = compile_stack(book.stack_on(place, day, site), day)
    decision, change = compiled.decide(person), find_nearest_change(compiled, person, day)
    if as_json:
        print_json(decision_as_json(decision, change, person))
    else:
        tell_decision(decision, change, person, lang)


@app.command("diff")
def diff(
    old: Annotated[Path, typer.Argument(help="A rule table, or a folder of them.")],
    new: Annotated[Path, typer.Argument(help="Another version of it, or another folder.")],
    *,
    since: Annotated[
        str | None, typer.Option(help="From this Beijing day on; by default the new table's first.")
    ] = None,
    against: Against = None,
    notice: Annotated[
        bool, typer.Option("--notice", help="Print the public notice instead, in both languages.")
    ] = False,
    as_json: AsJson = False,
    lang: Lang = Language.ZH,
) -> None:
    """Tell who is treated differently by two versions, by example; nothing where they differ in words alone."""
    from tongxing.services.proving_in_process import InProcessProver  # noqa: PLC0415 - it brings the solver along

    before, after, table = _two_versions(old, new, against)
    day = _parse_day(since) if since is not None else (_today() if table is None else table.days.first)
    differences = asyncio.run(InProcessProver().compare(before, after, day))
    if notice:
        if table is None:
            raise Refused(ProblemId.BAD_REQUEST, "--notice is of one table: name two files, not folders")
        written = write_notice(table, differences)
        console.print(f"{written.zh}\n\n{written.en}", markup=False)
    elif as_json:
        print_json([difference_as_json(each) for each in differences])
    else:
        for each in differences:
            console.print(f"{each.region} {say(each.sentence, lang)}", markup=False)
        if not differences:
            console.print({"zh": "不改变对任何人的要求", "en": "nobody is treated differently"}[lang], markup=False)


@app.command("exceptions")
def exceptions(
    *,
    on: Annotated[str | None, typer.Option(help="Those in force on this Beijing day; by default all.")] = None,
    against: Against = None,
    as_json: AsJson = False,
    lang: Lang = Language.ZH,
) -> None:
    """Print the register of exceptions to the national floor."""
    book = parse_rule_book(_load(against))
    day = None if on is None else _parse_day(on)
    entries = (
        [(table, entry) for table in book.tables for entry in table.exceptions]
        if day is None
        else book.exceptions_on(day)
    )
    told = [
        {
            "id": table.public_name(entry.row.id),
            "site": table.site,
            "why": {"zh": entry.why.zh, "en": entry.why.en},
            "legal_basis": entry.row.legal_basis,
            "evidence": entry.row.evidence,
            "registrar": {"zh": entry.registrar.zh, "en": entry.registrar.en},
            "first_day": entry.row.days.first,
            "last_day": entry.row.days.last,
        }
        for table, entry in entries
    ]
    if as_json:
        print_json(told)
        return
    for each in told:
        console.print(f"{each['id']}  {each['first_day']} – {each['last_day']}", style="bold", markup=False)
        for name in ("why", "registrar"):
            console.print(f"  {each[name][lang]}", markup=False)  # type: ignore[index]
        console.print(f"  {each['legal_basis']}", style="dim", markup=False)


def _load(folder: Path | None) -> dict[str, bytes]:
    """Return the tables of a folder by name, or those that ship."""
    if folder is None:
        return dict(load_files(RULES))
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix == ".toml")
    except OSError as error:
        raise Refused(ProblemId.BAD_REQUEST, f"{folder}: {error.strerror}") from error
    if not paths:
        raise Refused(ProblemId.BAD_REQUEST, f"{folder}: no rule tables (.toml) are there")
    return {path.name: read_file(path, RULE_TABLE_MAX_BYTES) for path in paths}


def _with_file(held: Mapping[str, bytes], file: Path) -> tuple[dict[str, bytes], str]:
    """Return tables with that of a file among them, and its name there."""
    table, data = _read_table(file)
    name = file_name_of(parse_rule_book(held), table)
    return {**held, name: data}, name


def _read_table(file: Path) -> tuple[RuleTable, bytes]:
    data = read_file(file, RULE_TABLE_MAX_BYTES)
    try:
        return parse_rule_table(data), data
    except Refused as refused:
        raise Refused(refused.problem, f"{file}: {refused.detail}") from refused


def _two_versions(
    old: Path, new: Path, against: Path | None
) -> tuple[dict[str, bytes], dict[str, bytes], RuleTable | None]:
    if old.is_dir() and new.is_dir():
        return _load(old), _load(new), None
    (before, old_data), (after, new_data) = _read_table(old), _read_table(new)
    if (before.region, before.site) != (after.region, after.site):
        raise Refused(ProblemId.BAD_REQUEST, f"{old} and {new} are tables of two places")
    held = _load(against)
    book = parse_rule_book(held)
    same = [name for (region, site, _), name in book.names.items() if (region, site) == (before.region, before.site)]
    others = {name: data for name, data in held.items() if name not in same}
    name = file_name_of(parse_rule_book(others), before)
    return {**others, name: old_data}, {**others, name: new_data}, after


def _read_situation(path: Path) -> dict[str, Any]:
    data = sys.stdin.buffer.read(SITUATION_MAX_BYTES + 1) if str(path) == "-" else read_file(path, SITUATION_MAX_BYTES)
    if len(data) > SITUATION_MAX_BYTES:
        raise Refused(ProblemId.BAD_REQUEST, f"{path}: more than {SITUATION_MAX_BYTES} bytes")
    try:
        return msgspec.json.decode(data, type=dict[str, Any])
    except msgspec.MsgspecError as error:
        raise Refused(ProblemId.BAD_REQUEST, f"{path}: no JSON object: {error}") from error
    except RecursionError as error:
        raise Refused(ProblemId.BAD_REQUEST, f"{path}: nested too deeply") from error


def _parse_day(text: object) -> date:
    return _today() if text is None else parse_day(str(text))


def _today() -> date:
    return beijing_day(datetime.now(UTC))


def _parse_region(text: str) -> RegionId:
    if not (text.isascii() and text.isdecimal() and len(text) in (2, 4)):
        raise Refused(ProblemId.BAD_REQUEST, f"--region is a number of two or four digits: {text[:40]!r}")
    return RegionId(text)
