"""The reference data a node decides with: the newest accepted bundle, refreshed from the hub.

A node that the hub has left alone goes on with what it holds; the age is told in every verdict. A
bundle that would go back, fork or break the chain is refused, with an alarm, and what is in force
stays so (design, *Formats*: bundle).
"""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

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
from tongxing.trust.refusing import BundleFault, has_fault, refuse

_ALARMED: Final = frozenset({ProblemId.BUNDLE_REFUSED, ProblemId.CONFLICT})
"""What is wrong with a bundle, and not with the way to the hub or with the moment."""


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
        self._alarmed: tuple[ProblemId, str] | None = None
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
            bundle = restore_bundle(held.data, roots=self._roots)
            self._held, self._knowledge = bundle, self._read(bundle)
        except Refused as refused:
            raise Fault(f"the bundle in the store cannot be taken up: {refused.detail}") from refused

    async def refresh(self) -> bool:
        """Fetch the hub's newest bundle, along the chain from the one held; True if it was taken up.

        It is read whole before it is kept, so that a restart never meets one that cannot be used.
        Raises ``Refused``: ``UPSTREAM_AWAY``, or ``BUNDLE_REFUSED`` (alarmed until it changes) with what is in force
        unharmed; ``CONFLICT`` (alarmed) if the store holds another bundle of that number.
        """
        async with self._refreshing:
            newest = await self._hub.fetch_bundle(None)
            self.hub_seen_at = self._clock.now()
            if newest is None:
                return False
            try:
                bundle = await self._follow_chain(newest)
                if self._held is not None and bundle.digest == self._held.digest:
                    self._alarmed = None
                    return False
                knowledge = self._read(bundle)
                await self._bundles.save(bundle.number, bundle.digest, newest)
            except Refused as refused:
                if refused.problem in _ALARMED:
                    await self._alarm(refused)
                raise
            self._held, self._knowledge, self._alarmed = bundle, knowledge, None
            return True

    async def _alarm(self, refused: Refused) -> None:
        """Alarm what was refused once, until the hub offers something else: it is asked every few seconds."""
        what = refused.problem, refused.detail
        if self._alarmed != what:
            await self._alarms.raise_alarm(Alarm(self._clock.now(), refused.problem, None, refused.detail))
            self._alarmed = what

    async def _follow_chain(self, newest: bytes) -> AcceptedBundle:
        """Return the newest bundle, accepted; a gap before it is closed bundle by bundle.

        The bundles between are links of the chain and no more: they are neither read nor kept.
        """
        at, last = self._clock.now(), self._held
        while True:
            try:
                return accept_bundle(newest, held=last, roots=self._roots, at=at)
            except Refused as refused:
                if last is None or not has_fault(refused, BundleFault.GAP):
                    raise
            number = last.number + 1
            link = await self._hub.fetch_bundle(number)
            if link is None:
                raise refuse(BundleFault.GAP, f"the hub has no bundle {number}")
            last = accept_bundle(link, held=last, roots=self._roots, at=at)
            if last.number != number:
                raise refuse(BundleFault.GAP, f"the hub gave bundle {last.number} for bundle {number}")

    def _read(self, bundle: AcceptedBundle) -> Knowledge:
        try:
            return load_knowledge(bundle, host=self._host, sealing_pair=self._sealing_pair)
        except Refused as refused:
            raise refuse(BundleFault.MALFORMED, f"bundle {bundle.number}: {refused.detail}") from refused
