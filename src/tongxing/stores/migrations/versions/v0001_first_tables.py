"""The first tables: reports, passages, tickets and claims, access, bundles, alarms, extensions."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

WHOLE_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make every table of the first version."""
    _make_subject_tables()
    _make_passages()
    _make_one_time_tables()
    _make_access_tables()
    _make_node_tables()


def _make_subject_tables() -> None:
    op.create_table(
        "reports",
        sa.Column("subject", sa.LargeBinary, nullable=False),
        sa.Column("issuer", sa.Text, nullable=False),
        sa.Column("revision", WHOLE_NUMBER, nullable=False),
        sa.Column("retracted", sa.Integer, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False, comment="canonical CBOR of strictness, report and origin"),
        sa.PrimaryKeyConstraint("subject", "issuer", name="pk_reports"),
        sqlite_with_rowid=False,
        sqlite_strict=True,
    )
    op.create_table(
        "extensions",
        sa.Column("token_digest", sa.LargeBinary, nullable=False),
        sa.Column("subject", sa.LargeBinary, nullable=False),
        sa.Column("credential_id", sa.LargeBinary, nullable=False),
        sa.Column("expires_at_us", WHOLE_NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("token_digest", name="pk_extensions"),
        sqlite_with_rowid=False,
        sqlite_strict=True,
    )
    op.create_index("ix_extensions_expire", "extensions", ["expires_at_us"])


def _make_passages() -> None:
    op.create_table(
        "passages",
        sa.Column("ref", sa.Text, nullable=False),
        sa.Column("at_us", WHOLE_NUMBER, nullable=False),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("place_kind", sa.Text, nullable=False),
        sa.Column("device_id", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("issuer", sa.Text),
        sa.Column("views", sa.LargeBinary),
        sa.Column("expires_at_us", WHOLE_NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("ref", name="pk_passages"),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_passages_views_expire",
        "passages",
        ["expires_at_us"],
        sqlite_where=sa.text("views IS NOT NULL"),
        postgresql_where=sa.text("views IS NOT NULL"),
    )


def _make_one_time_tables() -> None:
    op.create_table(
        "tickets",
        sa.Column("serial", sa.Text, nullable=False),
        sa.Column("secret_digest", sa.LargeBinary, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("subject", sa.LargeBinary),
        sa.Column("expires_at_us", WHOLE_NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("serial", name="pk_tickets"),
        sqlite_with_rowid=False,
        sqlite_strict=True,
    )
    op.create_index("ix_tickets_expire", "tickets", ["expires_at_us"])
    op.create_table(
        "claims",
        sa.Column("claim_key", sa.LargeBinary, nullable=False),
        sa.Column("expires_at_us", WHOLE_NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("claim_key", name="pk_claims"),
        sqlite_with_rowid=False,
        sqlite_strict=True,
    )
    op.create_index("ix_claims_expire", "claims", ["expires_at_us"])


def _make_access_tables() -> None:
    op.create_table(
        "credentials",
        sa.Column("key_id", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("suite", sa.Text, nullable=False),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("region", sa.Text, nullable=False),
        sa.Column("valid_until_us", WHOLE_NUMBER),
        sa.Column("revoked", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("key_id", name="pk_credentials"),
        sqlite_with_rowid=False,
        sqlite_strict=True,
    )
    op.create_table(
        "nonces",
        sa.Column("key_id", sa.Text, nullable=False),
        sa.Column("nonce", sa.Text, nullable=False),
        sa.Column("expires_at_us", WHOLE_NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("key_id", "nonce", name="pk_nonces"),
        sqlite_with_rowid=False,
        sqlite_strict=True,
    )
    op.create_index("ix_nonces_expire", "nonces", ["expires_at_us"])


def _make_node_tables() -> None:
    op.create_table(
        "bundles",
        sa.Column("number", WHOLE_NUMBER, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_bundles"),
        sqlite_strict=True,
    )
    op.create_table(
        "alarms",
        sa.Column("id", WHOLE_NUMBER, nullable=False, autoincrement=True),
        sa.Column("at_us", WHOLE_NUMBER, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("ref", sa.Text),
        sa.Column("detail", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_alarms"),
        sqlite_strict=True,
    )
    op.create_index("ix_alarms_at", "alarms", ["at_us"])
