"""What a decision needs beside the code and the clock: the sections of a bundle, read by the rooms they belong to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from tongxing.core.calendar import beijing_day
from tongxing.core.errors import Undecidable
from tongxing.core.reasons import ReasonId
from tongxing.core.words import RegionId
from tongxing.crypto.sealing import SealingPair, SymmetricKey
from tongxing.recognition.foreign_codes import (
    FOREIGN_TRUST_SECTION,
    NOBODY_OUTSIDE,
    ForeignTrusts,
    parse_foreign_trust,
)
from tongxing.regions.profile import Profile, parse_profile
from tongxing.risk.risk_map import RiskMap, parse_risk_section
from tongxing.rules.book import RuleBook, parse_rule_book
from tongxing.rules.deciding import CompiledRules, compile_stack
from tongxing.trust.bundle import AcceptedBundle, parse_files
from tongxing.trust.directory import Directory, parse_directory
from tongxing.trust.verifier_keys import VerifierKey, open_verifier_keys


@dataclass(frozen=True, slots=True)
class Knowledge:
    """The reference data of one host region, from one accepted bundle.

    ``verifier_keys`` are by UTC day of issue; it is empty where the node is not enrolled.
    """

    host: RegionId
    bundle_number: int
    issued_at: datetime
    expires_at: datetime
    directory: Directory
    profiles: Mapping[RegionId, Profile]
    risk: RiskMap
    rules: RuleBook
    verifier_keys: Mapping[date, SymmetricKey]
    foreign: ForeignTrusts = field(default_factory=lambda: NOBODY_OUTSIDE, repr=False)
    _compiled: dict[tuple[date, str], CompiledRules | None] = field(default_factory=dict, repr=False)

    def find_rules(self, at: datetime, site: str = "") -> CompiledRules | None:
        """Return the tables that hold at the host, or at one of its sites, on the Beijing day of ``at``.

        The national table holds where the host has none of its own; None where no table is in force at all.
        """
        day = beijing_day(at)
        key = day, site if (self.host, site) in self.rules.versions else ""
        if key not in self._compiled:
            stack = self.rules.stack_on(self.host, *key)
            self._compiled[key] = compile_stack(stack, day) if stack else None
        return self._compiled[key]

    def verifier_key_on(self, day: date) -> SymmetricKey:
        """Return the verifier key of a UTC day of issue; ``Undecidable`` if this node was not given it."""
        key = self.verifier_keys.get(day)
        if key is None:
            raise Undecidable(ReasonId.VERIFIER_KEY_MISSING, f"no verifier key for {day}")
        return key


def load_knowledge(
    bundle: AcceptedBundle,
    *,
    host: RegionId,
    sealing_pair: SealingPair | None = None,
    verifier_keys: tuple[VerifierKey, ...] = (),
) -> Knowledge:
    """Read every section of an accepted bundle for ``host``.

    The day's verifier keys come from the bundle if ``sealing_pair`` is the host's, or are handed in.
    Raises ``Refused`` naming the section that cannot be read: a bundle is taken whole or not at all.
    """
    sections = bundle.sections
    if sealing_pair is not None:
        verifier_keys = open_verifier_keys(sections["verifier_keys"], host, sealing_pair)
    profiles = [parse_profile(data) for data in parse_files(sections["profiles"]).values()]
    return Knowledge(
        host=host,
        bundle_number=bundle.number,
        issued_at=bundle.issued_at,
        expires_at=bundle.expires_at,
        directory=parse_directory(sections["directory"]),
        profiles={profile.region: profile for profile in profiles},
        risk=parse_risk_section(sections["risk"]),
        rules=parse_rule_book(parse_files(sections["rules"])),
        verifier_keys={key.day: SymmetricKey(key.raw) for key in verifier_keys},
        foreign=parse_foreign_trust(sections.get(FOREIGN_TRUST_SECTION)),
    )
