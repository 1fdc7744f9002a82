"""What a decision needs beside the code and the clock: the sections of a bundle, read by the rooms they belong to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from tongxing.core.calendar import beijing_day
from tongxing.core.errors import Undecidable
from tongxing.core.reasons import ReasonId
from tongxing.core.words import RegionId
from tongxing.crypto.sealing import SealingPair, SymmetricKey
from tongxing.regions.profile import Profile, parse_profile
from tongxing.risk.risk_map import RiskMap, parse_risk_section
from tongxing.rules.deciding import CompiledTable, compile_table
from tongxing.rules.tables import RuleTable, parse_rule_table
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
    rules: RuleTable | None
    verifier_keys: Mapping[date, SymmetricKey]
    _compiled: dict[date, CompiledTable] = field(default_factory=dict, repr=False)

    def find_rules(self, at: datetime) -> CompiledTable | None:
        """Return the host's table as in force on the Beijing day of ``at``, or None if there is none then."""
        day = beijing_day(at)
        compiled = self._compiled.get(day)
        if compiled is None and self.rules is not None and self.rules.days.holds(day):
            compiled = self._compiled[day] = compile_table(self.rules, day)
        return compiled

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
    rule_files = parse_files(sections["rules"])
    own_rules = rule_files.get(f"{host}.toml")
    profiles = [parse_profile(data) for data in parse_files(sections["profiles"]).values()]
    return Knowledge(
        host=host,
        bundle_number=bundle.number,
        issued_at=bundle.issued_at,
        expires_at=bundle.expires_at,
        directory=parse_directory(sections["directory"]),
        profiles={profile.region: profile for profile in profiles},
        risk=parse_risk_section(sections["risk"]),
        rules=parse_rule_table(own_rules) if own_rules is not None else None,
        verifier_keys={key.day: SymmetricKey(key.raw) for key in verifier_keys},
    )
