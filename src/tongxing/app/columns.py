"""Arrow and Parquet files beside the hub: each goes to a process of its own, which gives JSON lines or ends."""

import asyncio
import os
import sys
from typing import Final

from tongxing.app.columns_worker import SECONDS_MAX, STATUS_REFUSED
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.services.ingest_ports import RowForm

WORKER: Final = ("-m", "tongxing.app.columns_worker")


class WorkerColumns:
    """Implements ``services.ingest_ports.ColumnReader``. ``seconds_max`` is another one in tests only."""

    def __init__(self, seconds_max: float = 2 * SECONDS_MAX) -> None:
        self._seconds_max = seconds_max
        self._one_at_a_time = asyncio.Semaphore(1)

    async def read(self, data: bytes, form: RowForm) -> bytes:
        """Return the rows as JSON lines; whatever happens, the process is gone then."""
        async with self._one_at_a_time:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *WORKER,
                form.value,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env={name: value for name, value in os.environ.items() if not name.startswith("TONGXING_")},
            )
            try:
                async with asyncio.timeout(self._seconds_max):
                    told, _ = await process.communicate(data)
            except TimeoutError as late:
                raise Refused(ProblemId.BAD_REQUEST, f"it takes too long to be read as {form}") from late
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
        if process.returncode == STATUS_REFUSED:
            raise Refused(ProblemId.BAD_REQUEST, told.decode(errors="replace")[:200])
        if process.returncode != 0:
            raise Refused(ProblemId.BAD_REQUEST, f"it cannot be read as {form}")
        return told
