"""The hub's proving worker: the same answers as in process, bounded, and gone when it is late."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date

import psutil
import pytest

from tests.unit.rules.broken import FILES
from tongxing.app.proving import WorkerProver
from tongxing.app.proving_exchange import Ask, Question
from tongxing.core.errors import Fault, Refused
from tongxing.core.problems import ProblemId
from tongxing.rules.findings import RulesRefused
from tongxing.services.proving_in_process import InProcessProver
from tongxing.services.rule_ports import Prover

pytestmark = pytest.mark.anyio

BROKEN = {**FILES, "45.toml": FILES["45.toml"].replace(b"last_day = 2021-03-22", b"last_day = 2021-03-23")}
NO_TABLE = {**FILES, "45.toml": b"[table"}
NEVER_ANSWERS = ("-c", "import time; time.sleep(600)")
HOG = """
import tongxing.app.proving_worker as worker
async def prove(*_):
    bytes(8 << 30)
worker.InProcessProver.prove = prove
worker.main()
"""
TELLS_ITS_SETTINGS = """
import os, sys, msgspec
from tongxing.app.proving_exchange import Answer
sys.stdin.buffer.read()
told = " ".join(name for name in os.environ if name.startswith("TONGXING_")) or "none"
sys.stdout.buffer.write(msgspec.msgpack.encode(Answer(refused=told)))
"""


async def outcome(prover: Prover, files: dict[str, bytes]) -> object:
    try:
        await prover.prove(files, FILES)
        return None
    except RulesRefused as refused:
        return refused.finding
    except Refused as refused:
        return refused.detail


def workers() -> list[psutil.Process]:
    """Return those that never answer; other children of this process may be the nodes of other tests."""
    children = {child: child.as_dict(["cmdline"])["cmdline"] for child in psutil.Process().children(recursive=True)}
    return [child for child, words in children.items() if words and tuple(words[1:]) == NEVER_ANSWERS]


async def test_the_worker_answers_as_the_prover_in_process_does() -> None:
    worker, here = WorkerProver(), InProcessProver()
    for files in (BROKEN, NO_TABLE, {**FILES, "45.toml": FILES["45.toml"] + b"# A remark.\n"}):
        assert await outcome(worker, files) == await outcome(here, files)
    assert await worker.find_all(BROKEN, "45.toml") == await here.find_all(BROKEN, "45.toml") != ()
    since = date(2021, 1, 1)
    assert await worker.compare(FILES, BROKEN, since) == await here.compare(FILES, BROKEN, since) != ()


async def test_a_place_where_codes_cease_to_be_read_comes_back_from_the_worker_too() -> None:
    national = FILES["national.toml"].replace(b"first_day = 2020-11-24", b"first_day = 2020-11-25")
    unread = {**FILES, "national.toml": national}
    since = date(2020, 11, 1)
    assert await WorkerProver().compare(FILES, unread, since) == await InProcessProver().compare(FILES, unread, since)


async def test_nothing_is_asked_where_nothing_changed_and_no_answer_is_asked_for_twice() -> None:
    never = WorkerProver(worker=NEVER_ANSWERS)
    await never.prove(FILES, dict(FILES))
    prover = WorkerProver()
    first = await outcome(prover, BROKEN)
    prover._worker = NEVER_ANSWERS
    assert await outcome(prover, BROKEN) == first


async def test_a_worker_that_is_late_is_killed_and_the_tables_are_refused() -> None:
    more = Question(Ask.PROVE, FILES).seconds_more
    prover = WorkerProver(worker=NEVER_ANSWERS, seconds_max=0.2 - more)
    with pytest.raises(Refused, match=r"not proven within 0\.2 s") as refused:
        await prover.prove(FILES, None)
    assert more > 0
    assert refused.value.problem is ProblemId.RULES_REFUSED
    assert workers() == []


@asynccontextmanager
async def asking(prover: Prover) -> AsyncIterator["asyncio.Task[None]"]:
    """Ask for a proof in a task, and go on when its worker runs."""
    task = asyncio.create_task(prover.prove(FILES, None))
    while not workers():  # noqa: ASYNC110 - a process that begins sets no event here
        await asyncio.sleep(0.01)
    yield task
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_others_are_served_while_a_worker_proves_and_a_cancelled_question_leaves_none_behind() -> None:
    async with asking(WorkerProver(worker=NEVER_ANSWERS)) as task:
        assert not task.done()
    assert task.cancelled()
    assert workers() == []


async def test_one_worker_runs_at_a_time() -> None:
    prover = WorkerProver(worker=NEVER_ANSWERS)
    async with asking(prover), asking(prover):
        await asyncio.sleep(0.1)
        assert len(workers()) == 1


async def test_a_worker_has_a_bound_on_its_memory() -> None:
    with pytest.raises(Refused, match="within the memory that a proof may use"):
        await WorkerProver(worker=("-c", HOG)).prove(FILES, None)


async def test_a_worker_that_the_kernel_ended_refuses_and_one_that_broke_is_our_fault() -> None:
    with pytest.raises(Refused, match="outgrew the time or the memory"):
        await WorkerProver(worker=("-c", "import os; os.kill(os.getpid(), 24)")).prove(FILES, None)
    with pytest.raises(Fault, match=r"(?s)ended with status 1: .*ZeroDivisionError"):
        await WorkerProver(worker=("-c", "import sys; sys.stdin.read(); 1 / 0")).prove(FILES, None)


async def test_a_worker_gets_none_of_the_hubs_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGXING_KEYS_DIR", "/somewhere")
    with pytest.raises(Refused, match="none"):
        await WorkerProver(worker=("-c", TELLS_ITS_SETTINGS)).prove(FILES, None)


@pytest.mark.parametrize(
    "module", ["tongxing.app.nodes", "tongxing.simulation.node", "tongxing.offline", "tongxing.cli"]
)
def test_no_node_and_no_verifier_brings_the_solver_along(module: str) -> None:
    told = f"import sys, {module}; print('z3' in sys.modules)"
    ended = subprocess.run([sys.executable, "-c", told], capture_output=True, check=True, text=True)
    assert ended.stdout == "False\n"
