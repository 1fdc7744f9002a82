"""Turns a vector's plain description of a bundle into a signed bundle that every door can take up."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from tests.world import AT, PAIRS, ROOT, data_file, insecure_test_seed
from tongxing.app.packaged import load_gazetteer
from tongxing.core.reports import OriginRisk
from tongxing.core.words import PlaceKind, RegionId, Sentence
from tongxing.crypto.keys import PublicKey
from tongxing.crypto.sealing import SealingPair
from tongxing.crypto.suites import SuiteId
from tongxing.risk.risk_map import RiskMap, encode_risk_section
from tongxing.trust.bundle import BundleContent, encode_bundle, encode_files
from tongxing.trust.directory import Directory, DirectoryRecord, KeyRecord, KeyUse, encode_directory
from tongxing.trust.verifier_keys import VerifierKey, encode_verifier_keys

VECTORS = Path(__file__).parents[2] / "vectors"


@dataclass(frozen=True)
class Vector:
    """One presented code and what every door must say of it."""

    name: str
    qr_text: str
    host: RegionId
    place_kind: PlaceKind
    at: datetime
    bundle: bytes
    outcome: str
    reason: str
    stage: int

    @property
    def pair(self) -> SealingPair:
        """The host's sealing pair: an INSECURE_TEST one."""
        return PAIRS[self.host]


@cache
def load_vectors() -> tuple[Vector, ...]:
    """Return all vectors, by name: of the national code, and of the transit pass with ``pass-`` before it."""
    return tuple(
        _read(opening + path.stem, json.loads(path.read_text()))
        for folder, opening in (("national-code", ""), ("transit-pass", "pass-"))
        for path in sorted((VECTORS / folder).glob("*.json"))
    )


def _read(name: str, value: Mapping[str, Any]) -> Vector:
    shown, expected = value["input"], value["expected"]
    host = RegionId(shown["host"])
    return Vector(
        name=name,
        qr_text=shown["qr_text"],
        host=host,
        place_kind=PlaceKind(shown["place_kind"]),
        at=datetime.fromtimestamp(value["clock_seconds"], UTC),
        bundle=_sign(json.dumps(value["bundle"], sort_keys=True), host),
        outcome=expected["outcome"],
        reason=expected["reason"],
        stage=expected["stage"],
    )


@cache
def _sign(description: str, host: RegionId) -> bytes:
    bundle = json.loads(description)
    assert not bundle["areas_above_low"], "no vector names such an area yet"
    keys = [
        VerifierKey(date.fromisoformat(day), bytes.fromhex(raw))
        for day, raw in bundle["INSECURE_TEST_verifier_keys_hex"].items()
    ]
    sections = {
        "directory": encode_directory(
            Directory({RegionId(one["region"]): _record(one) for one in bundle["directory"]})
        ),
        "profiles": encode_files({f"{name}.toml": data_file("profiles", f"{name}.toml") for name in ("42", "45")}),
        "rules": encode_files(
            {f"{name}.toml": data_file("rules", f"{name}.toml") for name in ("national", "42", "45")}
        ),
        "risk": encode_risk_section(RiskMap(AT, dict.fromkeys(load_gazetteer().numbers(), OriginRisk.LOW))),
        "verifier_keys": encode_verifier_keys(keys, {host: PAIRS[host].public}),
    }
    issued, expires = (
        datetime.fromtimestamp(bundle[name], UTC) for name in ("issued_at_seconds", "expires_at_seconds")
    )
    previous = insecure_test_seed("the bundle before")
    return encode_bundle(BundleContent(bundle["number"], issued, expires, previous, sections), ROOT)


def _record(value: Mapping[str, Any]) -> DirectoryRecord:
    region = RegionId(value["region"])
    keys = tuple(
        KeyRecord(
            KeyUse(key["use"]),
            PublicKey(SuiteId(key["suite"]), bytes.fromhex(key["public_hex"])),
            datetime.fromtimestamp(key["valid_from_seconds"], UTC),
            None if key["valid_until_seconds"] is None else datetime.fromtimestamp(key["valid_until_seconds"], UTC),
        )
        for key in value["keys"]
    )
    name = Sentence(f"地区{region}", f"region {region}")
    return DirectoryRecord(region, name, f"http://127.0.0.1:9/{region}", keys, None, value["suspended"])
