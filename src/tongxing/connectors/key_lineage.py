"""The hub's key service over HTTP, asked for the newer keys of subjects that a gateway holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final

import msgspec

from tongxing.connectors.http_exchange import ExchangeFailed, SignedCaller
from tongxing.connectors.problems import raise_upstream_problem
from tongxing.core.errors import Refused
from tongxing.core.limits import REQUEST_BODY_MAX_BYTES
from tongxing.core.problems import ProblemId
from tongxing.core.subjects import SubjectKey

_TIMEOUT_SECONDS: Final = 30.0
_HTTP_OK: Final = 200


class _Newest(msgspec.Struct, frozen=True):
    version: Annotated[int, msgspec.Meta(ge=1, le=255)]
    newest: list[Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{66}$")] | None]


@dataclass(frozen=True, slots=True)
class HttpKeyLineage:
    """Implements ``services.rederiving_ports.KeyLineage``."""

    caller: SignedCaller
    url: str

    async def newest_of(self, keys: Sequence[SubjectKey]) -> tuple[int, tuple[SubjectKey | None, ...]]:
        """Ask for the current version and the newest keys; see the port."""
        body = msgspec.json.encode({"subject_keys": [key.hex() for key in keys]})
        try:
            answer = await self.caller.call(
                "POST",
                f"{self.url}/v1/newer-subject-keys",
                body=body,
                timeout_seconds=_TIMEOUT_SECONDS,
                answer_max_bytes=REQUEST_BODY_MAX_BYTES,
            )
        except ExchangeFailed as failed:
            raise Refused(ProblemId.UPSTREAM_AWAY, f"the hub: {failed.detail}") from failed
        if answer.status != _HTTP_OK:
            raise_upstream_problem(answer, "the hub")
        try:
            told = msgspec.json.decode(answer.body, type=_Newest)
        except msgspec.MsgspecError as unreadable:
            raise Refused(ProblemId.UPSTREAM_AWAY, "the hub's answer is unreadable") from unreadable
        if len(told.newest) != len(keys):
            raise Refused(ProblemId.UPSTREAM_AWAY, "the hub answered for other keys")
        return told.version, tuple(None if key is None else SubjectKey(bytes.fromhex(key)) for key in told.newest)
