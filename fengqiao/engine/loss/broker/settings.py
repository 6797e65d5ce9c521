"""What a person may set about the reading of statements: a small TOML file, checked before anything is read."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fengqiao.engine.errors import InputError, Place, unknown_name
from fengqiao.engine.loss.broker.headings import headings
from fengqiao.engine.loss.broker.words import words

LARGEST = 1 << 20
TOP = ("investor", "keep_repeated", "columns", "words", "investors", "files")
OF_FILE = ("investor", "columns", "header_row", "sheets", "date")


@dataclass(frozen=True)
class FileSettings:
    """Settings for one file. investor: "" where not set. columns: field -> heading ("" = not to be read).

    header_row: row of the header in every sheet, 0 where not set. sheets: names of those to be read, empty for all.
    date: of all rows of tables without a column of dates.
    """

    investor: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    header_row: int = 0
    sheets: tuple[str, ...] = ()
    date: dt.date | None = None


@dataclass(frozen=True)
class Settings:
    """Settings for one reading. investors: identifier that the statements give -> identifier to be used instead.

    words: text of a line's business -> name of a meaning in `data/words.toml`. keep_repeated: rows that several files
    repeat count each time.
    """

    investor: str = ""
    keep_repeated: bool = False
    columns: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    investors: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, FileSettings] = field(default_factory=dict)

    def of_file(self, name: str) -> FileSettings:
        """What holds for one file: its own settings before those for all."""
        own = self.files.get(name) or self.files.get(Path(name).name) or FileSettings()
        investor = own.investor or self.investor
        columns = {**self.columns, **own.columns}
        return FileSettings(investor, columns, own.header_row, own.sheets, own.date)


def load_settings(path: Path) -> Settings:
    """Read and check a settings file.

    Errors: InputError that names the file and the key.
    """
    name = path.name
    try:
        if path.stat().st_size > LARGEST:
            raise InputError(
                "The settings file is too large", why=f"{LARGEST >> 20} MiB are the limit", place=Place(name)
            )
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error).split("\n", maxsplit=1)[0]
        raise InputError(
            "The settings file cannot be read (设置文件无法读取)", why=why, todo="It must be TOML in UTF-8",
            place=Place(name),
        ) from error  # fmt: skip
    _only(content, TOP, name)
    files = _table(content, "files", name)
    return Settings(
        investor=_text(content, "investor", name),
        keep_repeated=_flag(content, "keep_repeated", name),
        columns=_columns(content, name),
        words=_words(content, name),
        investors={key: _text({key: value}, key, name) for key, value in _table(content, "investors", name).items()},
        files={file: _file(entry, file, name) for file, entry in files.items()},
    )


def _only(content: Mapping[str, Any], known: tuple[str, ...], name: str) -> None:
    for key in content:
        if key not in known:
            raise unknown_name("key", key, known, Place(name))


def _wrong(key: str, what: str, value: object, name: str) -> InputError:
    return InputError(f'"{key}" must be {what}', why=f"{value!r} was read", place=Place(name))


def _table(content: Mapping[str, Any], key: str, name: str) -> Mapping[str, Any]:
    value = content.get(key, {})
    if not isinstance(value, dict):
        raise _wrong(key, f"a table, [{key}]", value, name)
    return value


def _text(content: Mapping[str, Any], key: str, name: str) -> str:
    value = content.get(key, "")
    if not isinstance(value, str) or len(value) > 200 or not value.isprintable():
        raise _wrong(key, "a text of one line", value, name)
    return value.strip()


def _flag(content: Mapping[str, Any], key: str, name: str) -> bool:
    value = content.get(key, False)
    if not isinstance(value, bool):
        raise _wrong(key, "true or false", value, name)
    return value


def _columns(content: Mapping[str, Any], name: str) -> dict[str, str]:
    table = _table(content, "columns", name)
    _only(table, tuple(headings().titles), name)
    return {field_: _text(table, field_, name) for field_ in table}


def _words(content: Mapping[str, Any], name: str) -> dict[str, str]:
    table = _table(content, "words", name)
    for text in table:
        if _text(table, text, name) not in words().meanings:
            raise unknown_name("meaning", str(table[text]), words().meanings, Place(name))
    return {text: str(meaning) for text, meaning in table.items()}


def _file(entry: object, file: str, name: str) -> FileSettings:
    if not isinstance(entry, dict):
        raise _wrong(f"files.{file}", "a table", entry, name)
    _only(entry, OF_FILE, name)
    header_row, sheets, date = entry.get("header_row", 0), entry.get("sheets", []), entry.get("date")
    if not isinstance(header_row, int) or isinstance(header_row, bool) or header_row < 0:
        raise _wrong("header_row", "the number of a row", header_row, name)
    if not isinstance(sheets, list) or not all(isinstance(sheet, str) for sheet in sheets):
        raise _wrong("sheets", "a list of names", sheets, name)
    if date is not None and (not isinstance(date, dt.date) or isinstance(date, dt.datetime)):
        raise _wrong("date", "a date such as 2016-12-29", date, name)
    return FileSettings(_text(entry, "investor", name), _columns(entry, name), header_row, tuple(sheets), date)
