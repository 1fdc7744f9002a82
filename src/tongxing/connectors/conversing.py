"""One conversation with a back end, as a gateway holds it: the family asks, the connector carries, both are kept.

It is how the sandbox says how a region is asked, how the samples under ``vectors/dialects`` are recorded, and how a
back end is examined (``conformance``): what stands there was really sent and really answered.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tongxing.connectors.back_end import HttpBackEnd
from tongxing.core.errors import Rejected, Undecidable
from tongxing.core.limits import BACK_END_DEADLINE_SECONDS
from tongxing.core.reasons import ReasonId
from tongxing.regions.answers import BackEndAnswer, BackEndRequest, SourceAnswer
from tongxing.regions.families import FAMILIES
from tongxing.regions.profile import Profile


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer, None where no answer came that could be taken in."""

    request: BackEndRequest
    answer: BackEndAnswer | None


@dataclass(frozen=True, slots=True)
class Conversation:
    """What was asked and answered, and what the family made of it: an answer, or the reason why there is none.

    ``detail`` stands beside the reason for the operator: from closed lists, with nothing of the answer's values.
    """

    exchanges: tuple[Exchange, ...]
    outcome: SourceAnswer | ReasonId
    detail: str = ""


async def converse(
    back_end: HttpBackEnd,
    profile: Profile,
    qr_text: str,
    at: datetime,
    query_id: str,
    credentials: Mapping[str, str],
    timeout_seconds: float = BACK_END_DEADLINE_SECONDS,
) -> Conversation:
    """Ask ``back_end`` about the code ``qr_text`` as the profile's family does.

    ``timeout_seconds`` bounds each wait for the network; the caller bounds the whole.
    """
    asking = FAMILIES[profile.family].ask(qr_text, profile, at, query_id, credentials)
    exchanges: list[Exchange] = []
    try:
        request = next(asking)
        while True:
            exchanges.append(Exchange(request, None))
            answer = await back_end.exchange(request, timeout_seconds=timeout_seconds)
            exchanges[-1] = Exchange(request, answer)
            request = asking.send(answer)
    except StopIteration as end:
        return Conversation(tuple(exchanges), end.value)
    except (Rejected, Undecidable) as why:
        return Conversation(tuple(exchanges), why.reason, why.detail)
