"""What every input must hold to: the fuzzer asks it of millions, the tests of those that were kept.

An input is the bodies of a conversation's answers, one after another, with a line ``----`` between them. Whatever
they hold, a family returns a source's answer or raises a reason of the stage *status*, and a source's answer is
translated or cannot be decided; travel data and paper never give a level. Of texts, one region at most claims each.
"""

from collections.abc import Callable
from pathlib import Path

from tests.unit.regions.samples import AT, CREDENTIALS, GOOD, QR_OF, WITH_BACK_END
from tongxing.core.errors import Rejected, Undecidable
from tongxing.core.levels import Level
from tongxing.core.reasons import REASONS, Stage
from tongxing.regions.answers import BackEndAnswer, SourceAnswer
from tongxing.regions.families import FAMILIES
from tongxing.regions.profile import Profile
from tongxing.regions.translation import translate

CORPUS = Path(__file__).parent / "corpus"
BETWEEN = b"\n----\n"
WITHOUT_LEVEL = {"travel_card", "paper"}
TEXT = "text"
NAMES = (TEXT, *(profile.family for profile in WITH_BACK_END))


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


def target_of(name: str) -> Callable[[bytes], None]:
    """Return what is called with each input."""
    if name == TEXT:
        return check_text
    profile = next(profile for profile in WITH_BACK_END if profile.family == name)
    return lambda data: check_answers(profile, data)


def seeds_of(name: str) -> list[bytes]:
    """Return the good inputs to begin with, beside the corpus."""
    if name == TEXT:
        return [text.encode() for text in QR_OF.values()]
    return [BETWEEN.join(answer.body for answer in GOOD[p.region]) for p in WITH_BACK_END if p.family == name]
