"""The implementations over which every suite of this folder runs: one row each.

To add one, say how its stores are opened at a place of their own, and again at the same place.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

import pytest

from tests.real_cluster import RunningCluster
from tests.real_servers import Databases
from tongxing.services.case_ports import CaseStore
from tongxing.services.dataset_ports import DatasetEvidenceStore, DatasetMarkStore, SealedNameStore
from tongxing.services.digest_log import DigestLogStore
from tongxing.services.family import FamilyStore
from tongxing.services.ingest_ports import IngestStore
from tongxing.services.link_ports import PersonLinkStore
from tongxing.services.outbox_ports import OutboxStore
from tongxing.services.persons import PersonStore
from tongxing.services.ports import (
    AlarmStore,
    BundleStore,
    CredentialStore,
    ExtensionStore,
    NonceStore,
    PassageStore,
    ReportStore,
    SubjectLinkStore,
    TicketStore,
)
from tongxing.services.rederiving_ports import RederivingStore
from tongxing.services.retention import RetentionStore
from tongxing.services.risk_ports import RiskHistoryStore
from tongxing.services.rule_ports import ProposalStore
from tongxing.services.statistics import StatisticsStore
from tongxing.services.transit_passes import TransitPassStore
from tongxing.services.way_ports import ConversionStore, LimitStore, LookStore, PrintedCodeStore
from tongxing.stores.postgres import stores as postgres
from tongxing.stores.sql.stores import NodeStores
from tongxing.stores.sqlite.stores import open_stores
from tongxing.stores.valkey.stores import with_index


class Stores(Protocol):
    """All ports of one node, open."""

    @property
    def reports(self) -> ReportStore: ...
    @property
    def passages(self) -> PassageStore: ...
    @property
    def tickets(self) -> TicketStore: ...
    @property
    def credentials(self) -> CredentialStore: ...
    @property
    def nonces(self) -> NonceStore: ...
    @property
    def bundles(self) -> BundleStore: ...
    @property
    def alarms(self) -> AlarmStore: ...
    @property
    def extensions(self) -> ExtensionStore: ...
    @property
    def links(self) -> SubjectLinkStore: ...
    @property
    def persons(self) -> PersonStore: ...
    @property
    def evidence(self) -> DatasetEvidenceStore: ...
    @property
    def dataset_marks(self) -> DatasetMarkStore: ...
    @property
    def masked_names(self) -> SealedNameStore: ...
    @property
    def rederiving(self) -> RederivingStore: ...
    @property
    def looks(self) -> LookStore: ...
    @property
    def limits(self) -> LimitStore: ...
    @property
    def conversions(self) -> ConversionStore: ...
    @property
    def printed_codes(self) -> PrintedCodeStore: ...
    @property
    def family(self) -> FamilyStore: ...
    @property
    def proposals(self) -> ProposalStore: ...
    @property
    def statistics(self) -> StatisticsStore: ...
    @property
    def retention(self) -> RetentionStore: ...
    @property
    def transit_passes(self) -> TransitPassStore: ...
    @property
    def risk_history(self) -> RiskHistoryStore: ...
    @property
    def person_links(self) -> PersonLinkStore: ...
    @property
    def cases(self) -> CaseStore: ...
    @property
    def outbox(self) -> OutboxStore: ...
    @property
    def ingest(self) -> IngestStore: ...
    @property
    def digest_log(self) -> DigestLogStore: ...
    async def aclose(self) -> None: ...


Open = Callable[[Path], Awaitable[Stores]]
"""Opens the stores that belong to an empty folder; called again, the same ones with what they hold."""


async def open_sqlite(folder: Path) -> Stores:
    return open_stores(folder / "node.db")


@contextmanager
def on_sqlite(_request: pytest.FixtureRequest) -> Iterator[Open]:
    yield open_sqlite


@contextmanager
def on_postgres(request: pytest.FixtureRequest) -> Iterator[Open]:
    databases: Databases = request.getfixturevalue("postgres_databases")
    taken: dict[Path, str] = {}

    async def open_database(folder: Path) -> Stores:
        if folder not in taken:
            taken[folder] = databases.take()
        return await postgres.open_stores(taken[folder])

    yield open_database
    databases.give_back(tuple(taken.values()))


@contextmanager
def on_valkey(request: pytest.FixtureRequest) -> Iterator[Open]:
    """The hot index before PostgreSQL."""
    cluster: RunningCluster = request.getfixturevalue("cluster")
    with on_postgres(request) as open_record:

        async def open_both(folder: Path) -> Stores:
            record = await open_record(folder)
            assert isinstance(record, NodeStores)
            return await with_index(record, cluster.addresses)

        yield open_both


IMPLEMENTATIONS: Mapping[str, Callable[[pytest.FixtureRequest], AbstractContextManager[Open]]] = {
    "postgres": on_postgres,
    "sqlite": on_sqlite,
    "valkey": on_valkey,
}

ONLY: Mapping[str, frozenset[str]] = {
    "valkey": frozenset({"test_report_store", "test_ticket_store", "test_way_stores"}),
}
"""The suites of those that stand before another with a few of its ports; the others run every suite."""
