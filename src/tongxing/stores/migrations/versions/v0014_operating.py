"""Counts by day, and the reports of what was deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

WHOLE_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add what is new; change nothing that is held."""
    op.create_table(
        "day_counts",
        sa.Column("day", WHOLE_NUMBER, nullable=False, comment="Beijing day, counted from year 1"),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("region", sa.Text, nullable=False),
        sa.Column("count_key", sa.Text, nullable=False),
        sa.Column("number", WHOLE_NUMBER, nullable=False),
        sa.Column("counted_at_us", WHOLE_NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("day", "kind", "region", "count_key", name="pk_day_counts"),
        sqlite_with_rowid=False,
        sqlite_strict=True,
    )
    op.create_table(
        "deletion_reports",
        sa.Column("number", WHOLE_NUMBER, nullable=False, comment="counted from 1 without a gap"),
        sa.Column("at_us", WHOLE_NUMBER, nullable=False),
        sa.Column(
            "signed", sa.LargeBinary, nullable=False, comment="COSE_Sign1: counts before and after, and the one before"
        ),
        sa.PrimaryKeyConstraint("number", name="pk_deletion_reports"),
        sqlite_with_rowid=False,
        sqlite_strict=True,
    )
