"""What was deleted since the last report, and which backups there are."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

WHOLE_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add what is new; change nothing that is held."""
    op.create_table(
        "deletion_counts",
        sa.Column("deleted_from", sa.Text, nullable=False, comment="a table"),
        sa.Column("number", WHOLE_NUMBER, nullable=False, comment="rows deleted since the last daily report"),
        sa.PrimaryKeyConstraint("deleted_from", name="pk_deletion_counts"),
        sqlite_with_rowid=False,
        sqlite_strict=True,
    )
    op.create_table(
        "backups",
        sa.Column("place", sa.Text, nullable=False, comment="where the copy is, as its operator names it"),
        sa.Column("made_at_us", WHOLE_NUMBER, nullable=False),
        sa.Column("ends_at_us", WHOLE_NUMBER, nullable=False, comment="by when it is to be erased"),
        sa.PrimaryKeyConstraint("place", name="pk_backups"),
        sqlite_with_rowid=False,
        sqlite_strict=True,
    )
