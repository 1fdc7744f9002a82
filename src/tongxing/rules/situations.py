"""Situations: everything that a rule table may look at, as one closed, enumerable value.

Stage 7 is reached with a *current* report only (whoever has another standing was referred before),
so a situation has no standing. What a table may look at is exactly these six inputs; their product
is small (720), which is why totality, floor and monotonicity are enumerated and not sampled.
"""

from dataclasses import dataclass
from itertools import product

from tongxing.core.checkpoints import Fever
from tongxing.core.levels import Level
from tongxing.core.reports import OriginRisk
from tongxing.core.words import PlaceKind, Sentence


@dataclass(frozen=True, slots=True)
class Situation:
    """One person with a current report at one kind of checkpoint, as a rule table sees it."""

    level: Level
    colour_only: bool
    origin_risk: OriginRisk
    others_consulted: bool
    place_kind: PlaceKind
    fever: Fever = Fever.NOT_MEASURED

    def sentence(self) -> Sentence:
        """Say the situation in words, for the counter-examples that publishers are shown."""
        zh = (
            f"等级{_LEVEL[self.level].zh}、{_ORIGIN[self.origin_risk].zh}、"
            f"{'来源只给出颜色' if self.colour_only else '来源给出原因'}、"
            f"{'已查询' if self.others_consulted else '未查询'}其他地区，在{_PLACE[self.place_kind].zh}"
            f"{_FEVER[self.fever].zh}"
        )
        en = (
            f"a person with a current report of {_LEVEL[self.level].en} level, {_ORIGIN[self.origin_risk].en}, "
            f"{'known by a colour only' if self.colour_only else 'with causes told'}, "
            f"other regions {'consulted' if self.others_consulted else 'not consulted'}, "
            f"at a {_PLACE[self.place_kind].en}{_FEVER[self.fever].en}"
        )
        return Sentence(zh, en)


_LEVEL = {
    Level.LOW: Sentence("低", "low"),
    Level.MEDIUM: Sentence("中", "medium"),
    Level.HIGH: Sentence("高", "high"),
}
_ORIGIN = {
    OriginRisk.LOW: Sentence("来自低风险地区", "from a low-risk area"),
    OriginRisk.MEDIUM: Sentence("来自中风险地区", "from a medium-risk area"),
    OriginRisk.HIGH: Sentence("来自高风险地区", "from a high-risk area"),
    OriginRisk.MIXED: Sentence("来自风险不一的地区", "from an area of mixed risk"),
    OriginRisk.UNKNOWN: Sentence("来处不明", "from an unknown place"),
}
_PLACE = {
    PlaceKind.TRAFFIC_GATE: Sentence("交通卡口", "traffic gate"),
    PlaceKind.RESIDENTIAL_COMPOUND: Sentence("居住小区", "residential compound"),
    PlaceKind.FACTORY: Sentence("厂矿企业", "factory"),
    PlaceKind.PUBLIC_INSTITUTION: Sentence("公共管理服务机构", "public institution"),
}
_FEVER = {
    Fever.NOT_MEASURED: Sentence("", ""),
    Fever.NORMAL: Sentence("，测得体温正常", " with a normal temperature measured"),
    Fever.FEVER: Sentence("，测得发热", " with a fever measured"),
}

EVERY_SITUATION: tuple[Situation, ...] = tuple(
    Situation(*values) for values in product(Level, (False, True), OriginRisk, (False, True), PlaceKind, Fever)
)
"""All 720 situations, in a fixed order."""
