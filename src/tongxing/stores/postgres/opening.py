"""Open a database: is it one that can hold the record, is it ours, is it of a version we know.

Order: (1) connect; (2) look at the server: new enough, UTF-8, and one that syncs; (3) look whose tables there
are; (4) migrate, in one transaction under a lock, so that of several nodes that start at once one does it.
Whatever does not fit is a ``Fault`` that says so, and leaves the database as it was.
"""

import contextlib
from collections.abc import Iterator
from typing import Any, Final

import psycopg
from psycopg import RawCursor, sql
from psycopg.types.numeric import Int8Dumper

from tongxing.core.errors import Fault
from tongxing.stores.migrations import NEWEST
from tongxing.stores.postgres.faults import store_error, store_name

CONNECT_SECONDS: Final = 5
LOCK_SECONDS: Final = 5
"""How long a write waits for rows that another process holds; then callers are refused."""

OLDEST_SERVER: Final = 15
_VERSION_FACTOR: Final = 10_000
_MIGRATING: Final = "SELECT pg_advisory_xact_lock(hashtext('tongxing: migrating'))"

Connection = psycopg.Connection[tuple[Any, ...]]


def connect(address: str) -> Connection:
    """Connect for writing: every commit is synced, no lock is waited for without end. Raises psycopg.Error."""
    connection = psycopg.connect(
        address, autocommit=True, connect_timeout=CONNECT_SECONDS, cursor_factory=RawCursor, application_name="tongxing"
    )
    # One type for every whole number, so that a statement is prepared once and not for each size of its values.
    connection.adapters.register_dumper(int, Int8Dumper)
    connection.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'")
    connection.execute("SET client_min_messages = warning")
    connection.execute(
        "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
    )
    return connection


def prepare(address: str, owner: str | None = None) -> None:
    """Bring the database at ``address`` to the newest schema if it is new or ours, and ``owner``'s. Raises Fault."""
    name = store_name(address)
    with told_as_fault(name), contextlib.closing(connect(address)) as connection:
        _check_server(connection, name)
        if _check_ours(connection, name) != NEWEST:
            _migrate(address, name)
        if owner is not None:
            _check_owner(connection, name, owner)


@contextlib.contextmanager
def told_as_fault(name: str) -> Iterator[None]:
    """Tell errors of the driver as what they mean."""
    try:
        yield
    except psycopg.Error as error:
        raise store_error(error, name) from error


def _check_server(connection: Connection, name: str) -> None:
    version = connection.info.server_version // _VERSION_FACTOR
    if version < OLDEST_SERVER:
        raise Fault(f"the store {name}: it is PostgreSQL {version}; {OLDEST_SERVER} or newer is needed")
    settings: dict[str, str] = dict(
        connection.execute(
            "SELECT name, setting FROM pg_settings WHERE name IN ('server_encoding', 'fsync')"
        ).fetchall()
    )
    if settings["server_encoding"] != "UTF8":
        raise Fault(f"the store {name}: its encoding is {settings['server_encoding']}, not UTF8")
    if settings["fsync"] != "on":
        raise Fault(f"the store {name}: its server runs with fsync off, so that nothing would be durable")


def _check_ours(connection: Connection, name: str) -> str | None:
    """Return the revision of the database, None if it is empty."""
    tables = [
        table for (table,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
    ]
    if not tables:
        return None
    if "alembic_version" not in tables:
        raise Fault(f"the store {name}: it is not one of ours, but holds another program's tables")
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    revision = str(row[0]) if row else "none"
    if not revision.isdecimal():
        raise Fault(f"the store {name}: its version {revision!r} is none of ours")
    if int(revision) > int(NEWEST):
        raise Fault(
            f"the store {name}: it was written by a newer version (schema {revision}, this program knows {NEWEST})"
        )
    return revision


def _check_owner(connection: Connection, name: str, owner: str) -> None:
    """Of several nodes that are told one database by mistake the first has it: two records never mix."""
    with connection.transaction():
        connection.execute(_MIGRATING)
        (held,) = connection.execute("SELECT obj_description('alembic_version'::regclass)").fetchall()[0]
        if held is None:
            connection.execute(sql.SQL("COMMENT ON TABLE alembic_version IS {}").format(sql.Literal(owner)))
        elif held != owner:
            raise Fault(f"the store {name}: it holds the record of another node ({held}), not of this one ({owner})")


def _migrate(address: str, name: str) -> None:
    """Bring the database to the newest schema: all steps in one transaction, or nothing."""
    # Loaded here because a node whose database is up to date needs neither Alembic nor SQLAlchemy.
    import sqlalchemy  # noqa: PLC0415

    from tongxing.stores.migrating import migrate  # noqa: PLC0415
    from tongxing.stores.postgres.tables import use_record_tables  # noqa: PLC0415

    engine = sqlalchemy.create_engine(
        "postgresql+psycopg://", creator=lambda: _connect_plain(address), poolclass=sqlalchemy.NullPool
    )
    use_record_tables(engine)
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql(_MIGRATING)
            migrate(connection)
    except sqlalchemy.exc.DBAPIError as error:
        raise error.orig or error from error
    finally:
        engine.dispose()
    with contextlib.closing(connect(address)) as checked:
        if _check_ours(checked, name) != NEWEST:
            raise Fault(f"the store {name}: it was not brought to schema {NEWEST}")


def _connect_plain(address: str) -> Connection:
    return psycopg.connect(address, connect_timeout=CONNECT_SECONDS, application_name="tongxing migrating")
