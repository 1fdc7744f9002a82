"""``tongxing rules``: prove rule tables, explain and compare them, put them in force, and what they cost people."""

import asyncio
import re
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import typer

from tongxing.app.packaged import RULES, load_files
from tongxing.cli import dry_run, rule_publishing
from tongxing.cli.files import read_file
from tongxing.cli.output import console, print_json
from tongxing.core.calendar import beijing_day
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.verdicts import MEASURE_WORDS, OUTCOME_WORDS
from tongxing.core.words import Language, RegionId, Sentence
from tongxing.rules.book import file_name_of, parse_rule_book
from tongxing.rules.deciding import Decision, compile_stack
from tongxing.rules.differences import Difference
from tongxing.rules.findings import Finding
from tongxing.rules.inputs import INPUT
from tongxing.rules.nearest import Change, apply, find_nearest_change
from tongxing.rules.notice import write_notice
from tongxing.rules.situations import Situation, encode_situation, is_possible, parse_situation
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
        held, names[file] = _with_file(held, file)
    prover = InProcessProver()
    found = {file: asyncio.run(prover.find_all(held, name)) for file, name in names.items()}
    if as_json:
        print_json([{"file": str(file), "findings": [_finding(each) for each in told]} for file, told in found.items()])
    else:
        for file, told in found.items():
            _print_findings(file, told, lang)
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
    compiled = compile_stack(parse_rule_book(_load(against)).stack_on(_parse_region(region), day, site), day)
    decision, change = compiled.decide(person), find_nearest_change(compiled, person, day)
    if as_json:
        print_json(_explained(decision, change, person))
    else:
        _print_explained(decision, change, person, lang)


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
        print_json([_difference(each) for each in differences])
    else:
        for each in differences:
            console.print(f"{each.region} {_say(each.sentence, lang)}", markup=False)
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
    if text is None:
        return _today()
    try:
        return date.fromisoformat(str(text))
    except ValueError as error:
        raise Refused(ProblemId.BAD_REQUEST, f"not a day, as 2020-03-21: {str(text)[:40]!r}") from error


def _today() -> date:
    return beijing_day(datetime.now(UTC))


def _parse_region(text: str) -> RegionId:
    if not (text.isascii() and text.isdecimal() and len(text) in (2, 4)):
        raise Refused(ProblemId.BAD_REQUEST, f"--region is a number of two or four digits: {text[:40]!r}")
    return RegionId(text)


def _explained(decision: Decision, change: Change | None, person: Situation) -> dict[str, Any]:
    nearest = None
    if change is not None:
        nearest = {
            "sentence": {"zh": change.sentence.zh, "en": change.sentence.en},
            "day": change.day,
            "situation": encode_situation(apply(change, person)),
            "outcome": change.decision_after.outcome,
            "row": change.decision_after.row,
        }
    return {
        "row": decision.row,
        "outcome": decision.outcome,
        "reason": decision.reason,
        "measures": list(decision.measures),
        "legal_basis": decision.legal_basis,
        "inputs_used": list(decision.inputs_used),
        "exception": decision.row if decision.by_exception else None,
        "nearest_change": nearest,
    }


def _print_explained(decision: Decision, change: Change | None, person: Situation, lang: Language) -> None:
    used = [INPUT[name].words for name in decision.inputs_used]
    console.print(_say(person.sentence(), lang), markup=False)
    console.print(f"{_say(OUTCOME_WORDS[decision.outcome], lang)}  {decision.row}", style="bold", markup=False)
    for measure in decision.measures:
        console.print(f"  - {_say(MEASURE_WORDS[measure], lang)}", markup=False)
    rests = {"zh": "依据：", "en": "rests on: "}[lang]
    console.print(rests + {"zh": "、", "en": ", "}[lang].join(_say(words, lang) for words in used), markup=False)
    console.print(decision.legal_basis, style="dim", markup=False)
    if change is not None:
        console.print(_say(change.sentence, lang), markup=False)


def _print_findings(file: Path, found: Sequence[Finding], lang: Language) -> None:
    console.print(f"{file}: {len(found)} {'finding' if len(found) == 1 else 'findings'}", style="bold", markup=False)
    for finding in found:
        console.print(f"  {finding.kind}: {_say(finding.sentence, lang)}", markup=False)
        for person in (finding.situation, finding.other):
            if person is not None:
                console.print(
                    f"    {msgspec.json.encode(encode_situation(person)).decode()}", style="dim", markup=False
                )


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "kind": finding.kind,
        "table": finding.table,
        "rows": list(finding.rows),
        "day": finding.day,
        "sentence": {"zh": finding.sentence.zh, "en": finding.sentence.en},
        "situation": encode_situation(finding.situation),
        "other": None if finding.other is None else encode_situation(finding.other),
    }


def _difference(difference: Difference) -> dict[str, Any]:
    example = difference.example
    return {
        "region": difference.region,
        "site": difference.site,
        "day": difference.day,
        "sentence": {"zh": difference.sentence.zh, "en": difference.sentence.en},
        "situation": encode_situation(example) if isinstance(example, Situation) else None,
        "before": None if difference.before is None else difference.before.row,
        "after": None if difference.after is None else difference.after.row,
    }


def _say(sentence: Sentence, lang: Language) -> str:
    return sentence.zh if lang is Language.ZH else sentence.en
