"""The public notice of a change of rules: what changes, for whom by example, from when, and why it is urgent."""

from collections.abc import Sequence
from typing import Final

from tongxing.core.words import Sentence
from tongxing.rules.differences import Difference, first_day
from tongxing.rules.tables import RuleTable

EXAMPLES_MAX: Final = 12
"""More examples than that nobody reads; the diff has them all."""


def write_notice(table: RuleTable, differences: Sequence[Difference]) -> Sentence:
    """Return the notice of a version of a table and of what it changes, in lines; plain text."""
    day = first_day(differences)
    site = f"（{table.site}）" if table.site else ""
    site_en = f" at {table.site}" if table.site else ""
    zh = [f"公告：{table.name.zh}{site}，第{table.version}版"]
    en = [f"Notice: {table.name.en}{site_en}, version {table.version}"]
    if day is None:
        zh.append("本版不改变对任何人的要求。")
        en.append("This version changes nothing for anybody.")
    else:
        zh.append(f"自{day.isoformat()}起，对下列人员的要求有变化（举例）：")
        en.append(f"From {day.isoformat()} on, people such as these are treated differently:")
        told = [_in_its_place(difference, table) for difference in differences[:EXAMPLES_MAX]]
        zh.extend(f"{number}. {sentence.zh}。" for number, sentence in enumerate(told, 1))
        en.extend(f"{number}. {sentence.en}." for number, sentence in enumerate(told, 1))
        left = len(differences) - len(told)
        if left > 0:
            zh.append(f"另有{left}种情形有变化。")
            en.append(f"And {left} more cases change.")
    for entry in table.exceptions:
        until = entry.row.days.last
        end = "" if until is None else until.isoformat()
        zh.append(
            f"例外“{entry.row.id}”，至{end}止，{entry.registrar.zh}登记：{entry.why.zh}（{entry.row.legal_basis}）。"
        )
        en.append(
            f"Exception {entry.row.id!r}, until {end}, registered by {entry.registrar.en}: {entry.why.en} "
            f"({entry.row.legal_basis})."
        )
    if table.urgent is not None:
        zh.append(f"未满48小时公示期，原因：{table.urgent.zh}")
        en.append(f"In force before the notice of 48 hours because: {table.urgent.en}")
    return Sentence("\n".join(zh), "\n".join(en))


def _in_its_place(difference: Difference, table: RuleTable) -> Sentence:
    """Return a difference, with its place where that is another than the table's: whoever falls through to it."""
    sentence = difference.sentence
    if (difference.region, difference.site) == (table.region, table.site):
        return sentence
    place = f"{difference.region}-{difference.site}" if difference.site else difference.region
    return Sentence(f"（地区{place}）{sentence.zh}", f"(region {place}) {sentence.en}")
