"""A case of a wrong other than misrepresentation, as values, and how its CASE.toml is read and checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fengqiao.engine.errors import InputError, Place, unknown_name
from fengqiao.engine.loss.case import exact_text, setting_text
from fengqiao.engine.loss.case_values import Parser, choice_of, parsed_table, ratio_value, read_tables, text_value
from fengqiao.engine.loss.wrongs.interest import INTEREST_KEYS, InterestTerms, check_interest
from fengqiao.engine.loss.wrongs.kinds import WRONGS, wrong_of

if TYPE_CHECKING:
    from fengqiao.engine.money import Rounding


@dataclass(frozen=True)
class WrongCase:
    """Everything a measurement depends on, except the records and a price path.

    wrong: a name of `kinds.WRONGS`. terms: the wrong's own section as a frozen dataclass. other_ratio: share of the
    loss that the defendant does not bear (other causes, the investor's own share), with its reason.
    """

    name: str
    security: str
    wrong: str
    terms: Any
    interest: InterestTerms = field(default_factory=InterestTerms)
    rounding: Rounding = "half_up"
    other_ratio: Fraction = Fraction(0)
    other_reason: str = ""
    file: str = ""


@dataclass(frozen=True)
class Section:
    """The section of a case file that one wrong adds: its name, keys, required keys, values, and their checking."""

    name: str
    keys: Mapping[str, Parser]
    required: tuple[str, ...]
    terms: type
    check: Callable[[Any], None] = field(default=lambda terms: None)


CASE_KEYS: dict[str, Parser] = {"wrong": choice_of(tuple(WRONGS)), "name": text_value, "security": text_value}
METHOD_KEYS: dict[str, Parser] = {"rounding": choice_of(("half_up", "truncate"))}
DEDUCTION_KEYS: dict[str, Parser] = {"other_ratio": ratio_value, "other_reason": text_value}
SHARED: dict[str, Mapping[str, Parser]] = {
    "case": CASE_KEYS, "method": METHOD_KEYS, "deduction": DEDUCTION_KEYS, "interest": INTEREST_KEYS,
}  # fmt: skip


def load_wrong_case(path: Path, sections: Callable[[str], Section]) -> WrongCase:
    """Read a CASE.toml of one of the other wrongs. Errors: InputError naming the file, the section and the key."""
    try:
        return parse_wrong_case(read_tables(path), sections, base=path.parent, file=path.name)
    except InputError as error:
        if error.place is None:
            error.place = Place(file=path.name)
        raise


def parse_wrong_case(
    data: Mapping[str, Any], sections: Callable[[str], Section], *, base: Path = Path(), file: str = ""
) -> WrongCase:
    """A case from the tables of a CASE.toml. sections: the section that a wrong adds, by its name."""
    wrong = wrong_of(data)
    own = sections(wrong)
    known = [*SHARED, own.name]
    for name in data:
        if name not in known:
            raise unknown_name(f"section of a case of {wrong}", name, known)
    tables = {name: _table(data, name) for name in known}
    head = parsed_table(tables["case"], CASE_KEYS, "[case]", base, ("name", "security"))
    terms = own.terms(**parsed_table(tables[own.name], own.keys, f"[{own.name}]", base, own.required))
    own.check(terms)
    interest = InterestTerms(**parsed_table(tables["interest"], INTEREST_KEYS, "[interest]", base, ()))
    check_interest(interest)
    deduction = parsed_table(tables["deduction"], DEDUCTION_KEYS, "[deduction]", base, ())
    if deduction.get("other_ratio") and not deduction.get("other_reason"):
        raise InputError("[deduction] other_ratio needs other_reason", todo='Add other_reason = "…" (其他因素的依据)')
    method = parsed_table(tables["method"], METHOD_KEYS, "[method]", base, ())
    return WrongCase(
        head["name"], head["security"], wrong, terms, interest=interest, file=file, **deduction, **method
    )  # fmt: skip


def _table(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    table = data.get(name, {})
    if not isinstance(table, Mapping):
        raise InputError(f"[{name}] must be a table of keys", why=f"{table!r} was given")
    return table


def settings_of_wrong(case: WrongCase, section: str) -> dict[str, str]:
    """Every setting as text, in a fixed order, as it is printed on every result. section: the wrong's own section."""
    out = {
        "case.wrong": case.wrong, "case.name": case.name, "case.security": case.security,
        "method.rounding": case.rounding, "deduction.other_ratio": exact_text(case.other_ratio),
        "deduction.other_reason": case.other_reason,
    }  # fmt: skip
    for name, group in ((section, case.terms), ("interest", case.interest)):
        for item in fields(group):
            out[f"{name}.{item.name}"] = value_text(getattr(group, item.name))
    return out


def value_text(value: Any) -> str:
    """A setting as text; rows of a table as "a b; c d".

    >>> import datetime as dt
    >>> value_text(((dt.date(2020, 1, 1), Fraction(1, 2)),)), value_text(None)
    ('2020-01-01 0.5', '')
    """
    if isinstance(value, tuple) and value and (isinstance(value[0], tuple) or is_dataclass(value[0])):
        return "; ".join(_row_text(row) for row in value)
    return setting_text(value)


def _row_text(row: Any) -> str:
    cells = row if isinstance(row, tuple) else [getattr(row, item.name) for item in fields(row)]
    return " ".join(setting_text(cell) or "-" for cell in cells)
