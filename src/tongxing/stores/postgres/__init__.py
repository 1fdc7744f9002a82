"""The ports on a PostgreSQL database of 15 or newer: ``stores.open_stores`` is the way in."""
