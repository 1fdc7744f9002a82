"""A process that writes and tells on a pipe what it tries and what was acknowledged: made to be killed.

Arguments: the file, the descriptor of the pipe, how many tasks write at once, how many writes each
task makes (0: until killed). Each line is ``try KIND NUMBER`` or ``ack KIND NUMBER``.
"""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path

from tests.contract.samples import AT, ending, passage, row
from tongxing.stores.sql.stores import NodeStores
from tongxing.stores.sqlite.stores import open_stores


async def record_passage(stores: NodeStores, number: int) -> None:
    await stores.passages.record(passage(f"p{number}", views=b"%d" % number * 50))


async def put_reports(stores: NodeStores, number: int) -> None:
    """Two rows in one write: either both are there afterwards or none."""
    await stores.reports.put_reports([row(2 * number), row(2 * number + 1)])


async def claim(stores: NodeStores, number: int) -> None:
    """Claimed now or by an earlier start of this process: used from now on."""
    await stores.tickets.claim(b"%d" % number, AT + timedelta(hours=1), AT)


async def end_passage(stores: NodeStores, number: int) -> None:
    """The passage that ends is recorded first; what is acknowledged is the ending."""
    await stores.passages.record(passage(f"e{number}"))
    await stores.passages.record_ending(ending(f"e{number}"))


KINDS: Mapping[str, Callable[[NodeStores, int], Awaitable[None]]] = {
    "passage": record_passage,
    "reports": put_reports,
    "claim": claim,
    "ending": end_passage,
}


async def main(path: str, pipe: int, tasks: int, writes: int) -> None:
    stores = open_stores(Path(path))

    async def work(task: int) -> None:
        turn = 0
        while writes == 0 or turn < writes:
            number = task + turn * tasks
            kind = list(KINDS)[number % len(KINDS)]
            os.write(pipe, b"try %s %d\n" % (kind.encode(), number))
            await KINDS[kind](stores, number)
            os.write(pipe, b"ack %s %d\n" % (kind.encode(), number))
            turn += 1

    await asyncio.gather(*map(work, range(tasks)))
    await stores.aclose()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], *map(int, sys.argv[2:5])))
