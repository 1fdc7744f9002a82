"""What the three ways add: passages that end, checkpoints with a site.

Passages of the first version had no end. They are kept for fourteen days from their moment, as long
as those of any kind of place are, so that nothing is erased earlier than now.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

WHOLE_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")

FOURTEEN_DAYS_US = 14 * 24 * 60 * 60 * 1_000_000


def upgrade() -> None:
    """Add what is new; change nothing that is held."""
    _give_passages_an_end()
    _make_endings()
    _give_devices_a_site()
    _make_links_of_subjects()
    _make_looks_and_uses()
    _make_converted_and_printed_codes()
    _make_evidence()


def _give_passages_an_end() -> None:
    op.add_column("passages", sa.Column("kept_until_us", WHOLE_NUMBER, server_default=sa.text("0"), nullable=False))
    op.add_column("passages", sa.Column("direction", sa.Text))
    op.add_column("passages", sa.Column("site_pseudonym", sa.LargeBinary))
    passages = sa.table("passages", sa.column("at_us", WHOLE_NUMBER), sa.column("kept_until_us", WHOLE_NUMBER))
    op.execute(passages.update().values(kept_until_us=passages.c.at_us + FOURTEEN_DAYS_US))
    op.create_index("ix_passages_kept", "passages", ["kept_until_us"])


def _make_endings() -> None:
    op.create_table(
        "endings",
        sa.Column("ref", sa.Text, nullable=False, comment="of the passage that ended so"),
        sa.Column("at_us", WHOLE_NUMBER, nullable=False),
        sa.Column("device_id", sa.Text, nullable=False),
        sa.Column("seen", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("ref", name="pk_endings"),
        sqlite_with_rowid=False,
        sqlite_strict=True,
    )


def _give_devices_a_site() -> None:
    op.add_column("credentials", sa.Column("site", sa.Text, server_default="", nullable=False))


def _make_links_of_subjects() -> None:
    op.create_table(
        "subject_links",
        sa.Column("subject", sa.LargeBinary, nullable=False, comment="the key of the older version"),
        sa.Column("newer", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("subject", name="pk_subject_links"),
        sqlite_with_rowid=False,
        sqlite_strict=True,
    )
    op.create_index("ix_subject_links_newer", "subject_links", ["newer"])
    op.create_table(
        "persons",
        sa.Column("ref_digest", sa.LargeBinary, nullable=False),
        sa.Column("revision", WHOLE_NUMBER, nullable=False),
        sa.Column("subject_keys", sa.LargeBinary, nullable=False, comment="33 bytes each, the first to store under"),
        sa.PrimaryKeyConstraint("ref_digest", name="pk_persons"),
        sqlite_with_rowid=False,
        sqlite_strict=True,
    )


def _make_evidence() -> None:
    op.create_table(
        "evidence",
        sa.Column("subject", sa.LargeBinary, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("ref", sa.Text, nullable=False, comment="the source's own number of it"),
        sa.Column("revision", WHOLE_NUMBER, nullable=False),
        sa.Column("retracted", sa.Integer, nullable=False),
        sa.Column("since_us", WHOLE_NUMBER, nullable=False),
        sa.Column("until_us", WHOLE_NUMBER, nullable=False, comment="-1 while it has no end"),
        sa.Column("division", sa.Text, nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("kept_until_us", WHOLE_NUMBER),
        sa.PrimaryKeyConstraint("subject", "kind", "ref", name="pk_evidence"),
        sqlite_with_rowid=False,
        sqlite_strict=True,
    )
    op.create_index("ix_evidence_kept", "evidence", ["kept_until_us"])


def _make_looks_and_uses() -> None:
    op.create_table(
        "looks",
        sa.Column("id", WHOLE_NUMBER, nullable=False, autoincrement=True),
        sa.Column("subject", sa.LargeBinary, nullable=False),
        sa.Column("at_us", WHOLE_NUMBER, nullable=False),
        sa.Column("region", sa.Text, nullable=False),
        sa.Column("looker", sa.Text, nullable=False, comment="the key that asked"),
        sa.Column("site", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("ground", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_looks"),
        sqlite_strict=True,
    )
    op.create_index("ix_looks_subject", "looks", ["subject", "at_us"])
    op.create_index("ix_looks_at", "looks", ["at_us"])
    op.create_table(
        "uses",
        sa.Column("use_key", sa.LargeBinary, nullable=False),
        sa.Column("used", WHOLE_NUMBER, nullable=False),
        sa.Column("ends_at_us", WHOLE_NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("use_key", name="pk_uses"),
        sqlite_with_rowid=False,
        sqlite_strict=True,
    )
    op.create_index("ix_uses_end", "uses", ["ends_at_us"])


def _make_converted_and_printed_codes() -> None:
    op.create_table(
        "conversions",
        sa.Column("conversion_id", sa.Text, nullable=False),
        sa.Column("code_digest", sa.LargeBinary, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("expires_at_us", WHOLE_NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("conversion_id", name="pk_conversions"),
        sqlite_strict=True,
    )
    op.create_index("ix_conversions_code", "conversions", ["code_digest"], unique=True)
    op.create_index("ix_conversions_expire", "conversions", ["expires_at_us"])
    op.create_table(
        "printed_codes",
        sa.Column("code_digest", sa.LargeBinary, nullable=False),
        sa.Column("subject", sa.LargeBinary, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False, comment="the subject's keys and masked hint"),
        sa.Column("expires_at_us", WHOLE_NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("code_digest", name="pk_printed_codes"),
        sqlite_strict=True,
    )
    op.create_index("ix_printed_codes_subject", "printed_codes", ["subject"])
    op.create_index("ix_printed_codes_expire", "printed_codes", ["expires_at_us"])
