"""``tongxing regions``: the profiles of regions, listed, shown by date, checked with every fault, and compared."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from tongxing.app.packaged import PROFILES, load_files, load_profiles
from tongxing.cli import matrix
from tongxing.cli.files import read_file
from tongxing.cli.output import console, parse_day, print_json
from tongxing.core.calendar import beijing_day
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.words import Language, Sentence
from tongxing.regions.fact_words import SURE_WORDS, name_subject
from tongxing.regions.facts import Fact, FactDifference, Topic, days_of_change, diff_facts, facts_of, shares_of
from tongxing.regions.profile import (
    PROFILE_MAX_BYTES,
    Profile,
    check_profiles_apart,
    find_profile_faults,
    parse_profile,
)

EXIT_FOUND: Final = 2
TOML: Final = ".toml"

app = typer.Typer(help="Profiles of regions.", no_args_is_help=True)
app.command("matrix")(matrix.matrix)

On = Annotated[str | None, typer.Option("--on", help="The Beijing day, as 2020-03-21; today by default.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Lang = Annotated[Language, typer.Option(help="Language of the words.")]


@dataclass(frozen=True, slots=True)
class ProfileOnDay:
    """One side of a comparison."""

    name: str
    profile: Profile
    day: date


@app.callback()
def regions() -> None:
    """Profiles of regions."""


@app.command("list")
def list_regions(*, on: On = None, as_json: AsJson = False, lang: Lang = Language.ZH) -> None:
    """List every region that ships: its code on a day, its statuses and ways, and how sure all that is."""
    day = _parse_day(on)
    rows = [_row(profile, day) for profile in load_profiles().values()]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        named = row["code"][lang] if row["code"] else "-"
        console.print(f"{row['region']:5} {row['name'][lang]}  {named}", style="bold", markup=False)
        console.print(f"      {' / '.join(status[lang] for status in row['statuses']) or '-'}", markup=False)
        shares = ", ".join(f"{SURE_WORDS[sure].text(lang)} {count}" for sure, count in row["evidence"].items())
        told = f"      {row['family']}; {', '.join(row['ways']) or '-'}; {shares}"
        console.print(told, style="dim", markup=False)


@app.command("show")
def show(
    region: Annotated[str, typer.Argument(help="Number of a region that ships (44, 4401), or a profile's file.")],
    *,
    on: On = None,
    as_json: AsJson = False,
    lang: Lang = Language.ZH,
) -> None:
    """Show what a profile says on a day, each fact with its evidence, and on which days something changes."""
    side = _read_side(region, _parse_day(on))
    profile, facts = side.profile, facts_of(side.profile, side.day)
    changes = days_of_change(profile)
    if as_json:
        print_json(
            {
                **_row(profile, side.day),
                "days_of_change": list(changes),
                "facts": [_fact(fact) for fact in facts],
                "begins": changes[0],
            }
        )
        return
    console.print(f"{profile.region} {profile.name.text(lang)}  {side.day}", style="bold", markup=False)
    for fact in facts:
        subject, sure = name_subject(fact.topic, fact.about), SURE_WORDS[fact.evidence.sure]
        console.print(f"  {subject.text(lang)}: {fact.said.text(lang)}  [{sure.text(lang)}]", markup=False)
    console.print({"zh": "变更日期：", "en": "changes on: "}[lang] + ", ".join(map(str, changes)), markup=False)
    for evidence in dict.fromkeys(fact.evidence for fact in facts):
        line = f"[{SURE_WORDS[evidence.sure].text(lang)}] {evidence.since} – {evidence.until or ''}: {evidence.source}"
        console.print(line, style="dim", markup=False)


@app.command("check")
def check(
    files: Annotated[list[Path], typer.Argument(help="Profiles (TOML).")],
    *,
    as_json: AsJson = False,
) -> None:
    """Check profiles, alone and beside those that ship; exit 2 with every fault by its table and key."""
    found = _find_faults(files)
    if as_json:
        print_json([{"file": str(file), "faults": faults} for file, faults in found.items()])
    else:
        for file, faults in found.items():
            console.print(f"{file}: {len(faults)} {'fault' if len(faults) == 1 else 'faults'}", markup=False)
            for fault in faults:
                console.print(f"  {fault}", markup=False)
    raise typer.Exit(EXIT_FOUND if any(found.values()) else 0)


@app.command("diff")
def diff(
    before: Annotated[str, typer.Argument(help="A region or a profile's file, with its day behind @: 44@2020-03-21.")],
    after: Annotated[str, typer.Argument(help="Another one, or the same on another day.")],
    *,
    on: On = None,
    as_json: AsJson = False,
    lang: Lang = Language.ZH,
) -> None:
    """Tell what two profiles say differently, or one on two days: by cause, never by how a status is written."""
    day = _parse_day(on)
    sides = [_read_side(text, day) for text in (before, after)]
    found = diff_facts(*(facts_of(side.profile, side.day) for side in sides))
    if as_json:
        print_json(
            {"before": _side(sides[0]), "after": _side(sides[1]), "differences": [_told(each) for each in found]}
        )
        return
    console.print(" → ".join(f"{side.name} {side.day}" for side in sides), style="bold", markup=False)
    for each in found:
        said = [" / ".join(one.text(lang) for one in told) or "-" for told in (each.before, each.after)]
        console.print(f"  {name_subject(each.topic, each.about).text(lang)}: {' → '.join(said)}", markup=False)
    if not found:
        console.print({"zh": "没有差异", "en": "nothing differs"}[lang], markup=False)


def _parse_day(text: str | None) -> date:
    return beijing_day(datetime.now(UTC)) if text is None else parse_day(text)


def _read_side(text: str, day: date) -> ProfileOnDay:
    """Read ``44``, ``44@2020-03-21``, ``file.toml`` or ``file.toml@2020-03-21``."""
    named, at, day_text = text.rpartition("@")
    if not at:
        named = text
    on = _parse_day(day_text) if at else day
    if named.endswith(TOML):
        data = read_file(Path(named), PROFILE_MAX_BYTES)
    else:
        shipped = load_files(PROFILES)
        if f"{named}{TOML}" not in shipped:
            raise Refused(ProblemId.NOT_FOUND, f"no profile ships for region {named[:40]!r}: see tongxing regions list")
        data = shipped[f"{named}{TOML}"]
    return ProfileOnDay(named, parse_profile(data), on)


def _find_faults(files: Sequence[Path]) -> dict[Path, list[str]]:
    """Return the faults of each file; a whole one is held against those that ship and the other whole ones."""
    found: dict[Path, list[str]] = {}
    beside = dict(load_profiles())
    whole: dict[Path, Profile] = {}
    for file in files:
        data = read_file(file, PROFILE_MAX_BYTES)
        found[file] = list(find_profile_faults(data))
        if not found[file]:
            whole[file] = parse_profile(data)
            beside.pop(whole[file].region, None)
    for file, profile in whole.items():
        for other in (*beside.values(), *(each for path, each in whole.items() if path != file)):
            try:
                check_profiles_apart((other, profile))
            except Refused as refused:
                found[file].append(refused.detail)
    return found


def _row(profile: Profile, day: date) -> dict[str, Any]:
    facts = facts_of(profile, day)
    return {
        "region": profile.region,
        "name": _words(profile.name),
        "code": next((_words(fact.said) for fact in facts if fact.topic is Topic.CODE), None),
        "statuses": [_words(fact.said) for fact in facts if fact.topic is Topic.STATUS],
        "ways": [fact.about for fact in facts if fact.topic is Topic.WAY],
        "family": profile.family,
        "evidence": {str(sure): count for sure, count in shares_of(facts).items()},
    }


def _fact(fact: Fact) -> dict[str, Any]:
    return {
        "topic": fact.topic,
        "about": fact.about,
        "said": _words(fact.said),
        "since": fact.since,
        "until": fact.until,
        "sure": fact.evidence.sure,
        "source": fact.evidence.source,
    }


def _side(side: ProfileOnDay) -> dict[str, Any]:
    return {"region": side.profile.region, "name": _words(side.profile.name), "day": side.day}


def _told(difference: FactDifference) -> dict[str, Any]:
    return {
        "topic": difference.topic,
        "about": difference.about,
        "before": [_words(said) for said in difference.before],
        "after": [_words(said) for said in difference.after],
    }


def _words(said: Sentence) -> dict[str, str]:
    return {"zh": said.zh, "en": said.en}
