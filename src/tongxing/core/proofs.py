"""Proofs: what a person can show or a register can tell beside the code, and the bands in which rules see it.

A proof is a nucleic acid or antigen test, a vaccination, a recovery or the end of an isolation. Rules never
see its moment, only a *band*: closed words such as "not older than 48 h". A band has two words for nothing:
``NONE`` where somebody was asked and there is none, ``UNKNOWN`` where nobody was asked.
Spec: domain sheet, *What must be monotone*, (b) and (d): ``FAVOURABLE`` declares the direction of each kind.
"""

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from tongxing.core.words import Sentence


class ProofKind(StrEnum):
    """What a proof is about."""

    TEST = "test"
    ANTIGEN = "antigen"
    VACCINATION = "vaccination"
    RECOVERY = "recovery"
    ISOLATION = "isolation"


class ProofBasis(StrEnum):
    """How it is known: a register told it, it was shown to the guard on paper, or a foreign code says it, signed."""

    REGISTER = "register"
    SHOWN = "shown"
    SIGNED = "signed"


class Proof(msgspec.Struct, frozen=True, gc=False):
    """One proof. ``at``, aware UTC, is when the sample was taken, the last dose given, the person recovered,
    or the isolation ended; an isolation that is under way ends in the future.

    ``positive`` belongs to tests and antigen tests and is never missing there; ``complete`` and ``boosted``
    belong to vaccinations. Raises ``ValueError`` for anything else.
    """  # noqa: D205 - the first sentence needs the line

    kind: ProofKind
    at: datetime
    basis: ProofBasis
    positive: bool | None = None
    complete: bool | None = None
    boosted: bool = False

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("a proof's moment has no time zone")
        if (self.positive is not None) is not (self.kind in {ProofKind.TEST, ProofKind.ANTIGEN}):
            raise ValueError(f"positive or negative is said of tests, and always there: {self.kind}")
        if (self.complete is not None) is not (self.kind is ProofKind.VACCINATION):
            raise ValueError(f"complete or not is said of vaccinations, and always there: {self.kind}")
        if self.boosted and not self.complete:
            raise ValueError("a booster comes after a complete vaccination")


class TestBand(StrEnum):
    """The newest nucleic acid test."""

    __test__ = False

    UNKNOWN = "unknown"
    NONE = "none"
    OLDER = "older"
    WITHIN_7_DAYS = "within_7_days"
    WITHIN_72_H = "within_72_h"
    WITHIN_48_H = "within_48_h"
    WITHIN_24_H = "within_24_h"
    POSITIVE = "positive"


class AntigenBand(StrEnum):
    """The newest antigen test; a negative one counts for a day."""

    UNKNOWN = "unknown"
    NONE = "none"
    NEGATIVE_24_H = "negative_24_h"
    POSITIVE = "positive"


class VaccinationBand(StrEnum):
    """How far the vaccination has come."""

    UNKNOWN = "unknown"
    NONE = "none"
    PARTIAL = "partial"
    COMPLETE = "complete"
    BOOSTED = "boosted"


class RecoveryBand(StrEnum):
    """The time since the last recovery."""

    UNKNOWN = "unknown"
    NONE = "none"
    WITHIN_14_DAYS = "within_14_days"
    FROM_14_DAYS = "from_14_days"


class IsolationBand(StrEnum):
    """The time since the last isolation ended."""

    UNKNOWN = "unknown"
    NONE = "none"
    UNDER_WAY = "under_way"
    ENDED_WITHIN_7_DAYS = "ended_within_7_days"
    ENDED_7_DAYS_AGO = "ended_7_days_ago"


Band = TestBand | AntigenBand | VaccinationBand | RecoveryBand | IsolationBand


class Bands(msgspec.Struct, frozen=True, gc=False):
    """What is known of one person by each kind of proof, as rules see it."""

    test: TestBand = TestBand.UNKNOWN
    antigen: AntigenBand = AntigenBand.UNKNOWN
    vaccination: VaccinationBand = VaccinationBand.UNKNOWN
    recovery: RecoveryBand = RecoveryBand.UNKNOWN
    isolation: IsolationBand = IsolationBand.UNKNOWN


NOTHING_ASKED: Final = Bands()

PROOF_WORDS: Mapping[ProofKind, Sentence] = {
    ProofKind.TEST: Sentence("核酸检测", "nucleic acid test"),
    ProofKind.ANTIGEN: Sentence("抗原检测", "antigen test"),
    ProofKind.VACCINATION: Sentence("疫苗接种", "vaccination"),
    ProofKind.RECOVERY: Sentence("康复", "recovery"),
    ProofKind.ISOLATION: Sentence("隔离观察", "isolation"),
}

