"""Other regions' gateways over HTTP, for conversions (way 2)."""

from dataclasses import dataclass

import msgspec

from tongxing.connectors.http_exchange import SignedCaller
from tongxing.connectors.peers import request_statement_bytes
from tongxing.services.way_ports import ConversionStatementRequest
from tongxing.trust.directory import DirectoryRecord


@dataclass(frozen=True, slots=True)
class HttpConversionPeers:
    """Implements ``services.way_ports.ConversionPeers``."""

    caller: SignedCaller

    async def request_conversion_statement(
        self, issuer: DirectoryRecord, request: ConversionStatementRequest, *, timeout_seconds: float
    ) -> bytes:
        """Return the statement's bytes, or raise the issuer's own reason."""
        return await request_statement_bytes(
            self.caller, f"{issuer.url}/v1/conversion-statements", msgspec.json.encode(request), timeout_seconds
        )
