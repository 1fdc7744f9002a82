"""Stores of each implementation, new for each test, and a way to open them a second time."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.contract.implementations import IMPLEMENTATIONS, Open, Stores


@dataclass
class Place:
    """Where the stores of one test are."""

    open_stores: Open
    folder: Path
    opened: list[Stores] = field(default_factory=list)

    async def open(self) -> Stores:
        stores = await self.open_stores(self.folder)
        self.opened.append(stores)
        return stores


@pytest.fixture(params=sorted(IMPLEMENTATIONS))
async def place(request: pytest.FixtureRequest, tmp_path: Path, anyio_backend: str) -> AsyncIterator[Place]:
    """A place for stores; whatever is opened there is closed afterwards."""
    assert anyio_backend == "asyncio"
    with IMPLEMENTATIONS[request.param](request) as open_stores:
        place = Place(open_stores, tmp_path)
        yield place
        for stores in place.opened:
            await stores.aclose()


@pytest.fixture
async def stores(place: Place) -> Stores:
    """Empty stores."""
    return await place.open()
