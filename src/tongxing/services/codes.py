"""Make: a national code for one of this region's people, shown for about a minute (the issuer's use case).

It never outlives the report that it tells of. Making is a one-time transaction: apply for a ticket,
then use it once. What is drawn comes from ``services.minting``.
"""

from datetime import datetime

from tongxing.core.errors import Refused, Undecidable
from tongxing.core.masking import mask_name
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import Document, SubjectKeys
from tongxing.core.words import RegionId
from tongxing.recognition.combining import combine_reports
from tongxing.services.making_tickets import MakingTickets
from tongxing.services.minting import CodeMinter, MadeCode
from tongxing.services.ports import Clock, ReportStore, SubjectReport
from tongxing.services.stating import credential_id_of
from tongxing.services.subject_keys import SubjectKeyCache
from tongxing.wire.sealed_part import SealedContent


class CodeDesk:
    """Makes national codes from the reports held here, each for one of its ``tickets``."""

    def __init__(
        self,
        *,
        region: RegionId,
        subject_keys: SubjectKeyCache,
        reports: ReportStore,
        tickets: MakingTickets,
        minter: CodeMinter,
        clock: Clock,
    ) -> None:
        self._region = region
        self._subject_keys = subject_keys
        self._reports = reports
        self.tickets = tickets
        self._minter = minter
        self._clock = clock

    async def make_code(self, serial: str, random: bytes, document: Document, name: str) -> MadeCode:
        """Use a ticket up and return a code for the person with ``document``.

        Raises ``Refused``: ``TICKET_UNUSABLE`` (unknown, ended, used, wrong random number: not told
        apart to whoever guesses), ``CODE_NOT_CONFIRMED`` with the reason where no current report is
        held, ``UPSTREAM_AWAY`` if the key service is (the ticket can then be used again).
        """
        at = self._clock.now()
        ticket = await self.tickets.find(serial, random, at)
        # First what may fail for no fault of the holder, so that it uses no ticket up.
        keys = await self._subject_keys.keys_of(document)
        await self.tickets.use_up(ticket, at)
        return await self._mint(keys, mask_name(name), at)

    async def make_for(self, keys: SubjectKeys, hint: str) -> MadeCode:
        """Return a code for a person whom a sign-in stands for; ``hint`` is the masked name.

        Raises ``Refused(CODE_NOT_CONFIRMED)`` with the reason where no current report is held.
        """
        return await self._mint(keys, hint, self._clock.now())

    def handle_of(self, qr_text: str) -> str:
        """Return the handle by which checkpoints name a code that was made here. Raises ``ValueError`` for another."""
        handle = credential_id_of(qr_text, self._minter.key.public)
        if handle is None:
            raise ValueError("not a code that was made here")
        return handle

    async def _mint(self, keys: SubjectKeys, hint: str, at: datetime) -> MadeCode:
        """Make the code, for the key under which what it says is held."""
        rows = [row for key in reversed(keys) for row in await self._reports.reports_of(key, with_retracted=True)]
        own = max((row for row in rows if row.report.issuer == self._region), key=_revision, default=None)
        if own is None or own.report.retracted:
            raise Refused(ProblemId.CODE_NOT_CONFIRMED, "no_record")
        others = [row.report for row in rows if row.report.issuer != self._region and not row.report.retracted]
        try:
            report = combine_reports(own.report, others, at=at)
        except Undecidable as why:
            raise Refused(ProblemId.CODE_NOT_CONFIRMED, str(why.reason)) from why
        if report.level is None:
            raise Refused(ProblemId.CODE_NOT_CONFIRMED, "no level is known")
        content = SealedContent(
            level=report.level,
            colour_only=report.colour_only,
            origin=own.origin,
            masked_hint=hint,
            others_consulted=False,
        )
        return await self._minter.mint(own.subject, content, at, report.valid_until)


def _revision(row: SubjectReport) -> tuple[int, bool]:
    return row.report.revision, row.report.retracted
