"""How far each dataset has come, and masked names apart from all that is said of a person."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

WHOLE_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add what is new; change nothing that is held."""
    op.create_table(
        "dataset_marks",
        sa.Column("dataset", sa.Text, nullable=False),
        sa.Column("as_of_us", WHOLE_NUMBER, nullable=False, comment="nothing until then is missing"),
        sa.Column("heard_at_us", WHOLE_NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("dataset", name="pk_dataset_marks"),
        sqlite_with_rowid=False,
        sqlite_strict=True,
    )
    op.create_table(
        "masked_names",
        sa.Column("subject", sa.LargeBinary, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("kept_until_us", WHOLE_NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("subject", name="pk_masked_names"),
        sqlite_with_rowid=False,
        sqlite_strict=True,
    )
    op.create_index("ix_masked_names_kept", "masked_names", ["kept_until_us"])
