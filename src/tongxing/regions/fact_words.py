"""The words by which a profile's facts are told to people: topics, and what a fact is about."""

from collections.abc import Mapping
from typing import Final

from tongxing.core.causes import CAUSES, Cause
from tongxing.core.documents import DOCUMENT_WORDS
from tongxing.core.levels import STANDING_WORDS
from tongxing.core.ways import WAY_WORDS, Way
from tongxing.core.words import Sentence
from tongxing.regions.facts import Topic
from tongxing.regions.particulars import APPEAL_WORDS, REFRESH_WORDS, AppealStep, RefreshKind
from tongxing.regions.statuses import Colour, Sure

TOPIC_WORDS: Final[Mapping[Topic, Sentence]] = {
    Topic.CODE: Sentence("健康码名称", "name of the code"),
    Topic.STATUS: Sentence("状态", "status"),
    Topic.CAUSE: Sentence("成因显示为", "shown for"),
    Topic.STANDING: Sentence("无法使用时显示为", "shown where unusable"),
    Topic.VALIDITY: Sentence("有效期", "holds"),
    Topic.SETTER: Sentence("赋码与解除", "set and cleared"),
    Topic.REFRESH: Sentence("更新", "kept fresh"),
    Topic.APPEAL: Sentence("申诉时限", "terms of appeal"),
    Topic.WAY: Sentence("互认方式", "way of recognition"),
    Topic.DOCUMENT: Sentence("证件类型", "document"),
    Topic.SOURCE: Sentence("核对的数据来源", "source looked at"),
    Topic.FAMILY: Sentence("接口类型", "family"),
    Topic.QR: Sentence("二维码内容", "QR text"),
}

COLOUR_WORDS: Final[Mapping[Colour, Sentence]] = {
    Colour.GREEN: Sentence("绿", "green"),
    Colour.BLUE: Sentence("蓝", "blue"),
    Colour.YELLOW: Sentence("黄", "yellow"),
    Colour.ORANGE: Sentence("橙", "orange"),
    Colour.RED: Sentence("红", "red"),
    Colour.GREY: Sentence("灰", "grey"),
    Colour.BLACK: Sentence("黑", "black"),
    Colour.NONE: Sentence("无码", "no code shown"),
}

SURE_WORDS: Final[Mapping[Sure, Sentence]] = {
    Sure.STD: Sentence("标准", "standard"),
    Sure.DOC: Sentence("官方通告", "official notice"),
    Sure.SUM: Sentence("报道或摘要", "press or summary"),
    Sure.CODE: Sentence("公开代码", "public code"),
    Sure.ASSUMED: Sentence("假定", "assumed"),
}

_ABOUT: Final[Mapping[Topic, Mapping[str, Sentence]]] = {
    Topic.STATUS: {str(colour): said for colour, said in COLOUR_WORDS.items()},
    Topic.VALIDITY: {str(colour): said for colour, said in COLOUR_WORDS.items()},
    Topic.SETTER: {str(colour): said for colour, said in COLOUR_WORDS.items()},
    Topic.CAUSE: {str(cause): CAUSES[cause].name for cause in Cause},
    Topic.STANDING: {str(standing): said for standing, said in STANDING_WORDS.items()},
    Topic.REFRESH: {str(kind): REFRESH_WORDS[kind] for kind in RefreshKind},
    Topic.APPEAL: {str(step): APPEAL_WORDS[step] for step in AppealStep},
    Topic.WAY: {str(way): WAY_WORDS[way] for way in Way},
    Topic.DOCUMENT: {str(number): said for number, said in DOCUMENT_WORDS.items()},
    Topic.SOURCE: {
        "cases": Sentence("病例", "cases"),
        "close_contacts": Sentence("密切接触者", "close contacts"),
        "isolation": Sentence("隔离观察", "isolation"),
        "arrivals": Sentence("来返人员", "arrivals"),
        "fever_reports": Sentence("发热报告", "fever reports"),
        "declarations": Sentence("健康申报", "declarations"),
    },
}

_FAMILY_WORDS: Final[Mapping[str, Sentence]] = {
    "make_validate": Sentence("先核码、后取信息", "the code is validated, then the status is fetched"),
    "colour_query": Sentence("按城市查询颜色", "the colour is asked for by city"),
    "words": Sentence("文字状态", "the status is told in words"),
    "signed_numeric": Sentence("数字状态，参数签名", "a number, with signed parameters"),
    "gate_numeric": Sentence("闸机接口，数字状态", "a number, through a gate's interface"),
    "national_levels": Sentence("全国等级 00、01、10", "the national levels 00, 01 and 10"),
    "keyed_call": Sentence("每次调用取一次密钥", "a key is fetched for each call"),
    "day_password": Sentence("每日口令", "a password of the day"),
    "unsigned_json": Sentence("码内为未签名的 JSON", "the code itself is JSON that nobody signed"),
    "travel_card": Sentence("行程卡", "a travel card"),
    "paper": Sentence("纸质码", "a code on paper"),
    "national": Sentence("直接出示全国码", "the national code is shown"),
}
"""How a region's code is asked about, by family; the sandbox's page has the particulars."""


def name_family(family: str) -> Sentence:
    """Return how codes of a family are asked about, in people's words."""
    return _FAMILY_WORDS[family]


def name_about(topic: Topic, about: str) -> Sentence:
    """Return a word of a topic's closed list in people's words; a parameter's name and the like stand as they are."""
    return _ABOUT.get(topic, {}).get(about, Sentence(about, about))


def name_subject(topic: Topic, about: str) -> Sentence:
    """Return what a fact is about in people's words: its topic, and the word of its closed list if it has one."""
    title, said = TOPIC_WORDS[topic], name_about(topic, about)
    return Sentence(f"{title.zh}：{said.zh}", f"{title.en}: {said.en}") if about else title
