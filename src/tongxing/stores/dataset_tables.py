"""The tables of how far datasets have come, and of masked names apart from all else."""

from sqlalchemy import Column, Index, LargeBinary, PrimaryKeyConstraint, Table, Text

from tongxing.stores.columns import METADATA, WHOLE_NUMBER

DATASET_MARKS = Table(
    "dataset_marks",
    METADATA,
    Column("dataset", Text, nullable=False),
    Column("as_of_us", WHOLE_NUMBER, nullable=False, comment="nothing until then is missing"),
    Column("heard_at_us", WHOLE_NUMBER, nullable=False),
    PrimaryKeyConstraint("dataset", name="pk_dataset_marks"),
    sqlite_with_rowid=False,
    sqlite_strict=True,
)

MASKED_NAMES = Table(
    "masked_names",
    METADATA,
    Column("subject", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("kept_until_us", WHOLE_NUMBER, nullable=False),
    PrimaryKeyConstraint("subject", name="pk_masked_names"),
    Index("ix_masked_names_kept", "kept_until_us"),
    sqlite_with_rowid=False,
    sqlite_strict=True,
)
