"""Whether a service tells the truth of the people whose states were written down, and of nobody else's."""

from collections import Counter
from typing import Final

from tongxing.conformance.asking import Asker, Heard, now
from tongxing.conformance.catalogue import CheckId
from tongxing.conformance.dialects import DIALECTS, Told
from tongxing.conformance.findings import Notebook
from tongxing.conformance.given import GivenPerson
from tongxing.conformance.refusing import NO_RECORD
from tongxing.conformance.words import say_heard, say_reason
from tongxing.core.calendar import BEIJING
from tongxing.core.errors import Undecidable
from tongxing.core.levels import Standing
from tongxing.core.limits import CLOCK_SKEW
from tongxing.core.masking import mask_name
from tongxing.core.reasons import ReasonId
from tongxing.core.words import Sentence
from tongxing.regions.answers import SourceAnswer
from tongxing.regions.translation import translate

ASKED_TWICE: Final = 3
"""So many people are asked about twice, to see whether their ids stay."""

_SAYS_NO: Final = frozenset({ReasonId.TICKET_UNKNOWN, ReasonId.TICKET_EXPIRED, ReasonId.TICKET_USED})
_TOO_FEW: Final = Sentence("测试人员表中的码不够", "too few codes in the list of test people")
_NO_PLACE: Final[dict[CheckId, tuple[Told, Sentence]]] = {
    CheckId.TRUE_STATUS: (Told.STATUS, Sentence("这种接口不说状态", "this interface tells no status")),
    CheckId.TRUE_REASONS: (Told.REASONS, Sentence("这种接口不说原因", "this interface tells no reasons")),
    CheckId.TRUE_MOMENT: (Told.MOMENT, Sentence("这种接口不说时间", "this interface tells no times")),
    CheckId.NAME_MASKED: (
        Told.MASKED_NAME,
        Sentence("这种接口不说姓名，或按惯例不遮盖", "this interface tells no names, or tells them in clear"),
    ),
    CheckId.REF_STEADY: (Told.REF, Sentence("这种接口没有人员编号", "this interface has no ids of people")),
    CheckId.REF_OWN: (Told.REF, Sentence("这种接口没有人员编号", "this interface has no ids of people")),
}


async def check_people(asker: Asker, notebook: Notebook) -> None:
    """Ask about each test person, and about some of them again."""
    tells = DIALECTS[asker.profile.family].tells
    for check, (told, why) in _NO_PLACE.items():
        if told not in tells:
            notebook.not_tried(check, why)
    refs: dict[int, str] = {}
    for index, person in enumerate(asker.given.people):
        record = await _ask_about(asker, notebook, index, person)
        if record is None:
            continue
        _weigh_record(asker, notebook, index, record)
        if Told.REF in tells:
            again = await _ask_about(asker, notebook, index, person) if index < ASKED_TWICE else record
            _weigh_ref(notebook, index, person, record, again)
            if record.person_ref is not None:
                refs[index] = record.person_ref
    _weigh_own_refs(notebook, refs)
    _weigh_coverage(asker, notebook)


def name_of(index: int, person: GivenPerson) -> Sentence:
    """Return how a test person is called in findings: by the place in the list, and by the status."""
    status = person.status or "-"
    return Sentence(f"第 {index + 1} 人（{status}）", f"person {index + 1} ({status})")


async def _ask_about(asker: Asker, notebook: Notebook, index: int, person: GivenPerson) -> SourceAnswer | None:
    """Return the record that is told of a person, None where there is none, which is noted."""
    text = await asker.show(person)
    if text is None:
        notebook.not_tried(CheckId.LIVING_CODE, _TOO_FEW)
        return None
    name, heard = name_of(index, person), await asker.ask(text)
    if not (heard.is_unreadable or heard.is_late or heard.is_breakdown):
        _weigh_answered(notebook, name, heard)
    return heard.record


def _weigh_answered(notebook: Notebook, name: Sentence, heard: Heard) -> None:
    is_refused = heard.outcome in _SAYS_NO or heard.outcome is ReasonId.SOURCE_REFUSED
    notebook.weigh(CheckId.LIVING_CODE, name, say_heard(heard) if is_refused else None)
    if is_refused:
        return
    is_other = heard.outcome is ReasonId.OTHER_PERSONS_RECORD
    notebook.weigh(CheckId.RIGHT_PERSON, name, say_heard(heard) if is_other else None)
    if heard.record is None and not is_other:
        notebook.failed(CheckId.KNOWN_WORDS, name, say_heard(heard))


