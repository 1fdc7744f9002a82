"""Words as views carry them: a sentence in both languages."""

import msgspec

from tongxing.core.words import Sentence


class Words(msgspec.Struct, frozen=True):
    """A sentence in both languages."""

    zh: str
    en: str


def words_of(sentence: Sentence) -> Words:
    """Return a sentence as views carry it."""
    return Words(sentence.zh, sentence.en)
