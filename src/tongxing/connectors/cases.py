"""Cases told to other nodes over HTTP, at the address that the directory names."""

from dataclasses import dataclass
from typing import Final

import msgspec

from tongxing.connectors.http_exchange import ExchangeFailed, SignedCaller
from tongxing.connectors.problems import raise_upstream_problem
from tongxing.core.cases import CaseStep
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.services.case_messages import StepsMessage, encode_case, parse_steps
from tongxing.services.case_ports import HeldCase
from tongxing.trust.directory import DirectoryRecord

_HTTP_SUCCESS: Final = range(200, 300)
_ANSWER_MAX_BYTES: Final = 16 * 1024
_STEPS: Final = msgspec.json.Decoder(StepsMessage)


@dataclass(frozen=True, slots=True)
class HttpCasePeers:
    """Implements ``services.case_ports.CasePeers``."""

    caller: SignedCaller

    async def tell_case(
        self, decider: DirectoryRecord, held: HeldCase, *, timeout_seconds: float
    ) -> tuple[CaseStep, ...]:
        """Tell a case as it stands; see the port."""
        who = f"region {decider.region}"
        try:
            answer = await self.caller.call(
                "POST",
                f"{decider.url}/v1/forwarded-cases",
                body=msgspec.json.encode(encode_case(held)),
                timeout_seconds=timeout_seconds,
                answer_max_bytes=_ANSWER_MAX_BYTES,
            )
        except ExchangeFailed as failed:
            raise Refused(ProblemId.UPSTREAM_AWAY, f"{who}: {failed.kind}") from failed
        if answer.status not in _HTTP_SUCCESS:
            raise_upstream_problem(answer, who)
        try:
            return parse_steps(_STEPS.decode(answer.body).steps)
        except (msgspec.MsgspecError, Refused) as unreadable:
            raise Refused(ProblemId.UPSTREAM_AWAY, f"{who}: unreadable answer") from unreadable
