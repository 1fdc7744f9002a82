"""Regenerates the pages that follow from the code, and the client's methods: ``make docs``.

Each page is a function from nothing to text, listed in ``PAGES``; a test of the house holds the
committed files against them, so that a page is never behind the code.
"""

import re
import runpy
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from pydantic_core import PydanticUndefined

from tongxing.api.gb38963.names import CALL_NAMES, NAMES
from tongxing.api.gb38963.return_codes import RETURN_CODES
from tongxing.api.openapi import encode_document
from tongxing.api.routes import GATEWAY_ROUTES, HUB_ROUTES
from tongxing.app.packaged import load_profiles
from tongxing.app.settings import PREFIX, NodeSettings
from tongxing.client.writing import write_client
from tongxing.core.causes import CAUSES
from tongxing.core.levels import STANDING_WORDS
from tongxing.core.problems import PROBLEMS
from tongxing.core.reasons import REASONS, Stage
from tongxing.core.verdicts import MEASURE_WORDS, NOTE_WORDS, OUTCOME_WORDS
from tongxing.core.ways import WAY_WORDS
from tongxing.core.words import Sentence
from tongxing.regions.fact_words import COLOUR_WORDS, SURE_WORDS, name_subject
from tongxing.regions.facts import FactDifference, Topic, days_of_change, diff_facts, facts_of, shares_of
from tongxing.regions.profile import FAMILY_WITHOUT_OWN_CODE, Profile
from tongxing.regions.statuses import Evidence, Status

ROOT = Path(__file__).parent.parent
DO_NOT_EDIT = "<!-- Made by `make docs` from the code: edit there. -->\n"

STAGE_WORDS: Mapping[Stage, Sentence] = {
    Stage.READ: Sentence("读取", "read"),
    Stage.AUTHENTICATE: Sentence("验签", "authenticate"),
    Stage.TIME: Sentence("时限", "time"),
    Stage.STATUS: Sentence("状态", "status"),
    Stage.TRANSLATE: Sentence("换算", "translate"),
    Stage.COMBINE: Sentence("合并", "combine"),
    Stage.DECIDE: Sentence("判定", "decide"),
    Stage.RECORD: Sentence("记录", "record"),
}


def _both(sentence: Sentence) -> str:
    return f"{sentence.zh}<br>{sentence.en}"


def reasons_page() -> str:
    """Return the page of reasons by stage, then of problems, causes, outcomes, measures and notes."""
    lines = [
        DO_NOT_EDIT,
        "# Reasons, problems, causes\n",
        "Closed tables: slugs are never reused. A *reason* says why a decision came out as it did, a *cause* why a",
        "person has a level, a *problem* what a caller did wrong. What the guard reads holds no cause and no colour.\n",
        "## Reasons, by stage\n",
    ]
    for stage in Stage:
        rows = {slug: reason for slug, reason in REASONS.items() if reason.stage is stage}
        if not rows:
            continue
        lines += [
            f"### ({int(stage)}) {STAGE_WORDS[stage].en} {STAGE_WORDS[stage].zh}\n",
            "| reason | to the guard | to the citizen | next step, to the guard | next step, to the citizen | alarm |",
            "|---|---|---|---|---|---|",
        ]
        for slug, row in rows.items():
            sentences = " | ".join(
                _both(each) for each in (row.guard, row.citizen, row.next_step.guard, row.next_step.citizen)
            )
            lines.append(f"| `{slug}` | {sentences} | {'yes' if row.alarm else ''} |")
        lines.append("")
    lines += [*_problems(), *_causes()]
    lines += _words("Outcomes", OUTCOME_WORDS)
    lines += _words("Measures", MEASURE_WORDS)
    lines += _words("Notes", NOTE_WORDS)
    return "\n".join(lines).rstrip() + "\n"


def _problems() -> list[str]:
    lines = [
        "## Problems (RFC 9457)\n",
        "The `type` is `urn:tongxing:problem:` and the slug.\n",
        "| problem | status | title |",
        "|---|---|---|",
    ]
    lines += [f"| `{slug}` | {row.status} | {_both(row.title)} |" for slug, row in PROBLEMS.items()]
    return [*lines, ""]


def _causes() -> list[str]:
    lines = [
        "## Causes, and their national level\n",
        "| cause | name | level, since, evidence | what clears it |",
        "|---|---|---|---|",
    ]
    for slug, row in CAUSES.items():
        levels = "<br>".join(f"`{dated.level}` {dated.since} {dated.evidence}" for dated in row.levels)
        lines.append(f"| `{slug}` | {_both(row.name)} | {levels} | {_both(row.clears)} |")
    return [*lines, ""]


