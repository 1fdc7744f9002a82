"""The tables of links between a person's documents, and of cases with their steps."""

from sqlalchemy import Column, Index, Integer, LargeBinary, PrimaryKeyConstraint, Table, Text, text

from tongxing.stores.columns import METADATA, WHOLE_NUMBER

PERSON_LINKS = Table(
    "person_links",
    METADATA,
    Column("subject", LargeBinary, nullable=False),
    Column("other", LargeBinary, nullable=False, comment="each link is held from both of its ends"),
    Column("region", Text, nullable=False, comment="whose word it is"),
    Column("revision", WHOLE_NUMBER, nullable=False),
    Column("retracted", Integer, nullable=False),
    Column("ground", Text, nullable=False),
    Column("said_at_us", WHOLE_NUMBER, nullable=False),
    Column("name_match", Text, nullable=False, comment="empty where a name was unknown"),
    PrimaryKeyConstraint("subject", "other", "region", name="pk_person_links"),
    sqlite_with_rowid=False,
    sqlite_strict=True,
)

CASES = Table(
    "cases",
    METADATA,
    Column("number", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("claim", Text, nullable=False),
    Column("opened_by", Text, nullable=False),
    Column("subject", LargeBinary, nullable=False),
    Column("about", LargeBinary, comment="the other document of a mismatch or a link"),
    Column("opener", Text, nullable=False),
    Column("decider", Text, nullable=False),
    Column("decide_by_us", WHOLE_NUMBER, nullable=False),
    Column("limit_at_us", WHOLE_NUMBER, nullable=False),
    Column("opened_at_us", WHOLE_NUMBER, nullable=False),
    Column("sealed", LargeBinary, comment="who it is about, for the deciding region; gone once closed"),
    Column("open_key", LargeBinary, comment="what is open once only; gone once closed"),
    Column("closed", Integer, nullable=False),
    Column("told", Integer, server_default=text("0"), nullable=False),
    Column("told_at_us", WHOLE_NUMBER, server_default=text("0"), nullable=False),
    Column("kept_until_us", WHOLE_NUMBER, comment="empty while it is open"),
    PrimaryKeyConstraint("number", name="pk_cases"),
    Index("ix_cases_open_key", "open_key", unique=True),
    Index("ix_cases_subject", "subject"),
    Index("ix_cases_due", "closed", "decide_by_us"),
    Index("ix_cases_told", "told", "opener", "told_at_us"),
    Index("ix_cases_kept", "kept_until_us"),
    sqlite_strict=True,
)

CASE_STEPS = Table(
    "case_steps",
    METADATA,
    Column("number", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("at_us", WHOLE_NUMBER, nullable=False),
    Column("region", Text, nullable=False, comment="whose word it is"),
    Column("decision", Text),
    Column("ground", Text),
    PrimaryKeyConstraint("number", "kind", name="pk_case_steps"),
    sqlite_with_rowid=False,
    sqlite_strict=True,
)
