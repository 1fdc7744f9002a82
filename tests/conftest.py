"""What every test shares: the event loop of asynchronous tests and the profiles of hypothesis."""

import os

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("quick", max_examples=50, deadline=None)
settings.register_profile("thorough", max_examples=1_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


@pytest.fixture
def anyio_backend() -> str:
    """Run tests marked ``anyio`` on asyncio, which is what the nodes run on."""
    return "asyncio"


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name bytes by their length: sealed ones differ from run to run, and a test's name must not."""
    return f"{len(val)} bytes" if isinstance(val, bytes) else None
