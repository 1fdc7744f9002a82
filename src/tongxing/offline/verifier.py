"""Decide from a bundle alone, with the same pipeline as everywhere (design, law 3).

What needs a wire cannot be had here, so local codes end as ``REFER`` (source away), while national
codes are decided by signature and sealed part. Nothing is recorded: the caller keeps its own passages.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tongxing.app.packaged import load_gazetteer
from tongxing.core.checkpoints import Temperature
from tongxing.core.entered import NOTHING_ENTERED, Entered
from tongxing.core.errors import Undecidable
from tongxing.core.reasons import ReasonId
from tongxing.core.verdicts import Direction, Verdict
from tongxing.core.words import PlaceKind, RegionId
from tongxing.crypto.keys import PublicKey
from tongxing.crypto.sealing import SealingPair
from tongxing.recognition.knowledge import Knowledge, load_knowledge
from tongxing.recognition.pipeline import decide_passage
from tongxing.recognition.stages import Scan, scan_picture
from tongxing.risk.own_division import parse_own_division
from tongxing.trust.bundle import restore_bundle


@dataclass(frozen=True, slots=True)
class OfflineVerifier:
    """Verifies at one checkpoint of a host region, with the knowledge of one bundle.

    ``division`` is where the checkpoint stands, as read by ``parse_own_division``; empty if it is not told. ``site``
    is the checkpoint's name, whose own rule table holds there if the region has one for it.
    """

    knowledge: Knowledge
    division: str = ""
    site: str = ""

    @classmethod
    def from_bundle(
        cls,
        bundle: bytes,
        *,
        host: RegionId,
        roots: Sequence[PublicKey],
        sealing_pair: SealingPair | None,
        division: str = "",
        site: str = "",
    ) -> "OfflineVerifier":
        """Take up a bundle cold and read it for ``host``; raises ``Refused`` naming what is wrong.

        Its signature is checked here, its age at each decision: an expired one decides nothing.

        ``roots`` are the keys that may sign bundles; ``sealing_pair`` is the host's, without which
        sealed parts cannot be read and national codes end as ``REFER``. ``division`` is the number of the
        city or county where the checkpoint stands (GB/T 2260, 4 or 6 digits, inside the host's region),
        ``site`` the name under which its devices are enrolled.
        """
        division = parse_own_division(division, host, load_gazetteer()) if division else ""
        knowledge = load_knowledge(restore_bundle(bundle, roots=roots), host=host, sealing_pair=sealing_pair)
        return cls(knowledge, division, site)

    def verify(
        self,
        qr_text: str,
        place_kind: PlaceKind,
        *,
        at: datetime,
        direction: Direction | None = None,
        temperature: Temperature | None = None,
        entered: Entered = NOTHING_ENTERED,
    ) -> Verdict:
        """Return the verdict on a scanned text at a moment."""
        return self._verify(self._scan(qr_text, place_kind, direction, temperature, entered), at)

    def verify_picture(
        self,
        picture: bytes,
        place_kind: PlaceKind,
        *,
        at: datetime,
        direction: Direction | None = None,
        temperature: Temperature | None = None,
        entered: Entered = NOTHING_ENTERED,
    ) -> Verdict:
        """Return the verdict on the one QR code in a picture file."""
        return self._verify(scan_picture(picture, self._scan("", place_kind, direction, temperature, entered)), at)

    def _scan(
        self,
        qr_text: str,
        place_kind: PlaceKind,
        direction: Direction | None,
        temperature: Temperature | None,
        entered: Entered,
    ) -> Scan:
        return Scan(
            qr_text,
            place_kind,
            self.knowledge.host,
            direction=direction,
            temperature_decicelsius=None if temperature is None else temperature.decicelsius,
            temperature_confirmed=temperature is not None and temperature.confirmed,
            site=self.site,
            division=self.division,
            groups=entered.groups,
            proofs=entered.proofs,
            asked=entered.kinds_asked,
            foreign_texts=entered.foreign_texts,
            document_name=entered.document_name,
        )

    def _verify(self, scan: Scan, at: datetime) -> Verdict:
        deciding = decide_passage(scan, self.knowledge, at=at)
        try:
            next(deciding)
            while True:
                deciding.throw(Undecidable(ReasonId.GATEWAY_AWAY, "this verifier has no network"))
        except StopIteration as decided:
            verdict: Verdict = decided.value
            return verdict
