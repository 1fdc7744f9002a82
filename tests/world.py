"""A federation in memory, so that a claim about deciding is a few lines: keys, bundle, codes, statements.

Everything is made by the project's own encoders from real files of ``tongxing.data``; nothing is
faked but the wire. All keys are INSECURE_TEST keys: their seeds stand here.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from importlib import resources

from tongxing.app.packaged import load_gazetteer
from tongxing.core.causes import Cause, HeldCause, level_of
from tongxing.core.checkpoints import Temperature
from tongxing.core.entered import NOTHING_ENTERED, Entered
from tongxing.core.errors import Rejected, Undecidable
from tongxing.core.levels import Level, Standing
from tongxing.core.reports import Origin, OriginBasis, Precision, Report
from tongxing.core.verdicts import Direction, Verdict
from tongxing.core.words import FEDERATION, FEDERATION_NAME, PlaceKind, RegionId, Sentence
from tongxing.crypto.keys import SigningKey
from tongxing.crypto.sealing import SealingPair, SymmetricKey
from tongxing.crypto.suites import SuiteId
from tongxing.recognition.knowledge import Knowledge, load_knowledge
from tongxing.recognition.pipeline import decide_passage
from tongxing.recognition.stages import Fetched, Needed, OthersFetched, OthersNeeded, Scan, StatementFetched
from tongxing.services.risk_import import import_risk_list
from tongxing.trust.bundle import BundleContent, accept_bundle, encode_bundle, encode_files
from tongxing.trust.directory import Directory, DirectoryRecord, KeyRecord, KeyUse, encode_directory
from tongxing.trust.verifier_keys import VerifierKey, encode_verifier_keys
from tongxing.wire.consultation import ConsultationAnswer, encode_consultation_answer
from tongxing.wire.national_code import SEALED_BYTES, NationalCodeClaims, encode_national_code
from tongxing.wire.sealed_part import SealedContent, seal_content
from tongxing.wire.statement import Statement, encode_statement

AT = datetime(2020, 3, 21, 4, 0, tzinfo=UTC)
START = datetime(2020, 3, 1, tzinfo=UTC)
HUBEI, GUANGXI = RegionId("42"), RegionId("45")
REGIONS = (HUBEI, GUANGXI)
HUBEI_CODE = "HBJKM." + "A" * 43
QUERY_ID = bytes(range(16))


def insecure_test_seed(name: str) -> bytes:
    """Return a seed that everybody knows."""
    return hashlib.sha256(b"INSECURE_TEST_" + name.encode()).digest()


def insecure_test_key(name: str, suite: SuiteId = SuiteId.EDDSA) -> SigningKey:
    """Return a signing key that everybody knows."""
    return SigningKey.from_seed(suite, insecure_test_seed(name))


def data_file(*parts: str) -> bytes:
    """Return a file of the package's data."""
    return resources.files("tongxing").joinpath("data", *parts).read_bytes()


ROOT = insecure_test_key("bundle")
OTHER_ROOT = insecure_test_key("another hub")
FEDERATION_PAIR = SealingPair.from_seed(insecure_test_seed("seal 00"))
PAIRS = {region: SealingPair.from_seed(insecure_test_seed(f"seal {region}")) for region in REGIONS}


def origin(division: str = "450103") -> Origin:
    """Return a declared stay in a county."""
    return Origin(division, Precision.EXACT, OriginBasis.DECLARED_STAY)


def report_of(*causes: Cause, issuer: RegionId = HUBEI, **changes: object) -> Report:
    """Return a current report with these causes, nothing found by default."""
    told = causes or (Cause.NOTHING_FOUND,)
    values: dict[str, object] = {
        "issuer": issuer,
        "standing": Standing.CURRENT,
        "level": level_of(told, AT),
        "causes": tuple(HeldCause(cause, AT - timedelta(days=1)) for cause in told),
        "revision": 1,
        "as_of": AT,
        "valid_until": AT + timedelta(days=3),
    }
    return Report(**{**values, **changes})  # type: ignore[arg-type]


