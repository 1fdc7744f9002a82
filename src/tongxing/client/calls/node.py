"""The calls of the kind `node`. Written by `make docs` from the table of routes: edit there."""

from urllib.parse import quote

from tongxing.api.messages import (
    AlarmsAnswer,
    CredentialAnswer,
    CredentialMessage,
    CredentialsAnswer,
    HealthAnswer,
    LimitQuery,
    StatusAnswer,
)
from tongxing.client.calling import Calls


class NodeCalls(Calls):
    """The methods of the kind `node`."""

    async def tell_health(self) -> HealthAnswer:
        """Say that the process runs."""
        return await self.fetch(
            HealthAnswer,
            "GET",
            "/healthz",
        )

    async def tell_readiness(self) -> bytes:
        """Say whether the node can do its work: 200 if so, 503 if not, with what is missing."""
        return await self.fetch_bytes(
            "GET",
            "/readyz",
        )

    async def tell_metrics(self) -> bytes:
        """Return the metrics in Prometheus' text format."""
        return await self.fetch_bytes(
            "GET",
            "/metrics",
        )

    async def tell_document(self) -> bytes:
        """Return the OpenAPI document of this node."""
        return await self.fetch_bytes(
            "GET",
            "/openapi.json",
        )

    async def tell_status(self) -> StatusAnswer:
        """Say how the node is: version, time, bundle and its age, open sessions."""
        return await self.fetch(
            StatusAnswer,
            "GET",
            "/v1/status",
        )

    async def list_alarms(
        self,
        query: LimitQuery | None = None,
    ) -> AlarmsAnswer:
        """Return the newest alarms."""
        return await self.fetch(
            AlarmsAnswer,
            "GET",
            "/v1/alarms",
            query=query,
        )

    async def list_credentials(self) -> CredentialsAnswer:
        """Return all keys that were enrolled here, revoked and ended ones too."""
        return await self.fetch(
            CredentialsAnswer,
            "GET",
            "/v1/credentials",
        )

    async def enrol_credential(
        self,
        body: CredentialMessage,
    ) -> CredentialAnswer:
        """Enrol a key of this node's own region in a role. Gateways are known from the directory alone."""
        return await self.fetch(
            CredentialAnswer,
            "POST",
            "/v1/credentials",
            body=body,
        )

    async def revoke_credential(
        self,
        key_id: str,
    ) -> None:
        """Revoke a key for good; its sessions end at once."""
        await self.fetch_bytes(
            "DELETE",
            f"/v1/credentials/{quote(key_id, safe='')}",
        )
