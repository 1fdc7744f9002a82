"""The tables of what a gateway has yet to tell the hub, and of what the hub took in by batches."""

from sqlalchemy import Column, Integer, LargeBinary, PrimaryKeyConstraint, Table, Text

from tongxing.stores.columns import METADATA, WHOLE_NUMBER

OUTBOX_REPORTS = Table(
    "outbox_reports",
    METADATA,
    Column("subject", LargeBinary, nullable=False),
    Column("issuer", Text, nullable=False),
    Column("line", LargeBinary, nullable=False, comment="the report as a batch carries it"),
    PrimaryKeyConstraint("subject", "issuer", name="pk_outbox_reports"),
    sqlite_with_rowid=False,
    sqlite_strict=True,
)

OUTBOX_BATCHES = Table(
    "outbox_batches",
    METADATA,
    Column("number", WHOLE_NUMBER, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("row_count", WHOLE_NUMBER, nullable=False),
    PrimaryKeyConstraint("number", name="pk_outbox_batches"),
    sqlite_strict=True,
)

OUTBOX_NUMBERS = Table(
    "outbox_numbers",
    METADATA,
    Column("place", Text, nullable=False, comment="there is one row"),
    Column("number", WHOLE_NUMBER, nullable=False, comment="the last that a batch was given"),
    PrimaryKeyConstraint("place", name="pk_outbox_numbers"),
    sqlite_with_rowid=False,
    sqlite_strict=True,
)

WAITING_ROWS = Table(
    "waiting_rows",
    METADATA,
    Column("id", WHOLE_NUMBER, nullable=False, autoincrement=True),
    Column("received_at_us", WHOLE_NUMBER, nullable=False),
    Column("row_count", WHOLE_NUMBER, nullable=False),
    Column("sealed", LargeBinary, nullable=False, comment="docked rows that wait for subject keys"),
    PrimaryKeyConstraint("id", name="pk_waiting_rows"),
    sqlite_strict=True,
)

INGEST_BATCHES = Table(
    "ingest_batches",
    METADATA,
    Column("sender", Text, nullable=False),
    Column("dataset", Text, nullable=False),
    Column("number", WHOLE_NUMBER, nullable=False),
    Column("digest", LargeBinary, nullable=False, comment="of the bytes as they came"),
    Column("received_at_us", WHOLE_NUMBER, nullable=False),
    Column("taken_at_us", WHOLE_NUMBER, comment="empty while it is being taken in"),
    Column("row_count", WHOLE_NUMBER, nullable=False),
    Column("stored", WHOLE_NUMBER, nullable=False),
    Column("unchanged", WHOLE_NUMBER, nullable=False),
    Column("outranked", WHOLE_NUMBER, nullable=False),
    Column("set_aside", WHOLE_NUMBER, nullable=False),
    PrimaryKeyConstraint("sender", "dataset", "number", name="pk_ingest_batches"),
    sqlite_with_rowid=False,
    sqlite_strict=True,
)

INGEST_SET_ASIDE = Table(
    "ingest_set_aside",
    METADATA,
    Column("sender", Text, nullable=False),
    Column("dataset", Text, nullable=False),
    Column("number", WHOLE_NUMBER, nullable=False),
    Column("line", Integer, nullable=False, comment="counted from 1"),
    Column("reason", Text, nullable=False),
    PrimaryKeyConstraint("sender", "dataset", "number", "line", name="pk_ingest_set_aside"),
    sqlite_with_rowid=False,
    sqlite_strict=True,
)

INGEST_WATERMARKS = Table(
    "ingest_watermarks",
    METADATA,
    Column("sender", Text, nullable=False),
    Column("dataset", Text, nullable=False),
    Column("number", WHOLE_NUMBER, nullable=False, comment="the highest batch that was taken in"),
    Column("as_of_us", WHOLE_NUMBER, nullable=False, comment="nothing until then is missing; 0 if unsaid"),
    Column("told_at_us", WHOLE_NUMBER, nullable=False, comment="when the hub last heard of the sender"),
    PrimaryKeyConstraint("sender", "dataset", name="pk_ingest_watermarks"),
    sqlite_with_rowid=False,
    sqlite_strict=True,
)
