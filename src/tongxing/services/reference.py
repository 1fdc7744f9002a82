"""The reference data a node decides with: the newest accepted bundle, refreshed from the hub.

A node that the hub has left alone goes on with what it holds; the age is told in every verdict. A
bundle that would go back, fork or break the chain is refused, with an alarm, and what is in force
stays so (design, *Formats*: bundle).
"""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime

from tongxing.core.errors import Fault, Refused, Undecidable
from tongxing.core.problems import ProblemId
from tongxing.core.reasons import ReasonId
from tongxing.core.words import RegionId
from tongxing.crypto.keys import PublicKey
from tongxing.crypto.sealing import SealingPair, SymmetricKey
from tongxing.recognition.knowledge import Knowledge, load_knowledge
from tongxing.services.peers import Hub
from tongxing.services.ports import Alarm, AlarmStore, BundleStore, Clock
from tongxing.trust.bundle import AcceptedBundle, accept_bundle, restore_bundle


class Reference:
    """Holds the knowledge in force; ``refresh`` is the only way in which it changes."""

    def __init__(
        self,
        *,
        host: RegionId,
        roots: Sequence[PublicKey],
        sealing_pair: SealingPair | None,
        bundles: BundleStore,
        alarms: AlarmStore,
        hub: Hub,
        clock: Clock,
    ) -> None:
        self._host = host
        self._roots = tuple(roots)
        self._sealing_pair = sealing_pair
        self._bundles = bundles
        self._alarms = alarms
        self._hub = hub
        self._clock = clock
        self._held: AcceptedBundle | None = None
        self._knowledge: Knowledge | None = None
        self._refreshing = asyncio.Lock()
        self.hub_seen_at: datetime | None = None

    @property
    def knowledge(self) -> Knowledge:
        """The knowledge in force; ``Undecidable`` before the first bundle was accepted."""
        if self._knowledge is None:
            raise Undecidable(ReasonId.BUNDLE_TOO_OLD, "no bundle has been accepted yet")
        return self._knowledge

    def verifier_key_on(self, day: date) -> SymmetricKey:
        """Return the verifier key of a UTC day; as ``Knowledge.verifier_key_on``, of the knowledge in force."""
        return self.knowledge.verifier_key_on(day)

    @property
    def is_ready(self) -> bool:
        """True once a bundle is in force."""
        return self._knowledge is not None

    async def load_held(self) -> None:
        """Take up the newest bundle of the store, as after a restart; nothing held is no error."""
        held = await self._bundles.latest()
        if held is None:
            return
        try:
            self._take_up(restore_bundle(held.data, roots=self._roots))
        except Refused as refused:
            raise Fault(f"the bundle in the store cannot be taken up: {refused.detail}") from refused

    async def refresh(self) -> bool:
        """Fetch the hub's newer bundles, one after the other along the chain; True if one was taken up.

        Raises ``Refused``: ``UPSTREAM_AWAY``, or ``BUNDLE_REFUSED`` (alarmed) with what is in force unharmed.
        """
        async with self._refreshing:
            data = await self._hub.fetch_bundle(None)
            self.hub_seen_at = self._clock.now()
            if data is None:
                return False
            changed = False
            while data is not None:
                accepted = await self._accept(data)
                if accepted is None:
                    following = (self._held.number if self._held else 0) + 1
                    data = await self._hub.fetch_bundle(following)
                    continue
                if self._held is not None and accepted.digest == self._held.digest:
                    return changed
                await self._bundles.save(accepted.number, accepted.digest, data)
                self._take_up(accepted)
                changed = True
                data = await self._hub.fetch_bundle(None)
            return changed

    async def _accept(self, data: bytes) -> AcceptedBundle | None:
        """Return the accepted bundle, or None if there is a gap that can be closed by fetching the next."""
        try:
            return accept_bundle(data, held=self._held, roots=self._roots, at=self._clock.now())
        except Refused as refused:
            if refused.detail.startswith("gap"):
                return None
            await self._alarms.raise_alarm(Alarm(self._clock.now(), ProblemId.BUNDLE_REFUSED, None, refused.detail))
            raise

    def _take_up(self, bundle: AcceptedBundle) -> None:
        knowledge = load_knowledge(bundle, host=self._host, sealing_pair=self._sealing_pair)
        self._held, self._knowledge = bundle, knowledge
