"""Registers of tests and vaccinations: what came of each."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what is new; change nothing that is held."""
    result = sa.Column(
        "result", sa.Text, server_default="", nullable=False, comment="of a test or vaccination; empty for others"
    )
    op.add_column("evidence", result)
