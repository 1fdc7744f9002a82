"""TOML tables that know their own name, so that a refusal says what is missing and where.

Reads the shape only: texts are stripped of nothing, bounded, and never empty; a key that nobody
asked for is refused, because a misspelt key is a fact that silently does not count.
"""

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Final, TypeVar

TEXT_MAX_CHARACTERS: Final = 512

Word = TypeVar("Word", bound=StrEnum)
Value = TypeVar("Value")


class TomlRefused(ValueError):
    """A table is not as it must be; the message begins with the table's name."""


class TomlTable:
    """One table: each ``…`` method takes a key and raises ``TomlRefused`` if its value does not fit."""

    def __init__(self, name: str, values: Mapping[str, object]) -> None:
        self.name = name
        self._values = values
        self._asked: set[str] = set()

    def text(self, key: str) -> str:
        """Return a text that is not empty and has at most ``TEXT_MAX_CHARACTERS``."""
        value = self._take(key, str)
        if not value.strip() or len(value) > TEXT_MAX_CHARACTERS or not value.isprintable():
            raise self.refuse(key, f"is empty, not printable or longer than {TEXT_MAX_CHARACTERS} characters")
        return value

    def text_or_empty(self, key: str) -> str:
        """Return a text that may be empty but must be there."""
        return "" if self._take(key, str) == "" else self.text(key)

    def find_text(self, key: str) -> str | None:
        """Return a text, or None where the key is absent."""
        return self.text(key) if self.has(key) else None

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts."""
        items = self._take(key, list)
        return tuple(TomlTable(f"{self.name}.{key}", {"item": item}).text("item") for item in items)

    def number(self, key: str, lowest: int, highest: int) -> int:
        """Return a whole number from ``lowest`` to ``highest``."""
        value = self._take(key, int)
        if isinstance(value, bool) or not lowest <= value <= highest:
            raise self.refuse(key, f"is not a whole number from {lowest} to {highest}")
        return value

    def flag(self, key: str) -> bool:
        """Return a boolean."""
        return self._take(key, bool)

    def day(self, key: str) -> date:
        """Return a local date."""
        value = self._take(key, date)
        if isinstance(value, datetime):
            raise self.refuse(key, "is not a day")
        return value

    def find_day(self, key: str) -> date | None:
        """Return a local date, or None where the key is absent."""
        return self.day(key) if self.has(key) else None

    def word(self, key: str, words: type[Word]) -> Word:
        """Return one word of a closed list."""
        value = self.text(key)
        try:
            return words(value)
        except ValueError as unknown:
            raise self.refuse(key, f"is none of {', '.join(words)}") from unknown

    def find_word(self, key: str, words: type[Word]) -> Word | None:
        """Return one word of a closed list, or None where the key is absent."""
        return self.word(key, words) if self.has(key) else None

    def table(self, key: str) -> "TomlTable":
        """Return the table under ``key``."""
        return TomlTable(f"{self.name}.{key}", self._take(key, dict))

    def tables(self, key: str) -> tuple["TomlTable", ...]:
        """Return the list of tables under ``key``; it may not be empty."""
        tables = self.tables_or_empty(key)
        if not tables:
            raise self.refuse(key, "is not a list of tables")
        return tables

    def tables_or_empty(self, key: str) -> tuple["TomlTable", ...]:
        """Return the list of tables under ``key``, which may be empty but must be there."""
        items = self._take(key, list)
        if not all(isinstance(item, dict) for item in items):
            raise self.refuse(key, "is not a list of tables")
        return tuple(TomlTable(f"{self.name}.{key}[{index}]", item) for index, item in enumerate(items, 1))

    def names(self) -> Iterable[str]:
        """Return every key there is."""
        return self._values.keys()

    def has(self, key: str) -> bool:
        """True if the key is there."""
        return key in self._values

    def check_all_asked(self) -> None:
        """Raise ``TomlRefused`` if the table has a key that nobody asked for."""
        unknown = sorted(self._values.keys() - self._asked)
        if unknown:
            raise TomlRefused(f"{self.name}: unknown key {unknown[0]}")

    def refuse(self, key: str, why: str) -> TomlRefused:
        """Return the error that says what is wrong with the value of ``key``."""
        return TomlRefused(f"{self.name}: {key} {why}")

    def _take(self, key: str, kind: type[Value]) -> Value:
        self._asked.add(key)
        if key not in self._values:
            raise self.refuse(key, "is missing")
        value = self._values[key]
        if not isinstance(value, kind):
            raise self.refuse(key, f"is not a {kind.__name__}")
        return value


def parse_toml(name: str, data: bytes, max_bytes: int) -> TomlTable:
    """Read TOML (version 1.0) of at most ``max_bytes``. Raises ``TomlRefused``."""
    if len(data) > max_bytes:
        raise TomlRefused(f"{name}: longer than {max_bytes} bytes")
    try:
        return TomlTable(name, tomllib.loads(data.decode()))
    except (ValueError, RecursionError) as error:  # not TOML, not UTF-8, or a number of thousands of digits
        raise TomlRefused(f"{name}: not TOML: {error}") from error
