"""Rule tables are proposed by one operator and approved by another: the proposals, and who enrolled whom."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

WHOLE_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add what is new; change nothing that is held."""
    enrolled_by = sa.Column(
        "enrolled_by", sa.Text, server_default="", nullable=False, comment="the key of the operator who did"
    )
    op.add_column("credentials", enrolled_by)
    op.create_table(
        "rule_proposals",
        sa.Column("proposal_id", sa.Text, nullable=False),
        sa.Column("file_name", sa.Text, nullable=False, comment="of the bundle's rules"),
        sa.Column("body", sa.LargeBinary, nullable=False, comment="the table as it was proposed"),
        sa.Column("notice_zh", sa.Text, nullable=False),
        sa.Column("notice_en", sa.Text, nullable=False),
        sa.Column("proposed_by", sa.Text, nullable=False, comment="the key that proposed"),
        sa.Column("proposed_at_us", WHOLE_NUMBER, nullable=False),
        sa.Column("expires_at_us", WHOLE_NUMBER, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("decided_by", sa.Text),
        sa.Column("decided_at_us", WHOLE_NUMBER),
        sa.Column("why", sa.Text),
        sa.Column("bundle_number", WHOLE_NUMBER),
        sa.PrimaryKeyConstraint("proposal_id", name="pk_rule_proposals"),
        sqlite_strict=True,
    )
    op.create_index("ix_rule_proposals_at", "rule_proposals", ["proposed_at_us"])
