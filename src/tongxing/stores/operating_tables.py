"""The tables of operating: counts by day, what was deleted and the reports of it, which backups there are."""

from sqlalchemy import Column, LargeBinary, PrimaryKeyConstraint, Table, Text

from tongxing.stores.columns import METADATA, WHOLE_NUMBER

DAY_COUNTS = Table(
    "day_counts",
    METADATA,
    Column("day", WHOLE_NUMBER, nullable=False, comment="Beijing day, counted from year 1"),
    Column("kind", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("count_key", Text, nullable=False),
    Column("number", WHOLE_NUMBER, nullable=False),
    Column("counted_at_us", WHOLE_NUMBER, nullable=False),
    PrimaryKeyConstraint("day", "kind", "region", "count_key", name="pk_day_counts"),
    sqlite_with_rowid=False,
    sqlite_strict=True,
)

DELETION_REPORTS = Table(
    "deletion_reports",
    METADATA,
    Column("number", WHOLE_NUMBER, nullable=False, comment="counted from 1 without a gap"),
    Column("at_us", WHOLE_NUMBER, nullable=False),
    Column("signed", LargeBinary, nullable=False, comment="COSE_Sign1: counts before and after, and the one before"),
    PrimaryKeyConstraint("number", name="pk_deletion_reports"),
    sqlite_with_rowid=False,
    sqlite_strict=True,
)

DELETION_COUNTS = Table(
    "deletion_counts",
    METADATA,
    Column("deleted_from", Text, nullable=False, comment="a table"),
    Column("number", WHOLE_NUMBER, nullable=False, comment="rows deleted since the last daily report"),
    PrimaryKeyConstraint("deleted_from", name="pk_deletion_counts"),
    sqlite_with_rowid=False,
    sqlite_strict=True,
)

BACKUPS = Table(
    "backups",
    METADATA,
    Column("place", Text, nullable=False, comment="where the copy is, as its operator names it"),
    Column("made_at_us", WHOLE_NUMBER, nullable=False),
    Column("ends_at_us", WHOLE_NUMBER, nullable=False, comment="by when it is to be erased"),
    PrimaryKeyConstraint("place", name="pk_backups"),
    sqlite_with_rowid=False,
    sqlite_strict=True,
)
