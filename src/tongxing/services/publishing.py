"""Publish: the hub's operator changes a section, and the next bundle carries it (design, *Formats*: bundle).

Whatever is published has been read first by the room that will read it again at every gateway. Rules are
published only once proven: what breaks a law is refused with its counter-example (law 5), and what is in
force stays so. Who may put a table in force is decided by ``tongxing.services.rule_desk``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from tongxing.core.errors import Refused
from tongxing.core.limits import BUNDLE_LIFE
from tongxing.core.problems import ProblemId
from tongxing.core.words import RegionId
from tongxing.crypto.digests import hmac_sha256
from tongxing.crypto.keys import SigningKey
from tongxing.crypto.sealing import SymmetricKey
from tongxing.recognition.foreign_codes import FOREIGN_TRUST_SECTION, parse_trust_text
from tongxing.regions.profile import check_profiles_apart, parse_profile
from tongxing.risk.risk_map import parse_risk_section
from tongxing.services.ports import BundleStore, Clock
from tongxing.services.rule_ports import Prover
from tongxing.services.taking_part import PartChange, change_part, check_follows
from tongxing.trust.bundle import (
    AcceptedBundle,
    BundleContent,
    accept_bundle,
    encode_bundle,
    encode_files,
    parse_files,
    restore_bundle,
)
from tongxing.trust.directory import Directory, DirectoryRecord, encode_directory, parse_directory
from tongxing.trust.refusing import BundleFault, refuse
from tongxing.trust.trust_material import sort_material
from tongxing.trust.verifier_keys import VerifierKey, encode_verifier_keys

VERIFIER_DAYS = range(-1, 8)
"""A bundle carries the verifier keys of the day before its issue until the end of its life."""


@dataclass(frozen=True, slots=True)
class ProvenRules:
    """The rule files of a next bundle, proven upon those of the bundle ``held``. Only a desk makes one."""

    files: Mapping[str, bytes]
    held: AcceptedBundle


class PublishingDesk:
    """Makes the next bundle from the last one and a change. One at a time; the store refuses a fork."""

    def __init__(
        self, *, bundles: BundleStore, key: SigningKey, verifier_secret: bytes, prover: Prover, clock: Clock
    ) -> None:
        self._bundles = bundles
        self._key = key
        self._verifier_secret = verifier_secret
        self._prover = prover
        self._clock = clock

    async def publish_first(
        self, directory: Directory, profiles: Mapping[str, bytes], rules: Mapping[str, bytes], risk: bytes
    ) -> AcceptedBundle:
        """Publish bundle 1 of a new federation. Raises ``Refused(CONFLICT)`` if there is one already."""
        if await self._bundles.latest() is not None:
            raise Refused(ProblemId.CONFLICT, "the federation has a bundle already")
        await self._prover.prove(rules, None)
        sections = {
            "directory": encode_directory(directory),
            "profiles": encode_files(profiles),
            "rules": encode_files(rules),
            "risk": risk,
        }
        return await self._publish(sections, None)

    async def rules_in_force(self) -> Mapping[str, bytes]:
        """Return the rule files of the newest bundle, by name. Raises ``Refused(NOT_FOUND)`` before the first."""
        return parse_files((await self._latest()).sections["rules"])

    async def prove_rules(self, changed: Mapping[str, bytes]) -> ProvenRules:
        """Prove the rules in force with ``changed`` files in their place; takes as long as the proof does.

        Raises ``Refused(RULES_REFUSED)`` with what is wrong by name, for a broken law with its counter-example.
        """
        held = await self._latest()
        in_force = parse_files(held.sections["rules"])
        files = {**in_force, **changed}
        await self._prover.prove(files, in_force)
        return ProvenRules(files, held)

    async def publish_rules(self, proven: ProvenRules) -> AcceptedBundle:
        """Publish proven rules. Raises ``Refused(CONFLICT)`` where another bundle came after they were proven."""
        held = proven.held
        return await self._publish({**held.sections, "rules": encode_files(proven.files)}, held)

    async def publish_profile(self, profile: bytes) -> AcceptedBundle:
        """Publish a region's profile, a new region's or another of one that takes part: its ways, words, statuses.

        Raises ``Refused(PROFILE_REFUSED)`` with what is wrong in it, or with which region's it would be confused.
        """
        held = await self._latest()
        profiles = {**parse_files(held.sections["profiles"]), f"{parse_profile(profile).region}.toml": profile}
        return await self._publish({**held.sections, "profiles": encode_files(profiles)}, held)

    async def publish_record(self, record: DirectoryRecord) -> AcceptedBundle:
        """Publish a directory record: a new region, another address, new keys, a suspension.

        Raises ``Refused(CONFLICT)`` for one that brings back an ended key, or ends a suspension without saying so.
        """
        held = await self._latest()
        directory = parse_directory(held.sections["directory"])
        before = directory.record(record.region)
        if before is not None:
            check_follows(before, record, self._clock.now())
        return await self._publish_records({**directory.records, record.region: record}, held)

    async def change_part(self, region: RegionId, change: PartChange) -> AcceptedBundle:
        """Suspend a region, end its suspension, or have it leave: its keys end, and it is suspended.

        Raises ``Refused(NOT_FOUND | CONFLICT)`` as ``services.taking_part`` does.
        """
        held = await self._latest()
        records = parse_directory(held.sections["directory"]).records
        changed = change_part(records, region, change, self._clock.now().replace(microsecond=0))
        return await self._publish_records({**records, region: changed}, held)

    async def _publish_records(
        self, records: Mapping[RegionId, DirectoryRecord], held: AcceptedBundle
    ) -> AcceptedBundle:
        return await self._publish({**held.sections, "directory": encode_directory(Directory(records))}, held)

    async def publish_risk(self, risk: bytes) -> AcceptedBundle:
        """Publish a risk section. Raises ``Refused(RISK_LIST_REFUSED)`` if the list in force is younger."""
        held = await self._latest()
        as_of, in_force = parse_risk_section(risk).as_of, parse_risk_section(held.sections["risk"]).as_of
        if in_force is not None and (as_of is None or as_of < in_force):
            told = "without a time" if as_of is None else f"as of {as_of:%Y-%m-%d %H:%M}Z"
            raise Refused(ProblemId.RISK_LIST_REFUSED, f"{told}, older than the one in force")
        return await self._publish({**held.sections, "risk": risk}, held)

    async def publish_foreign_trust(self, trust: bytes) -> AcceptedBundle:
        """Publish whom everybody believes of foreign codes: a JSON text in any shape of ``trust.trust_material``.

        Raises ``Refused(BUNDLE_REFUSED)`` for what is no JSON, or holds nothing that could be believed.
        """
        held = await self._latest()
        if not sort_material(parse_trust_text(trust)).holds_trust:
            raise refuse(BundleFault.MALFORMED, "there is no key in it that could be believed")
        return await self._publish({**held.sections, FOREIGN_TRUST_SECTION: trust}, held)

    async def publish_again(self) -> AcceptedBundle:
        """Publish the same content anew: a younger bundle with the coming days' verifier keys."""
        held = await self._latest()
        return await self._publish(held.sections, held)

    async def _latest(self) -> AcceptedBundle:
        held = await self._bundles.latest()
        if held is None:
            raise Refused(ProblemId.NOT_FOUND, "no bundle has been published yet")
        return restore_bundle(held.data, roots=[self._key.public])

    async def _publish(self, sections: Mapping[str, bytes], held: AcceptedBundle | None) -> AcceptedBundle:
        """Publish ``sections``, which were made from ``held``, as its successor.

        Whoever published after ``held`` was read has the number already: then ``Refused(CONFLICT)``, so
        that no change is ever lost under another.
        """
        at = self._clock.now().replace(microsecond=0)
        check_sections(sections)
        directory = parse_directory(sections["directory"])
        recipients = {
            region: record.sealing_public
            for region, record in directory.records.items()
            if record.sealing_public is not None and not record.suspended
        }
        days = [(at + timedelta(days=offset)).date() for offset in VERIFIER_DAYS]
        keys = [VerifierKey(day, self.verifier_key_on(day).raw) for day in days]
        content = BundleContent(
            number=1 if held is None else held.number + 1,
            issued_at=at,
            expires_at=at + BUNDLE_LIFE,
            previous_digest=None if held is None else held.digest,
            sections={**sections, "verifier_keys": encode_verifier_keys(keys, recipients)},
        )
        data = encode_bundle(content, self._key)
        accepted = accept_bundle(data, held=held, roots=[self._key.public], at=at)
        await self._bundles.save(accepted.number, accepted.digest, data)
        return accepted

    def verifier_key_on(self, day: date) -> SymmetricKey:
        """Return the verifier key of a UTC day, which only the hub can make."""
        return SymmetricKey(hmac_sha256(self._verifier_secret, day.isoformat().encode()))


def check_sections(sections: Mapping[str, bytes]) -> None:
    """Read every section but the rules as a gateway will; raises ``Refused`` with what is wrong, by name."""
    parse_directory(sections["directory"])
    parse_risk_section(sections["risk"])
    check_profiles_apart(parse_profile(data) for data in parse_files(sections["profiles"]).values())
