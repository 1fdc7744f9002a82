"""What the commands print: people's words by default, one JSON document with ``--json``."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Final

import msgspec
import typer
from rich.console import Console

from tongxing.core.calendar import BEIJING
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.verdicts import Outcome
from tongxing.core.words import Language
from tongxing.recognition.view_words import Words
from tongxing.recognition.views import AuditorView, CitizenView, GuardView, VehicleView

EXIT_OF_OUTCOME: Final[dict[Outcome, int]] = {
    Outcome.PASS: 0,
    Outcome.PASS_WITH_MEASURES: 10,
    Outcome.REFER: 11,
    Outcome.STOP: 12,
}

YEARS: Final = range(2000, 2100)
"""Moments are taken from within these years: no arithmetic on them leaves the calendar."""

console = Console(highlight=False, soft_wrap=True)


def print_json(value: object) -> None:
    """Print one JSON document."""
    typer.echo(msgspec.json.format(msgspec.json.encode(value)).decode())


def parse_day(text: str) -> date:
    """Read a day as ISO 8601 writes it, ``2020-03-21``; raises ``Refused(BAD_REQUEST)``."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Refused(ProblemId.BAD_REQUEST, f"not a day such as 2020-03-21: {text[:40]!r}") from error


def parse_moment(text: str) -> datetime:
    """Read an RFC 3339 moment with its offset; raises ``Refused(BAD_REQUEST)``."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refused(ProblemId.BAD_REQUEST, f"not a moment: {text[:40]!r}") from error
    if moment.tzinfo is None:
        raise Refused(ProblemId.BAD_REQUEST, f"a moment needs its offset, as in 2020-03-21T12:00:00+08:00: {text!r}")
    if moment.year not in YEARS:
        raise Refused(ProblemId.BAD_REQUEST, f"a moment of the years {YEARS[0]} to {YEARS[-1]} is needed: {text!r}")
    return moment.astimezone(UTC)


def print_guard(view: GuardView, language: Language) -> None:
    """Print what the guard is told."""
    say = _speaker(language)
    console.print(say(view.headline), style=_STYLES[view.outcome], markup=False)
    console.print(say(view.sentence), markup=False)
    if view.vehicle is not None:
        console.print(_vehicle(view.vehicle, language), style="bold", markup=False)
    for line in (*view.measures, *view.notes):
        console.print(f"  - {say(line)}", markup=False)
    console.print(say(view.next_step), markup=False)
    age = {"zh": "数据时间：{} 秒前", "en": "age of the data: {} seconds"}[language]
    console.print(age.format(view.data_age_seconds), style="dim", markup=False)


def print_citizen(view: CitizenView, language: Language) -> None:
    """Print what the person concerned is told."""
    say = _speaker(language)
    console.print(say(view.headline), style=_STYLES[view.outcome], markup=False)
    console.print(say(view.sentence), markup=False)
    for cause in view.causes:
        console.print(f"  - {say(cause.words)} ({cause.since:%Y-%m-%d}): {say(cause.clears)}", markup=False)
    if view.vehicle is not None:
        console.print(_vehicle(view.vehicle, language), markup=False)
    for line in (*view.measures, *view.notes):
        console.print(f"  - {say(line)}", markup=False)
    console.print(say(view.next_step), markup=False)
    if view.row is not None:
        console.print(f"{view.row}", style="dim", markup=False)
    console.print(say(view.object_at), style="dim", markup=False)


def print_auditor(view: AuditorView) -> None:
    """Print the trail of stages."""
    for stage in view.trail:
        console.print(f"({stage.number}) {stage.stage}: {stage.reason or 'ok'}", markup=False)
    console.print(f"{view.outcome} {view.reason} {view.row or ''} bundle {view.bundle_number}", markup=False)
    if view.ending is not None:
        console.print(f"ended {view.ending.at.isoformat()}: {view.ending.seen}, {view.ending.outcome}", markup=False)
    if view.detail:
        console.print(view.detail, style="dim", markup=False)


def _vehicle(vehicle: VehicleView, language: Language) -> str:
    say = _speaker(language)
    route, ends = " → ".join(say(division) for division in vehicle.route), vehicle.valid_until.astimezone(BEIJING)
    return {
        "zh": "核对车牌：{}；路线：{}；有效期至 {:%Y-%m-%d %H:%M}",
        "en": "compare the plate: {}; route: {}; valid until {:%Y-%m-%d %H:%M} (Beijing)",
    }[language].format(vehicle.plate, route, ends)


def _speaker(language: Language) -> Callable[[Words], str]:
    def say(words: Words) -> str:
        return words.zh if language is Language.ZH else words.en

    return say


_STYLES: Final[dict[Outcome, str]] = {
    Outcome.PASS: "bold green",
    Outcome.PASS_WITH_MEASURES: "bold cyan",
    Outcome.REFER: "bold yellow",
    Outcome.STOP: "bold red",
}
