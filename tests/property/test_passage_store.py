"""Passages and endings against a model: whatever is recorded, ended and forgotten, in whatever order."""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace as replace_ending
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from msgspec.structs import replace

from tests.contract.samples import AT, ending, passage
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.verdicts import Ending, Seen
from tongxing.services.ports import PassageRecord, RecordedEnding
from tongxing.stores.sqlite.stores import open_stores

REFS = ("a", "b", "c")
DAY = timedelta(days=1)
Result = TypeVar("Result")

refs = st.sampled_from(REFS)
days = st.integers(0, 4)
passages = st.builds(lambda ref, life, kept: passage(ref, life=life * DAY, kept=kept * DAY), refs, days, days)
endings = st.builds(
    lambda ref, seconds, seen, outcome: ending(ref, seconds, seen=seen, outcome=outcome),
    refs,
    st.integers(0, 3),
    st.sampled_from([Seen.NOTHING, Seen.IDENTITY_DOCUMENT]),
    st.sampled_from([Ending.PASSED, Ending.TURNED_AWAY]),
)


def said(recorded: RecordedEnding) -> RecordedEnding:
    """Return an ending without its moment: what must be the same for it to be the same."""
    return replace_ending(recorded, at=AT)


class PassagesMachine(RuleBasedStateMachine):
    """One store, and a dict of passages and one of endings that say what it must hold."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = TemporaryDirectory()
        self.stores = open_stores(Path(self.folder.name) / "node.db")
        self.kept: dict[str, PassageRecord] = {}
        self.ended: dict[str, RecordedEnding] = {}

    def teardown(self) -> None:
        self.run(self.stores.aclose())
        self.loop.close()
        self.folder.cleanup()

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return self.loop.run_until_complete(work)

    def problem_of(self, work: Coroutine[Any, Any, object]) -> ProblemId | None:
        try:
            self.run(work)
        except Refused as refused:
            return refused.problem
        return None

    @rule(recorded=passages)
    def record(self, recorded: PassageRecord) -> None:
        held = self.kept.get(recorded.ref)
        fits = held is None or replace(recorded, views=held.views) == held
        assert self.problem_of(self.stores.passages.record(recorded)) == (None if fits else ProblemId.CONFLICT)
        self.kept.setdefault(recorded.ref, recorded)

    @rule(recorded=endings)
    def end(self, recorded: RecordedEnding) -> None:
        told = self.problem_of(self.stores.passages.record_ending(recorded))
        if recorded.ref not in self.kept:
            assert told is ProblemId.NOT_FOUND
        elif said(self.ended.setdefault(recorded.ref, recorded)) == said(recorded):
            assert told is None
        else:
            assert told is ProblemId.CONFLICT

    @rule(day=days)
    def purge_views(self, day: int) -> None:
        gone = [ref for ref, held in self.kept.items() if held.views is not None and held.expires_at <= AT + day * DAY]
        assert self.run(self.stores.passages.purge_views(AT + day * DAY)) == len(gone)
        for ref in gone:
            self.kept[ref] = replace(self.kept[ref], views=None)

    @rule(day=days)
    def purge_passages(self, day: int) -> None:
        gone = [ref for ref, held in self.kept.items() if held.kept_until <= AT + day * DAY]
        assert self.run(self.stores.passages.purge_passages(AT + day * DAY)) == len(gone)
        for ref in gone:
            del self.kept[ref]
            self.ended.pop(ref, None)

    @invariant()
    def what_is_held_is_what_the_model_holds(self) -> None:
        for ref in REFS:
            assert self.run(self.stores.passages.find(ref)) == self.kept.get(ref)
            assert self.run(self.stores.passages.find_ending(ref)) == self.ended.get(ref)


TestPassages = PassagesMachine.TestCase
TestPassages.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
