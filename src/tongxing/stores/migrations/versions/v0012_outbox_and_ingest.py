"""What a gateway has yet to tell the hub, and what the hub took in by numbered batches."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

WHOLE_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add what is new; change nothing that is held."""
    _add_outbox()
    _add_ingest()


def _add_outbox() -> None:
    op.create_table(
        "outbox_reports",
        sa.Column("subject", sa.LargeBinary, nullable=False),
        sa.Column("issuer", sa.Text, nullable=False),
        sa.Column("line", sa.LargeBinary, nullable=False, comment="the report as a batch carries it"),
        sa.PrimaryKeyConstraint("subject", "issuer", name="pk_outbox_reports"),
        sqlite_with_rowid=False,
        sqlite_strict=True,
    )
    op.create_table(
        "outbox_batches",
        sa.Column("number", WHOLE_NUMBER, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("row_count", WHOLE_NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_outbox_batches"),
        sqlite_strict=True,
    )
    op.create_table(
        "outbox_numbers",
        sa.Column("place", sa.Text, nullable=False, comment="there is one row"),
        sa.Column("number", WHOLE_NUMBER, nullable=False, comment="the last that a batch was given"),
        sa.PrimaryKeyConstraint("place", name="pk_outbox_numbers"),
        sqlite_with_rowid=False,
        sqlite_strict=True,
    )
    op.create_table(
        "waiting_rows",
        sa.Column("id", WHOLE_NUMBER, nullable=False, autoincrement=True),
        sa.Column("received_at_us", WHOLE_NUMBER, nullable=False),
        sa.Column("row_count", WHOLE_NUMBER, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False, comment="docked rows that wait for subject keys"),
        sa.PrimaryKeyConstraint("id", name="pk_waiting_rows"),
        sqlite_strict=True,
    )


def _add_ingest() -> None:
    op.create_table(
        "ingest_batches",
        sa.Column("sender", sa.Text, nullable=False),
        sa.Column("dataset", sa.Text, nullable=False),
        sa.Column("number", WHOLE_NUMBER, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False, comment="of the bytes as they came"),
        sa.Column("received_at_us", WHOLE_NUMBER, nullable=False),
        sa.Column("taken_at_us", WHOLE_NUMBER, comment="empty while it is being taken in"),
        sa.Column("row_count", WHOLE_NUMBER, nullable=False),
        sa.Column("stored", WHOLE_NUMBER, nullable=False),
        sa.Column("unchanged", WHOLE_NUMBER, nullable=False),
        sa.Column("outranked", WHOLE_NUMBER, nullable=False),
        sa.Column("set_aside", WHOLE_NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("sender", "dataset", "number", name="pk_ingest_batches"),
        sqlite_with_rowid=False,
        sqlite_strict=True,
    )
    op.create_table(
        "ingest_set_aside",
        sa.Column("sender", sa.Text, nullable=False),
        sa.Column("dataset", sa.Text, nullable=False),
        sa.Column("number", WHOLE_NUMBER, nullable=False),
        sa.Column("line", sa.Integer, nullable=False, comment="counted from 1"),
        sa.Column("reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("sender", "dataset", "number", "line", name="pk_ingest_set_aside"),
        sqlite_with_rowid=False,
        sqlite_strict=True,
    )
    op.create_table(
        "ingest_watermarks",
        sa.Column("sender", sa.Text, nullable=False),
        sa.Column("dataset", sa.Text, nullable=False),
        sa.Column("number", WHOLE_NUMBER, nullable=False, comment="the highest batch that was taken in"),
        sa.Column("as_of_us", WHOLE_NUMBER, nullable=False, comment="nothing until then is missing; 0 if unsaid"),
        sa.Column("told_at_us", WHOLE_NUMBER, nullable=False, comment="when the hub last heard of the sender"),
        sa.PrimaryKeyConstraint("sender", "dataset", name="pk_ingest_watermarks"),
        sqlite_with_rowid=False,
        sqlite_strict=True,
    )
