"""Run the migrations from code, on a connection in whose transaction they all happen or none."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from tongxing.stores.migrations import FOLDER, NEWEST


def migrate(connection: Connection) -> None:
    """Bring the store behind ``connection`` to ``NEWEST``; the caller began and will commit."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, NEWEST)
