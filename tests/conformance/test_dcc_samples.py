"""The EU's own test cases: valid exactly where all labels that count are true, else refused for the one that is not."""

import pytest

from tests.dcc_samples import NO_DATA, SAMPLES, Sample
from tongxing.core.departures import STRICT, Departure
from tongxing.core.errors import Rejected
from tongxing.core.foreign_codes import ALL_CHECKS, ForeignCheck, ForeignCode
from tongxing.core.reasons import ReasonId
from tongxing.trust.dcc import verify_dcc
from tongxing.wire.qr import read_picture

REASONS: dict[ForeignCheck, set[ReasonId]] = {
    ForeignCheck.UNPREFIX: {ReasonId.MALFORMED_CODE, ReasonId.UNSUPPORTED_VERSION},
    ForeignCheck.B45DECODE: {ReasonId.MALFORMED_CODE},
    ForeignCheck.COMPRESSION: {ReasonId.MALFORMED_CODE},
    ForeignCheck.DECODE: {ReasonId.MALFORMED_CODE},
    ForeignCheck.VERIFY: {ReasonId.MALFORMED_CODE, ReasonId.UNKNOWN_KEY, ReasonId.SIGNATURE_INVALID},
    ForeignCheck.EXPIRATIONCHECK: {ReasonId.FOREIGN_EXPIRED, ReasonId.FOREIGN_NOT_ACTIVE},
    ForeignCheck.KEYUSAGE: {ReasonId.KEY_USAGE_REFUSED},
    ForeignCheck.SCHEMAVALIDATION: {ReasonId.FOREIGN_CONTENT},
    ForeignCheck.PICTUREDECODE: {ReasonId.PICTURE_UNREADABLE},
}
DEPARTURES = {
    "common-CO15": {Departure.CERTIFICATE_NOT_DER},
    "common-CO20": {Departure.ALGORITHM_UNPROTECTED},
    "common-CO28": {Departure.COSE_TAGS},
}
"""All others are as their specification says."""


def verify(sample: Sample, checks: frozenset[ForeignCheck]) -> ForeignCode | ReasonId:
    """Return what was verified, or why not, of the picture where there is one."""
    try:
        text = sample.qr_text
        if sample.picture is not None and ForeignCheck.PICTUREDECODE in checks:
            text = read_picture(sample.picture)
            assert text == sample.qr_text
        return verify_dcc(text, sample.signers, sample.at, checks)
    except Rejected as rejected:
        return rejected.reason


def test_all_cases_of_the_specification_and_of_three_states_are_there_or_this_is_said_aloud() -> None:
    if not SAMPLES:
        pytest.skip(NO_DATA)
    assert len(SAMPLES) == 51
    assert sum(name.startswith("common-") for name in SAMPLES) == 38


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("with_all", [False, True], ids=["labelled checks", "all checks"])
def test_a_case_is_valid_exactly_where_its_labels_are_true(name: str, with_all: bool) -> None:
    sample = SAMPLES[name]
    result = verify(sample, ALL_CHECKS if with_all else sample.checks)
    wrong = [check for check, expected in sample.labels.items() if not expected]
    if wrong:
        assert result in REASONS[wrong[0]]
    else:
        assert isinstance(result, ForeignCode)
        assert len(result.proofs) == 1
        assert result.names[0].family_icao
        assert set(result.departures) == DEPARTURES.get(name, set())


@pytest.mark.parametrize("name", DEPARTURES)
def test_the_strict_profile_refuses_what_departs_from_the_specification(name: str) -> None:
    if name not in SAMPLES:
        pytest.skip(NO_DATA)
    sample = SAMPLES[name]
    with pytest.raises(Rejected, match=next(iter(DEPARTURES[name]))):
        verify_dcc(sample.qr_text, sample.signers, sample.at, bearing=STRICT)


def test_each_check_that_is_labelled_is_false_in_some_case() -> None:
    if not SAMPLES:
        pytest.skip(NO_DATA)
    false = {check for sample in SAMPLES.values() for check, expected in sample.labels.items() if not expected}
    assert false == set(ForeignCheck)
