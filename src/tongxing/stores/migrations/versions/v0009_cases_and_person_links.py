"""Links of a person's documents, and cases with their steps."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

WHOLE_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add what is new; change nothing that is held."""
    op.create_table(
        "person_links",
        sa.Column("subject", sa.LargeBinary, nullable=False),
        sa.Column("other", sa.LargeBinary, nullable=False, comment="each link is held from both of its ends"),
        sa.Column("region", sa.Text, nullable=False, comment="whose word it is"),
        sa.Column("revision", WHOLE_NUMBER, nullable=False),
        sa.Column("retracted", sa.Integer, nullable=False),
        sa.Column("ground", sa.Text, nullable=False),
        sa.Column("said_at_us", WHOLE_NUMBER, nullable=False),
        sa.Column("name_match", sa.Text, nullable=False, comment="empty where a name was unknown"),
        sa.PrimaryKeyConstraint("subject", "other", "region", name="pk_person_links"),
        sqlite_with_rowid=False,
        sqlite_strict=True,
    )
    op.create_table(
        "cases",
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("claim", sa.Text, nullable=False),
        sa.Column("opened_by", sa.Text, nullable=False),
        sa.Column("subject", sa.LargeBinary, nullable=False),
        sa.Column("about", sa.LargeBinary, comment="the other document of a mismatch or a link"),
        sa.Column("opener", sa.Text, nullable=False),
        sa.Column("decider", sa.Text, nullable=False),
        sa.Column("decide_by_us", WHOLE_NUMBER, nullable=False),
        sa.Column("limit_at_us", WHOLE_NUMBER, nullable=False),
        sa.Column("opened_at_us", WHOLE_NUMBER, nullable=False),
        sa.Column("sealed", sa.LargeBinary, comment="who it is about, for the deciding region; gone once closed"),
        sa.Column("open_key", sa.LargeBinary, comment="what is open once only; gone once closed"),
        sa.Column("closed", sa.Integer, nullable=False),
        sa.Column("told", sa.Integer, server_default=sa.text("0"), nullable=False),
        sa.Column("told_at_us", WHOLE_NUMBER, server_default=sa.text("0"), nullable=False),
        sa.Column("kept_until_us", WHOLE_NUMBER, comment="empty while it is open"),
        sa.PrimaryKeyConstraint("number", name="pk_cases"),
        sqlite_strict=True,
    )
    op.create_index("ix_cases_open_key", "cases", ["open_key"], unique=True)
    op.create_index("ix_cases_subject", "cases", ["subject"])
    op.create_index("ix_cases_due", "cases", ["closed", "decide_by_us"])
    op.create_index("ix_cases_told", "cases", ["told", "opener", "told_at_us"])
    op.create_index("ix_cases_kept", "cases", ["kept_until_us"])
    op.create_table(
        "case_steps",
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("at_us", WHOLE_NUMBER, nullable=False),
        sa.Column("region", sa.Text, nullable=False, comment="whose word it is"),
        sa.Column("decision", sa.Text),
        sa.Column("ground", sa.Text),
        sa.PrimaryKeyConstraint("number", "kind", name="pk_case_steps"),
        sqlite_with_rowid=False,
        sqlite_strict=True,
    )
