"""What Alembic runs around the steps: only from ``tongxing.stores.migrating``, which hands in a connection.

There is no offline mode and no address of a database here on purpose: a node brings its own store
up to date, and nothing else may.
"""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
