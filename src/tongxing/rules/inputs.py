"""The inputs of rule tables: one literal table of everything that a row may look at, with its words.

From it are made the sentences, the shape of the TOML files, the runnable inputs, the docs and the editor's form.
An input of many values (causes, groups) holds any number of them at once; every other holds exactly one.
The words of a value in files are its slug; of a level, ``low``, ``medium`` and ``high``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from tongxing.core.causes import CAUSES
from tongxing.core.checkpoints import Fever
from tongxing.core.groups import CREDENTIAL_WORDS, GROUP_WORDS
from tongxing.core.levels import STANDING_WORDS, Level
from tongxing.core.proofs import (
    BAND_WORDS,
    PROOF_WORDS,
    AntigenBand,
    IsolationBand,
    ProofKind,
    RecoveryBand,
    TestBand,
    VaccinationBand,
)
from tongxing.core.reports import OriginRisk, Precision
from tongxing.core.words import PlaceKind, Sentence

Value = StrEnum | bool | None
"""What an input can hold: a closed word, or yes and no; None is the level of whoever has no current report."""


@dataclass(frozen=True, slots=True)
class Input:
    """One input: its name in files and among the fields of a situation, its values, and words for each.

    ``many``: a situation holds a set of values; rows ask with ``<name>_any`` and ``<name>_none``, and the
    field of a situation is ``field``. ``unknown`` is the value that stands for not knowing, if there is one.
    """

    name: str
    words: Sentence
    values: Mapping[Value, Sentence]
    many: bool = False
    field: str = ""
    unknown: Value = None

    @property
    def attribute(self) -> str:
        """The field of a situation that holds it."""
        return self.field or self.name

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys by which a row's ``when``, and the fields by which its conditions, ask for it."""
        return (f"{self.name}_any", f"{self.name}_none") if self.many else (self.name,)


def word_of(value: Value) -> str | bool | None:
    """Return a value as it stands in files and runnable inputs."""
    if value is None or isinstance(value, bool):
        return value
    return value.name.lower() if isinstance(value, Level) else value.value


LEVEL_WORDS: Final[Mapping[Value, Sentence]] = {
    Level.LOW: Sentence("等级低", "low level"),
    Level.MEDIUM: Sentence("等级中", "medium level"),
    Level.HIGH: Sentence("等级高", "high level"),
}
ORIGIN_WORDS: Final[Mapping[Value, Sentence]] = {
    OriginRisk.LOW: Sentence("来自低风险地区", "from a low-risk area"),
    OriginRisk.MEDIUM: Sentence("来自中风险地区", "from a medium-risk area"),
    OriginRisk.HIGH: Sentence("来自高风险地区", "from a high-risk area"),
    OriginRisk.MIXED: Sentence("来自风险不一的地区", "from an area of mixed risk"),
    OriginRisk.UNKNOWN: Sentence("来处不明", "from an unknown place"),
}
PRECISION_WORDS: Final[Mapping[Value, Sentence]] = {
    Precision.EXACT: Sentence("来处精确到县区", "origin known to the county"),
    Precision.CITY: Sentence("来处只知城市", "origin known to the city"),
    Precision.PROVINCE: Sentence("来处只知省份", "origin known to the province"),
    Precision.NONE: Sentence("来处未知", "origin not known at all"),
}
PLACE_WORDS: Final[Mapping[Value, Sentence]] = {
    PlaceKind.TRAFFIC_GATE: Sentence("交通卡口", "traffic gate"),
    PlaceKind.RESIDENTIAL_COMPOUND: Sentence("居住小区", "residential compound"),
    PlaceKind.FACTORY: Sentence("厂矿企业", "factory"),
    PlaceKind.PUBLIC_INSTITUTION: Sentence("公共管理服务机构", "public institution"),
}
FEVER_WORDS: Final[Mapping[Value, Sentence]] = {
    Fever.NOT_MEASURED: Sentence("未测体温", "temperature not measured"),
    Fever.NORMAL: Sentence("测得体温正常", "a normal temperature measured"),
    Fever.FEVER: Sentence("测得发热", "a fever measured"),
}
_CREDENTIAL_WORDS: Final[Mapping[Value, Sentence]] = dict(CREDENTIAL_WORDS.items())
_GROUP_WORDS: Final[Mapping[Value, Sentence]] = dict(GROUP_WORDS.items())
_UNKNOWN_BAND: Final[Mapping[ProofKind, Value]] = {
    ProofKind.TEST: TestBand.UNKNOWN,
    ProofKind.ANTIGEN: AntigenBand.UNKNOWN,
    ProofKind.VACCINATION: VaccinationBand.UNKNOWN,
    ProofKind.RECOVERY: RecoveryBand.UNKNOWN,
    ProofKind.ISOLATION: IsolationBand.UNKNOWN,
}


def _proof_input(kind: ProofKind) -> Input:
    return Input(kind.value, PROOF_WORDS[kind], dict(BAND_WORDS[kind].items()), unknown=_UNKNOWN_BAND[kind])


INPUTS: Final[tuple[Input, ...]] = (
    Input("standing", Sentence("报告状态", "standing of the report"), dict(STANDING_WORDS.items())),
    Input("level", Sentence("等级", "level"), LEVEL_WORDS),
    Input(
        "cause",
        Sentence("原因", "causes"),
        {cause: entry.name for cause, entry in CAUSES.items()},
        many=True,
        field="causes",
    ),
    Input(
        "colour_only",
        Sentence("来源只给出颜色", "colour only"),
        {
            False: Sentence("来源不止给出颜色", "more than a colour told"),
            True: Sentence("来源只给出颜色", "known by a colour only"),
        },
        unknown=True,
    ),
    Input("origin_risk", Sentence("来处风险", "risk of the origin"), ORIGIN_WORDS, unknown=OriginRisk.UNKNOWN),
    Input("origin_precision", Sentence("来处精度", "precision of the origin"), PRECISION_WORDS, unknown=Precision.NONE),
    Input(
        "others_consulted",
        Sentence("查询其他地区", "other regions consulted"),
        {
            True: Sentence("已查询其他地区", "other regions consulted"),
            False: Sentence("未查询其他地区", "other regions not consulted"),
        },
        unknown=False,
    ),
    Input("place_kind", Sentence("查验点类别", "kind of place"), PLACE_WORDS),
    Input("fever", Sentence("体温", "temperature"), FEVER_WORDS),
    Input("credential", Sentence("证明方式", "how the person identified"), _CREDENTIAL_WORDS),
    Input(
        "group",
        Sentence("人员类别", "groups of people"),
        _GROUP_WORDS,
        many=True,
        field="groups",
    ),
    *(_proof_input(kind) for kind in ProofKind),
)
"""All inputs, in the order in which files name them and sentences tell them."""

INPUT: Final[Mapping[str, Input]] = {entry.name: entry for entry in INPUTS}
EVIDENCE_INPUTS: Final = tuple(kind.value for kind in ProofKind)
"""The inputs that hold a band, by name."""
