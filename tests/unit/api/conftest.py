"""A gateway and a hub for each test, copied from templates that are made once."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.unit.api.nodes import CallableNode, callable_node, make_template_now
from tongxing.app.settings import NodeKind


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> dict[NodeKind, Path]:
    return {kind: make_template_now(kind, tmp_path_factory.mktemp(kind)) for kind in NodeKind}


@pytest.fixture
async def gateway(templates: dict[NodeKind, Path], tmp_path: Path) -> AsyncIterator[CallableNode]:
    async with callable_node(NodeKind.GATEWAY, templates[NodeKind.GATEWAY], tmp_path / "gateway") as node:
        yield node


@pytest.fixture
async def hub(templates: dict[NodeKind, Path], tmp_path: Path) -> AsyncIterator[CallableNode]:
    async with callable_node(NodeKind.HUB, templates[NodeKind.HUB], tmp_path / "hub") as node:
        yield node
