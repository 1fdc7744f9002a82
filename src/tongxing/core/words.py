"""The smallest words: sentences in both languages, region numbers, kinds of place."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

RegionId = NewType("RegionId", str)
"""A region's GB/T 2260 number: two digits for a province-level unit, four for a city.

``"66"`` is the Production and Construction Corps (a federation number: GB/T 2260 has none) and
``"00"`` the federation itself, whose hub signs bundles.
"""

FEDERATION = RegionId("00")


class Language(StrEnum):
    """A language in which every sentence of the system exists."""

    ZH = "zh"
    EN = "en"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One statement to people, in both languages."""

    zh: str
    en: str

    def text(self, language: Language) -> str:
        """Return the sentence in ``language``."""
        return self.zh if language is Language.ZH else self.en

    def naming(self, source: "Sentence | None") -> "Sentence":
        """Return the sentence with the name of ``source`` for ``{source}``; *a region* where that is not known."""
        zh, en = ("某地区", "a region") if source is None else (source.zh, source.en)
        return Sentence(self.zh.replace("{source}", zh), self.en.replace("{source}", en))


FEDERATION_NAME = Sentence("国家政务服务平台", "National government service platform")
"""The federation's own name, where it stands beside the regions as one that assesses and issues codes."""


class PlaceKind(StrEnum):
    """The kinds of checkpoint that the national platform named in March 2020."""

    TRAFFIC_GATE = "traffic_gate"
    RESIDENTIAL_COMPOUND = "residential_compound"
    FACTORY = "factory"
    PUBLIC_INSTITUTION = "public_institution"