def _weigh_record(asker: Asker, notebook: Notebook, index: int, record: SourceAnswer) -> None:
    profile, person = asker.profile, asker.given.people[index]
    name, tells = name_of(index, person), DIALECTS[profile.family].tells
    try:
        translate(record, profile, at=now(), revision=1)
    except Undecidable as why:
        notebook.failed(CheckId.KNOWN_WORDS, name, say_reason(why.reason, why.detail))
    else:
        notebook.passed(CheckId.KNOWN_WORDS)
    if Told.STATUS in tells:
        notebook.weigh(CheckId.TRUE_STATUS, name, _other_status(person, record))
    if Told.REASONS in tells:
        notebook.weigh(CheckId.TRUE_REASONS, name, _other_reasons(person, record))
    if Told.MOMENT in tells:
        is_current = profile.status_of(person.status, now()).standing is Standing.CURRENT
        notebook.weigh(CheckId.TRUE_MOMENT, name, _other_moment(person, record, is_needed=is_current))
    if Told.MASKED_NAME in tells:
        notebook.weigh(CheckId.NAME_MASKED, name, _other_name(person, record))


def _other_status(person: GivenPerson, record: SourceAnswer) -> Sentence | None:
    if record.status == person.status:
        return None
    told, wanted = record.status[:40] or "-", person.status or "-"
    return Sentence(f"说的是 {told}，应为 {wanted}", f"it told {told} instead of {wanted}")


def _other_reasons(person: GivenPerson, record: SourceAnswer) -> Sentence | None:
    if set(record.told) == set(person.told):
        return None
    told, wanted = (", ".join(sorted(each))[:80] or "-" for each in (record.told, person.told))
    return Sentence(f"说的是 {told}，应为 {wanted}", f"it told {told} instead of {wanted}")


def _other_moment(person: GivenPerson, record: SourceAnswer, *, is_needed: bool) -> Sentence | None:
    """Return what is wrong with the time of the last change; where nobody assessed anybody, there need be none."""
    told, wanted = record.refreshed_at, person.refreshed_at
    if told is None:
        return Sentence("没有说时间", "it told no time") if is_needed else None
    shown = f"{told.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"
    if told > now() + CLOCK_SKEW:
        return Sentence(f"{shown} 在将来", f"{shown} is in the future")
    if wanted is not None and told < wanted - CLOCK_SKEW:
        was = f"{wanted.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"
        return Sentence(f"{shown} 早于实际的 {was}（北京时间）", f"{shown} is older than it was, {was} (Beijing)")
    return None


def _other_name(person: GivenPerson, record: SourceAnswer) -> Sentence | None:
    told = record.masked_name
    if told is None:
        return Sentence("没有说姓名", "it told no name")
    if mask_name(told) != told:
        return Sentence("姓名没有遮盖", "the name is in clear")
    if person.name is not None and mask_name(person.name) != told:
        return Sentence("姓名不是本人的", "the name is not the person's own")
    return None


def _weigh_ref(
    notebook: Notebook, index: int, person: GivenPerson, record: SourceAnswer, again: SourceAnswer | None
) -> None:
    name = name_of(index, person)
    if record.person_ref is None:
        notebook.failed(CheckId.REF_STEADY, name, Sentence("没有人员编号", "it told no id of the person"))
    elif again is None:
        notebook.not_tried(CheckId.REF_STEADY, NO_RECORD)
    else:
        is_same = again.person_ref == record.person_ref
        notebook.weigh(CheckId.REF_STEADY, name, None if is_same else Sentence("编号变了", "the id changed"))
    if record.person_ref is not None:
        is_number = person.number is not None and person.number in record.person_ref
        saw = Sentence("编号中有证件号码", "the document number stands in the id")
        notebook.weigh(CheckId.REF_OWN, name, saw if is_number else None)


def _weigh_own_refs(notebook: Notebook, refs: dict[int, str]) -> None:
    shared = [count for count in Counter(refs.values()).values() if count > 1]
    if shared:
        saw = Sentence(f"{max(shared)} 人编号相同", f"{max(shared)} people have the same id")
        notebook.failed(CheckId.REF_OWN, Sentence("所有测试人员", "all test people"), saw)


def _weigh_coverage(asker: Asker, notebook: Notebook) -> None:
    """Note each status of the profile that nobody of the list stands in: that is no failure of the service."""
    if Told.STATUS not in DIALECTS[asker.profile.family].tells:
        notebook.not_tried(CheckId.EVERY_STATUS, _NO_PLACE[CheckId.TRUE_STATUS][1])
        return
    given = {person.status for person in asker.given.people}
    missing = [status.value or "-" for status in asker.profile.statuses_at(now()) if status.value not in given]
    if missing:
        words = ", ".join(missing)
        why = Sentence(f"没有人处于：{words}", f"nobody of the list stands in: {words}")
        notebook.not_tried(CheckId.EVERY_STATUS, why)
    else:
        notebook.passed(CheckId.EVERY_STATUS)
