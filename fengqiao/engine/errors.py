"""Sentences a case officer can act on: what happened, why, what to do next, and where in the input."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Place:
    """Where in the input something was found.

    Rows are counted as a person sees them in the file: the header is row 1, the first record row 2.

    >>> str(Place(file="trades.xlsx", sheet="Sheet1", row=7, column="price"))
    'trades.xlsx, sheet "Sheet1", row 7, column "price"'
    """

    file: str | None = None
    sheet: str | None = None
    row: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        parts = [
            self.file,
            f'sheet "{self.sheet}"' if self.sheet else None,
            f"row {self.row}" if self.row is not None else None,
            f'column "{self.column}"' if self.column else None,
        ]
        return ", ".join(part for part in parts if part)


class FengqiaoError(Exception):
    """Anything that stops the work in a way the person at the keyboard can understand and mend.

    what: what happened. why: the reason. todo: what to do next. place: where in the input.
    The command line prints it as one line and ends with exit code 2.

    >>> print(InputError("The price is not a number", why='"12,3a" was read', place=Place("t.csv", row=3)))
    t.csv, row 3: The price is not a number: "12,3a" was read.
    """

    def __init__(self, what: str, *, why: str = "", todo: str = "", place: Place | None = None) -> None:
        self.what, self.why, self.todo, self.place = what, why, todo, place
        super().__init__(what)

    def __str__(self) -> str:
        head = f"{self.place}: " if self.place and str(self.place) else ""
        reason = f": {self.why}" if self.why else ""
        todo = f" {self.todo.rstrip('.')}." if self.todo else ""
        sentence = f"{head}{self.what.rstrip('.')}{reason.rstrip('.')}"
        return f"{sentence}{'' if sentence.endswith('?') else '.'}{todo}"


class InputError(FengqiaoError):
    """A file, a setting or an argument that cannot be used as it is."""


class OutOfKnownDatesError(FengqiaoError):
    """A date outside what the law tables or the calendars know: refused, never guessed."""


class CannotComputeError(FengqiaoError):
    """The input is well-formed but the rule cannot be carried out on it (for example the market data end too early)."""


def unknown_name(kind: str, name: str, known: Iterable[str], place: Place | None = None) -> InputError:
    """An error for a misspelt key or value that names the nearest known ones.

    >>> print(unknown_name("key", "rulse", ["rules", "name"]))
    Unknown key "rulse": did you mean "rules"? Known: name, rules.
    """
    names = sorted(known)
    near = get_close_matches(name, names, n=1, cutoff=0.5)
    why = f'did you mean "{near[0]}"?' if near else ""
    return InputError(f'Unknown {kind} "{name}"', why=why, todo=f"Known: {', '.join(names)}", place=place)


def cannot_open(name: str, error: Exception) -> InputError:
    """The sentence for a file that the operating system does not hand over; name: how sentences call the file."""
    why = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
    return InputError(
        "The file cannot be read (无法读取)", why=why, todo="Check its rights and the disk", place=Place(name)
    )
