"""The steps that bring a store to ``tongxing.stores.schema``, run from code by Alembic.

Each file of ``versions/`` is one step, frozen once released: its revision is the number in its
name. ``NEWEST`` is known without loading Alembic and SQLAlchemy (40 MB and 0.3 s that a node whose
file is up to date never needs); a test holds it equal to the newest step.
"""

from pathlib import Path
from typing import Final

NEWEST: Final = "0017"

FOLDER: Final = Path(__file__).parent
