"""Keys of sources say which datasets they hand in; nobody who is enrolled already does."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what is new; change nothing that is held."""
    datasets = sa.Column("datasets", sa.Text, server_default="", nullable=False, comment="a source's own, by comma")
    op.add_column("credentials", datasets)
