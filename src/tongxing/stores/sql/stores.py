"""All ports of one node on one record, joined once for every kind of database."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

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
from tongxing.stores.sql.cases import SqlCaseStore
from tongxing.stores.sql.connections import Reader, RecordConnection
from tongxing.stores.sql.credentials import SqlCredentialStore, SqlNonceStore
from tongxing.stores.sql.datasets import SqlDatasetMarkStore, SqlSealedNameStore
from tongxing.stores.sql.digest_log import SqlDigestLogStore
from tongxing.stores.sql.eras import SqlIndexEraStore
from tongxing.stores.sql.evidence import SqlEvidenceStore
from tongxing.stores.sql.family import SqlFamilyStore
from tongxing.stores.sql.ingest import SqlIngestStore
from tongxing.stores.sql.node import SqlAlarmStore, SqlBundleStore, SqlExtensionStore
from tongxing.stores.sql.outbox import SqlOutboxStore
from tongxing.stores.sql.passages import SqlPassageStore
from tongxing.stores.sql.person_links import SqlPersonLinkStore
from tongxing.stores.sql.proposals import SqlProposalStore
from tongxing.stores.sql.rederiving import SqlRederivingStore
from tongxing.stores.sql.reports import SqlReportStore
from tongxing.stores.sql.retention import SqlRetentionStore
from tongxing.stores.sql.risk_history import SqlRiskHistoryStore
from tongxing.stores.sql.statistics import SqlStatisticsStore
from tongxing.stores.sql.subjects import SqlPersonStore, SqlSubjectLinkStore
from tongxing.stores.sql.tickets import SqlTicketStore
from tongxing.stores.sql.transit_passes import SqlTransitPassStore
from tongxing.stores.sql.ways import SqlConversionStore, SqlLimitStore, SqlLookStore, SqlPrintedCodeStore
from tongxing.stores.sql.writer import GroupCommitWriter


@dataclass(frozen=True, slots=True)
class NodeStores:
    """The ports of one node. ``writer`` and ``reader`` are shared by all of them."""

    reports: ReportStore
    passages: PassageStore
    tickets: TicketStore
    credentials: CredentialStore
    nonces: NonceStore
    bundles: BundleStore
    alarms: AlarmStore
    extensions: ExtensionStore
    links: SubjectLinkStore
    evidence: DatasetEvidenceStore
    persons: PersonStore
    looks: LookStore
    limits: LimitStore
    conversions: ConversionStore
    printed_codes: PrintedCodeStore
    family: FamilyStore
    transit_passes: TransitPassStore
    proposals: ProposalStore
    risk_history: RiskHistoryStore
    person_links: PersonLinkStore
    cases: CaseStore
    digest_log: DigestLogStore
    outbox: OutboxStore
    ingest: IngestStore
    statistics: StatisticsStore
    retention: RetentionStore
    dataset_marks: DatasetMarkStore
    masked_names: SealedNameStore
    rederiving: RederivingStore
    index_eras: SqlIndexEraStore
    writer: GroupCommitWriter
    reader: Reader
    closed_first: tuple[Callable[[], Awaitable[None]], ...] = ()
    """Closes what stands before the record."""

    emptied_first: tuple[Callable[[], Awaitable[int]], ...] = ()
    """Empties what stands before the record, before a shutdown; each returns how many entries, or raises Fault."""

    async def check_ready(self) -> None:
        """Raise Fault or Refused(OVERLOADED) unless a write would go through now. Writes nothing."""
        await self.writer.run(check_writable)

    async def aclose(self) -> None:
        """Write what waits, then close the record: SQLite's is one file again. Idempotent."""
        for close in self.closed_first:
            await close()
        await self.reader.aclose()
        await self.writer.aclose()


def check_writable(connection: RecordConnection) -> None:
    """Raise the driver's error where nothing can be written; changes nothing.

    To begin a transaction is not enough: on a read-only file or server it becomes a reading one.
    """
    connection.execute("DELETE FROM alarms WHERE id < 0")


def join_stores(writer: GroupCommitWriter, reader: Reader) -> NodeStores:
    """Return every port on one writer and one reader."""
    return NodeStores(
        reports=SqlReportStore(writer, reader),
        passages=SqlPassageStore(writer, reader),
        tickets=SqlTicketStore(writer, reader),
        credentials=SqlCredentialStore(writer, reader),
        nonces=SqlNonceStore(writer),
        bundles=SqlBundleStore(writer, reader),
        alarms=SqlAlarmStore(writer, reader),
        extensions=SqlExtensionStore(writer, reader),
        evidence=SqlEvidenceStore(writer, reader),
        links=SqlSubjectLinkStore(writer, reader),
        persons=SqlPersonStore(writer, reader),
        looks=SqlLookStore(writer, reader),
        limits=SqlLimitStore(writer),
        conversions=SqlConversionStore(writer, reader),
        printed_codes=SqlPrintedCodeStore(writer, reader),
        family=SqlFamilyStore(writer, reader),
        transit_passes=SqlTransitPassStore(writer, reader),
        proposals=SqlProposalStore(writer, reader),
        risk_history=SqlRiskHistoryStore(writer, reader),
        person_links=SqlPersonLinkStore(writer, reader),
        cases=SqlCaseStore(writer, reader),
        digest_log=SqlDigestLogStore(writer, reader),
        outbox=SqlOutboxStore(writer, reader),
        ingest=SqlIngestStore(writer, reader),
        statistics=SqlStatisticsStore(writer, reader),
        retention=SqlRetentionStore(writer, reader),
        dataset_marks=SqlDatasetMarkStore(writer, reader),
        masked_names=SqlSealedNameStore(writer, reader),
        rederiving=SqlRederivingStore(writer, reader),
        index_eras=SqlIndexEraStore(writer, reader),
        writer=writer,
        reader=reader,
    )