_TEST_WORDS: Mapping[Band, Sentence] = {
    TestBand.UNKNOWN: Sentence("未查验核酸", "no nucleic acid test asked for"),
    TestBand.NONE: Sentence("无核酸检测结果", "no nucleic acid test"),
    TestBand.OLDER: Sentence("7天前的核酸阴性", "a negative nucleic acid test older than 7 days"),
    TestBand.WITHIN_7_DAYS: Sentence("7天内核酸阴性", "a negative nucleic acid test not older than 7 days"),
    TestBand.WITHIN_72_H: Sentence("72小时内核酸阴性", "a negative nucleic acid test not older than 72 h"),
    TestBand.WITHIN_48_H: Sentence("48小时内核酸阴性", "a negative nucleic acid test not older than 48 h"),
    TestBand.WITHIN_24_H: Sentence("24小时内核酸阴性", "a negative nucleic acid test not older than 24 h"),
    TestBand.POSITIVE: Sentence("核酸阳性", "a positive nucleic acid test"),
}
_ANTIGEN_WORDS: Mapping[Band, Sentence] = {
    AntigenBand.UNKNOWN: Sentence("未查验抗原", "no antigen test asked for"),
    AntigenBand.NONE: Sentence("无24小时内抗原结果", "no antigen test of the last 24 h"),
    AntigenBand.NEGATIVE_24_H: Sentence("24小时内抗原阴性", "a negative antigen test not older than 24 h"),
    AntigenBand.POSITIVE: Sentence("抗原阳性", "a positive antigen test"),
}
_VACCINATION_WORDS: Mapping[Band, Sentence] = {
    VaccinationBand.UNKNOWN: Sentence("未查验疫苗接种", "no vaccination asked for"),
    VaccinationBand.NONE: Sentence("未接种疫苗", "no vaccination"),
    VaccinationBand.PARTIAL: Sentence("未完成全程接种", "an incomplete vaccination"),
    VaccinationBand.COMPLETE: Sentence("已全程接种", "a complete vaccination"),
    VaccinationBand.BOOSTED: Sentence("已接种加强针", "a vaccination with booster"),
}
_RECOVERY_WORDS: Mapping[Band, Sentence] = {
    RecoveryBand.UNKNOWN: Sentence("未查验康复情况", "no recovery asked for"),
    RecoveryBand.NONE: Sentence("无康复记录", "no recovery on record"),
    RecoveryBand.WITHIN_14_DAYS: Sentence("康复未满14天", "a recovery less than 14 days ago"),
    RecoveryBand.FROM_14_DAYS: Sentence("康复已满14天", "a recovery at least 14 days ago"),
}
_ISOLATION_WORDS: Mapping[Band, Sentence] = {
    IsolationBand.UNKNOWN: Sentence("未查验隔离情况", "no isolation asked for"),
    IsolationBand.NONE: Sentence("无隔离记录", "no isolation on record"),
    IsolationBand.UNDER_WAY: Sentence("正在隔离", "an isolation under way"),
    IsolationBand.ENDED_WITHIN_7_DAYS: Sentence("解除隔离未满7天", "an isolation that ended less than 7 days ago"),
    IsolationBand.ENDED_7_DAYS_AGO: Sentence("解除隔离已满7天", "an isolation that ended at least 7 days ago"),
}
BAND_WORDS: Mapping[ProofKind, Mapping[Band, Sentence]] = {
    ProofKind.TEST: _TEST_WORDS,
    ProofKind.ANTIGEN: _ANTIGEN_WORDS,
    ProofKind.VACCINATION: _VACCINATION_WORDS,
    ProofKind.RECOVERY: _RECOVERY_WORDS,
    ProofKind.ISOLATION: _ISOLATION_WORDS,
}
"""What each band says, by kind: bands of two kinds that share a slug are equal as strings."""

