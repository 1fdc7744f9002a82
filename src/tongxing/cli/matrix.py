"""``tongxing regions matrix``: who accepts whose code as what on a day; a pair in words, every case, or a page."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from tongxing.app.packaged import RULES, load_files, load_profiles
from tongxing.cli.files import write_file
from tongxing.cli.matrix_page import best_outcomes, make_page, name_page
from tongxing.cli.output import console, parse_day, print_json
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.reasons import citizen_sentence
from tongxing.core.verdicts import MEASURE_WORDS, OUTCOME_WORDS, Outcome
from tongxing.core.words import Language, PlaceKind, Sentence
from tongxing.recognition.matrix import Answer, Matrix, MatrixRow, encode_matrix, find_party, make_matrix
from tongxing.recognition.matrix_words import say_status, say_telling
from tongxing.regions.rendering import LOSS_WORDS
from tongxing.rules.book import parse_rule_book
from tongxing.rules.inputs import INPUT

NO_CODE: Final = Sentence("当时尚无健康码", "no code yet")
UNREAD: Final = Sentence("（低风险地区不查验）", " (not read in low-risk areas)")


def matrix(
    on: Annotated[str, typer.Option("--on", help="The Beijing day, as 2020-03-21.")],
    *,
    issuer: Annotated[str | None, typer.Option("--from", help="Only this region's code (44, 4401).")] = None,
    host: Annotated[str | None, typer.Option("--to", help="Only at this region's checkpoints.")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print every case as a line of CSV.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print every case in one JSON document.")] = False,
    page: Annotated[Path | None, typer.Option(help="Write the day's page into this folder.")] = None,
    lang: Annotated[Language, typer.Option(help="Language of the words.")] = Language.ZH,
) -> None:
    """Tell, for each ordered pair of regions, as what a code is accepted, where, with which outcome and why."""
    if sum((as_csv, as_json, page is not None)) > 1:
        raise Refused(ProblemId.BAD_REQUEST, "--csv, --json and --page are three outputs: give one of them")
    whole = make_matrix(load_profiles().values(), parse_rule_book(load_files(RULES)), parse_day(on))
    if page is not None:
        if issuer is not None or host is not None:
            raise Refused(ProblemId.BAD_REQUEST, "a page is of every pair: leave out --from and --to")
        file = page / name_page(whole.on)
        write_file(file, make_page(whole, f"tongxing regions matrix --on {whole.on} --page docs").encode())
        console.print(f"written: {file}", markup=False)
        return
    issuing = None if issuer is None else find_party(whole, issuer).region
    hosting = None if host is None else find_party(whole, host).region
    rows = list(whole.rows(issuer=issuing, host=hosting))
    if as_json:
        print_json(list(encode_matrix(whole, rows)))
    elif as_csv:
        typer.echo(_csv(whole, rows), nl=False)
    elif issuing is None and hosting is None:
        _tell_whole(whole, lang)
    else:
        _tell_rows(whole, rows, lang)


def _csv(whole: Matrix, rows: Sequence[MatrixRow]) -> str:
    """Return a heading and one line a case; empty where there is no case."""
    content = list(encode_matrix(whole, rows))
    text = io.StringIO(newline="")
    if content:
        writer = csv.DictWriter(text, content[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(content)
    return text.getvalue()


def _tell_whole(whole: Matrix, lang: Language) -> None:
    """Tell the pairs by what the issuer's most favourable status gives."""
    console.print(
        {
            "zh": f"{whole.on}：{whole.pairs}个有序对，按发码地区最有利的状态",
            "en": f"{whole.on}: {whole.pairs} ordered pairs, by the issuer's most favourable status",
        }[lang],
        style="bold",
        markup=False,
    )
    for kind in PlaceKind:
        counted = best_outcomes(whole, kind)
        told = [f"{OUTCOME_WORDS[outcome].text(lang)} {counted[outcome]}" for outcome in Outcome if counted[outcome]]
        told += [f"{NO_CODE.text(lang)} {counted[None]}"] if counted[None] else []
        console.print(f"  {_kind(kind, lang)}: {', '.join(told)}", markup=False)
    more = {"zh": "用 --from 42 --to 45 看一对地区", "en": "one pair: --from 42 --to 45"}[lang]
    console.print(f"{more}; --csv, --json, --page", style="dim", markup=False)


def _tell_rows(whole: Matrix, rows: Sequence[MatrixRow], lang: Language) -> None:
    """Tell every case of the pairs asked for."""
    if not rows:
        console.print(NO_CODE.text(lang), markup=False)
    pair = None
    for row in rows:
        if pair != (row.issuer, row.host):
            pair = row.issuer, row.host
            console.print(f"{row.issuer.name.text(lang)} → {row.host.name.text(lang)}", style="bold", markup=False)
        said = say_status(row.shown.label, row.shown.colour).text(lang)
        word = "" if row.shown.told is None else f" {row.shown.told}"
        console.print(
            f"  {said}{word}: {say_telling(row.shown.telling).text(lang)} → {_shown_as(row, lang)}", markup=False
        )
        for loss in row.reception.rendered.losses:
            console.print(f"    - {LOSS_WORDS[loss].text(lang)}", style="dim", markup=False)
        for answer, kinds in row.reception.kinds_alike().items():
            places = {"zh": "、", "en": ", "}[lang].join(
                _kind(kind, lang) + (UNREAD.text(lang) if (row.host.region, kind) in whole.unread else "")
                for kind in kinds
            )
            console.print(f"    {places}: {_say_answer(answer, row, lang)}", markup=False)


def _say_answer(answer: Answer, row: MatrixRow, lang: Language) -> str:
    outcome, why = OUTCOME_WORDS[answer.outcome].text(lang), citizen_sentence(answer.reason, row.issuer.name).text(lang)
    joined = {"zh": "、", "en": ", "}[lang].join(MEASURE_WORDS[measure].text(lang) for measure in answer.measures)
    if lang is Language.ZH:
        return f"{outcome}（{joined}）。{why}" if joined else f"{outcome}。{why}"
    return f"{outcome} ({joined}). {why}" if joined else f"{outcome}. {why}"


def _shown_as(row: MatrixRow, lang: Language) -> str:
    rendered = row.reception.rendered
    if rendered.label is None or rendered.colour is None:
        return {"zh": "不显示", "en": "not shown"}[lang]
    return say_status(rendered.label, rendered.colour).text(lang)


def _kind(kind: PlaceKind, lang: Language) -> str:
    return INPUT["place_kind"].values[kind].text(lang)
