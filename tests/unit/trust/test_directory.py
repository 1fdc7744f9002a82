"""The directory: which key counts for whom, for what and when."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.trust.samples import AT, DAY, GUANGXI, HUBEI, key, record
from tongxing.core.errors import Refused, Rejected
from tongxing.core.reasons import ReasonId
from tongxing.crypto.keys import SigningKey
from tongxing.crypto.suites import SuiteId
from tongxing.trust.directory import (
    Directory,
    DirectoryRecord,
    KeyRecord,
    KeyUse,
    encode_directory,
    encode_record,
    parse_directory,
    parse_record,
)
from tongxing.trust.refusing import BundleFault, has_fault
from tongxing.wire.cbor import encode_canonical

CODE = key(1, KeyUse.NATIONAL_CODE)
STATEMENT = key(2, KeyUse.STATEMENT)
REQUEST = key(3, KeyUse.REQUEST, until=AT + DAY)
ES256 = KeyRecord(KeyUse.STATEMENT, SigningKey.from_seed(SuiteId.ES256, b"\5" * 32).public, AT)


def directory(*records: DirectoryRecord) -> Directory:
    return Directory({each.region: each for each in records})


def full() -> Directory:
    return directory(record(HUBEI, CODE, STATEMENT, REQUEST, ES256), record(GUANGXI, key(9), suspended=True))


def test_a_directory_is_read_back_as_it_was() -> None:
    assert parse_directory(encode_directory(full())) == full()
    assert parse_directory(encode_directory(directory())) == directory()
    unsealed = directory(replace(record(), sealing_public=None))
    assert parse_directory(encode_directory(unsealed)) == unsealed


def test_the_right_key_is_found_for_its_region_and_use() -> None:
    assert full().find_key(HUBEI, KeyUse.NATIONAL_CODE, CODE.public.kid, AT) == CODE.public
    assert full().find_key(HUBEI, KeyUse.STATEMENT, ES256.public.kid, AT) == ES256.public


@pytest.mark.parametrize(
    ("region", "use", "wanted", "after", "reason"),
    [
        ("33", KeyUse.NATIONAL_CODE, CODE, 0, ReasonId.UNKNOWN_ISSUER),
        ("45", KeyUse.STATEMENT, key(9), 0, ReasonId.ISSUER_SUSPENDED),
        ("45", KeyUse.STATEMENT, CODE, 0, ReasonId.ISSUER_SUSPENDED),
        ("42", KeyUse.NATIONAL_CODE, key(8), 0, ReasonId.UNKNOWN_KEY),
        ("42", KeyUse.STATEMENT, CODE, 0, ReasonId.UNKNOWN_KEY),
        ("42", KeyUse.REQUEST, REQUEST, 1, ReasonId.UNKNOWN_KEY),
        ("42", KeyUse.REQUEST, REQUEST, -2, ReasonId.UNKNOWN_KEY),
    ],
    ids=["no region", "suspended", "suspended, no key", "no key", "another use", "ended", "not yet begun"],
)
def test_what_does_not_count_is_refused_with_its_own_reason(
    region: Any, use: KeyUse, wanted: KeyRecord, after: int, reason: ReasonId
) -> None:
    with pytest.raises(Rejected) as rejected:
        full().find_key(region, use, wanted.public.kid, AT + after * DAY)
    assert rejected.value.reason is reason


def test_a_key_counts_from_its_first_moment_until_before_its_last() -> None:
    moment = timedelta(microseconds=1)
    for at in (REQUEST.valid_from, AT + DAY - moment):
        assert full().find_key(HUBEI, KeyUse.REQUEST, REQUEST.public.kid, at) == REQUEST.public
    for at in (REQUEST.valid_from - moment, AT + DAY):
        with pytest.raises(Rejected):
            full().find_key(HUBEI, KeyUse.REQUEST, REQUEST.public.kid, at)


def test_a_region_is_looked_up_with_its_standing() -> None:
    assert full().record(GUANGXI) == record(GUANGXI, key(9), suspended=True)
    assert full().active_record(HUBEI).url == "https://gateway.hubei.example/tongxing"
    assert full().record(parse_record(encode_record(record())).region) is not None
    with pytest.raises(Rejected, match="issuer_suspended"):
        full().active_record(GUANGXI)


def test_only_a_request_key_in_its_time_says_who_asks() -> None:
    found = full().find_requester(REQUEST.public.kid, AT)
    assert found is not None
    assert (found.region, found.key) == (HUBEI, REQUEST)
    assert full().find_requester(REQUEST.public.kid, AT + DAY) is None
    assert full().find_requester(STATEMENT.public.kid, AT) is None
    suspended = directory(record(HUBEI, REQUEST, suspended=True))
    assert suspended.find_requester(REQUEST.public.kid, AT) is None


@pytest.mark.parametrize(
    "records",
    [
        (record(HUBEI, CODE), record(GUANGXI, CODE)),
        (record(HUBEI, CODE, replace(CODE, use=KeyUse.STATEMENT)),),
        (record(HUBEI, CODE, replace(CODE, valid_from=AT)),),
    ],
    ids=["two owners", "two uses", "two times"],
)
def test_a_key_belongs_to_one_region_and_one_use(records: tuple[DirectoryRecord, ...]) -> None:
    with pytest.raises(Refused, match="listed twice"):
        directory(*records)


def test_a_record_under_another_regions_number_is_refused() -> None:
    with pytest.raises(Refused):
        Directory({GUANGXI: record(HUBEI)})


def altered(**changes: object) -> dict[str, Any]:
    value = encode_record(record(HUBEI, CODE))
    return {name: each for name, each in {**value, **changes}.items() if each is not ...}


def altered_key(**changes: object) -> dict[str, Any]:
    keys: Any = encode_record(record(HUBEI, CODE))["keys"]
    return altered(keys=[{**keys[0], **changes}])


MALFORMED: dict[str, object] = {
    "no map": [],
    "field missing": altered(url=...),
    "field unknown": altered(more=1),
    "region of three digits": altered(region="420"),
    "no name": altered(name={"zh": "", "en": "Hubei"}),
    "name in one language": altered(name={"zh": "湖北"}),
    "name with a line break": altered(name={"zh": "湖\n北", "en": "Hubei"}),
    "suspended is false": altered(suspended=False),
    "sealing key too short": altered(sealing_public=b"\0" * 31),
    "keys no list": altered(keys={}),
    "too many keys": altered(keys=[altered_key()["keys"][0]] * 65),
    "unknown use": altered_key(use="anything"),
    "unknown suite": altered_key(suite="RS256"),
    "key no bytes": altered_key(public="00"),
    "key no point": altered_key(public=b"\0" * 32),
    "key of another suite": altered_key(suite="ES256"),
    "key ends before it begins": altered_key(valid_until_seconds=0),
    "time as text": altered_key(valid_from_seconds="0"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_record_of_another_form_is_malformed(name: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_record(MALFORMED[name])
    assert has_fault(refused.value, BundleFault.MALFORMED)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "gateway.hubei.example",
        "ftp://gateway.hubei.example",
        "file:///etc/passwd",
        "https://",
        "https://user@gateway.hubei.example",
        "https://gateway.hubei.example?next=1",
        "https://gateway.hubei.example#part",
        "https://gateway.hubei.example\\@evil.example",
        "https://gateway.hubei.example:0",
        "https://gateway.hubei.example:port",
        "https://gateway hubei.example",
        "https://网关.example",
        "https://[::1",
        "https://" + "g" * 250 + ".example",
    ],
)
def test_an_address_that_could_mislead_is_refused(url: str) -> None:
    with pytest.raises(Refused):
        parse_record(altered(url=url))


@pytest.mark.parametrize("url", ["http://127.0.0.1:8042", "http://[::1]:8042/", "https://gateway.hubei.example/a/b"])
def test_an_ordinary_address_is_taken(url: str) -> None:
    assert parse_record(altered(url=url)).url == url


@pytest.mark.parametrize(
    "section",
    [
        b"",
        encode_canonical({}),
        encode_canonical([encode_record(record(GUANGXI)), encode_record(record(HUBEI))]),
        encode_canonical([encode_record(record(HUBEI)), encode_record(record(HUBEI))]),
    ],
    ids=["nothing", "a map", "out of order", "twice"],
)
def test_a_section_of_another_form_is_malformed(section: bytes) -> None:
    with pytest.raises(Refused) as refused:
        parse_directory(section)
    assert has_fault(refused.value, BundleFault.MALFORMED)