FAVOURABLE: Mapping[ProofKind, tuple[Band, ...]] = {
    ProofKind.TEST: (
        TestBand.POSITIVE,
        TestBand.NONE,
        TestBand.OLDER,
        TestBand.WITHIN_7_DAYS,
        TestBand.WITHIN_72_H,
        TestBand.WITHIN_48_H,
        TestBand.WITHIN_24_H,
    ),
    ProofKind.ANTIGEN: (AntigenBand.POSITIVE, AntigenBand.NONE, AntigenBand.NEGATIVE_24_H),
    ProofKind.VACCINATION: (
        VaccinationBand.NONE,
        VaccinationBand.PARTIAL,
        VaccinationBand.COMPLETE,
        VaccinationBand.BOOSTED,
    ),
    ProofKind.RECOVERY: (RecoveryBand.WITHIN_14_DAYS, RecoveryBand.FROM_14_DAYS),
    ProofKind.ISOLATION: (
        IsolationBand.UNDER_WAY,
        IsolationBand.ENDED_WITHIN_7_DAYS,
        IsolationBand.ENDED_7_DAYS_AGO,
    ),
}
"""The comparable bands of each kind from worst to best. Who never fell ill or was never isolated is not compared."""

_DAY: Final = timedelta(days=1)
_TEST_AGES: Final = (
    (_DAY, TestBand.WITHIN_24_H),
    (2 * _DAY, TestBand.WITHIN_48_H),
    (3 * _DAY, TestBand.WITHIN_72_H),
    (7 * _DAY, TestBand.WITHIN_7_DAYS),
)


def bands_of(proofs: Iterable[Proof], asked: AbstractSet[ProofKind], at: datetime) -> Bands:
    """Return the bands of ``proofs`` at a moment. ``asked`` are the kinds of which a register was consulted or
    the guard looked: only there does nothing found mean ``NONE``. The order of ``proofs`` never matters.
    """  # noqa: D205 - the first sentence needs the line
    if not proofs and not asked:
        return NOTHING_ASKED
    by_kind: dict[ProofKind, list[Proof]] = {}
    for proof in proofs:
        by_kind.setdefault(proof.kind, []).append(proof)
    found: dict[str, Band] = {}
    for kind in ProofKind:
        known = by_kind.get(kind)
        if known:
            found[kind.value] = _BAND_OF[kind](known, at)
        elif kind in asked:
            found[kind.value] = _NONE[kind]
    return msgspec.convert(found, Bands)


def _newest(proofs: list[Proof]) -> Proof:
    """Return the newest; of two of one moment the positive one, which never helps."""
    return max(proofs, key=lambda proof: (proof.at, proof.positive is True))


def _test_band(proofs: list[Proof], at: datetime) -> TestBand:
    newest = _newest(proofs)
    if newest.positive:
        return TestBand.POSITIVE
    age = at - newest.at
    return next((band for limit, band in _TEST_AGES if age <= limit), TestBand.OLDER)


def _antigen_band(proofs: list[Proof], at: datetime) -> AntigenBand:
    newest = _newest(proofs)
    if newest.positive:
        return AntigenBand.POSITIVE
    return AntigenBand.NEGATIVE_24_H if at - newest.at <= _DAY else AntigenBand.NONE


def _vaccination_band(proofs: list[Proof], at: datetime) -> VaccinationBand:  # noqa: ARG001 - one shape for all kinds
    if any(proof.boosted for proof in proofs):
        return VaccinationBand.BOOSTED
    return VaccinationBand.COMPLETE if any(proof.complete for proof in proofs) else VaccinationBand.PARTIAL


def _recovery_band(proofs: list[Proof], at: datetime) -> RecoveryBand:
    since = at - _newest(proofs).at
    return RecoveryBand.FROM_14_DAYS if since >= 14 * _DAY else RecoveryBand.WITHIN_14_DAYS


def _isolation_band(proofs: list[Proof], at: datetime) -> IsolationBand:
    since = at - _newest(proofs).at
    if since < timedelta(0):
        return IsolationBand.UNDER_WAY
    return IsolationBand.ENDED_7_DAYS_AGO if since >= 7 * _DAY else IsolationBand.ENDED_WITHIN_7_DAYS


_BAND_OF: Mapping[ProofKind, Callable[[list[Proof], datetime], Band]] = {
    ProofKind.TEST: _test_band,
    ProofKind.ANTIGEN: _antigen_band,
    ProofKind.VACCINATION: _vaccination_band,
    ProofKind.RECOVERY: _recovery_band,
    ProofKind.ISOLATION: _isolation_band,
}
_NONE: Mapping[ProofKind, Band] = {
    ProofKind.TEST: TestBand.NONE,
    ProofKind.ANTIGEN: AntigenBand.NONE,
    ProofKind.VACCINATION: VaccinationBand.NONE,
    ProofKind.RECOVERY: RecoveryBand.NONE,
    ProofKind.ISOLATION: IsolationBand.NONE,
}
