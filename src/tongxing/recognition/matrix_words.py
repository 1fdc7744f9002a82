"""The words by which the matrix is told to people: a status, and what a host learns by it."""

from typing import Final

from tongxing.core.causes import CAUSES
from tongxing.core.levels import STANDING_WORDS, Standing
from tongxing.core.words import Sentence
from tongxing.recognition.matrix import Telling
from tongxing.regions.fact_words import COLOUR_WORDS
from tongxing.regions.statuses import Colour

_UNCOLOURED: Final = frozenset({Colour.NONE})


def say_telling(telling: Telling) -> Sentence:
    """Return what a host is told, in words."""
    if telling.standing is not Standing.CURRENT or telling.level is None:
        return STANDING_WORDS[telling.standing]
    level = telling.level
    if telling.cause is None:
        return Sentence(f"只有颜色，其下最重为等级{level}", f"only a colour, at worst of level {level}")
    cause = CAUSES[telling.cause].name
    return Sentence(f"{cause.zh}（等级{level}）", f"{cause.en}, level {level}")


def say_status(label: Sentence, colour: Colour) -> Sentence:
    """Return a status by its label, with its colour where the label does not say it."""
    words = COLOUR_WORDS[colour]
    zh = label.zh if colour in _UNCOLOURED or words.zh in label.zh else f"{label.zh}（{words.zh}）"
    en = label.en if colour in _UNCOLOURED or words.en in label.en else f"{label.en} ({words.en})"
    return Sentence(zh, en)