def _words(title: str, table: Mapping[Any, Sentence]) -> list[str]:
    lines = [f"## {title}\n", "| word | 中文 | English |", "|---|---|---|"]
    lines += [f"| `{slug}` | {sentence.zh} | {sentence.en} |" for slug, sentence in table.items()]
    return [*lines, ""]


def decisions_page() -> str:
    """Return the index of the decision records, by their titles and states."""
    lines = [DO_NOT_EDIT, "# Decisions\n", "| | decision | status |", "|---|---|---|"]
    for record in sorted((ROOT / "docs" / "adr").glob("[0-9]*.md")):
        text = record.read_text(encoding="utf-8")
        title = re.search(r"^# (\d+)\. (.+)$", text, re.MULTILINE)
        status = re.search(r"^Status: (.+?)\.?$", text, re.MULTILINE)
        if title is None or status is None:
            raise SystemExit(f"{record.name}: a record begins '# N. Title' and has a line 'Status: …'")
        lines.append(f"| {title[1]} | [{title[2]}]({record.name}) | {status[1]} |")
    return "\n".join(lines) + "\n"


def settings_page() -> str:
    """Return the page of a node's settings, by the descriptions that stand beside each."""
    lines = [
        DO_NOT_EDIT,
        "# Settings\n",
        "A node is told everything from outside by environment variables, read once at its start. What is wrong is",
        f"refused, by name and never by value; so is a `{PREFIX}` variable that is no setting. `tongxing serve` starts",
        "a node.\n",
        "| variable | default | what it is |",
        "|---|---|---|",
    ]
    for name, field in NodeSettings.model_fields.items():
        if field.default is not PydanticUndefined:
            default = "none" if field.default in (None, ()) else f"`{field.default}`"
        else:
            default = "needed" if field.is_required() else "none"
        limits = [
            f"{words} {getattr(mark, kind)}" for mark in field.metadata for kind, words in BOUNDS if hasattr(mark, kind)
        ]
        told = f"{field.description} ({', '.join(limits)})" if limits else field.description
        lines.append(f"| `{PREFIX}{name.upper()}` | {default} | {told} |")
    return "\n".join(lines) + "\n"


def standard_names_page() -> str:
    """Return the page of the names on the face of GB/T 38963, by how sure each is."""
    lines = [
        DO_NOT_EDIT,
        "# Names of the face of GB/T 38963\n",
        "What each call is for: [the face](gb38963.md). *contents* stands in the standard's own table of contents,",
        "*seen* in the program of somebody who integrated with the national platform, *assumed* was chosen here.\n",
        "## Calls\n",
        "| | path | sure | title |",
        "|---|---|---|---|",
        *(f"| {number} | `{name.path}` | {name.sure} | {_both(name.title)} |" for number, name in CALL_NAMES.items()),
        "",
        "## Fields\n",
        "| name | our word | sure | meaning |",
        "|---|---|---|---|",
        *(f"| `{name.wire}` | `{ours}` | {name.sure} | {_both(name.words)} |" for ours, name in NAMES.items()),
        "",
        "## Return codes\n",
        "| return code | sure | meaning |",
        "|---|---|---|",
        *(
            f"| {number} | {'seen' if row.is_seen else 'assumed'} | {_both(row.words)} |"
            for number, row in RETURN_CODES.items()
        ),
    ]
    return "\n".join(lines) + "\n"


def api_page() -> str:
    """Return the OpenAPI document of both kinds of node."""
    return encode_document([*GATEWAY_ROUTES, *HUB_ROUTES]).decode()


