"""The ports on one SQLite file: ``stores.open_stores`` is the way in."""
