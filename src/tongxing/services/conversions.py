"""Convert: a visitor's code as this region shows it, derived from the visitor's own region (the host's side of way 2).

Three ways in: what the person shows (this gateway asks the issuer's), a statement that the person
carries (nobody is asked but the key service), or the person's document and consent (the hub's reports).
What is minted has the form of the region's own codes and is known to this gateway alone. It says nothing
by itself: at each display and at each scan its source is evaluated anew, so that it turns when its
source turns, and never lives longer. If the source is away, nothing is shown and that is said (law 2).
Whether the region converts at all is its profile's to say: where it does not, nothing is made, shown or told.
"""

import base64
from dataclasses import dataclass
from datetime import datetime

from tongxing.core.border import is_across
from tongxing.core.errors import Refused, Rejected, Undecidable
from tongxing.core.levels import Standing
from tongxing.core.limits import CONVERSION_LIFE
from tongxing.core.looks import Ground, Purpose
from tongxing.core.problems import ProblemId
from tongxing.core.reasons import ReasonId, citizen_sentence
from tongxing.core.subjects import Document
from tongxing.core.ways import Way
from tongxing.core.words import RegionId, Sentence
from tongxing.crypto.digests import is_same_secret, sha256
from tongxing.recognition.combining import STANDING_REASONS, Unresolved
from tongxing.recognition.converting import accept_conversion_statement, derive_report, end_of_conversion
from tongxing.recognition.recognising import name_of
from tongxing.regions.profile import Profile
from tongxing.regions.rendering import Rendered, render_report
from tongxing.regions.statuses import Alphabet, QrPattern
from tongxing.services.conversion_sources import ConversionSources, Evaluated, KeptSource
from tongxing.services.conversion_statements import bind_to_subject
from tongxing.services.crossing import BorderDesk
from tongxing.services.looks import LookDesk, Looker
from tongxing.services.ports import ClaimResult, Clock, Entropy, TicketStore
from tongxing.services.reference import Reference
from tongxing.services.sealed_records import SealedRecords
from tongxing.services.stating import Told
from tongxing.services.subject_keys import SubjectKeyCache
from tongxing.services.way_ports import Conversion, ConversionStore
from tongxing.trust.directory import Directory
from tongxing.wire.conversion_statement import ConversionStatement, StatementKind, claimed_kind

_EVALUATED = frozenset(STANDING_REASONS.values()) - {ReasonId.SOURCE_AWAY} | {ReasonId.EARLIER_REPORT_UNRESOLVED}
"""After these the source did answer: with nothing that can be shown."""

_ALL_ASKED = Sentence("", "")
_TURNS = Sentence("随其变化", "it turns with it")
_ENDS_TODAY = Sentence("当日有效", "good for today")
_NOT_ASKED = Sentence("；未查询其他地区", "; other regions were not consulted")


@dataclass(frozen=True, slots=True)
class Displayed:
    """One display of a converted code.

    ``renewed`` says whether the source was evaluated for this display; if not, there is neither a text to
    draw nor a status, and ``sentence`` says why. A source that was evaluated and is no longer current has
    its standing shown. ``others_consulted`` says whether other regions' reports count in it.
    """

    conversion_id: str
    qr_text: str | None
    expires_at: datetime
    renewed: bool
    rendered: Rendered | None
    derived_from: RegionId
    as_of: datetime | None
    masked_hint: str | None
    sentence: Sentence
    others_consulted: bool


