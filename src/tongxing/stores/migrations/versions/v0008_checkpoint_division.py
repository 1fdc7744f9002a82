"""Checkpoints say in which division they stand.

Devices that are enrolled already keep an empty one: their region's own number counts for them, as before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what is new; change nothing that is held."""
    division = sa.Column(
        "division", sa.Text, server_default="", nullable=False, comment="where a device's checkpoint stands"
    )
    op.add_column("credentials", division)
