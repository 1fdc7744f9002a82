"""Regenerates the pages that follow from the code: ``make docs``.

Each page is a function from nothing to text, listed in ``PAGES``; a test of the house holds the
committed files against them, so that a page is never behind the code.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic_core import PydanticUndefined

from tongxing.api.openapi import encode_document
from tongxing.api.routes import GATEWAY_ROUTES, HUB_ROUTES
from tongxing.app.settings import PREFIX, NodeSettings
from tongxing.core.causes import CAUSES
from tongxing.core.problems import PROBLEMS
from tongxing.core.reasons import REASONS, Stage
from tongxing.core.verdicts import MEASURE_WORDS, NOTE_WORDS, OUTCOME_WORDS
from tongxing.core.words import Sentence

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


def api_page() -> str:
    """Return the OpenAPI document of both kinds of node."""
    return encode_document([*GATEWAY_ROUTES, *HUB_ROUTES]).decode()


BOUNDS = (("ge", "at least"), ("le", "at most"))

PAGES: Mapping[str, Callable[[], str]] = {
    "docs/reasons.md": reasons_page,
    "docs/adr/README.md": decisions_page,
    "docs/settings.md": settings_page,
    "docs/openapi.json": api_page,
}


def main() -> None:
    """Write every page."""
    for name, page in PAGES.items():
        (ROOT / name).write_text(page(), encoding="utf-8")
        print(f"wrote {name}")


if __name__ == "__main__":
    main()