def regions_page() -> str:
    """Return the page of all regions: codes, statuses with meaning, what changed when, and how sure all that is."""
    profiles = list(load_profiles().values())
    everything = [fact for profile in profiles for fact in facts_of(profile)]
    shares = ", ".join(f"{SURE_WORDS[sure].en} {count}" for sure, count in shares_of(everything).items())
    lines = [
        DO_NOT_EDIT,
        "# Regions\n",
        f"{len(profiles)} profiles with {len(everything)} facts ({shares}).",
        "Where nothing was found of a region, it has the national profile, and every word of it is marked assumed. The",
        "source of each fact stands in the profile, in `src/tongxing/data/profiles`. `tongxing regions show 42 --on",
        "2020-03-21` tells what held on a day, `tongxing regions diff 42 33` how two regions differ, and",
        "`tongxing regions check FILE` what is wrong with a profile.\n",
        "| number | region | code | family | ways | evidence |",
        "|---|---|---|---|---|---|",
        *map(_region_row, profiles),
        "",
        "## Statuses\n",
        "What can stand behind each status. A cause is translated, never a colour: where no cause is told, the worst",
        "under the status counts.\n",
    ]
    same = [profile for profile in profiles if profile.family == FAMILY_WITHOUT_OWN_CODE]
    for profile in (each for each in profiles if each not in same[1:]):
        here = same if profile in same else [profile]
        lines += [f"### {', '.join(f'{each.region} {each.name.zh} {each.name.en}' for each in here)}\n"]
        lines += ["| status | when | stands for | holds | evidence |", "|---|---|---|---|---|"]
        lines += [*map(_status_row, profile.statuses), ""]
    lines += ["## What changed\n", "| day | region | what | before | after |", "|---|---|---|---|---|"]
    changes = [(day, profile) for profile in profiles for day in days_of_change(profile)[1:]]
    for day, profile in sorted(changes, key=lambda change: (change[0], change[1].region)):
        lines += [_change_row(day, profile, each) for each in _differences(profile, day)]
    return "\n".join(lines) + "\n"


def _region_row(profile: Profile) -> str:
    names = "<br>".join(f"{_both(each.name)}{_span(each.evidence)}" for each in profile.code_names)
    ways = "<br>".join(f"{WAY_WORDS[use.way].en}{_span(use.evidence)}" for use in profile.ways)
    shares = ", ".join(f"{sure} {count}" for sure, count in shares_of(facts_of(profile)).items())
    return f"| {profile.region} | {_both(profile.name)} | {names} | `{profile.family}` | {ways} | {shares} |"


def _status_row(status: Status) -> str:
    meanings = []
    for each in status.meanings:
        if each.cause is not None:
            meanings.append(CAUSES[each.cause].name.en)
        elif each.standing is not None:
            meanings.append(STANDING_WORDS[each.standing].en)
    holds = ""
    if status.validity is not None:
        lasts = status.validity.lasts
        holds = "to 24:00 of its day" if lasts is None else f"{lasts.days} days"
    when = _span(status.evidence).strip(" ()") or "always"
    label = f"{_both(status.label)} ({COLOUR_WORDS[status.colour].en})"
    return f"| {label} | {when} | {', '.join(meanings)} | {holds} | {status.evidence.sure} |"


def _span(evidence: Evidence) -> str:
    ends = "" if evidence.until is None else f" until {evidence.until}"
    begins = f"from {evidence.since}" if evidence.since > FIRST_DAY else ""
    return f" ({begins}{ends})".replace("( ", "(") if begins or ends else ""


def _differences(profile: Profile, day: date) -> Sequence[FactDifference]:
    """Return what changed on a day, without who sets a status that began or ended then."""
    found = diff_facts(facts_of(profile, day - timedelta(days=1)), facts_of(profile, day))
    return [each for each in found if each.topic is not Topic.SETTER or (each.before and each.after)]


def _change_row(day: date, profile: Profile, change: FactDifference) -> str:
    before, after = (" / ".join(said.en for said in told) or "–" for told in (change.before, change.after))
    return f"| {day} | {profile.name.en} | {name_subject(change.topic, change.about).en} | {before} | {after} |"


FIRST_DAY = date(2020, 2, 1)
"""Before it no profile says anything."""

BOUNDS = (("ge", "at least"), ("le", "at most"))

_PERFORMANCE = runpy.run_path(str(ROOT / "docs" / "performance.py"))

PAGES: Mapping[str, Callable[[], str]] = {
    "docs/reasons.md": reasons_page,
    "docs/adr/README.md": decisions_page,
    "docs/settings.md": settings_page,
    "docs/regions.md": regions_page,
    "docs/gb38963-names.md": standard_names_page,
    "docs/openapi.json": api_page,
    "docs/sizing.md": runpy.run_path(str(ROOT / "docs" / "sizing.py"))["sizing_page"],
    "docs/performance.md": _PERFORMANCE["performance_page"],
    "docs/performance-lookups.svg": _PERFORMANCE["lookups_plot"],
    "docs/performance-surge.svg": _PERFORMANCE["surge_plot"],
    **{name: partial(write_client().__getitem__, name) for name in write_client()},
}


def main() -> None:
    """Write every page."""
    for name, page in PAGES.items():
        (ROOT / name).parent.mkdir(exist_ok=True)
        (ROOT / name).write_text(page(), encoding="utf-8")
        print(f"wrote {name}")


if __name__ == "__main__":
    main()
