"""Departures: where an issuer of foreign proofs departs from its own format's specification.

A verifier that accepts only what the specification says turns travellers away for their issuer's mistakes; one that
accepts anything hides them. So each mistake that is borne has a name here, is told with the result and logged,
and a profile is the set of names that it bears: ``STRICT`` none, ``TOLERANT`` all. None of them changes what was signed
or lets in what no trusted key signed. Spec: ADR 35.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from tongxing.core.words import Sentence


class Departure(StrEnum):
    """What an issuer did otherwise. Slugs are never reused."""

    # The envelope.
    COSE_TAGS = "cose_tags"
    KID_MISSING = "kid_missing"
    KID_NOT_BYTES = "kid_not_bytes"
    KID_OF_OTHER_KIND = "kid_of_other_kind"
    ALGORITHM_MISSING = "algorithm_missing"
    ALGORITHM_UNPROTECTED = "algorithm_unprotected"
    CURVE_OF_OTHER_ALGORITHM = "curve_of_other_algorithm"
    SALT_OF_OTHER_LENGTH = "salt_of_other_length"
    # The signer's certificate.
    CERTIFICATE_NOT_DER = "certificate_not_der"
    CERTIFICATE_IS_A_KEY = "certificate_is_a_key"
    SIGNER_OUT_OF_TIME = "signer_out_of_time"
    # The claims around the proof.
    EXPIRY_MISSING = "expiry_missing"
    ISSUE_TIME_MISSING = "issue_time_missing"
    TIME_NOT_A_NUMBER = "time_not_a_number"
    ISSUER_MISSING = "issuer_missing"
    # The proof itself.
    EMPTY_ENTRIES = "empty_entries"
    NULL_FIELD = "null_field"
    FIELD_MISSING = "field_missing"
    FIELD_FORM = "field_form"
    NUMBER_AS_TEXT = "number_as_text"
    DATE_WITH_TIME = "date_with_time"
    TIME_WITHOUT_ZONE = "time_without_zone"
    BIRTH_DATE_MISSING = "birth_date_missing"
    DATE_IN_FUTURE = "date_in_future"
    RESOURCE_UNREADABLE = "resource_unreadable"
    # What its issuer publishes beside it.
    REVOCATION_UNCHECKED = "revocation_unchecked"


DEPARTURE_WORDS: Final[Mapping[Departure, Sentence]] = MappingProxyType(
    {
        Departure.COSE_TAGS: Sentence("签名信封缺少规定的标签", "the envelope does not carry the tag that it should"),
        Departure.KID_MISSING: Sentence("没有密钥编号", "no key id"),
        Departure.KID_NOT_BYTES: Sentence("密钥编号写成了文字", "the key id is a text"),
        Departure.KID_OF_OTHER_KIND: Sentence(
            "密钥编号不是证书摘要的前8个字节", "the key id is not the first eight bytes of the certificate's digest"
        ),
        Departure.ALGORITHM_MISSING: Sentence("没有写明签名算法", "no algorithm is named"),
        Departure.ALGORITHM_UNPROTECTED: Sentence("算法没有被签名保护", "the algorithm's name is not signed"),
        Departure.CURVE_OF_OTHER_ALGORITHM: Sentence(
            "密钥的曲线与所写算法不符", "the key's curve is another than the algorithm's"
        ),
        Departure.SALT_OF_OTHER_LENGTH: Sentence("签名的盐长度不合规定", "the signature's salt has another length"),
        Departure.CERTIFICATE_NOT_DER: Sentence(
            "签发者证书不是规范的DER编码", "the signer's certificate is not quite DER"
        ),
        Departure.CERTIFICATE_IS_A_KEY: Sentence("信任列表中是公钥而不是证书", "a bare key stands for the certificate"),
        Departure.SIGNER_OUT_OF_TIME: Sentence(
            "签发时签发者证书不在有效期内", "the signer's certificate was not valid when the proof was issued"
        ),
        Departure.EXPIRY_MISSING: Sentence("没有写明失效时间", "no time of expiry"),
        Departure.ISSUE_TIME_MISSING: Sentence("没有写明签发时间", "no time of issue"),
        Departure.TIME_NOT_A_NUMBER: Sentence("时间不是整数秒", "a time that is no whole number of seconds"),
        Departure.ISSUER_MISSING: Sentence("没有写明签发者", "no issuer is named"),
        Departure.EMPTY_ENTRIES: Sentence("列出了空的证明种类", "kinds of proof are listed with nothing in them"),
        Departure.NULL_FIELD: Sentence("字段为空值", "a field is null"),
        Departure.FIELD_MISSING: Sentence("缺少规定的字段", "a field that is required is missing"),
        Departure.FIELD_FORM: Sentence("字段的写法不合规定", "a field is not written as required"),
        Departure.NUMBER_AS_TEXT: Sentence("数字写成了文字", "a number is written as text"),
        Departure.DATE_WITH_TIME: Sentence("日期带有时刻", "a date has a time of day"),
        Departure.TIME_WITHOUT_ZONE: Sentence("时刻没有时区，按协调世界时计", "a time has no zone and is taken as UTC"),
        Departure.BIRTH_DATE_MISSING: Sentence("没有出生日期", "no date of birth"),
        Departure.DATE_IN_FUTURE: Sentence(
            "证明的日期在将来，未采用", "what it proves lies in the future and is not counted"
        ),
        Departure.RESOURCE_UNREADABLE: Sentence(
            "有一项内容无法读取，未采用", "a part of its content cannot be read and is not counted"
        ),
        Departure.REVOCATION_UNCHECKED: Sentence(
            "签发方的撤销名单缺失或过旧，未核对",
            "its issuer's revocation list is missing or old and was not looked at",
        ),
    }
)

TOLERANT: Final[frozenset[Departure]] = frozenset(Departure)
"""The verifier's profile: every departure is borne, named and logged."""

STRICT: Final[frozenset[Departure]] = frozenset()
"""The issuer's profile: what an issuer should try its own proofs with before it hands them out."""
