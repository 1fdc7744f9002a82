"""Verify by document: a person without a phone at a checkpoint (the host's use case; law 9).

The guard types the document, in the person's presence and for the stated purpose. It is limited per
device and per subject, since whoever may type numbers could enumerate them; it is recorded as a look
before anything is answered, and the person sees it afterwards. The document is not kept.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from tongxing.core.calendar import beijing_day, end_of_beijing_day
from tongxing.core.errors import Refused
from tongxing.core.limits import (
    DOCUMENTS_PER_DEVICE_PER_MINUTE,
    DOCUMENTS_PER_SUBJECT_PER_DAY,
    GATEWAY_DEADLINE_SECONDS,
)
from tongxing.core.looks import Ground, Purpose
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import Document, SubjectKeys
from tongxing.crypto.digests import sha256
from tongxing.recognition.by_document import decide_by_document, decide_unasked
from tongxing.services.known_reports import AsksReports, Known
from tongxing.services.looks import LookDesk, Looker
from tongxing.services.passage_handles import NONCE_BYTES, make_handle
from tongxing.services.ports import Clock, Entropy
from tongxing.services.reference import Reference
from tongxing.services.subject_keys import SubjectKeyCache
from tongxing.services.verification import Passing, Verification, Verified
from tongxing.services.way_ports import Allowance, LimitResult, LimitStore

_MINUTE = timedelta(minutes=1)
_NOTHING = Known((), others_consulted=False)


@dataclass(frozen=True, slots=True)
class DocumentDesk:
    """Decides on people whose document a guard has typed."""

    reference: Reference
    verification: Verification
    subject_keys: SubjectKeyCache
    known: AsksReports
    looks: LookDesk
    limits: LimitStore
    clock: Clock
    entropy: Entropy

    async def verify(self, document: Document, purpose: Purpose, passing: Passing) -> Verified:
        """Return the verdict, once look and passage are durable. The person is present: the caller has checked it.

        Raises ``Refused(LIMITED)``. While the hub is away what is held here decides, else ``REFER``.
        """
        at = self.clock.now()
        knowledge = self.reference.knowledge
        scan = passing.scan("", knowledge.host)
        verdict = decide_unasked(scan, knowledge, at=at)
        if verdict is not None:
            return await self.verification.record(verdict, scan.site, passing.device_id)
        await self._take(_device_allowance(passing.device_id, at))
        keys = await self._find_keys(document)
        known, handle = _NOTHING, None
        if keys is not None:
            await self._take(_subject_allowance(keys, at))
            looker = Looker(passing.device_id, passing.site)
            look = await self.looks.record(keys, looker, purpose, Ground.PRESENCE)
            known = await self.known.of(keys, look, timeout_seconds=GATEWAY_DEADLINE_SECONDS / 2)
            handle = self._handle(keys)
        verdict = decide_by_document(
            scan,
            knowledge,
            known.reports,
            others_consulted=known.others_consulted,
            subject_handle=handle,
            at=self.clock.now(),
        )
        return await self.verification.record(verdict, scan.site, passing.device_id)

    async def _take(self, allowance: Allowance) -> None:
        if await self.limits.take(allowance) is not LimitResult.TAKEN:
            raise Refused(ProblemId.LIMITED, "too many people or too often the same one; use the manual lane")

    async def _find_keys(self, document: Document) -> SubjectKeys | None:
        try:
            async with asyncio.timeout(GATEWAY_DEADLINE_SECONDS / 2):
                return await self.subject_keys.keys_of(document)
        except TimeoutError:
            return None
        except Refused as refused:
            if refused.problem is not ProblemId.UPSTREAM_AWAY:
                raise
            return None

    def _handle(self, keys: SubjectKeys) -> str:
        """Return a handle for this passage alone: whoever holds the subject key can tell whose it is."""
        return make_handle(keys[0], self.entropy(NONCE_BYTES))


def _device_allowance(device_id: str, at: datetime) -> Allowance:
    minute = int(at.timestamp()) // 60
    key = sha256(f"documents by device {device_id} {minute}".encode())
    return Allowance(key, DOCUMENTS_PER_DEVICE_PER_MINUTE, at + _MINUTE)


def _subject_allowance(keys: SubjectKeys, at: datetime) -> Allowance:
    key = sha256(b"documents of subject " + keys[0] + beijing_day(at).isoformat().encode())
    return Allowance(key, DOCUMENTS_PER_SUBJECT_PER_DAY, end_of_beijing_day(at))
