"""Tells on the terminal what a demo does: docking, scenes, passages, and how to try it by hand."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tongxing.core.calendar import BEIJING
from tongxing.core.reasons import Stage
from tongxing.core.verdicts import ENDING_WORDS, OUTCOME_WORDS, Outcome
from tongxing.simulation.by_hand import Command
from tongxing.simulation.federation import Federation
from tongxing.simulation.founding import NODE_NAMES
from tongxing.simulation.playing import Passage
from tongxing.simulation.scenes import ANHUI, BEIJING_CITY, GUANGXI, HUBEI, TIBET, Scene

_STYLES: Final[Mapping[Outcome, str]] = {
    Outcome.PASS: "bold green",
    Outcome.PASS_WITH_MEASURES: "bold yellow",
    Outcome.REFER: "bold blue",
    Outcome.STOP: "bold red",
}
_REGION_WORDS: Final = {
    BEIJING_CITY: "北京 Beijing",
    ANHUI: "安徽 Anhui",
    HUBEI: "湖北 Hubei",
    GUANGXI: "广西 Guangxi",
    TIBET: "西藏 Tibet",
}
_SECONDS_A_DAY: Final = 86_400
_SECONDS_AN_HOUR: Final = 3_600


def dock_with_bar(console: Console, federation: Federation) -> None:
    """Dock everybody, with a bar for each region."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        for region, people in federation.people.items():
            bar = progress.add_task(f"接入 docking {_REGION_WORDS[region]}", total=len(people))
            for docked in federation.dock(region, len(people)):
                progress.update(bar, completed=docked)


def tell_federation(console: Console, federation: Federation) -> None:
    """Print which process listens where."""
    for name in NODE_NAMES:
        console.print(f"  {name:<12} {federation.grounds.url(name)}", style="dim")


def tell_commands(console: Console, commands: Sequence[Command]) -> None:
    """Print how to try by hand."""
    console.print()
    console.rule("[bold]自己试试 · try it by hand", align="left")
    console.print("联邦继续运行，时钟改为本机时间；Ctrl-C 停止", style="dim")
    console.print("the federation serves on, its clock is this machine's now; Ctrl-C stops it", style="dim")
    for command in commands:
        console.print(f"\n[bold]# {escape(command.says.zh)} · {escape(command.says.en)}")
        console.print(command.shell, markup=False)


def tell_scene(console: Console, scene: Scene) -> None:
    """Print a scene's title and moment."""
    console.print()
    console.rule(f"[bold]{scene.number}. {escape(scene.title.zh)} · {escape(scene.title.en)}", align="left")
    console.print(f"{scene.at.astimezone(BEIJING):%Y-%m-%d %H:%M} 北京时间 Beijing time", style="dim")


def tell_passage(console: Console, passage: Passage) -> None:
    """Print what came of a scan, and how it departs from what was expected if it does."""
    guard, outcome = passage.scanned.guard, passage.outcome
    departures = passage.departures()
    mark = "[green]✓[/]" if not departures else "[bold red]✗[/]"
    says, words = passage.step.says, OUTCOME_WORDS[outcome]
    console.print(f"\n{mark} {escape(says.zh)} · {escape(says.en)}")
    console.print(f"  [{_STYLES[outcome]}]{outcome}[/] {words.zh} · {words.en}   [dim]{passage.milliseconds:.1f} ms[/]")
    _tell_words(console, "查验 guard", guard["sentence"], guard["next_step"], *_measures(guard["measures"]))
    if guard["vehicle"] is not None:
        _tell_words(console, "核对 vehicle", _vehicle(guard["vehicle"]))
    _tell_citizen(console, passage)
    console.print(f"  [dim]过程 trail  {escape(_trail(passage.trail))}[/]")
    if passage.ending is not None:
        words = ENDING_WORDS[passage.ending]
        _tell_words(console, "人工 ending", {"zh": words.zh, "en": words.en})
    console.print(f"  [dim]资料 data   {escape(_age(guard['data_age_seconds']))}{_alarm(passage)}[/]")
    for departure in departures:
        console.print(f"  [bold red]not as expected: {escape(departure)}[/]")


def _measures(measures: Sequence[Mapping[str, str]]) -> list[Mapping[str, str]]:
    """Return the measures as one sentence, if there are any."""
    if not measures:
        return []
    zh, en = ("；".join(each["zh"] for each in measures), "; ".join(each["en"] for each in measures))
    return [{"zh": f"措施：{zh}", "en": f"Measures: {en}"}]


def _vehicle(vehicle: Mapping[str, Any]) -> Mapping[str, str]:
    """Return what of a transit pass the guard compares, as one sentence."""
    return {
        language: f"{vehicle['plate']}  " + " → ".join(division[language] for division in vehicle["route"])
        for language in ("zh", "en")
    }


def _tell_words(console: Console, who: str, *sentences: Mapping[str, str]) -> None:
    console.print(f"  {who}  {escape(''.join(words['zh'].rstrip('。') + '。' for words in sentences))}")
    console.print(f"  {' ' * cell_len(who)}  {escape(' '.join(_full_stop(words['en']) for words in sentences))}")


def _tell_citizen(console: Console, passage: Passage) -> None:
    citizen = passage.citizen
    said = [{"zh": citizen.sentence.zh, "en": citizen.sentence.en}]
    if citizen.view is not None:
        said += [
            {
                "zh": f"原因：{cause['words']['zh']}；解除：{cause['clears']['zh']}",
                "en": f"Cause: {cause['words']['en']}; {cause['clears']['en']}",
            }
            for cause in citizen.view["causes"]
        ]
    _tell_words(console, "本人 citizen", *said)


def _trail(trail: Mapping[str, Any]) -> str:
    steps = [
        f"{step['number']} {step['stage']}" + (f" ✗ {step['reason']}" if step["reason"] else "")
        for step in trail["trail"]
    ]
    if trail["row"]:
        steps[-1] += f" ({trail['row']})"
    return " → ".join([*steps, f"{Stage.RECORD.value} {Stage.RECORD.name.lower()}"])


def _age(seconds: int) -> str:
    days, rest = divmod(seconds, _SECONDS_A_DAY)
    hours = rest // _SECONDS_AN_HOUR
    return f"{days}天{hours}小时前 · {days} d {hours} h old" if days else f"{hours}小时前 · {hours} h old"


def _alarm(passage: Passage) -> str:
    return " · 已报警 alarm raised" if passage.is_alarmed else ""


def _full_stop(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


def tell_result(console: Console, passages: int, wrong: int, seconds: float) -> None:
    """Print how many verdicts were as expected."""
    console.print()
    if wrong:
        console.print(f"[bold red]{wrong} of {passages} verdicts are not as expected[/]  ({seconds:.0f} s)")
    else:
        console.print(
            f"[bold green]{passages} 个结论全部符合预期 · all {passages} verdicts as expected[/]  ({seconds:.0f} s)"
        )
