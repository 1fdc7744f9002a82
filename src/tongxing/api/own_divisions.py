"""What an operator says of where a checkpoint stands, read by the gazetteer that ships with the program."""

import asyncio

from tongxing.app.nodes import Node
from tongxing.app.packaged import load_gazetteer
from tongxing.risk.own_division import parse_own_division


async def read_own_division(node: Node, told: str) -> str:
    """Return the division inside this node's region; empty if it was not told. Raises ``Refused(BAD_REQUEST)``."""
    if not told:
        return ""
    return parse_own_division(told, node.core.settings.region_id, await asyncio.to_thread(load_gazetteer))


async def name_own_division(division: str) -> str:
    """Return a division's name, empty for none."""
    return (await asyncio.to_thread(load_gazetteer)).name_of(division) if division else ""
