"""The era of the hot index: of which name its entries must be to count, and on which servers."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what is new; change nothing that is held."""
    op.create_table(
        "index_eras",
        sa.Column("place", sa.Text, nullable=False, comment="there is one row"),
        sa.Column("era", sa.Text, nullable=False, comment="entries of any other name do not count"),
        sa.Column(
            "masters", sa.Text, nullable=False, comment="run ids of the servers it is on; none while it is closed"
        ),
        sa.PrimaryKeyConstraint("place", name="pk_index_eras"),
        sqlite_with_rowid=False,
        sqlite_strict=True,
    )
