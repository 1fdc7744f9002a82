"""What stands behind the ports of ``tongxing.services.ports``: floor 6. SQLite is the embedded default.

``schema`` describes the tables for every SQL store, ``migrations`` brings a file or server to it, ``sql``
implements the ports once in what SQLite and PostgreSQL both take, ``sqlite`` opens a file (ADR 0005),
``postgres`` a database.
"""