@dataclass
class World:
    """One federation of Hubei and Guangxi; change a field before asking for a bundle to change it."""

    suite: SuiteId = SuiteId.EDDSA
    issued_at: datetime = AT - timedelta(hours=1)
    suspended: frozenset[RegionId] = frozenset()
    has_federation: bool = False
    life: timedelta = timedelta(days=7)
    rules: dict[str, bytes] = field(
        default_factory=lambda: {
            f"{name}.toml": data_file("rules", f"{name}.toml") for name in ("national", "42", "45")
        }
    )
    profiles: dict[str, bytes] = field(
        default_factory=lambda: {f"{name}.toml": data_file("profiles", f"{name}.toml") for name in REGIONS}
    )
    more_sections: dict[str, bytes] = field(default_factory=dict)
    verifier_days: tuple[date, ...] = tuple(AT.date() + timedelta(days=offset) for offset in range(-1, 8))

    def code_key(self, region: RegionId = HUBEI) -> SigningKey:
        """Return a region's key for national codes."""
        return insecure_test_key(f"code {region} {self.suite}", self.suite)

    def statement_key(self, region: RegionId = HUBEI) -> SigningKey:
        """Return a region's key for statements."""
        return insecure_test_key(f"statement {region}")

    def verifier_key(self, day: date) -> SymmetricKey:
        """Return the verifier key of a day."""
        return SymmetricKey(insecure_test_seed(f"verifier {day}"))

    def directory(self) -> Directory:
        """Return the directory of both regions."""
        records = {region: self._record(region) for region in REGIONS}
        if self.has_federation:
            records[FEDERATION] = self.federation_record()
        return Directory(records)

    def federation_record(self) -> DirectoryRecord:
        """Return the federation's own record, with the hub's keys."""
        keys = (
            KeyRecord(KeyUse.NATIONAL_CODE, self.code_key(FEDERATION).public, START),
            KeyRecord(KeyUse.STATEMENT, self.statement_key(FEDERATION).public, START),
            KeyRecord(KeyUse.REQUEST, insecure_test_key("request 00").public, START),
        )
        return DirectoryRecord(FEDERATION, FEDERATION_NAME, "http://127.0.0.1:9/hub", keys, FEDERATION_PAIR.public)

    def bundle(self, number: int = 1, previous: bytes | None = None) -> bytes:
        """Return a signed bundle."""
        keys = [VerifierKey(day, self.verifier_key(day).raw) for day in self.verifier_days]
        content = BundleContent(
            number,
            self.issued_at,
            self.issued_at + self.life,
            previous,
            {
                "directory": encode_directory(self.directory()),
                "profiles": encode_files(self.profiles),
                "rules": encode_files(self.rules),
                "risk": risk_section(),
                "verifier_keys": encode_verifier_keys(keys, {region: pair.public for region, pair in PAIRS.items()}),
                **self.more_sections,
            },
        )
        return encode_bundle(content, ROOT)

    def knowledge(self, host: RegionId = GUANGXI) -> Knowledge:
        """Return what a host's gateway knows."""
        accepted = accept_bundle(self.bundle(), held=None, roots=[ROOT.public], at=self.issued_at)
        return load_knowledge(accepted, host=host, sealing_pair=PAIRS[host])

    def national_code(
        self,
        level: Level = Level.LOW,
        *,
        at: datetime = AT,
        life_seconds: int = 60,
        where: Origin | None = None,
        issuer: RegionId = HUBEI,
        key: SigningKey | None = None,
        number: int = 0,
    ) -> str:
        """Return the text of a national code; ``number`` makes it another one."""
        signer = key if key is not None else self.code_key(issuer)
        issued = int(at.timestamp())
        claims = NationalCodeClaims(
            issuer=issuer,
            credential_id=hashlib.sha256(b"id%d" % number).digest()[:16],
            issued_at=issued,
            expires_at=issued + life_seconds,
            extension_token=hashlib.sha256(b"token%d" % number).digest()[:16],
            sealed=bytes(SEALED_BYTES),
        )
        content = SealedContent(level, False, where if where is not None else origin(), "王**", False)
        sealed = seal_content(claims, content, self.verifier_key(at.date()).seal)
        return encode_national_code(sealed, alg=signer.public.cose_alg, kid=signer.public.kid, sign=signer.sign)

    def statement(self, report: Report, *, key: SigningKey | None = None, **changes: object) -> bytes:
        """Return Hubei's signed statement for Guangxi on ``QUERY_ID``."""
        signer = key if key is not None else self.statement_key(HUBEI)
        values: dict[str, object] = {
            "issuer": HUBEI,
            "audience": GUANGXI,
            "query_id": QUERY_ID,
            "issued_at": AT,
            "expires_at": AT + timedelta(seconds=30),
            "report": report,
            "origin": origin(),
            "masked_hint": "王**",
            "subject_handle": "handle",
        }
        statement = Statement(**{**values, **changes})  # type: ignore[arg-type]
        return encode_statement(statement, alg=signer.public.cose_alg, kid=signer.public.kid, sign=signer.sign)

    def consultation_answer(self, *reports: Report, key: SigningKey | None = None, **changes: object) -> bytes:
        """Return the hub's signed answer for Guangxi on ``QUERY_ID``."""
        signer = key if key is not None else self.statement_key(FEDERATION)
        values: dict[str, object] = {
            "audience": GUANGXI,
            "query_id": QUERY_ID,
            "answered_at": AT,
            "reports": reports,
        }
        answer = ConsultationAnswer(**{**values, **changes})  # type: ignore[arg-type]
        public = signer.public
        return encode_consultation_answer(answer, alg=public.cose_alg, kid=public.kid, sign=signer.sign)

    def _record(self, region: RegionId) -> DirectoryRecord:
        keys = (
            KeyRecord(KeyUse.NATIONAL_CODE, self.code_key(region).public, START),
            KeyRecord(KeyUse.STATEMENT, self.statement_key(region).public, START),
            KeyRecord(KeyUse.REQUEST, insecure_test_key(f"request {region}").public, START),
        )
        name = {HUBEI: Sentence("湖北省", "Hubei"), GUANGXI: Sentence("广西壮族自治区", "Guangxi")}[region]
        return DirectoryRecord(
            region, name, f"http://127.0.0.1:9/{region}", keys, PAIRS[region].public, region in self.suspended
        )


