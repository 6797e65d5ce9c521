"""Reading one TOML file of the law data: tables with known keys, typed, every error naming file and key."""

from __future__ import annotations

import datetime
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from fengqiao.engine.errors import InputError, Place, unknown_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


def read_toml(path: Path) -> dict[str, Any]:
    """The content of a TOML file. A file that is missing or is not TOML is an InputError naming it."""
    try:
        with path.open("rb") as stream:
            return tomllib.load(stream)
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError("The law data file cannot be read", why=str(error), place=Place(path.name)) from error


@dataclass(frozen=True)
class Table:
    """One table of a data file: `file` and `key` say where it stands, for errors.

    >>> print(Table("fees.toml", "stamp", {"title": 3}).problem("the title is not text"))
    fees.toml: stamp: the title is not text.
    """

    file: str
    key: str
    content: Mapping[str, Any]

    @classmethod
    def of(cls, file: str, key: str, content: object) -> Table:
        """A table, or an InputError if the entry is something else (a key written above the first table)."""
        if not isinstance(content, dict):
            raise InputError(f"{key}: a table was expected", why=f"{content!r} was read", place=Place(file))
        return cls(file, key, content)

    def problem(self, what: str, todo: str = "") -> InputError:
        """An error about this table."""
        return InputError(f"{self.key}: {what}", todo=todo, place=Place(self.file))

    def only(self, known: Iterable[str]) -> None:
        """Refuse keys that nobody reads: a misspelt key must not be lost silently."""
        names = tuple(known)
        for name in self.content:
            if name not in names:
                raise unknown_name(f"key in {self.key}", name, names, Place(self.file))

    def text(self, key: str, default: str | None = None) -> str:
        """A text; with a default the key may be absent, without it the text must be there and not be empty."""
        value = self.content.get(key, default)
        if not isinstance(value, str):
            raise self.problem(f'"{key}" is missing or is not text', f'Add {key} = "…"')
        if default is None and not value.strip():
            raise self.problem(f'"{key}" is empty')
        return value

    def choice(self, key: str, allowed: Iterable[str], default: str | None = None) -> str:
        """A text that must be one of the allowed ones."""
        value, names = self.text(key, default), tuple(allowed)
        if value not in names:
            raise unknown_name(f'"{key}" in {self.key}', value, names, Place(self.file))
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, empty if the key is absent."""
        value = self.content.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            raise self.problem(f'"{key}" must be a list of texts')
        return tuple(cast("list[str]", value))

    def day(self, key: str) -> datetime.date:
        """A date that must be there."""
        found = self.day_or_none(key)
        if found is None:
            raise self.problem(f'"{key}" is missing', f"Add {key} = 2022-01-22 (a date without quotes)")
        return found

    def day_or_none(self, key: str) -> datetime.date | None:
        """A date, or None if the key is absent."""
        value = self.content.get(key)
        if value is None:
            return None
        if not isinstance(value, datetime.date) or isinstance(value, datetime.datetime):
            raise self.problem(f'"{key}" is not a date', f"Write {key} = 2022-01-22, without quotes or time")
        return value
