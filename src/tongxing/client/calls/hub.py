"""The calls of the kind `hub`. Written by `make docs` from the table of routes: edit there."""

from urllib.parse import quote

from tongxing.api.messages import (
    BundleAnswer,
    CountAnswer,
    DirectoryRecordMessage,
    DocumentsMessage,
    ReportQueryMessage,
    ReportsAnswer,
    ReportsMessage,
    SubjectKeysAnswer,
)
from tongxing.client.calling import Calls


class HubCalls(Calls):
    """The methods of the kind `hub`."""

    async def fetch_latest_bundle(self) -> bytes:
        """Return the newest bundle: signed, so whoever carries it need not be trusted."""
        return await self.fetch_bytes(
            "GET",
            "/v1/bundles/latest",
        )

    async def fetch_bundle(
        self,
        number: str,
    ) -> bytes:
        """Return a bundle by its number."""
        return await self.fetch_bytes(
            "GET",
            f"/v1/bundles/{quote(number, safe='')}",
        )

    async def publish_bundle(self) -> BundleAnswer:
        """Publish the same content anew, with the coming days' verifier keys."""
        return await self.fetch(
            BundleAnswer,
            "POST",
            "/v1/bundles",
        )

    async def publish_profile(
        self,
        body: bytes,
        media_type: str = "application/toml",
    ) -> BundleAnswer:
        """Publish a region's profile (TOML): what its code looks like and means, and which ways it uses."""
        return await self.fetch(
            BundleAnswer,
            "POST",
            "/v1/profiles",
            body=body,
            media_type=media_type,
        )

    async def publish_foreign_trust(
        self,
        body: bytes,
    ) -> BundleAnswer:
        """Publish whom the federation believes of foreign codes: JWK sets, DID documents."""
        return await self.fetch(
            BundleAnswer,
            "POST",
            "/v1/foreign-trust",
            body=body,
        )

    async def publish_directory_record(
        self,
        body: DirectoryRecordMessage,
    ) -> BundleAnswer:
        """Publish a region's directory record: address, keys, or a suspension."""
        return await self.fetch(
            BundleAnswer,
            "POST",
            "/v1/directory-records",
            body=body,
        )

    async def derive_subject_keys(
        self,
        body: DocumentsMessage,
    ) -> SubjectKeysAnswer:
        """Derive subject keys of documents; neither is kept."""
        return await self.fetch(
            SubjectKeysAnswer,
            "POST",
            "/v1/subject-keys",
            body=body,
        )

    async def suspend_region(
        self,
        region: str,
    ) -> BundleAnswer:
        """Suspend a region: it can call nobody, and neither its codes nor its reports count."""
        return await self.fetch(
            BundleAnswer,
            "POST",
            f"/v1/directory-records/{quote(region, safe='')}/suspension",
        )

    async def resume_region(
        self,
        region: str,
    ) -> BundleAnswer:
        """End a suspension."""
        return await self.fetch(
            BundleAnswer,
            "POST",
            f"/v1/directory-records/{quote(region, safe='')}/resumption",
        )

    async def end_region(
        self,
        region: str,
    ) -> BundleAnswer:
        """Have a region leave for good: its keys end now, and what the hub holds of its is erased."""
        return await self.fetch(
            BundleAnswer,
            "POST",
            f"/v1/directory-records/{quote(region, safe='')}/departure",
        )

    async def take_in_reports(
        self,
        body: ReportsMessage,
    ) -> CountAnswer:
        """Take in a region's own reports; acknowledged once durable."""
        return await self.fetch(
            CountAnswer,
            "POST",
            "/v1/reports",
            body=body,
        )

    async def query_reports(
        self,
        body: ReportQueryMessage,
    ) -> ReportsAnswer:
        """Return what the federation's assessor and each region report of one subject."""
        return await self.fetch(
            ReportsAnswer,
            "POST",
            "/v1/report-queries",
            body=body,
        )
