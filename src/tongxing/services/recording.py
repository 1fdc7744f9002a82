"""Recording (stage 8): verdicts become durable passage records before anybody is told of them (law 7).

What one turn of the event loop has decided is sealed and handed to the store together, at the loop's
next turn: a busy node pays once for many, an idle one waits some microseconds. Each caller still waits
for its own verdict's record and for nothing else.
"""

import asyncio
from collections.abc import Sequence
from functools import partial

import msgspec

from tongxing.core.calendar import beijing_day
from tongxing.core.checkpoints import PASSAGE_KEPT
from tongxing.core.limits import VERDICT_KEPT
from tongxing.core.reasons import impersonal_slug
from tongxing.core.verdicts import Verdict
from tongxing.crypto.sealing import NONCE_BYTES, SealBroken, SymmetricKey
from tongxing.crypto.site_pseudonyms import SitePseudonyms
from tongxing.rules.situations import Situation
from tongxing.services.ports import Entropy, PassageRecord, PassageStore

_REF_BYTES = 10
_RANDOM_BYTES = NONCE_BYTES + _REF_BYTES
_encode_verdict = msgspec.msgpack.Encoder().encode
_parse_verdict = msgspec.msgpack.Decoder(Verdict).decode


class _Waiting(msgspec.Struct, eq=False):
    verdict: Verdict
    site: str
    device_id: str
    ref: "asyncio.Future[str]"


class Recording:
    """Records verdicts of one event loop, their people's views sealed under ``views_key``."""

    def __init__(
        self, *, passages: PassageStore, views_key: SymmetricKey, pseudonyms: SitePseudonyms, entropy: Entropy
    ) -> None:
        self._passages = passages
        self._views_key = views_key
        self._pseudonyms = pseudonyms
        self._entropy = entropy
        self._waiting: list[_Waiting] = []
        self._keeping: set[asyncio.Task[Sequence[str]]] = set()

    async def record(self, verdict: Verdict, site: str, device_id: str) -> str:
        """Record a verdict given at a site to a device; return its reference once the record is durable.

        Raises ``Fault`` or ``Refused(OVERLOADED)``.
        """
        loop = asyncio.get_running_loop()
        waiting = _Waiting(verdict, site, device_id, loop.create_future())
        if not self._waiting:
            loop.call_soon(self._begin)
        self._waiting.append(waiting)
        return await waiting.ref

    def find_verdict(self, passage: PassageRecord) -> Verdict | None:
        """Return the verdict that a record holds, or None where its views are gone or cannot be opened."""
        if passage.views is None:
            return None
        nonce, sealed = passage.views[:NONCE_BYTES], passage.views[NONCE_BYTES:]
        try:
            verdict = _parse_verdict(self._views_key.open(nonce, sealed, passage.ref.encode()))
        except SealBroken:
            return None
        if verdict.situation is None:
            return verdict
        return msgspec.structs.replace(verdict, situation=msgspec.convert(verdict.situation, Situation))

    def _begin(self) -> None:
        batch, self._waiting = self._waiting, []
        task = asyncio.get_running_loop().create_task(self._keep(batch))
        self._keeping.add(task)
        task.add_done_callback(partial(self._tell, batch))

    async def _keep(self, batch: Sequence[_Waiting]) -> Sequence[str]:
        random = self._entropy(_RANDOM_BYTES * len(batch))
        passages = [
            self._seal(waiting, random[start : start + _RANDOM_BYTES])
            for waiting, start in zip(batch, range(0, len(random), _RANDOM_BYTES), strict=True)
        ]
        await self._passages.record(*passages)
        return [passage.ref for passage in passages]

    def _seal(self, waiting: _Waiting, random: bytes) -> PassageRecord:
        verdict, nonce = waiting.verdict, random[:NONCE_BYTES]
        # The time comes first so that an index over millions of them grows at its end, a page for many.
        ref = f"{int(verdict.at.timestamp()):08x}{random[NONCE_BYTES:].hex()}"
        return PassageRecord(
            ref=ref,
            at=verdict.at,
            host=verdict.host,
            place_kind=verdict.place_kind,
            device_id=waiting.device_id,
            outcome=verdict.outcome,
            reason=impersonal_slug(verdict.reason),
            issuer=verdict.issuer,
            views=nonce + self._views_key.seal(nonce, _encode_verdict(verdict), ref.encode()),
            expires_at=verdict.at + VERDICT_KEPT,
            kept_until=verdict.at + PASSAGE_KEPT[verdict.place_kind],
            direction=verdict.direction,
            site_pseudonym=self._pseudonym(verdict, waiting.site),
        )

    def _pseudonym(self, verdict: Verdict, site: str) -> bytes | None:
        if verdict.subject_handle is None:
            return None
        return self._pseudonyms.make(site, beijing_day(verdict.at), verdict.subject_handle)

    def _tell(self, batch: Sequence[_Waiting], task: "asyncio.Task[Sequence[str]]") -> None:
        """Tell everyone of a batch how it went; who was cancelled meanwhile does not wait any more."""
        self._keeping.discard(task)
        error = asyncio.CancelledError() if task.cancelled() else task.exception()
        refs = [""] * len(batch) if error is not None else task.result()
        for waiting, ref in zip(batch, refs, strict=True):
            if waiting.ref.done():
                continue
            if error is not None:
                waiting.ref.set_exception(error)
            else:
                waiting.ref.set_result(ref)
