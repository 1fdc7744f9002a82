"""What citizens who sign in need kept: the bonds of their families."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

WHOLE_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add what is new; change nothing that is held."""
    op.create_table(
        "family_bonds",
        sa.Column("bond_id", sa.Text, nullable=False),
        sa.Column("holder", sa.LargeBinary, nullable=False, comment="who may show the member's code"),
        sa.Column("member", sa.LargeBinary, nullable=False),
        sa.Column("ground", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False, comment="both masked names and the member's keys"),
        sa.Column("ends_at_us", WHOLE_NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("bond_id", name="pk_family_bonds"),
        sqlite_strict=True,
    )
    op.create_index("ix_family_bonds_holder", "family_bonds", ["holder"])
    op.create_index("ix_family_bonds_member", "family_bonds", ["member"])
    op.create_index("ix_family_bonds_end", "family_bonds", ["ends_at_us"])
