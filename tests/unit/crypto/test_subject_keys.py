import hashlib
import hmac

import pytest

from tongxing.core.subjects import SUBJECT_KEY_BYTES, Document, DocumentType
from tongxing.crypto.subject_keys import (
    SubjectSecret,
    derive_subject_key,
    derive_subject_keys,
)
from tongxing.crypto.suites import KeyRefused

SECRET = SubjectSecret(1, bytes(range(32)))


def test_a_subject_key_is_its_version_and_an_hmac_over_type_and_number() -> None:
    key = derive_subject_key(SECRET, Document(DocumentType.PASSPORT, "E99000001"))
    message = b"\x00\x14tongxing subject key\x00\x0220\x00\x09E99000001"
    assert key == b"\x01" + hmac.digest(SECRET.raw, message, hashlib.sha256)
    assert len(key) == SUBJECT_KEY_BYTES


def test_type_number_secret_and_version_each_change_the_subject_key() -> None:
    document = Document(DocumentType.PASSPORT, "E99000001")
    keys = {
        derive_subject_key(SECRET, document),
        derive_subject_key(SubjectSecret(2, SECRET.raw), document),
        derive_subject_key(SubjectSecret(1, bytes(32)), document),
        derive_subject_key(SECRET, Document(DocumentType.TAIWAN_PERMIT, "E99000001")),
        derive_subject_key(SECRET, Document(DocumentType.PASSPORT, "E99000002")),
    }
    assert len(keys) == 5


@pytest.mark.parametrize(("version", "length"), [(0, 32), (256, 32), (-1, 32), (1, 31), (1, 0)])
def test_a_secret_out_of_bounds_is_refused(version: int, length: int) -> None:
    with pytest.raises(KeyRefused):
        SubjectSecret(version, bytes(length))


def test_a_secret_does_not_show_itself() -> None:
    assert repr(SECRET.raw) not in repr(SECRET)


def test_each_version_that_counts_gives_a_key_of_its_own_in_the_given_order() -> None:
    newer, document = SubjectSecret(2, bytes(range(1, 33))), Document(DocumentType.PASSPORT, "E99000001")
    keys = derive_subject_keys((newer, SECRET), document)
    assert keys == (derive_subject_key(newer, document), derive_subject_key(SECRET, document))
    assert [key[0] for key in keys] == [2, 1]
    assert derive_subject_keys((), document) == ()
