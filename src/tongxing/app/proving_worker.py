"""The hub's proving worker: a process of its own that answers one question and ends.

It has a bound on its memory and its processor time from the kernel, no key, no store and no settings, and dies
with the kernel's own limits if its hub is gone. Started by ``tongxing.app.proving``.
"""

import asyncio
import resource
import sys

import msgspec

from tongxing.app.proving_exchange import Answer, Ask, Question, send
from tongxing.core.errors import Refused
from tongxing.core.limits import PROVING_MEMORY_MAX_BYTES, PROVING_SECONDS_MAX
from tongxing.rules.findings import RulesRefused
from tongxing.services.proving_in_process import InProcessProver


async def answer_question(question: Question) -> Answer:
    """Return the answer; a refusal of the tables is an answer too."""
    prover = InProcessProver()
    try:
        match question.ask:
            case Ask.PROVE:
                await prover.prove(question.rules, question.held)
                return Answer()
            case Ask.FIND_ALL:
                return Answer(findings=await prover.find_all(question.rules, question.file_name))
            case Ask.COMPARE:
                found = await prover.compare(question.held or {}, question.rules, question.since)
                return Answer(differences=tuple(send(difference) for difference in found))
    except RulesRefused as refused:
        return Answer(findings=(refused.finding,))
    except Refused as refused:
        return Answer(refused=refused.detail)
    except MemoryError:
        return Answer(refused="too large to be proven within the memory that a proof may use")


def main() -> None:
    """Answer the question on standard input."""
    resource.setrlimit(resource.RLIMIT_AS, (PROVING_MEMORY_MAX_BYTES, PROVING_MEMORY_MAX_BYTES))
    question = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Question)
    seconds = question.seconds_more + PROVING_SECONDS_MAX
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    sys.stdout.buffer.write(msgspec.msgpack.encode(asyncio.run(answer_question(question))))


if __name__ == "__main__":
    main()
