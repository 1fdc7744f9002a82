"""The gateways of Hubei and Guangxi, new for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.unit.services.desks import Desks, introduce, open_desks
from tests.world import GUANGXI, HUBEI


@pytest.fixture
async def hubei(tmp_path: Path) -> AsyncIterator[Desks]:
    async with open_desks(HUBEI, tmp_path / "hubei") as desks:
        yield desks


@pytest.fixture
async def guangxi(tmp_path: Path) -> AsyncIterator[Desks]:
    async with open_desks(GUANGXI, tmp_path / "guangxi") as desks:
        yield desks


@pytest.fixture
def both(hubei: Desks, guangxi: Desks) -> tuple[Desks, Desks]:
    """Hubei and Guangxi, which can reach one another."""
    introduce(hubei, guangxi)
    return hubei, guangxi
