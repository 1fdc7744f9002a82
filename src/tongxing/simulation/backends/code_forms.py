"""QR texts in the form that a region's profile gives: those that stay a person's, and those made for one display."""

import secrets
from collections.abc import Mapping
from typing import Final

from tongxing.crypto.digests import sha256
from tongxing.regions.profile import Profile
from tongxing.regions.statuses import Alphabet, QrPattern
from tongxing.simulation.people import People, Person

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

    def find(self, text: str) -> Person | None:
        """Return whose QR text this is."""
        return self._people.get(text)


def random_text(pattern: QrPattern) -> str:
    """Return a QR text that nobody was shown before, in the form that a profile gives."""
    characters = _CHARACTERS[pattern.alphabet]
    return pattern.prefix + "".join(secrets.choice(characters) for _ in range(pattern.length))


def own_form(profile: Profile) -> QrPattern:
    """Return the form of the region's QR texts. Raises LookupError if it has no code of its own."""
    if profile.qr is None:
        raise LookupError(f"region {profile.region} has no code of its own")
    return profile.qr
