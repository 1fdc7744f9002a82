"""The history of risk areas: each list in force as what it changed, so that any past moment can be asked."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

WHOLE_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add what is new; change nothing that is held."""
    op.create_table(
        "risk_lists",
        sa.Column("position", WHOLE_NUMBER, nullable=False, comment="in order of import"),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("as_of_us", WHOLE_NUMBER, nullable=False, comment="the hour that it speaks of"),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("imported_at_us", WHOLE_NUMBER, nullable=False),
        sa.Column("imported_by", sa.Text, nullable=False, comment="the key of the operator who did"),
        sa.PrimaryKeyConstraint("position", name="pk_risk_lists"),
        sqlite_strict=True,
    )
    op.create_index("ix_risk_lists_as_of", "risk_lists", ["as_of_us"])
    op.create_table(
        "risk_areas",
        sa.Column("id", WHOLE_NUMBER, nullable=False),
        sa.Column("province", sa.Text, nullable=False),
        sa.Column("city", sa.Text, nullable=False),
        sa.Column("county", sa.Text, nullable=False),
        sa.Column("community", sa.Text, nullable=False, comment="empty for a whole unit"),
        sa.Column("division", sa.Text),
        sa.Column("placement", sa.Text, nullable=False),
        sa.Column("level", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("since_us", WHOLE_NUMBER, nullable=False),
        sa.Column("until_us", WHOLE_NUMBER, nullable=False, comment="-1 while it lasts"),
        sa.PrimaryKeyConstraint("id", name="pk_risk_areas"),
        sqlite_strict=True,
    )
    op.create_index("ix_risk_areas_until", "risk_areas", ["until_us"])
    for column in ("division", "city", "county", "community"):
        op.create_index(f"ix_risk_areas_{column}", "risk_areas", [column])
    op.create_table(
        "risk_changes",
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("since_us", WHOLE_NUMBER, nullable=False),
        sa.Column("risk", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("number", "since_us", name="pk_risk_changes"),
        sqlite_with_rowid=False,
        sqlite_strict=True,
    )
