"""TOML tables that know their own name, and tell every fault that is in them.

Reads the shape only: texts are stripped of nothing, bounded, and never empty; a key that nobody
asked for is refused, because a misspelt key is a fact that silently does not count.

A value that does not fit is noted and something of its kind read in its place, so that whoever mends a file
is told all its faults at once. What was read counts only if ``check_no_fault`` passes at the end.
"""

import tomllib
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Final, TypeVar

TEXT_MAX_CHARACTERS: Final = 512

_NO_MOMENT: Final = datetime.max.replace(tzinfo=UTC)

Word = TypeVar("Word", bound=StrEnum)
Value = TypeVar("Value")


class TomlRefused(ValueError):
    """A file is not as it must be; ``faults`` are its faults, each beginning with the name of its table."""

    def __init__(self, *faults: str) -> None:
        super().__init__(*faults)
        self.faults = faults


class TomlTable:
    """One table: each ``…`` method takes a key and notes a fault if its value does not fit."""

    def __init__(self, name: str, values: Mapping[str, object], within: "TomlTable | None" = None) -> None:
        self.name = name
        self.is_faulty = False
        self._values = values
        self._within = within
        self._asked: set[str] = set()
        self._faults: list[str] = [] if within is None else within._faults  # noqa: SLF001 - of its own kind

    def text(self, key: str) -> str:
        """Return a text that is not empty and has at most ``TEXT_MAX_CHARACTERS``."""
        return self._fitting_text(key) or "?"

    def text_or_empty(self, key: str) -> str:
        """Return a text that may be empty but must be there."""
        return "" if self._values.get(key) == "" and self._take(key, str) == "" else self.text(key)

    def find_text(self, key: str) -> str | None:
        """Return a text, or None where the key is absent."""
        return self.text(key) if self.has(key) else None

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts."""
        items = self._take(key, list) or []
        return tuple(TomlTable(f"{self.name}.{key}", {"item": item}, self).text("item") for item in items)

    def number(self, key: str, lowest: int, highest: int) -> int:
        """Return a whole number from ``lowest`` to ``highest``."""
        value = self._take(key, int)
        if value is not None and (isinstance(value, bool) or not lowest <= value <= highest):
            self.refuse(key, f"is not a whole number from {lowest} to {highest}")
            return lowest
        return lowest if value is None else value

    def flag(self, key: str) -> bool:
        """Return a boolean."""
        return bool(self._take(key, bool))

    def day(self, key: str) -> date:
        """Return a local date."""
        value = self._take(key, date)
        if isinstance(value, datetime):
            self.refuse(key, "is not a day")
            return date.max
        return value or date.max

    def moment(self, key: str) -> datetime:
        """Return a moment with its offset."""
        value = self._take(key, datetime)
        if value is not None and value.tzinfo is None:
            self.refuse(key, "has no offset, as in 2020-03-21T12:00:00+08:00")
            return _NO_MOMENT
        return value or _NO_MOMENT

    def find_day(self, key: str) -> date | None:
        """Return a local date, or None where the key is absent."""
        return self.day(key) if self.has(key) else None

    def word(self, key: str, words: type[Word]) -> Word:
        """Return one word of a closed list."""
        value = self._fitting_text(key)
        if value in set(words):
            return words(value)
        if value is not None:
            self.refuse(key, f"is none of {', '.join(words)}")
        return next(iter(words))

    def find_word(self, key: str, words: type[Word]) -> Word | None:
        """Return one word of a closed list, or None where the key is absent."""
        return self.word(key, words) if self.has(key) else None

    def table(self, key: str) -> "TomlTable":
        """Return the table under ``key``; where there is none, one whose faults are told by that alone."""
        value = self._take(key, dict)
        name = f"{self.name}.{key}"
        return TomlTable(name, {}) if value is None else TomlTable(name, value, self)

    def tables(self, key: str) -> tuple["TomlTable", ...]:
        """Return the list of tables under ``key``; it may not be empty."""
        tables = self.tables_or_empty(key)
        if not tables and self._values.get(key) == []:
            self.refuse(key, "is not a list of tables")
        return tables

    def tables_or_empty(self, key: str) -> tuple["TomlTable", ...]:
        """Return the list of tables under ``key``, which may be empty but must be there."""
        items = self._take(key, list) or []
        if not all(isinstance(item, dict) for item in items):
            self.refuse(key, "is not a list of tables")
            return ()
        return tuple(TomlTable(f"{self.name}.{key}[{index}]", item, self) for index, item in enumerate(items, 1))

    def table_or_tables(self, key: str) -> tuple["TomlTable", ...]:
        """Return the one table under ``key``, or the list of tables there."""
        return self.tables(key) if isinstance(self._values.get(key), list) else (self.table(key),)

    def names(self) -> Iterable[str]:
        """Return every key there is."""
        return self._values.keys()

    def has(self, key: str) -> bool:
        """True if the key is there."""
        return key in self._values

    def check_all_asked(self) -> None:
        """Note every key that nobody asked for."""
        for key in sorted(self._values.keys() - self._asked):
            self.fault(f"unknown key {key}")

    def check_no_fault(self) -> None:
        """Raise ``TomlRefused`` if a fault was noted in the table or in any table within it."""
        if self._faults:
            raise TomlRefused(*self._faults)

    def refuse(self, key: str, why: str) -> None:
        """Note what is wrong with the value of ``key``."""
        self.fault(f"{key} {why}")

    def fault(self, why: str) -> None:
        """Note what is wrong with the table."""
        self._faults.append(f"{self.name}: {why}")
        table: TomlTable | None = self
        while table is not None:
            table.is_faulty = True
            table = table._within  # noqa: SLF001 - of its own kind

    def _fitting_text(self, key: str) -> str | None:
        value = self._take(key, str)
        if value is None or (value.strip() and len(value) <= TEXT_MAX_CHARACTERS and value.isprintable()):
            return value
        self.refuse(key, f"is empty, not printable or longer than {TEXT_MAX_CHARACTERS} characters")
        return None

    def _take(self, key: str, kind: type[Value]) -> Value | None:
        self._asked.add(key)
        if key not in self._values:
            self.refuse(key, "is missing")
            return None
        value = self._values[key]
        if not isinstance(value, kind):
            self.refuse(key, f"is not a {kind.__name__}")
            return None
        return value


def parse_toml(name: str, data: bytes, max_bytes: int) -> TomlTable:
    """Read TOML (version 1.0) of at most ``max_bytes``. Raises ``TomlRefused``."""
    if len(data) > max_bytes:
        raise TomlRefused(f"{name}: longer than {max_bytes} bytes")
    try:
        return TomlTable(name, tomllib.loads(data.decode()))
    except (ValueError, RecursionError) as error:  # not TOML, not UTF-8, or a number of thousands of digits
        raise TomlRefused(f"{name}: not TOML: {error}") from error
