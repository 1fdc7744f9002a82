"""Datasets: what is joined as evidence besides the regions' reports. A closed table.

Each has one owner, one lawful purpose, a schema, a promise of freshness and a time to live; nothing is held of
anybody that stands in no row. Rows are joined by subject key: no document number is stored beside them. Declarations
are a person's own and come through their gateway; every other dataset comes from its owner.
Spec: domain sheet, *Report*; how long each is kept is assumed and marked so in ``docs/one-stop.md``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from tongxing.core.evidence import AUTHORITY_KINDS, EvidenceKind
from tongxing.core.words import Sentence


class Dataset(StrEnum):
    """The datasets, by the names under which their owners hand them in."""

    CASES = "cases"
    CLOSE_CONTACTS = "close_contacts"
    COUNTY_RISK = "county_risk"
    BORDER_ENTRIES = "border_entries"
    AIR_JOURNEYS = "air_journeys"
    RAIL_JOURNEYS = "rail_journeys"
    TESTS = "tests"
    VACCINATIONS = "vaccinations"
    RECOVERIES = "recoveries"
    DECLARATIONS = "declarations"


class Part(StrEnum):
    """The parts of a row beside whom it is of, its source's own number and revision, and whether it is taken back."""

    SINCE = "since"
    UNTIL = "until"
    DIVISION = "division"
    CAUSE = "cause"
    RESULT = "result"


@dataclass(frozen=True, slots=True)
class DatasetRow:
    """One dataset. ``kinds`` are those of its pieces; none where its rows are of places and not of people.

    ``needed`` are the parts that every row has, ``allowed`` those that it can have besides. A piece is kept for
    ``kept`` after its end, or after its beginning where it has none and needs none.
    """

    title: Sentence
    purpose: Sentence
    owner: Sentence
    kinds: frozenset[EvidenceKind]
    needed: frozenset[Part]
    allowed: frozenset[Part]
    fresh_for: timedelta
    kept: timedelta


_WEEK: Final = timedelta(days=7)
_FOUR_WEEKS: Final = 4 * _WEEK
_SINCE: Final = frozenset({Part.SINCE})
_NONE: Final[frozenset[Part]] = frozenset()
_JOURNEY: Final = frozenset({Part.SINCE, Part.UNTIL, Part.DIVISION})

