"""All stores of one node on one file, and the one way to open them."""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tongxing.services.family import FamilyStore
from tongxing.services.observing import NO_OBSERVER, Observer
from tongxing.services.persons import PersonStore
from tongxing.services.ports import (
    AlarmStore,
    BundleStore,
    CredentialStore,
    EvidenceStore,
    ExtensionStore,
    NonceStore,
    PassageStore,
    ReportStore,
    SubjectLinkStore,
    TicketStore,
)
from tongxing.services.risk_ports import RiskHistoryStore
from tongxing.services.rule_ports import ProposalStore
from tongxing.services.transit_passes import TransitPassStore
from tongxing.services.way_ports import ConversionStore, LimitStore, LookStore, PrintedCodeStore
from tongxing.stores.sqlite.credentials import SqliteCredentialStore, SqliteNonceStore
from tongxing.stores.sqlite.evidence import SqliteEvidenceStore
from tongxing.stores.sqlite.family import SqliteFamilyStore
from tongxing.stores.sqlite.node import SqliteAlarmStore, SqliteBundleStore, SqliteExtensionStore
from tongxing.stores.sqlite.opening import check_writable, open_reader, open_writer
from tongxing.stores.sqlite.passages import SqlitePassageStore
from tongxing.stores.sqlite.proposals import SqliteProposalStore
from tongxing.stores.sqlite.reading import Reader
from tongxing.stores.sqlite.reports import SqliteReportStore
from tongxing.stores.sqlite.risk_history import SqliteRiskHistoryStore
from tongxing.stores.sqlite.subjects import SqlitePersonStore, SqliteSubjectLinkStore
from tongxing.stores.sqlite.tickets import SqliteTicketStore
from tongxing.stores.sqlite.transit_passes import SqliteTransitPassStore
from tongxing.stores.sqlite.ways import (
    SqliteConversionStore,
    SqliteLimitStore,
    SqliteLookStore,
    SqlitePrintedCodeStore,
)
from tongxing.stores.sqlite.writer import WAITING_MAX, GroupCommitWriter


@dataclass(frozen=True, slots=True)
class SqliteStores:
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
    evidence: EvidenceStore
    persons: PersonStore
    looks: LookStore
    limits: LimitStore
    conversions: ConversionStore
    printed_codes: PrintedCodeStore
    family: FamilyStore
    transit_passes: TransitPassStore
    proposals: ProposalStore
    risk_history: RiskHistoryStore
    writer: GroupCommitWriter
    reader: Reader

    async def check_ready(self) -> None:
        """Raise Fault or Refused(OVERLOADED) unless a write would go through now. Writes nothing."""
        await self.writer.run(check_writable)

    async def aclose(self) -> None:
        """Write what waits, then close the file: afterwards one file holds everything. Idempotent."""
        self.reader.close()
        await self.writer.aclose()


def open_stores(path: Path, *, waiting_max: int = WAITING_MAX, observer: Observer = NO_OBSERVER) -> SqliteStores:
    """Open or make the file at ``path`` (its folder must exist) and bring it to the newest schema.

    Blocks for milliseconds, and some 400 where the file is new. Several processes may open one file.
    ``waiting_max`` bounds the rows that wait to be written; ``observer`` is told of each commit, from
    the writer's thread. Raises Fault with a sentence for the
    operator where the file is not ours, of a newer version, read-only, damaged or locked.
    """
    with ExitStack() as on_failure:
        connection = open_writer(path)
        on_failure.callback(connection.close)
        reader = Reader(open_reader(path), path)
        on_failure.pop_all()
    writer = GroupCommitWriter(connection, path, waiting_max=waiting_max, observer=observer)
    return SqliteStores(
        reports=SqliteReportStore(writer, reader),
        passages=SqlitePassageStore(writer, reader),
        tickets=SqliteTicketStore(writer, reader),
        credentials=SqliteCredentialStore(writer, reader),
        nonces=SqliteNonceStore(writer),
        bundles=SqliteBundleStore(writer, reader),
        alarms=SqliteAlarmStore(writer, reader),
        extensions=SqliteExtensionStore(writer, reader),
        evidence=SqliteEvidenceStore(writer, reader),
        links=SqliteSubjectLinkStore(writer, reader),
        persons=SqlitePersonStore(writer, reader),
        looks=SqliteLookStore(writer, reader),
        limits=SqliteLimitStore(writer),
        conversions=SqliteConversionStore(writer, reader),
        printed_codes=SqlitePrintedCodeStore(writer, reader),
        family=SqliteFamilyStore(writer, reader),
        transit_passes=SqliteTransitPassStore(writer, reader),
        proposals=SqliteProposalStore(writer, reader),
        risk_history=SqliteRiskHistoryStore(writer, reader),
        writer=writer,
        reader=reader,
    )
