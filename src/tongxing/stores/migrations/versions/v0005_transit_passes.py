"""What an issuer keeps behind the transit passes of its drivers."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

WHOLE_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add what is new; change nothing that is held."""
    op.create_table(
        "transit_passes",
        sa.Column("pass_id", sa.Text, nullable=False),
        sa.Column("token_digest", sa.LargeBinary, nullable=False),
        sa.Column("subject", sa.LargeBinary, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False, comment="the driver's keys, masked hint and route"),
        sa.Column("expires_at_us", WHOLE_NUMBER, nullable=False),
        sa.Column("withdrawn", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("pass_id", name="pk_transit_passes"),
        sqlite_strict=True,
    )
    op.create_index("ix_transit_passes_token", "transit_passes", ["token_digest"], unique=True)
    op.create_index("ix_transit_passes_subject", "transit_passes", ["subject"])
    op.create_index("ix_transit_passes_expire", "transit_passes", ["expires_at_us"])
