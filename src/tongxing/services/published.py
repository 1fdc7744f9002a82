"""What the hub itself reads of the bundle that it published last: who may call it, profiles, risk areas, rules."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from tongxing.core.errors import Fault, Refused
from tongxing.core.words import RegionId
from tongxing.crypto.keys import PublicKey
from tongxing.regions.profile import Profile, parse_profile
from tongxing.risk.risk_map import RiskMap, parse_risk_section
from tongxing.rules.book import RuleBook, parse_rule_book
from tongxing.services.access import listed_gateway
from tongxing.services.ports import BundleStore, Credential
from tongxing.trust.bundle import AcceptedBundle, parse_files, restore_bundle
from tongxing.trust.directory import Directory, parse_directory


class Published:
    """Follows the newest bundle of the hub's own store, whichever process published it."""

    def __init__(self, *, bundles: BundleStore, roots: Sequence[PublicKey]) -> None:
        self._bundles = bundles
        self._roots = tuple(roots)
        self._directory = Directory({})
        self.bundle: AcceptedBundle | None = None
        self.risk: RiskMap | None = None
        self.rules = RuleBook({})
        self.profiles: Mapping[RegionId, Profile] = {}

    async def take_up(self) -> None:
        """Read the newest bundle, if it is another than before. Raises ``Fault`` if it is none of ours."""
        held = await self._bundles.latest()
        if held is None or (self.bundle is not None and held.digest == self.bundle.digest):
            return
        try:
            bundle = restore_bundle(held.data, roots=self._roots)
            directory, risk = parse_directory(bundle.sections["directory"]), parse_risk_section(bundle.sections["risk"])
            rules, profiles = self._read_rules(bundle), self._read_profiles(bundle)
        except Refused as refused:
            raise Fault(f"the bundle in the store cannot be taken up: {refused.detail}") from refused
        self.bundle, self._directory, self.risk, self.rules = bundle, directory, risk, rules
        self.profiles = profiles

    def _read_rules(self, bundle: AcceptedBundle) -> RuleBook:
        """Read the book of rules, unless it is the one of the bundle before: most bundles change something else."""
        section = bundle.sections["rules"]
        if self.bundle is not None and self.bundle.sections["rules"] == section:
            return self.rules
        return parse_rule_book(parse_files(section))

    def _read_profiles(self, bundle: AcceptedBundle) -> Mapping[RegionId, Profile]:
        section = bundle.sections["profiles"]
        if self.bundle is not None and self.bundle.sections["profiles"] == section:
            return self.profiles
        return {profile.region: profile for profile in map(parse_profile, parse_files(section).values())}

    @property
    def directory(self) -> Directory:
        """The directory published last; nobody is in it before the first bundle."""
        return self._directory

    def find_credential(self, key_id: str, at: datetime) -> Credential | None:
        """Return the gateway whose request key this is."""
        return listed_gateway(self._directory, key_id, at)

    def departed(self, at: datetime) -> frozenset[RegionId]:
        """Return the regions that have left."""
        return frozenset(region for region, record in self._directory.records.items() if record.has_left(at))
