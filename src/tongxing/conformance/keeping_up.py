"""Whether a service keeps up: a change is told at once, and many who ask at the same time each get their own answer."""

import asyncio
from typing import Final

from tongxing.conformance.asking import Asker, Heard
from tongxing.conformance.catalogue import CheckId
from tongxing.conformance.dialects import DIALECTS, Told
from tongxing.conformance.findings import Notebook
from tongxing.conformance.given import GivenPerson
from tongxing.conformance.telling import name_of
from tongxing.conformance.words import say_heard
from tongxing.core.words import Sentence

AT_ONCE: Final = 20


async def check_change_at_once(asker: Asker, notebook: Notebook) -> None:
    """Change one person's status, ask, and change it back."""
    if Told.STATUS not in DIALECTS[asker.profile.family].tells:
        why = Sentence("这种接口不说状态", "this interface tells no status")
        notebook.not_tried(CheckId.CHANGE_AT_ONCE, why)
        return
    found = _person_and_change(asker)
    if asker.given.switch is None or found is None:
        why = Sentence("测试人员表没有 switch 地址或第二种状态", "the list has no address switch, or no second status")
        notebook.not_tried(CheckId.CHANGE_AT_ONCE, why)
        return
    index, other = found
    person = asker.given.people[index]
    await asker.switch(person, other.status, other.told)
    try:
        heard = await _ask(asker, person)
    finally:
        await asker.switch(person, person.status, person.told)
    name = Sentence(
        f"{person.status or '-'} → {other.status or '-'}", f"{person.status or '-'} → {other.status or '-'}"
    )
    if heard is None:
        notebook.not_tried(CheckId.CHANGE_AT_ONCE, Sentence("码不够", "too few codes"))
    elif heard.record is None:
        notebook.failed(CheckId.CHANGE_AT_ONCE, name, say_heard(heard))
    else:
        is_new = heard.record.status == other.status
        saw = Sentence(f"仍说 {heard.record.status or '-'}", f"it still told {heard.record.status or '-'}")
        notebook.weigh(CheckId.CHANGE_AT_ONCE, name, None if is_new else saw)


async def check_many_at_once(asker: Asker, notebook: Notebook) -> None:
    """Ask about several people at the same time."""
    people = asker.given.people
    alone: dict[int, Heard] = {}
    for index, person in enumerate(people[:AT_ONCE]):
        heard = await _ask(asker, person)
        if heard is not None and heard.record is not None:
            alone[index] = heard
    texts = [(index, await asker.show(people[index])) for index in alone] if len(alone) > 1 else []
    if not texts or any(text is None for _, text in texts):
        why = Sentence(
            "得到回答的测试人员不足两人，或码不够", "fewer than two test people were answered, or too few codes"
        )
        notebook.not_tried(CheckId.MANY_AT_ONCE, why)
        return
    together = await asyncio.gather(*(asker.ask(text) for _, text in texts if text is not None))
    for (index, _), heard in zip(texts, together, strict=True):
        notebook.weigh(CheckId.MANY_AT_ONCE, name_of(index, people[index]), _mixed_up(alone[index], heard))


def _mixed_up(alone: Heard, together: Heard) -> Sentence | None:
    own, told = alone.record, together.record
    if told is None or own is None:
        return say_heard(together)
    if (told.status, told.told, told.masked_name, told.person_ref) != (
        own.status,
        own.told,
        own.masked_name,
        own.person_ref,
    ):
        return Sentence("得到的是别人的回答", "it got somebody else's answer")
    return None


def _person_and_change(asker: Asker) -> tuple[int, GivenPerson] | None:
    """Return the first person who can be changed, and somebody in another status."""
    for index, person in enumerate(asker.given.people):
        if person.number is not None:
            other = next((each for each in asker.given.people if each.status != person.status), None)
            return None if other is None else (index, other)
    return None


async def _ask(asker: Asker, person: GivenPerson) -> Heard | None:
    text = await asker.show(person)
    return None if text is None else await asker.ask(text)
