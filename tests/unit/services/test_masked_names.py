"""Masked names belong to the version of their subject's key: when that is gone nothing opens them any more."""

from tests.contract.samples import subject
from tests.fakes.access_stores import CountedEntropy
from tongxing.core.subjects import SubjectKey
from tongxing.services.masked_names import NameSealing
from tongxing.services.sealed_records import SealedRecords

SHOWN = "王**".encode()
OLD, NEW = (SubjectKey(bytes((version,)) + subject(1)[1:]) for version in (1, 2))


def records(secret: bytes) -> SealedRecords:
    return SealedRecords.for_use(secret.ljust(32, b"."), "masked names", CountedEntropy())


BEFORE, FIRST, SECOND = (records(secret) for secret in (b"before", b"first", b"second"))
BOTH = NameSealing({1: FIRST, 2: SECOND}, BEFORE)


def test_each_version_seals_under_a_key_of_its_own() -> None:
    for subject_key, own, other in ((OLD, FIRST, SECOND), (NEW, SECOND, FIRST)):
        sealed = BOTH.seal(SHOWN, subject_key)
        assert BOTH.open(sealed, subject_key) == own.open(sealed, subject_key) == SHOWN
        assert other.open_shown(sealed, subject_key) is None


def test_with_its_version_a_names_seal_is_gone() -> None:
    sealed = BOTH.seal(SHOWN, OLD)
    assert NameSealing({2: SECOND}, BEFORE).open(sealed, OLD) is None


def test_a_name_that_was_sealed_before_versions_had_keys_is_opened_still() -> None:
    assert BOTH.open(BEFORE.seal(SHOWN, OLD), OLD) == SHOWN


def test_a_seal_is_bound_to_its_subject() -> None:
    assert BOTH.open(BOTH.seal(SHOWN, NEW), OLD) is None
