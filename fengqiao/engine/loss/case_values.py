"""The kinds of values that a case file holds, each read and checked: what a parser refuses it says in one sentence."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from fengqiao.engine.errors import InputError, Place, unknown_name
from fengqiao.engine.money import exact

LARGEST_CASE_FILE = 1 << 20
Parser = Callable[[object, str, Path], Any]
"""(value as read, what it is called, folder of the case file) -> the value as it is used."""


def text_value(value: object, what: str, _base: Path) -> str:
    """A text that is not empty."""
    if isinstance(value, str) and value.strip():
        return value.strip()
    raise InputError(f"{what} must be a text that is not empty", why=f"{value!r} was given", todo="Put it in quotes")


def date_value(value: object, what: str, _base: Path) -> dt.date:
    """A date, also as text."""
    if isinstance(value, dt.datetime):
        raise InputError(f"{what} must be a date without a time", why=f"{value} was given")
    if isinstance(value, dt.date):
        return value
    if isinstance(value, str):
        try:
            return dt.date.fromisoformat(value.strip())
        except ValueError:
            pass
    raise InputError(f"{what} must be a date such as 2016-12-29", why=f"{value!r} was given")


def flag_value(value: object, what: str, _base: Path) -> bool:
    """true or false."""
    if isinstance(value, bool):
        return value
    raise InputError(f"{what} must be true or false", why=f"{value!r} was given")


def ratio_value(value: object, what: str, _base: Path) -> Any:
    """A ratio from 0 to 1, exact."""
    ratio = exact(value, what)  # type: ignore[arg-type]
    if not 0 <= ratio <= 1:
        raise InputError(f"{what} must lie between 0 and 1", why=f'"{value}" was given', todo='30% is "0.3" or "30%"')
    return ratio


def price_value(value: object, what: str, _base: Path) -> Any:
    """An amount above 0 yuan, exact."""
    amount = exact(value, what)  # type: ignore[arg-type]
    if amount <= 0:
        raise InputError(f"{what} must be greater than 0 yuan", why=f'"{value}" was given')
    return amount


def digits_value(value: object, what: str, _base: Path) -> int | None:
    """A number of decimals, or "none"."""
    if value == "none":
        return None
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 12:
        return value
    raise InputError(f'{what} must be a number of decimals from 0 to 12, or "none"', why=f"{value!r} was given")


def names_value(value: object, what: str, base: Path) -> tuple[str, ...]:
    """Different names."""
    if isinstance(value, list) and value:
        names = tuple(text_value(item, what, base) for item in value)
        if len(set(names)) == len(names):
            return names
        raise InputError(f"{what} names the same index twice", why=", ".join(names))
    raise InputError(f'{what} must be a list of names such as ["000001", "000300"]', why=f"{value!r} was given")


def file_value(value: object, what: str, base: Path) -> Path:
    """A path, relative to the case file."""
    return base / text_value(value, what, base)


def choice_of(allowed: tuple[str, ...]) -> Parser:
    """A parser for one of the allowed names."""

    def parse(value: object, what: str, _base: Path) -> str:
        if isinstance(value, str) and value in allowed:
            return value
        raise unknown_name(f"value of {what}", str(value), allowed)

    return parse


def parsed_table(
    table: Mapping[str, Any], known: Mapping[str, Parser], where: str, base: Path, required: tuple[str, ...]
) -> dict[str, Any]:
    """The keys of one table, each read by its parser. Errors: unknown keys (with the nearest), missing ones."""
    for key in table:
        if key not in known:
            raise unknown_name(f"key in {where}", key, known)
    missing = [key for key in required if key not in table]
    if missing:
        raise InputError(f"{where} lacks {', '.join(missing)}", todo="Add the missing key to the case file")
    return {key: known[key](value, f"{where} {key}", base) for key, value in table.items()}


def read_tables(path: Path) -> dict[str, Any]:
    """The tables of a CASE.toml as `tomllib` gives them. Errors: InputError when there is no such file or no TOML."""
    place = Place(file=path.name)
    try:
        if path.stat().st_size > LARGEST_CASE_FILE:
            raise InputError("The case file is larger than 1 MiB", why="it is probably another file", place=place)
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        why = error.strerror or str(error)
        raise InputError("The case file cannot be read", why=why, place=place) from error
    except UnicodeDecodeError as error:
        raise InputError("The case file is not UTF-8 text", why=str(error.reason), place=place) from error
    except tomllib.TOMLDecodeError as error:
        raise InputError("The case file is not valid TOML", why=str(error), place=place) from error
