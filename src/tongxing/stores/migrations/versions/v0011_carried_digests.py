"""The public log of the digests of statements that travellers carry."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

WHOLE_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add what is new; change nothing that is held."""
    op.create_table(
        "carried_digests",
        sa.Column("day", WHOLE_NUMBER, nullable=False, comment="Beijing day, counted from year 1"),
        sa.Column("position", WHOLE_NUMBER, nullable=False, comment="counted from 1 each day"),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("head", sa.LargeBinary, nullable=False, comment="what the digests of the day fold to"),
        sa.PrimaryKeyConstraint("day", "position", name="pk_carried_digests"),
        sqlite_with_rowid=False,
        sqlite_strict=True,
    )
    op.create_index("ix_carried_digests_digest", "carried_digests", ["day", "digest"], unique=True)
