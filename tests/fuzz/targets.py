"""What every input must hold to: the fuzzer asks it of millions, the tests of those that were kept.

An input is the bodies of a conversation's answers, one after another, with a line ``----`` between them. Whatever
they hold, a family returns a source's answer or raises a reason of the stage *status*, and a source's answer is
translated or cannot be decided; travel data and paper never give a level. Of texts, one region at most claims each.
A docked row is read or refused. Of a document and two names, what is read once is read the same again,
and names differ alike from either side.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.unit.regions.samples import AT, CREDENTIALS, GOOD, HUBEI, QR_OF, WITH_BACK_END
from tongxing.core.documents import DocumentRefused, normalise_document
from tongxing.core.errors import Refused, Rejected, Undecidable
from tongxing.core.levels import Level
from tongxing.core.names import NameRefused, compare_names, normalise_name
from tongxing.core.reasons import REASONS, Stage
from tongxing.regions.answers import BackEndAnswer, SourceAnswer
from tongxing.regions.docking import parse_dock_row
from tongxing.regions.families import FAMILIES
from tongxing.regions.profile import Profile
from tongxing.regions.translation import translate
from tongxing.simulation.people import dock_row, make_people

CORPUS = Path(__file__).parent / "corpus"
BETWEEN = b"\n----\n"
WITHOUT_LEVEL = {"travel_card", "paper"}
TEXT = "text"
ROWS = "rows"
IDENTITY = "identity"
NAMES = (TEXT, ROWS, IDENTITY, *(profile.family for profile in WITH_BACK_END))

PEOPLE = make_people(HUBEI.region, count=6, seed=1, at=AT)
IDENTITIES = (
    "10\n990101199003071233\n王小明\n王小明",
    "20\nUSA:912345678\nO'Neill Anne-Marie\nONEILL ANNEMARIE",
    "14\nH12345678\n买买提·艾力\n买买提艾力",
    "34\nUSA110080010100\nMüller Ægir\nMUELLER AEGIR",
    "16\n12345678\n㛃\n𠮷",
)


class Finding(Exception):
    """Something came out that no family may return or raise."""


def check_answers(profile: Profile, data: bytes) -> None:
    """Hand the answers in ``data`` to the profile's family; raises whatever no family may raise."""
    asking = FAMILIES[profile.family].ask(QR_OF[profile.region], profile, AT, "query", CREDENTIALS)
    next(asking)
    try:
        for body in data.split(BETWEEN):
            asking.send(BackEndAnswer(200, "application/json", body))
        asking.close()
    except StopIteration as end:
        check_told(profile, end.value)
    except (Rejected, Undecidable) as refusal:
        if REASONS[refusal.reason].stage is not Stage.STATUS:
            raise Finding(refusal.reason) from refusal


def check_told(profile: Profile, told: object) -> None:
    """Check that what was told is a source's answer, and what becomes of it."""
    if not isinstance(told, SourceAnswer):
        raise Finding(type(told).__name__)
    try:
        report = translate(told, profile, at=AT, revision=1).report
    except Undecidable:
        return
    if report.level is not None and (profile.family in WITHOUT_LEVEL or not isinstance(report.level, Level)):
        raise Finding(f"{profile.family} told a level")


def check_text(data: bytes) -> None:
    """Check that a scanned text is taken for the code of one region at most."""
    text = data.decode(errors="replace")
    claims = [profile.region for profile in WITH_BACK_END if FAMILIES[profile.family].recognises(text, profile)]
    if len(claims) > 1:
        raise Finding(f"a code of {claims}")


def check_row(data: bytes) -> None:
    """Check that a docked row is read, and translated or not decided, or refused without its values."""
    try:
        row = json.loads(data)
    except (ValueError, RecursionError):
        return
    if not isinstance(row, dict):
        return
    try:
        answer = parse_dock_row(row, HUBEI).answer
    except Refused:
        return
    check_told(HUBEI, answer)


def check_identity(data: bytes) -> None:
    """Check a document's type and number and two names, one a line."""
    kind, number, *names = (*data.decode(errors="replace").split("\n"), "", "", "")[:4]
    try:
        document = normalise_document(kind, number)
    except DocumentRefused:
        pass
    else:
        if normalise_document(document.type, document.number) != document:
            raise Finding("a document that was read is read otherwise again")
    try:
        left, right = map(normalise_name, names)
    except NameRefused:
        return
    if (normalise_name(left), normalise_name(right)) != (left, right):
        raise Finding("a name that was read is read otherwise again")
    if compare_names(left, right) is not compare_names(right, left):
        raise Finding("two names differ by who is named first")


def target_of(name: str) -> Callable[[bytes], None]:
    """Return what is called with each input."""
    if name in OF_NO_FAMILY:
        return OF_NO_FAMILY[name]
    profile = next(profile for profile in WITH_BACK_END if profile.family == name)
    return lambda data: check_answers(profile, data)


OF_NO_FAMILY: Mapping[str, Callable[[bytes], None]] = {TEXT: check_text, ROWS: check_row, IDENTITY: check_identity}


def seeds_of(name: str) -> list[bytes]:
    """Return the good inputs to begin with, beside the corpus."""
    if name == TEXT:
        return [text.encode() for text in QR_OF.values()]
    if name == ROWS:
        return [json.dumps(dock_row(person, AT)).encode() for person in PEOPLE]
    if name == IDENTITY:
        return [each.encode() for each in IDENTITIES]
    return [BETWEEN.join(answer.body for answer in GOOD[p.region]) for p in WITH_BACK_END if p.family == name]
