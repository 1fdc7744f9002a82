"""What stands behind the ports of ``tongxing.services.ports``: floor 6. SQLite is the embedded default.

``schema`` describes the tables for every SQL store, ``migrations`` brings a file or server to it,
``sqlite`` implements the ports on one file (ADR 0005).
"""
