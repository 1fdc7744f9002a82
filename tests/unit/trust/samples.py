"""Synthetic keys, records and bundles."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tongxing.core.words import RegionId, Sentence
from tongxing.crypto.keys import SigningKey
from tongxing.crypto.sealing import SealingPair
from tongxing.crypto.suites import SuiteId
from tongxing.trust.bundle import SECTIONS, AcceptedBundle, BundleContent, accept_bundle, encode_bundle
from tongxing.trust.directory import DirectoryRecord, KeyRecord, KeyUse

AT = datetime(2020, 4, 1, tzinfo=UTC)
DAY = timedelta(days=1)
HUBEI = RegionId("42")
GUANGXI = RegionId("45")
INSECURE_TEST_ROOT = SigningKey.from_seed(SuiteId.EDDSA, b"insecure test root key, 32 bytes")
INSECURE_TEST_OTHER = SigningKey.from_seed(SuiteId.EDDSA, b"insecure test other key 32 bytes")
INSECURE_TEST_PAIR = SealingPair.from_seed(b"insecure test sealing pair 32 b.")
ROOTS = (INSECURE_TEST_ROOT.public,)


def key(number: int, use: KeyUse = KeyUse.STATEMENT, *, until: datetime | None = None) -> KeyRecord:
    public = SigningKey.from_seed(SuiteId.EDDSA, number.to_bytes(32, "big")).public
    return KeyRecord(use, public, AT - DAY, until)


def record(region: RegionId = HUBEI, *keys: KeyRecord, suspended: bool = False) -> DirectoryRecord:
    return DirectoryRecord(
        region=region,
        name=Sentence("湖北", "Hubei"),
        url="https://gateway.hubei.example/tongxing",
        keys=keys,
        sealing_public=INSECURE_TEST_PAIR.public,
        suspended=suspended,
    )


def content(number: int = 1, previous: AcceptedBundle | None = None, **changes: object) -> BundleContent:
    made = BundleContent(
        number=number,
        issued_at=AT,
        expires_at=AT + 7 * DAY,
        previous_digest=previous.digest if previous else (None if number == 1 else b"\0" * 32),
        sections=sections(),
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # what a test names


def sections() -> Mapping[str, bytes]:
    return {name: f"section {name}".encode() for name in SECTIONS}


def signed(made: BundleContent) -> bytes:
    return encode_bundle(made, INSECURE_TEST_ROOT)


def accepted(made: BundleContent) -> AcceptedBundle:
    return accept_bundle(signed(made), held=None, roots=ROOTS, at=made.issued_at)
