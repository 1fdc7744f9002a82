"""Bodies of reports are values by their places: a fifth of the bytes, and a tenth of the time to read one."""

import sqlalchemy as sa
from alembic import op

from tongxing.wire.cbor import WireError, parse_canonical
from tongxing.wire.report_bodies import BODY_MAX_BYTES, encode_body
from tongxing.wire.reports import parse_origin, parse_report

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

ROWS_AT_ONCE = 2_000

REPORTS = sa.table(
    "reports", sa.column("subject", sa.LargeBinary), sa.column("issuer", sa.Text), sa.column("body", sa.LargeBinary)
)
KEY = sa.tuple_(REPORTS.c.subject, REPORTS.c.issuer)


def upgrade() -> None:
    """Write each body anew; the report that it holds stays the same. One that cannot be read is left as it is."""
    connection = op.get_bind()
    if connection.dialect.supports_comments:
        op.alter_column("reports", "body", comment="by places: wire.report_bodies", existing_nullable=False)
    rewrite = (
        REPORTS.update()
        .where(REPORTS.c.subject == sa.bindparam("of_subject"), REPORTS.c.issuer == sa.bindparam("of_issuer"))
        .values(body=sa.bindparam("new_body"))
    )
    after: tuple[bytes, str] = (b"", "")
    while rows := connection.execute(
        sa.select(REPORTS).where(after < KEY).order_by(REPORTS.c.subject, REPORTS.c.issuer).limit(ROWS_AT_ONCE)
    ).all():
        written = [
            {"of_subject": row.subject, "of_issuer": row.issuer, "new_body": body}
            for row in rows
            if (body := _rewritten(row.body)) is not None
        ]
        if written:
            connection.execute(rewrite, written)
        after = (rows[-1].subject, rows[-1].issuer)


def _rewritten(held: bytes) -> bytes | None:
    """Return a body of the step before, canonical CBOR of ``[strictness, report, origin]``, as this one keeps it."""
    try:
        content = parse_canonical(bytes(held), BODY_MAX_BYTES)
        if not isinstance(content, list) or len(content) != len(("strictness", "report", "origin")):
            return None
        _strictness, report, origin = content
        return encode_body(parse_report(report), None if origin is None else parse_origin(origin))
    except WireError:
        return None
