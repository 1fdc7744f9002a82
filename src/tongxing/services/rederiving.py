"""A rotation of the secret behind subject keys is carried through in the background, while both versions count.

Nobody keeps documents, so no key can be derived again here. But each time one is shown while both versions count, the
key service tells both keys, and that they are one subject's is kept (``SubjectLinkStore``): by that what is held under
the old key is led over to the new one. Whoever has shown no document since waits, and is counted: their back end or
their dataset's owner has to hand them in again before the old version is retired.

Nothing is noted of how far a round came: what is still old is what is left to do, so a kill costs the round alone.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from tongxing.core.subjects import SubjectKey
from tongxing.services.dataset_ports import SealedNameStore
from tongxing.services.masked_names import NameSealing
from tongxing.services.ports import Clock, SubjectLinkStore
from tongxing.services.rederiving_ports import HeldTable, KeyLineage, KeyProgress, RederivingStore

PORTION: Final = 200
"""So many subjects are led over at once: some milliseconds of the store's one writer."""

REST_SECONDS: Final = 0.02
"""Between portions, so that others write."""


@dataclass(slots=True)
class Rederiving:
    """Leads a node's rows over to the current version, and tells how far that is."""

    store: RederivingStore
    links: SubjectLinkStore
    clock: Clock
    version: int
    names: SealedNameStore | None = None
    sealing: NameSealing | None = None
    lineage: KeyLineage | None = None
    """Where newer keys are asked for: a gateway's. The hub has them itself."""
    rest_seconds: float = REST_SECONDS
    progress: KeyProgress | None = field(default=None, init=False)

    async def round(self) -> int:
        """Lead over all that can be, then count; return how many rows were. Raises ``Refused(UPSTREAM_AWAY)``.

        Where nothing is old, which costs a look at each table's first key, nothing is counted.
        """
        if self.lineage is not None:
            self.version, _ = await self.lineage.newest_of([])
        moved, is_anything_old = 0, False
        for table in HeldTable:
            after = b""
            while subjects := await self.store.old_subjects(table, self.version, after, PORTION):
                is_anything_old = True
                moved += await self._lead_over(table, subjects)
                after = subjects[-1]
                await asyncio.sleep(self.rest_seconds)
        at = self.clock.now()
        counts, waiting = await self.store.count(self.version) if is_anything_old else ((), 0)
        self.progress = KeyProgress(self.version, at, counts, waiting)
        return moved

    async def _lead_over(self, table: HeldTable, subjects: Sequence[SubjectKey]) -> int:
        newer = await self._newer(subjects)
        if table is HeldTable.NAMES:
            return sum([await self._seal_anew(old, new) for old, new in newer])
        return await self.store.erase(table, await self.store.copy(table, newer)) if newer else 0

    async def _newer(self, subjects: Sequence[SubjectKey]) -> list[tuple[SubjectKey, SubjectKey]]:
        """Return the subjects whose newer key is known, each with it."""
        known = [(subject, (await self.links.linked((subject,)))[0]) for subject in subjects]
        missing = [subject for subject, newest in known if newest[0] < self.version]
        if missing and self.lineage is not None:
            _, told = await self.lineage.newest_of(missing)
            learnt = {old: new for old, new in zip(missing, told, strict=True) if new is not None and new > old}
            await self.links.link([(new, old) for old, new in learnt.items()])
            known = [(subject, learnt.get(subject, newest)) for subject, newest in known]
        return [(subject, newest) for subject, newest in known if newest[0] > subject[0]]

    async def _seal_anew(self, old: SubjectKey, new: SubjectKey) -> bool:
        """Seal a masked name under the new version's key; one that cannot be opened any more stays until its end."""
        if self.names is None or self.sealing is None or (held := await self.names.find((old,))) is None:
            return False
        shown = self.sealing.open(held.sealed, old)
        if shown is None:
            return False
        return await self.store.exchange_name(held, replace(held, subject=new, sealed=self.sealing.seal(shown, new)))
