"""What every table of the record is made with."""

from sqlalchemy import BigInteger, Integer, MetaData

METADATA = MetaData()

WHOLE_NUMBER = BigInteger().with_variant(Integer, "sqlite")
"""64 bits everywhere; SQLite's strict tables know it by the name INTEGER."""