def risk_section() -> bytes:
    """Return a small list of spring 2020: one county medium, one high, everything else low."""

    def row(county: str) -> dict[str, object]:
        return {
            "type": "2",
            "province": "湖北省",
            "city": "武汉市",
            "county": county,
            "area_name": f"湖北省 武汉市 {county}",
            "communitys": [],
        }

    listed = {
        "data": {
            "end_update_time": "2020-03-21 08时",
            "hcount": 1,
            "mcount": 1,
            "highlist": [row("江岸区")],
            "middlelist": [row("青山区")],
        }
    }
    return import_risk_list(json.dumps(listed).encode(), load_gazetteer(), at=AT).section


def _fetched(needed: Needed, data: bytes) -> Fetched:
    return OthersFetched(data) if isinstance(needed, OthersNeeded) else StatementFetched(data, QUERY_ID)


Answer = Callable[[Needed], bytes | Rejected | Undecidable]


def decide(
    knowledge: Knowledge,
    qr_text: str,
    *,
    place: PlaceKind = PlaceKind.TRAFFIC_GATE,
    at: datetime = AT,
    answer: Answer | None = None,
    direction: Direction | None = None,
    temperature: Temperature | None = None,
    entered: Entered = NOTHING_ENTERED,
) -> Verdict:
    """Run the pipeline; ``answer`` plays the wire."""
    scan = Scan(
        qr_text,
        place,
        knowledge.host,
        direction=direction,
        temperature_decicelsius=None if temperature is None else temperature.decicelsius,
        temperature_confirmed=temperature is not None and temperature.confirmed,
        groups=entered.groups,
        proofs=entered.proofs,
        asked=entered.kinds_asked,
        foreign_texts=entered.foreign_texts,
        document_name=entered.document_name,
    )
    deciding = decide_passage(scan, knowledge, at=at)
    try:
        needed = next(deciding)
        while True:
            assert answer is not None, "the pipeline asked for a statement"
            got = answer(needed)
            needed = deciding.send(_fetched(needed, got)) if isinstance(got, bytes) else deciding.throw(got)
    except StopIteration as decided:
        verdict: Verdict = decided.value
        return verdict
