"""QR texts in the form that a region's profile gives: those that stay a person's, and those made for one display."""

import secrets
from collections.abc import Mapping
from typing import Final

from tongxing.crypto.digests import sha256
from tongxing.regions.profile import Profile
from tongxing.regions.statuses import Alphabet, QrPattern
from tongxing.simulation.backends.fault_kinds import FaultKind
from tongxing.simulation.backends.faults import CrashedOnUnknown
from tongxing.simulation.people import People, Person

ONCE_KEPT_MAX: Final = 200_000

_CHARACTERS: Final[Mapping[Alphabet, str]] = {
    Alphabet.DIGITS: "0123456789",
    Alphabet.HEX: "0123456789abcdef",
    Alphabet.BASE64URL: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
}


class ShownCodes:
    """The unchanging QR texts of people, in the form that a profile gives."""

    def __init__(self, people: People, pattern: QrPattern) -> None:
        self._pattern = pattern
        self._people = {self.text_of(person): person for person in people}

    def text_of(self, person: Person) -> str:
        """Return a person's QR text: the content of their code where it has the form, else derived from it."""
        if self._pattern.alphabet is not Alphabet.DIGITS and self._pattern.length == len(person.code_content):
            return self._pattern.prefix + person.code_content
        characters, length = _CHARACTERS[self._pattern.alphabet], self._pattern.length
        blocks = (sha256(f"{person.code_content}/{block}".encode()) for block in range(length // 32 + 1))
        token = "".join(characters[byte % len(characters)] for byte in b"".join(blocks)[:length])
        return self._pattern.prefix + token

    def is_used(self, text: str) -> bool:  # noqa: ARG002 - as of codes that are good once
        """Say that a text is never used up."""
        return False

    def find(self, text: str, fault: FaultKind | None = None) -> Person | None:
        """Return whose QR text this is; under some faults, of a text that nobody has too, or ``CrashedOnUnknown``."""
        known = find_text(self._people, text, fault)
        return None if known is None else self._people[known]


class OnceCodes:
    """QR texts that are made for one display and are used up by being checked. The oldest are forgotten first."""

    def __init__(self, pattern: QrPattern) -> None:
        self._pattern = pattern
        self._people: dict[str, Person] = {}
        self._used: dict[str, None] = {}

    def text_of(self, person: Person) -> str:
        """Return a QR text of a person's that nobody was shown before."""
        text = random_text(self._pattern)
        while len(self._people) >= ONCE_KEPT_MAX:
            oldest = next(iter(self._people))
            del self._people[oldest]
            self._used.pop(oldest, None)
        self._people[text] = person
        return text

    def find(self, text: str, fault: FaultKind | None = None) -> Person | None:
        """Return whose QR text this is and use it up, unless a fault keeps it."""
        known = find_text(self._people, text, fault)
        if known is None:
            return None
        if fault is not FaultKind.FORGETFUL:
            self._used[known] = None
        return self._people[known]

    def is_used(self, text: str) -> bool:
        """True if the text was checked before."""
        return text in self._used


def find_text(known: Mapping[str, object], text: str, fault: FaultKind | None) -> str | None:
    """Return under which of the ``known`` texts a text is found, None if it is not: in the way that a fault has it."""
    if text in known:
        return text
    match fault:
        case FaultKind.CRASH:
            raise CrashedOnUnknown
        case FaultKind.ANYBODY:
            return next(iter(known), None)
        case FaultKind.LOOSE:
            return next((each for each in known if text.casefold().startswith(each.casefold())), None)
        case _:
            return None


def repeats_what_was_asked(fault: FaultKind | None) -> bool:
    """True if a back end with this fault says that its answer is about the very text that it was asked about."""
    return fault in {FaultKind.ANYBODY, FaultKind.LOOSE}


def random_text(pattern: QrPattern) -> str:
    """Return a QR text that nobody was shown before, in the form that a profile gives."""
    characters = _CHARACTERS[pattern.alphabet]
    return pattern.prefix + "".join(secrets.choice(characters) for _ in range(pattern.length))


def own_form(profile: Profile) -> QrPattern:
    """Return the form of the region's QR texts. Raises LookupError if it has no code of its own."""
    if profile.qr is None:
        raise LookupError(f"region {profile.region} has no code of its own")
    return profile.qr
