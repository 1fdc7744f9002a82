"""One examination of a region's back end from beginning to end, what must be refused first."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

import httpx

from tongxing.conformance.asking import NO_CONNECTION, Asker, GaveUp, Heard, HookFailed, now
from tongxing.conformance.catalogue import CHECKS, CheckId
from tongxing.conformance.dialects import DIALECTS
from tongxing.conformance.findings import Examined, Notebook
from tongxing.conformance.given import Given
from tongxing.conformance.keeping_up import check_change_at_once, check_many_at_once
from tongxing.conformance.refusing import REFUSALS, Check
from tongxing.conformance.telling import check_people
from tongxing.conformance.words import say_heard
from tongxing.core.errors import Refused
from tongxing.core.limits import BACK_END_DEADLINE_SECONDS
from tongxing.core.problems import ProblemId
from tongxing.core.words import Sentence
from tongxing.regions.profile import Profile

PATIENCE_SECONDS: Final = BACK_END_DEADLINE_SECONDS
"""So long a gateway waits for its back end."""

CHECKS_IN_ORDER: Final[tuple[Check, ...]] = (*REFUSALS, check_people, check_change_at_once, check_many_at_once)

_SILENT: Final = Sentence(
    "回答一直读不懂或等不到，没有再试", "answers could not be read or did not come, so no more was tried"
)
_NO_CASE: Final = Sentence("没有可试的情形", "there was nothing to try")

Watching = Callable[[int, int], None]
"""Is told how many parts of an examination are done, and how many there are."""


async def examine(
    url: str,
    profile: Profile,
    given: Given,
    *,
    patience_seconds: float = PATIENCE_SECONDS,
    watching: Watching = lambda _done, _of: None,
) -> Examined:
    """Examine the back end at ``url`` (without a path) as the one of ``profile``'s region.

    Each question may take ``patience_seconds``. Raises Refused: BAD_REQUEST for a region without a code of its own or
    an address ``show`` or ``switch`` that fails, UPSTREAM_AWAY where nobody answers at all.
    """
    if profile.family not in DIALECTS:
        raise Refused(ProblemId.BAD_REQUEST, f"region {profile.region} has no code of its own: nothing can be asked")
    begun, notebook = now(), Notebook(CHECKS)
    async with httpx.AsyncClient(trust_env=False) as client:
        asker = Asker(client, url.rstrip("/"), profile, given, patience_seconds)
        await _run(asker, notebook, watching)
    _weigh_answers(notebook, asker.heard)
    return _close(asker, notebook, begun)


async def _run(asker: Asker, notebook: Notebook, watching: Watching) -> None:
    try:
        for done, check in enumerate(CHECKS_IN_ORDER):
            watching(done, len(CHECKS_IN_ORDER))
            await check(asker, notebook)
            _check_reached(asker)
    except GaveUp:
        _check_reached(asker)
        notebook.close(_SILENT)
    except HookFailed as failed:
        raise Refused(ProblemId.BAD_REQUEST, f"test people: {failed}") from failed
    watching(len(CHECKS_IN_ORDER), len(CHECKS_IN_ORDER))


def _check_reached(asker: Asker) -> None:
    if asker.heard and all(heard.detail == NO_CONNECTION for heard in asker.heard):
        raise Refused(ProblemId.UPSTREAM_AWAY, f"nobody answers at {asker.url}")


def _weigh_answers(notebook: Notebook, heard: list[Heard]) -> None:
    """Note of every answer, whatever it was for, whether it can be read, came in time and was no breakdown."""
    for each in heard:
        name = Sentence("每个回答", "every answer")
        for check, is_so in (
            (CheckId.READABLE, each.is_unreadable),
            (CheckId.IN_TIME, each.is_late),
            (CheckId.NO_BREAKDOWN, each.is_breakdown),
        ):
            notebook.weigh(check, name, say_heard(each) if is_so else None)


def _close(asker: Asker, notebook: Notebook, begun: datetime) -> Examined:
    notebook.close(_NO_CASE)
    profile = asker.profile
    checks = {str(check): row for check, row in CHECKS.items()}
    return Examined(asker.url, profile.region, profile.name, profile.family, begun, checks, notebook.results)
