"""Explain: a citizen asks their own region why a checkpoint elsewhere decided as it did (law 6).

The citizen is known to their region only, so the host shares its citizen's view with the gateway of
the region that issued the code, and that gateway hands it on only for the very code that was
scanned: the verdict's handle fits no other.
"""

from tongxing.core.errors import Refused, Rejected
from tongxing.core.limits import GATEWAY_DEADLINE_SECONDS
from tongxing.core.problems import ProblemId
from tongxing.core.words import RegionId
from tongxing.recognition.views import CitizenView
from tongxing.services.peers import Peers, SharedVerdict
from tongxing.services.reference import Reference
from tongxing.services.statements import StatementDesk
from tongxing.services.verification import Verification


class ExplanationDesk:
    """Answers the region's own back end, which speaks for a signed-in citizen."""

    def __init__(
        self,
        *,
        region: RegionId,
        reference: Reference,
        statements: StatementDesk,
        verification: Verification,
        peers: Peers,
    ) -> None:
        self._region = region
        self._reference = reference
        self._statements = statements
        self._verification = verification
        self._peers = peers

    async def explain(self, host: RegionId, ref: str, qr_text: str) -> CitizenView:
        """Return the citizen's view of verdict ``ref`` given by ``host`` on the code ``qr_text``.

        Raises ``Refused``: ``NOT_FOUND``, ``FORBIDDEN`` (another's verdict), ``UPSTREAM_AWAY``.
        """
        shared = await self._shared_verdict(host, ref)
        if shared.subject_handle is None or not self._statements.is_handle_of(shared.subject_handle, qr_text):
            raise Refused(ProblemId.FORBIDDEN, "the verdict was not given on this code")
        return shared.view

    async def _shared_verdict(self, host: RegionId, ref: str) -> SharedVerdict:
        if host == self._region:
            return await self._verification.shared_verdict(ref, self._region)
        try:
            record = self._reference.knowledge.directory.active_record(host)
        except Rejected as unknown:
            raise Refused(ProblemId.NOT_FOUND, f"region {host} does not take part") from unknown
        return await self._peers.request_citizen_view(record, ref, timeout_seconds=GATEWAY_DEADLINE_SECONDS)
