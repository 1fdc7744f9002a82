"""The tables of the record, for every SQL store: what the migrations together amount to.

A test holds this description and the migrated file equal. Moments are microseconds since
1970-01-01 UTC. Nothing here holds a name or a document number: subjects are keyed pseudonyms, and
``passages.views`` is sealed before it comes here, and what stands beside it tells no level (law 8).
Tables keyed by ``subject`` begin their key with it, so that they can be partitioned by it.
"""

from sqlalchemy import (
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

from tongxing.stores.case_tables import CASE_STEPS, CASES, PERSON_LINKS
from tongxing.stores.columns import METADATA, WHOLE_NUMBER
from tongxing.stores.dataset_tables import DATASET_MARKS
from tongxing.stores.ingest_tables import INGEST_BATCHES, OUTBOX_BATCHES
from tongxing.stores.operating_tables import BACKUPS, DAY_COUNTS, DELETION_COUNTS, DELETION_REPORTS

__all__ = (
    "BACKUPS",
    "CASES",
    "CASE_STEPS",
    "DATASET_MARKS",
    "DAY_COUNTS",
    "DELETION_COUNTS",
    "DELETION_REPORTS",
    "INGEST_BATCHES",
    "METADATA",
    "OUTBOX_BATCHES",
    "PERSON_LINKS",
)

REPORTS = Table(
    "reports",
    METADATA,
    Column("subject", LargeBinary, nullable=False),
    Column("issuer", Text, nullable=False),
    Column("revision", WHOLE_NUMBER, nullable=False),
    Column("retracted", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False, comment="by places: wire.report_bodies"),
    PrimaryKeyConstraint("subject", "issuer", name="pk_reports"),
    sqlite_with_rowid=False,
    sqlite_strict=True,
)

SUBJECT_LINKS = Table(
    "subject_links",
    METADATA,
    Column("subject", LargeBinary, nullable=False, comment="the key of the older version"),
    Column("newer", LargeBinary, nullable=False),
    PrimaryKeyConstraint("subject", name="pk_subject_links"),
    Index("ix_subject_links_newer", "newer"),
    sqlite_with_rowid=False,
    sqlite_strict=True,
)

EVIDENCE = Table(
    "evidence",
    METADATA,
    Column("subject", LargeBinary, nullable=False),
    Column("kind", Text, nullable=False),
    Column("ref", Text, nullable=False, comment="the source's own number of it"),
    Column("revision", WHOLE_NUMBER, nullable=False),
    Column("retracted", Integer, nullable=False),
    Column("since_us", WHOLE_NUMBER, nullable=False),
    Column("until_us", WHOLE_NUMBER, nullable=False, comment="-1 while it has no end"),
    Column("division", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("kept_until_us", WHOLE_NUMBER),
    Column("result", Text, server_default="", nullable=False, comment="of a test or vaccination; empty for others"),
    PrimaryKeyConstraint("subject", "kind", "ref", name="pk_evidence"),
    Index("ix_evidence_kept", "kept_until_us"),
    sqlite_with_rowid=False,
    sqlite_strict=True,
)

PERSONS = Table(
    "persons",
    METADATA,
    Column("ref_digest", LargeBinary, nullable=False),
    Column("revision", WHOLE_NUMBER, nullable=False),
    Column("subject_keys", LargeBinary, nullable=False, comment="33 bytes each, the first to store under"),
    PrimaryKeyConstraint("ref_digest", name="pk_persons"),
    sqlite_with_rowid=False,
    sqlite_strict=True,
)

PASSAGES = Table(
    "passages",
    METADATA,
    Column("ref", Text, nullable=False),
    Column("at_us", WHOLE_NUMBER, nullable=False),
    Column("host", Text, nullable=False),
    Column("place_kind", Text, nullable=False),
    Column("device_id", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("issuer", Text),
    Column("views", LargeBinary),
    Column("expires_at_us", WHOLE_NUMBER, nullable=False),
    Column("kept_until_us", WHOLE_NUMBER, server_default=text("0"), nullable=False),
    Column("direction", Text),
    Column("site_pseudonym", LargeBinary),
    PrimaryKeyConstraint("ref", name="pk_passages"),
    Index("ix_passages_kept", "kept_until_us"),
    sqlite_strict=True,
)

ENDINGS = Table(
    "endings",
    METADATA,
    Column("ref", Text, nullable=False, comment="of the passage that ended so"),
    Column("at_us", WHOLE_NUMBER, nullable=False),
    Column("device_id", Text, nullable=False),
    Column("seen", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    PrimaryKeyConstraint("ref", name="pk_endings"),
    sqlite_with_rowid=False,
    sqlite_strict=True,
)

Index(
    "ix_passages_views_expire",
    PASSAGES.c.expires_at_us,
    sqlite_where=PASSAGES.c.views.is_not(None),
    postgresql_where=PASSAGES.c.views.is_not(None),
)

TICKETS = Table(
    "tickets",
    METADATA,
    Column("serial", Text, nullable=False),
    Column("secret_digest", LargeBinary, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("subject", LargeBinary),
    Column("expires_at_us", WHOLE_NUMBER, nullable=False),
    PrimaryKeyConstraint("serial", name="pk_tickets"),
    Index("ix_tickets_expire", "expires_at_us"),
    sqlite_with_rowid=False,
    sqlite_strict=True,
)

CLAIMS = Table(
    "claims",
    METADATA,
    Column("claim_key", LargeBinary, nullable=False),
    Column("expires_at_us", WHOLE_NUMBER, nullable=False),
    PrimaryKeyConstraint("claim_key", name="pk_claims"),
    Index("ix_claims_expire", "expires_at_us"),
    sqlite_with_rowid=False,
    sqlite_strict=True,
)

CREDENTIALS = Table(
    "credentials",
    METADATA,
    Column("key_id", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("suite", Text, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("label", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("valid_until_us", WHOLE_NUMBER),
    Column("revoked", Integer, nullable=False),
    Column("site", Text, server_default="", nullable=False),
    Column("enrolled_by", Text, server_default="", nullable=False, comment="the key of the operator who did"),
    Column("division", Text, server_default="", nullable=False, comment="where a device's checkpoint stands"),
    Column("datasets", Text, server_default="", nullable=False, comment="a source's own, by comma"),
    PrimaryKeyConstraint("key_id", name="pk_credentials"),
    sqlite_with_rowid=False,
    sqlite_strict=True,
)

NONCES = Table(
    "nonces",
    METADATA,
    Column("key_id", Text, nullable=False),
    Column("nonce", Text, nullable=False),
    Column("expires_at_us", WHOLE_NUMBER, nullable=False),
    PrimaryKeyConstraint("key_id", "nonce", name="pk_nonces"),
    Index("ix_nonces_expire", "expires_at_us"),
    sqlite_with_rowid=False,
    sqlite_strict=True,
)

BUNDLES = Table(
    "bundles",
    METADATA,
    Column("number", WHOLE_NUMBER, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("data", LargeBinary, nullable=False),
    PrimaryKeyConstraint("number", name="pk_bundles"),
    sqlite_strict=True,
)

ALARMS = Table(
    "alarms",
    METADATA,
    Column("id", WHOLE_NUMBER, nullable=False, autoincrement=True),
    Column("at_us", WHOLE_NUMBER, nullable=False),
    Column("reason", Text, nullable=False),
    Column("ref", Text),
    Column("detail", Text, nullable=False),
    PrimaryKeyConstraint("id", name="pk_alarms"),
    Index("ix_alarms_at", "at_us"),
    sqlite_strict=True,
)

EXTENSIONS = Table(
    "extensions",
    METADATA,
    Column("token_digest", LargeBinary, nullable=False),
    Column("subject", LargeBinary, nullable=False),
    Column("credential_id", LargeBinary, nullable=False),
    Column("expires_at_us", WHOLE_NUMBER, nullable=False),
    PrimaryKeyConstraint("token_digest", name="pk_extensions"),
    Index("ix_extensions_expire", "expires_at_us"),
    sqlite_with_rowid=False,
    sqlite_strict=True,
)

LOOKS = Table(
    "looks",
    METADATA,
    Column("id", WHOLE_NUMBER, nullable=False, autoincrement=True),
    Column("subject", LargeBinary, nullable=False),
    Column("at_us", WHOLE_NUMBER, nullable=False),
    Column("region", Text, nullable=False),
    Column("looker", Text, nullable=False, comment="the key that asked"),
    Column("site", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("ground", Text, nullable=False),
    PrimaryKeyConstraint("id", name="pk_looks"),
    Index("ix_looks_subject", "subject", "at_us"),
    Index("ix_looks_at", "at_us"),
    sqlite_strict=True,
)

USES = Table(
    "uses",
    METADATA,
    Column("use_key", LargeBinary, nullable=False),
    Column("used", WHOLE_NUMBER, nullable=False),
    Column("ends_at_us", WHOLE_NUMBER, nullable=False),
    PrimaryKeyConstraint("use_key", name="pk_uses"),
    Index("ix_uses_end", "ends_at_us"),
    sqlite_with_rowid=False,
    sqlite_strict=True,
)

CONVERSIONS = Table(
    "conversions",
    METADATA,
    Column("conversion_id", Text, nullable=False),
    Column("code_digest", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("expires_at_us", WHOLE_NUMBER, nullable=False),
    PrimaryKeyConstraint("conversion_id", name="pk_conversions"),
    Index("ix_conversions_code", "code_digest", unique=True),
    Index("ix_conversions_expire", "expires_at_us"),
    sqlite_strict=True,
)

PRINTED_CODES = Table(
    "printed_codes",
    METADATA,
    Column("code_digest", LargeBinary, nullable=False),
    Column("subject", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False, comment="the subject's keys and masked hint"),
    Column("expires_at_us", WHOLE_NUMBER, nullable=False),
    PrimaryKeyConstraint("code_digest", name="pk_printed_codes"),
    Index("ix_printed_codes_subject", "subject"),
    Index("ix_printed_codes_expire", "expires_at_us"),
    sqlite_strict=True,
)

TRANSIT_PASSES = Table(
    "transit_passes",
    METADATA,
    Column("pass_id", Text, nullable=False),
    Column("token_digest", LargeBinary, nullable=False),
    Column("subject", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False, comment="the driver's keys, masked hint and route"),
    Column("expires_at_us", WHOLE_NUMBER, nullable=False),
    Column("withdrawn", Integer, nullable=False),
    PrimaryKeyConstraint("pass_id", name="pk_transit_passes"),
    Index("ix_transit_passes_token", "token_digest", unique=True),
    Index("ix_transit_passes_subject", "subject"),
    Index("ix_transit_passes_expire", "expires_at_us"),
    sqlite_strict=True,
)

FAMILY_BONDS = Table(
    "family_bonds",
    METADATA,
    Column("bond_id", Text, nullable=False),
    Column("holder", LargeBinary, nullable=False, comment="who may show the member's code"),
    Column("member", LargeBinary, nullable=False),
    Column("ground", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False, comment="both masked names and the member's keys"),
    Column("ends_at_us", WHOLE_NUMBER, nullable=False),
    PrimaryKeyConstraint("bond_id", name="pk_family_bonds"),
    Index("ix_family_bonds_holder", "holder"),
    Index("ix_family_bonds_member", "member"),
    Index("ix_family_bonds_end", "ends_at_us"),
    sqlite_strict=True,
)

RULE_PROPOSALS = Table(
    "rule_proposals",
    METADATA,
    Column("proposal_id", Text, nullable=False),
    Column("file_name", Text, nullable=False, comment="of the bundle's rules"),
    Column("body", LargeBinary, nullable=False, comment="the table as it was proposed"),
    Column("notice_zh", Text, nullable=False),
    Column("notice_en", Text, nullable=False),
    Column("proposed_by", Text, nullable=False, comment="the key that proposed"),
    Column("proposed_at_us", WHOLE_NUMBER, nullable=False),
    Column("expires_at_us", WHOLE_NUMBER, nullable=False),
    Column("state", Text, nullable=False),
    Column("decided_by", Text),
    Column("decided_at_us", WHOLE_NUMBER),
    Column("why", Text),
    Column("bundle_number", WHOLE_NUMBER),
    PrimaryKeyConstraint("proposal_id", name="pk_rule_proposals"),
    Index("ix_rule_proposals_at", "proposed_at_us"),
    sqlite_strict=True,
)

RISK_LISTS = Table(
    "risk_lists",
    METADATA,
    Column("position", WHOLE_NUMBER, nullable=False, comment="in order of import"),
    Column("digest", LargeBinary, nullable=False),
    Column("as_of_us", WHOLE_NUMBER, nullable=False, comment="the hour that it speaks of"),
    Column("source", Text, nullable=False),
    Column("imported_at_us", WHOLE_NUMBER, nullable=False),
    Column("imported_by", Text, nullable=False, comment="the key of the operator who did"),
    PrimaryKeyConstraint("position", name="pk_risk_lists"),
    Index("ix_risk_lists_as_of", "as_of_us"),
    sqlite_strict=True,
)

RISK_AREAS = Table(
    "risk_areas",
    METADATA,
    Column("id", WHOLE_NUMBER, nullable=False),
    Column("province", Text, nullable=False),
    Column("city", Text, nullable=False),
    Column("county", Text, nullable=False),
    Column("community", Text, nullable=False, comment="empty for a whole unit"),
    Column("division", Text),
    Column("placement", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("since_us", WHOLE_NUMBER, nullable=False),
    Column("until_us", WHOLE_NUMBER, nullable=False, comment="-1 while it lasts"),
    PrimaryKeyConstraint("id", name="pk_risk_areas"),
    Index("ix_risk_areas_until", "until_us"),
    Index("ix_risk_areas_division", "division"),
    Index("ix_risk_areas_city", "city"),
    Index("ix_risk_areas_county", "county"),
    Index("ix_risk_areas_community", "community"),
    sqlite_strict=True,
)

RISK_CHANGES = Table(
    "risk_changes",
    METADATA,
    Column("number", Text, nullable=False),
    Column("since_us", WHOLE_NUMBER, nullable=False),
    Column("risk", Text, nullable=False),
    Column("source", Text, nullable=False),
    PrimaryKeyConstraint("number", "since_us", name="pk_risk_changes"),
    sqlite_with_rowid=False,
    sqlite_strict=True,
)

INDEX_ERAS = Table(
    "index_eras",
    METADATA,
    Column("place", Text, nullable=False, comment="there is one row"),
    Column("era", Text, nullable=False, comment="entries of any other name do not count"),
    Column("masters", Text, nullable=False, comment="run ids of the servers it is on; none while it is closed"),
    PrimaryKeyConstraint("place", name="pk_index_eras"),
    sqlite_with_rowid=False,
    sqlite_strict=True,
)

CARRIED_DIGESTS = Table(
    "carried_digests",
    METADATA,
    Column("day", WHOLE_NUMBER, nullable=False, comment="Beijing day, counted from year 1"),
    Column("position", WHOLE_NUMBER, nullable=False, comment="counted from 1 each day"),
    Column("digest", LargeBinary, nullable=False),
    Column("head", LargeBinary, nullable=False, comment="what the digests of the day fold to"),
    PrimaryKeyConstraint("day", "position", name="pk_carried_digests"),
    Index("ix_carried_digests_digest", "day", "digest", unique=True),
    sqlite_with_rowid=False,
    sqlite_strict=True,
)
