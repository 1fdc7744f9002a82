"""What an examination found, for people as one page that needs nothing else, and for programs as JSON.

The page is a file: it loads nothing and runs nothing, so that it can be sent to whoever mends the service.
"""

from collections.abc import Mapping
from importlib import resources
from typing import Any, Final

from jinja2 import DictLoader, Environment, StrictUndefined

from tongxing.conformance.catalogue import GROUP_WORDS, Group
from tongxing.conformance.findings import Examined, Verdict
from tongxing.core.calendar import BEIJING
from tongxing.core.words import Language, Sentence

VERDICT_WORDS: Final[Mapping[Verdict, Sentence]] = {
    Verdict.PASSED: Sentence("通过", "passed"),
    Verdict.FAILED: Sentence("不符合", "failed"),
    Verdict.NOT_TRIED: Sentence("没有试", "not tried"),
}
VERDICT_SIGNS: Final[Mapping[Verdict, str]] = {Verdict.PASSED: "✓", Verdict.FAILED: "✗", Verdict.NOT_TRIED: "–"}

CONFORMS: Final = Sentence("符合", "It conforms")
DOES_NOT_CONFORM: Final = Sentence("不符合", "It does not conform")

_PAGE_WORDS: Final[Mapping[str, Sentence]] = {
    "title": Sentence("互认接口检查报告", "Conformance report"),
    "service": Sentence("系统", "Service"),
    "kind": Sentence("接口类别", "Kind of interface"),
    "at": Sentence("时间（北京）", "Time (Beijing)"),
    "wanted": Sentence("要求", "What is wanted"),
    "result": Sentence("结果", "Result"),
    "why": Sentence("为什么：", "Why: "),
    "cases": Sentence("个情形", "cases"),
    "not_tried_counts": Sentence("没有试的不算通过。", "What was not tried has not passed."),
}


def tell_examined(examined: Examined) -> dict[str, Any]:
    """Return the whole of it as a JSON value; texts are in both languages."""
    return {
        "service": examined.url,
        "region": examined.region,
        "kind": examined.kind,
        "at": examined.at,
        "conforms": examined.conforms,
        "counts": {str(verdict): examined.count(verdict) for verdict in Verdict},
        "checks": [
            {
                "check": slug,
                "group": examined.checks[slug].group,
                "wanted": _words(examined.checks[slug].wanted),
                "verdict": result.verdict,
                "tried": result.tried,
                "findings": [{"about": _words(each.about), "saw": _words(each.saw)} for each in result.failures],
                "not_tried": None if result.not_tried is None else _words(result.not_tried),
            }
            for slug, result in examined.results.items()
        ],
    }


def make_report_page(examined: Examined, language: Language) -> str:
    """Return the page as HTML."""
    template = resources.files("tongxing.conformance").joinpath("page", "report.html").read_text("utf-8")
    environment = Environment(
        loader=DictLoader({"report.html": template}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    headline = CONFORMS if examined.conforms else DOES_NOT_CONFORM
    return environment.get_template("report.html").render(
        lang=language.value,
        words={key: words.text(language) for key, words in _PAGE_WORDS.items()},
        headline=headline.text(language),
        conforms=examined.conforms,
        service=examined.url,
        region=f"{examined.region} {examined.name.text(language)}",
        kind=examined.kind,
        at=f"{examined.at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}",
        counts=say_counts(examined, language),
        groups=[
            (GROUP_WORDS[group].text(language), rows)
            for group in Group
            if (rows := [_row(examined, slug, language) for slug in examined.results if _is_in(examined, slug, group)])
        ],
    )


def say_counts(examined: Examined, language: Language) -> str:
    """Return how many checks ended how, as one line."""
    separator = {"zh": "，", "en": ", "}[language]
    return separator.join(f"{VERDICT_WORDS[each].text(language)} {examined.count(each)}" for each in Verdict)


def _is_in(examined: Examined, slug: str, group: Group) -> bool:
    return examined.checks[slug].group is group


def _row(examined: Examined, slug: str, language: Language) -> dict[str, Any]:
    check, result = examined.checks[slug], examined.results[slug]
    return {
        "slug": slug,
        "wanted": check.wanted.text(language),
        "why": check.why.text(language),
        "verdict": result.verdict.value,
        "said": f"{VERDICT_SIGNS[result.verdict]} {VERDICT_WORDS[result.verdict].text(language)}",
        "tried": result.tried,
        "findings": [(each.about.text(language), each.saw.text(language)) for each in result.failures],
        "not_tried": None if result.not_tried is None else result.not_tried.text(language),
    }


def _words(said: Sentence) -> dict[str, str]:
    return {"zh": said.zh, "en": said.en}