DATASETS: Final[Mapping[Dataset, DatasetRow]] = {
    Dataset.CASES: DatasetRow(
        Sentence("确诊、疑似病例", "confirmed and suspected cases"),
        Sentence("判断本人是否为病例或康复观察期人员", "to know who is a case, or under observation after recovery"),
        Sentence("国家卫生健康委员会", "National Health Commission"),
        frozenset({EvidenceKind.CASE}),
        _SINCE | {Part.CAUSE},
        frozenset({Part.UNTIL}),
        timedelta(hours=6),
        _FOUR_WEEKS,
    ),
    Dataset.CLOSE_CONTACTS: DatasetRow(
        Sentence("密切接触者", "close contacts"),
        Sentence("判断本人是否为密切接触者", "to know who is a close contact"),
        Sentence("国家卫生健康委员会", "National Health Commission"),
        frozenset({EvidenceKind.CONTACT}),
        _SINCE,
        frozenset({Part.UNTIL}),
        timedelta(hours=6),
        _FOUR_WEEKS,
    ),
    Dataset.COUNTY_RISK: DatasetRow(
        Sentence("县区风险等级", "risk levels of counties"),
        Sentence("判断所到之处的风险等级", "to know the risk of where a person has been"),
        Sentence("国家卫生健康委员会", "National Health Commission"),
        frozenset(),
        _SINCE | {Part.DIVISION},
        _NONE,
        timedelta(hours=24),
        timedelta(days=3 * 365),
    ),
    Dataset.BORDER_ENTRIES: DatasetRow(
        Sentence("出入境", "entries from abroad"),
        Sentence("判断本人是否在入境观察期内", "to know who is under observation after entering the country"),
        Sentence("国家移民管理局", "National Immigration Administration"),
        frozenset({EvidenceKind.ENTRY}),
        _SINCE,
        frozenset({Part.UNTIL}),
        timedelta(hours=12),
        _FOUR_WEEKS,
    ),
    Dataset.AIR_JOURNEYS: DatasetRow(
        Sentence("民航行程", "journeys by air"),
        Sentence("判断十四天内是否到过风险地区", "to know who boarded in a risk area within fourteen days"),
        Sentence("中国民用航空局", "Civil Aviation Administration"),
        frozenset({EvidenceKind.FLIGHT}),
        _JOURNEY,
        _NONE,
        timedelta(hours=24),
        _FOUR_WEEKS,
    ),
    Dataset.RAIL_JOURNEYS: DatasetRow(
        Sentence("铁路行程", "journeys by rail"),
        Sentence("判断十四天内是否到过风险地区", "to know who boarded in a risk area within fourteen days"),
        Sentence("中国国家铁路集团", "China State Railway Group"),
        frozenset({EvidenceKind.TRAIN}),
        _JOURNEY,
        _NONE,
        timedelta(hours=24),
        _FOUR_WEEKS,
    ),
    Dataset.TESTS: DatasetRow(
        Sentence("核酸、抗原检测", "nucleic acid and antigen tests"),
        Sentence("出示检测结果，核对规则所要求的检测", "to show results of tests, and check what rules ask for"),
        Sentence("国家卫生健康委员会", "National Health Commission"),
        frozenset({EvidenceKind.TEST, EvidenceKind.ANTIGEN}),
        _SINCE | {Part.RESULT},
        _NONE,
        timedelta(hours=12),
        _FOUR_WEEKS,
    ),
    Dataset.VACCINATIONS: DatasetRow(
        Sentence("疫苗接种", "vaccinations"),
        Sentence("出示接种情况，核对规则所要求的接种", "to show vaccinations, and check what rules ask for"),
        Sentence("国家疾病预防控制局", "National Disease Control and Prevention Administration"),
        frozenset({EvidenceKind.VACCINATION}),
        _SINCE | {Part.RESULT},
        _NONE,
        timedelta(hours=24),
        timedelta(days=3 * 365),
    ),
    Dataset.RECOVERIES: DatasetRow(
        Sentence("康复与解除隔离", "recoveries and isolations"),
        Sentence("判断康复、隔离的起止", "to know when a person recovered or was isolated"),
        Sentence("国家卫生健康委员会", "National Health Commission"),
        frozenset({EvidenceKind.RECOVERY, EvidenceKind.ISOLATION}),
        _SINCE,
        frozenset({Part.UNTIL}),
        timedelta(hours=24),
        timedelta(days=365),
    ),
    Dataset.DECLARATIONS: DatasetRow(
        Sentence("本人申报", "a person's own declarations"),
        Sentence(
            "了解本人十四天内的停留地与健康状况", "to know where a person was, and their health, of fourteen days"
        ),
        Sentence("本人", "the person"),
        frozenset(
            {
                EvidenceKind.DECLARATION,
                EvidenceKind.STAY,
                EvidenceKind.HEALTH,
                EvidenceKind.CONCERN,
                EvidenceKind.DECLARED_CONTACT,
            }
        ),
        _SINCE,
        frozenset({Part.UNTIL, Part.DIVISION}),
        timedelta(days=14),
        _FOUR_WEEKS,
    ),
}

DATASET_OF: Final[Mapping[EvidenceKind, Dataset]] = {
    kind: dataset for dataset, row in DATASETS.items() for kind in row.kinds
}
"""In which dataset each kind of evidence stands: in exactly one, as a test holds."""

HANDED_IN: Final[frozenset[Dataset]] = frozenset(
    dataset for dataset, row in DATASETS.items() if row.kinds & AUTHORITY_KINDS
)
"""The datasets whose owners hand in rows of people. Areas of risk are published as whole lists, and a person's own
declarations come one by one through their gateway.
"""
