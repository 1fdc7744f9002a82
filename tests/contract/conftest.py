"""Stores of each implementation, new for each test, and a way to open them a second time."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.contract.implementations import IMPLEMENTATIONS, ONLY, Open, Stores


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


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each suite over every implementation that has its ports."""
    if "place" in metafunc.fixturenames:
        suite = metafunc.module.__name__.rpartition(".")[2]
        names = [name for name in sorted(IMPLEMENTATIONS) if suite in ONLY.get(name, {suite})]
        metafunc.parametrize("place", names, indirect=True)


@pytest.fixture
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
