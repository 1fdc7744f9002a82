"""Proving beside the hub: each question goes to a worker process, so that the hub answers others meanwhile.

One worker at a time. A question that is not answered in time, or whose worker outgrew its memory, is refused: tables
that cannot be proven are not published. What was answered is remembered by its content for a while, since
approving a proposal asks again what proposing it asked. The worker gets no setting of the hub's.
"""

import asyncio
import os
import sys
from collections import OrderedDict
from collections.abc import Mapping
from datetime import date
from typing import Final

import msgspec

from tongxing.app.proving_exchange import Answer, Ask, Question, receive
from tongxing.core.errors import Fault, Refused
from tongxing.core.limits import PROVING_SECONDS_MAX
from tongxing.core.problems import ProblemId
from tongxing.crypto.digests import sha256
from tongxing.rules.differences import Difference
from tongxing.rules.findings import Finding, RulesRefused

ANSWERS_KEPT: Final = 32
WORKER: Final = ("-m", "tongxing.app.proving_worker")
"""How Python starts the worker. Not imported here: it brings the solver along."""


class WorkerProver:
    """The port ``Prover`` by worker processes. ``worker`` and ``seconds_max`` are other ones in tests only."""

    def __init__(self, worker: tuple[str, ...] = WORKER, seconds_max: float = PROVING_SECONDS_MAX) -> None:
        self._worker = worker
        self._seconds_max = seconds_max
        self._one_at_a_time = asyncio.Semaphore(1)
        self._answers: OrderedDict[bytes, Answer] = OrderedDict()

    async def prove(self, rules: Mapping[str, bytes], held: Mapping[str, bytes] | None) -> None:
        """As the port says; nothing is asked where nothing changed."""
        if rules == held:
            return
        answer = await self._ask(Question(Ask.PROVE, dict(rules), None if held is None else dict(held)))
        for finding in answer.findings:
            raise RulesRefused(finding.table, finding)

    async def find_all(self, rules: Mapping[str, bytes], file_name: str) -> tuple[Finding, ...]:
        """As the port says."""
        return (await self._ask(Question(Ask.FIND_ALL, dict(rules), file_name=file_name))).findings

    async def compare(
        self, before: Mapping[str, bytes], after: Mapping[str, bytes], since: date
    ) -> tuple[Difference, ...]:
        """As the port says."""
        answer = await self._ask(Question(Ask.COMPARE, dict(after), dict(before), since=since))
        return tuple(receive(each) for each in answer.differences)

    async def _ask(self, question: Question) -> Answer:
        data = msgspec.msgpack.encode(question)
        name = sha256(data)
        async with self._one_at_a_time:
            answer = self._answers.get(name)
            if answer is None:
                within = self._seconds_max + question.seconds_more
                answer = msgspec.msgpack.decode(await self._run(data, within), type=Answer)
                self._answers[name] = answer
                if len(self._answers) > ANSWERS_KEPT:
                    self._answers.popitem(last=False)
        if answer.refused is not None:
            raise Refused(ProblemId.RULES_REFUSED, answer.refused)
        return answer

    async def _run(self, data: bytes, within: float) -> bytes:
        """Return what a worker answers; whatever happens, it is gone when this returns or raises."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *self._worker,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={name: value for name, value in os.environ.items() if not name.startswith("TONGXING_")},
        )
        try:
            async with asyncio.timeout(within):
                answer, told = await process.communicate(data)
        except TimeoutError as error:
            raise _refused(f"not proven within {within:g} s") from error
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        status = await process.wait()
        if status < 0:
            raise _refused("the proof outgrew the time or the memory that it may use")
        if status > 0:
            raise Fault(f"the proving worker ended with status {status}: {told.decode()[-500:]}")
        return answer


def _refused(detail: str) -> Refused:
    return Refused(ProblemId.RULES_REFUSED, f"{detail}: fewer rows or days of change are needed")