@dataclass(frozen=True, slots=True)
class ConversionDesk:
    """Converts for one host region, and says what is behind a code. Is ``services.stating.MintedCodes``.

    Where the region's profile does not use the way, every use raises ``Refused(WAY_NOT_USED)`` first.
    """

    region: RegionId
    reference: Reference
    sources: ConversionSources
    subject_keys: SubjectKeyCache
    looks: LookDesk
    conversions: ConversionStore
    tickets: TicketStore
    sealed: SealedRecords
    border: BorderDesk
    clock: Clock
    entropy: Entropy

    async def convert_shown(self, qr_text: str) -> Displayed:
        """Convert the code that the person shows, by asking its issuer's gateway; the person has consented.

        Raises ``Refused(NOT_CONVERTED)`` with the reason why not.
        """
        at = self.clock.now()
        self._check_way(at)
        try:
            kept, source = await self.sources.ask_issuer(qr_text, at)
        except (Rejected, Undecidable) as why:
            raise Refused(ProblemId.NOT_CONVERTED, why.reason) from why
        return await self._mint(kept, source, at)

    async def convert_carried(self, data: bytes, document: Document) -> Displayed:
        """Convert a statement that the person with ``document`` carries, once. Its issuer is not asked.

        Raises ``Refused``: ``NOT_CONVERTED`` (forged, for another region or time, somebody else's, taken
        before, or not current), ``UPSTREAM_AWAY`` if the key service is.
        """
        at = self.clock.now()
        self._check_way(at)
        if claimed_kind(data) is StatementKind.ACROSS:
            return await self._convert_across(data, document, at)
        try:
            statement = accept_conversion_statement(data, StatementKind.CARRIED, self.reference.knowledge, at)
        except (Rejected, Undecidable) as why:
            raise Refused(ProblemId.NOT_CONVERTED, why.reason) from why
        if self.border.is_needed(statement.issuer):
            raise Refused(ProblemId.NOT_CONVERTED, ReasonId.CARRY_ACROSS)
        keys = await self.subject_keys.keys_of(document)
        bound = [bind_to_subject(key, statement.statement_id) for key in keys]
        if not any(is_same_secret(binding, statement.binding or b"") for binding in bound):
            raise Refused(ProblemId.NOT_CONVERTED, "the statement is about somebody else")
        kept = KeptSource.of(statement.issuer, statement.report, statement.origin, statement.masked_hint, keys=keys)
        self._check_current(statement.report.standing_at(at))
        return await self._take(kept, statement, at)

    async def _convert_across(self, data: bytes, document: Document, at: datetime) -> Displayed:
        """Convert what came over the border. Across it nobody makes subject keys: there it stands as it came."""
        statement = await self.border.accept(data, document, at)
        keys = None if is_across(self.region) else await self.subject_keys.keys_of(document)
        hint = statement.masked_hint
        kept = KeptSource.of(statement.issuer, statement.report, statement.origin, hint, keys=keys, came_across=True)
        return await self._take(kept, statement, at)

    async def _take(self, kept: KeptSource, statement: ConversionStatement, at: datetime) -> Displayed:
        """Convert what was brought, once."""
        try:
            source = await self.sources.evaluate_carried(kept, at)
        except Undecidable as why:
            raise Refused(ProblemId.NOT_CONVERTED, why.reason) from why
        ends_at = statement.expires_at + CONVERSION_LIFE
        claimed = await self.tickets.claim(b"carried" + statement.issuer.encode() + statement.statement_id, ends_at, at)
        if claimed is not ClaimResult.CLAIMED:
            raise Refused(ProblemId.NOT_CONVERTED, ReasonId.TICKET_USED)
        return await self._mint(kept, source, at)

    async def convert_asked(self, document: Document, ground: Ground, looker: Looker) -> Displayed:
        """Convert what the regions report of the person with ``document``, recorded as a look.

        Raises ``Refused``: ``NOT_CONVERTED`` with the reason why not, ``LIMITED``, ``UPSTREAM_AWAY``.
        """
        self._check_way(self.clock.now())
        keys, look = await self.looks.look_up(document, looker, Purpose.CONVERSION, ground)
        at = self.clock.now()
        try:
            kept, source = await self.sources.ask_hub(keys, look, at)
        except Undecidable as why:
            raise Refused(ProblemId.NOT_CONVERTED, why.reason) from why
        return await self._mint(kept, source, at)

    async def display(self, conversion_id: str) -> Displayed:
        """Return a converted code as it is shown now. Raises ``Refused(NOT_FOUND)`` for an unknown or ended one."""
        at = self.clock.now()
        self._check_way(at)
        conversion = await self.conversions.find(conversion_id)
        if conversion is None or conversion.expires_at <= at:
            raise Refused(ProblemId.NOT_FOUND, "no such conversion, or it has ended")
        kept, qr_text = self._open(conversion)
        try:
            source = await self.sources.evaluate(kept, at)
        except (Rejected, Undecidable) as why:
            named = name_of(why.report.issuer, self._directory) if isinstance(why, Unresolved) else None
            words, evaluated = citizen_sentence(why.reason, named), why.reason in _EVALUATED
            return Displayed(
                conversion_id=conversion_id,
                qr_text=None,
                expires_at=conversion.expires_at,
                renewed=evaluated,
                rendered=None,
                derived_from=kept.region,
                as_of=None,
                masked_hint=kept.hint,
                sentence=words,
                others_consulted=isinstance(why, Unresolved),
            )
        return self._displayed(conversion, kept, qr_text, source, at)

    async def find_told(self, qr_text: str, at: datetime) -> Told | None:
        """Return what the source of a converted code says now; None for any text that was not minted here."""
        digest = sha256(qr_text.encode())
        conversion = await self.conversions.find_by_code(digest)
        if conversion is None:
            return None
        if conversion.expires_at <= at or not self._profile.uses_way(Way.CONVERSION, at):
            raise Rejected(ReasonId.TICKET_EXPIRED, "the converted code has ended, or the region converts no more")
        kept, _ = self._open(conversion)
        source = await self.sources.evaluate(kept, at, to_be_scanned=True)
        report = derive_report(source.known.report, self.region, conversion.expires_at)
        return Told(
            report,
            source.known.origin,
            kept.hint,
            digest,
            consultation=source.consultation,
            sealed_by=source.sealed_by,
            keys=kept.subject_keys,
        )

    @property
    def _profile(self) -> Profile:
        return self.reference.knowledge.profiles[self.region]

    def _check_way(self, at: datetime) -> None:
        self._profile.check_uses_way(Way.CONVERSION, at)

    @property
    def _directory(self) -> Directory:
        return self.reference.knowledge.directory

    async def _mint(self, kept: KeptSource, source: Evaluated, at: datetime) -> Displayed:
        self._check_current(source.known.report.standing_at(at))
        pattern = self._profile.qr
        if pattern is None:
            raise Refused(ProblemId.NOT_CONVERTED, "this region has no code of its own")
        qr_text = _draw_text(pattern, self.entropy)
        digest = sha256(qr_text.encode())
        conversion = Conversion(
            self.entropy(16).hex(),
            digest,
            self.sealed.seal(kept.encode(qr_text), digest),
            end_of_conversion(source.known.report, at + CONVERSION_LIFE),
        )
        displayed = self._displayed(conversion, kept, qr_text, source, at)
        if displayed.rendered is None or displayed.rendered.label is None:
            raise Refused(ProblemId.NOT_CONVERTED, "no status of this region says that")
        await self.conversions.save(conversion)
        return displayed

    def _open(self, conversion: Conversion) -> tuple[KeptSource, str]:
        return KeptSource.parse(self.sealed.open(conversion.sealed, conversion.code_digest))

    def _check_current(self, standing: Standing) -> None:
        if standing is not Standing.CURRENT:
            raise Refused(ProblemId.NOT_CONVERTED, STANDING_REASONS[standing])

    def _displayed(
        self, conversion: Conversion, kept: KeptSource, qr_text: str, source: Evaluated, at: datetime
    ) -> Displayed:
        report = derive_report(source.known.report, self.region, conversion.expires_at)
        rendered = render_report(report, self._profile, at=at)
        standing = report.standing_at(at)
        derived_from = report.derived_from or kept.region
        if standing is not Standing.CURRENT:
            sentence = citizen_sentence(STANDING_REASONS[standing])
        else:
            name = name_of(derived_from, self._directory)
            alone = _ALL_ASKED if source.others_consulted else _NOT_ASKED
            how = _ENDS_TODAY if kept.came_across else _TURNS
            sentence = Sentence(
                f"由{name.zh}的报告转换，{how.zh}{alone.zh}",
                f"converted from the report of {name.en}; {how.en}{alone.en}",
            )
        return Displayed(
            conversion_id=conversion.conversion_id,
            qr_text=None if rendered.label is None else qr_text,
            expires_at=conversion.expires_at,
            renewed=True,
            rendered=rendered,
            derived_from=derived_from,
            as_of=report.as_of,
            masked_hint=kept.hint,
            sentence=sentence,
            others_consulted=source.others_consulted,
        )


def _draw_text(pattern: QrPattern, entropy: Entropy) -> str:
    """Return a text of the region's own form that nobody can foresee."""
    random = entropy(pattern.length)
    # Of a number so much larger than the modulus, no digit is noticeably likelier than another.
    digits = str(int.from_bytes(random) % 10**pattern.length).zfill(pattern.length)
    drawn = {
        Alphabet.HEX: random.hex(),
        Alphabet.BASE64URL: base64.urlsafe_b64encode(random).decode(),
        Alphabet.DIGITS: digits,
    }[pattern.alphabet]
    return pattern.prefix + drawn[: pattern.length]
