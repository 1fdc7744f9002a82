"""Explain: a citizen asks their own region why a checkpoint elsewhere decided as it did (law 6).

The citizen is known to their region only, so the host shares its citizen's view with the gateway of
the region that issued the code, and that gateway hands it on only for the very code that was
scanned: the verdict's handle fits no other. Of a code of the federation the hub is the issuer: the home
gateway asks it, and it asks the host.
"""

from collections.abc import Callable, Collection

from tongxing.core.errors import Refused, Rejected
from tongxing.core.limits import GATEWAY_DEADLINE_SECONDS
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import SubjectKeys
from tongxing.core.words import FEDERATION, RegionId
from tongxing.crypto.keys import PublicKey
from tongxing.recognition.views import CitizenView
from tongxing.regions.families import NATIONAL
from tongxing.services.passage_handles import is_handle_of
from tongxing.services.peers import Hub, Peers, SharedVerdict
from tongxing.services.reference import Reference
from tongxing.services.statements import StatementDesk
from tongxing.services.stating import credential_id_of
from tongxing.services.verification import Verification
from tongxing.trust.directory import Directory
from tongxing.wire.national_code import parse_national_code


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
        hub: Hub,
    ) -> None:
        self._region = region
        self._reference = reference
        self._statements = statements
        self._verification = verification
        self._peers = peers
        self._hub = hub

    async def explain(self, host: RegionId, ref: str, qr_text: str) -> CitizenView:
        """Return the citizen's view of verdict ``ref`` given by ``host`` on the code ``qr_text``.

        Raises ``Refused``: ``NOT_FOUND``, ``FORBIDDEN`` (another's verdict), ``UPSTREAM_AWAY``.
        """
        if _is_of_the_federation(qr_text):
            return await self._hub.explain(host, ref, [qr_text])
        shared = await self._shared_verdict(host, ref)
        if shared.subject_handle is None or not self._statements.is_handle_of(shared.subject_handle, qr_text):
            raise Refused(ProblemId.FORBIDDEN, "the verdict was not given on this code")
        return shared.view

    async def explain_own(self, host: RegionId, ref: str, handles: Collection[str], keys: SubjectKeys) -> CitizenView:
        """Return the citizen's view of verdict ``ref``: on a code with one of ``handles``, or by document.

        By document it is a verdict on the subject with ``keys``, without any code.
        Raises ``Refused``: ``NOT_FOUND``, ``FORBIDDEN`` (another's verdict), ``UPSTREAM_AWAY``.
        """
        shared = await self._shared_verdict(host, ref)
        handle = shared.subject_handle
        if handle is None or not (handle in handles or is_handle_of(handle, keys)):
            raise Refused(ProblemId.FORBIDDEN, "the verdict was not given on a code of yours")
        return shared.view

    async def _shared_verdict(self, host: RegionId, ref: str) -> SharedVerdict:
        if host == self._region:
            return await self._verification.shared_verdict(ref, self._region)
        try:
            record = self._reference.knowledge.directory.active_record(host)
        except Rejected as unknown:
            raise Refused(ProblemId.NOT_FOUND, f"region {host} does not take part") from unknown
        return await self._peers.request_citizen_view(record, ref, timeout_seconds=GATEWAY_DEADLINE_SECONDS)


class FederationExplanations:
    """The hub's part: explains verdicts on the federation's own codes to the gateways of those who showed them.

    The text of the code proves that the asking gateway's citizen held it, as at home.
    """

    def __init__(self, *, directory: Callable[[], Directory], peers: Peers, code_key: PublicKey) -> None:
        self._directory = directory
        self._peers = peers
        self._code_key = code_key

    async def explain(self, host: RegionId, ref: str, qr_texts: Collection[str]) -> CitizenView:
        """Return the citizen's view of verdict ``ref`` given by ``host`` on one of these codes of the federation.

        Raises ``Refused``: ``NOT_FOUND``, ``FORBIDDEN`` (another's verdict, or no code of the federation),
        ``UPSTREAM_AWAY``.
        """
        credential_ids = {credential_id_of(qr_text, self._code_key) for qr_text in qr_texts} - {None}
        if not credential_ids:
            raise Refused(ProblemId.FORBIDDEN, "not a code of the federation")
        try:
            record = self._directory().active_record(host)
        except Rejected as unknown:
            raise Refused(ProblemId.NOT_FOUND, f"region {host} does not take part") from unknown
        shared = await self._peers.request_citizen_view(record, ref, timeout_seconds=GATEWAY_DEADLINE_SECONDS)
        if shared.subject_handle not in credential_ids:
            raise Refused(ProblemId.FORBIDDEN, "the verdict was not given on this code")
        return shared.view


def _is_of_the_federation(qr_text: str) -> bool:
    """True if a text claims to be the federation's code; whether it is, the hub checks."""
    if not qr_text.startswith(NATIONAL.prefix):
        return False
    try:
        return parse_national_code(qr_text).issuer_claimed == FEDERATION
    except Rejected:
        return False
