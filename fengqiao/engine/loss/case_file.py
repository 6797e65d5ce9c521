"""Read and check a CASE.toml: every key known, every value allowed, every date in order, before any work starts."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Callable, Mapping
from itertools import accumulate
from pathlib import Path
from typing import Any, get_args

from fengqiao.engine.errors import InputError, Place, unknown_name
from fengqiao.engine.loss import case as model
from fengqiao.engine.loss.case import Case, Deduction, Fees, Method, Segment
from fengqiao.engine.loss.ruleset import check_against_rules, default_interest
from fengqiao.engine.money import exact

LARGEST_CASE_FILE = 1 << 20
Parser = Callable[[object, str, Path], Any]


def _text(value: object, what: str, _base: Path) -> str:
    if isinstance(value, str) and value.strip():
        return value.strip()
    raise InputError(f"{what} must be a text that is not empty", why=f"{value!r} was given", todo="Put it in quotes")


def _date(value: object, what: str, _base: Path) -> dt.date:
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


def _flag(value: object, what: str, _base: Path) -> bool:
    if isinstance(value, bool):
        return value
    raise InputError(f"{what} must be true or false", why=f"{value!r} was given")


def _ratio(value: object, what: str, _base: Path) -> Any:
    ratio = exact(value, what)  # type: ignore[arg-type]
    if not 0 <= ratio <= 1:
        raise InputError(f"{what} must lie between 0 and 1", why=f'"{value}" was given', todo='30% is "0.3" or "30%"')
    return ratio


def _price(value: object, what: str, _base: Path) -> Any:
    amount = exact(value, what)  # type: ignore[arg-type]
    if amount <= 0:
        raise InputError(f"{what} must be greater than 0 yuan", why=f'"{value}" was given')
    return amount


def _digits(value: object, what: str, _base: Path) -> int | None:
    if value == "none":
        return None
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 12:
        return value
    raise InputError(f'{what} must be a number of decimals from 0 to 12, or "none"', why=f"{value!r} was given")


def _names(value: object, what: str, base: Path) -> tuple[str, ...]:
    if isinstance(value, list) and value:
        names = tuple(_text(item, what, base) for item in value)
        if len(set(names)) == len(names):
            return names
        raise InputError(f"{what} names the same index twice", why=", ".join(names))
    raise InputError(f'{what} must be a list of names such as ["000001", "000300"]', why=f"{value!r} was given")


def _file(value: object, what: str, base: Path) -> Path:
    return base / _text(value, what, base)


def _choice(allowed: tuple[str, ...]) -> Parser:
    def parse(value: object, what: str, _base: Path) -> str:
        if isinstance(value, str) and value in allowed:
            return value
        raise unknown_name(f"value of {what}", str(value), allowed)

    return parse


def _interest(value: object, what: str, base: Path) -> str:
    if isinstance(value, bool):
        return "demand_deposit" if value else "none"
    return str(_choice(get_args(model.Interest))(value, what, base))


def _duty(value: object, what: str, base: Path) -> Any:
    return None if value == "by_date" else _ratio(value, what, base)


CASE_KEYS: dict[str, Parser] = {
    "name": _text,
    "security": _text,
    "rules": _choice(get_args(model.Rules)),
    "direction": _choice(get_args(model.Direction)),
    "trading": _choice(get_args(model.Trading)),
}
DATE_KEYS: dict[str, Parser] = {
    "implementation": _date,
    "revelation": _date,
    "revelation_after_close": _flag,
    "revelation_kind": _choice(("revelation", "correction")),
    "benchmark": _date,
    "benchmark_price": _price,
    "benchmark_reason": _text,
    "delisting": _date,
}
METHOD_KEYS: dict[str, Parser] = {
    "averaging": _choice(get_args(model.Averaging)),
    "rounding": _choice(("half_up", "truncate")),
    "floor": _choice(get_args(model.Floor)),
    "benchmark_price_digits": _digits,
    "ratio_digits": _digits,
    "after_close": _choice(get_args(model.AfterClose)),
    "suspended": _choice(get_args(model.Suspended)),
    "turnover": _choice(get_args(model.Turnover)),
    "not_reached": _choice(get_args(model.NotReached)),
    "dividends": _choice(get_args(model.Dividends)),
    "rights": _choice(get_args(model.Rights)),
    "overlap": _choice(get_args(model.Overlap)),
    "block_trades": _choice(get_args(model.BlockTrades)),
    "duplicates": _choice(get_args(model.Duplicates)),
}
DEDUCTION_KEYS: dict[str, Parser] = {
    "market_risk": _choice(get_args(model.MarketRisk)),
    "ratio": _ratio,
    "reason": _text,
    "indices": _names,
    "index_floor": _choice(get_args(model.IndexFloor)),
    "parts": _choice(get_args(model.Parts)),
    "path": _file,
    "other_ratio": _ratio,
    "other_reason": _text,
    "combination": _choice(get_args(model.Combination)),
}
FEE_KEYS: dict[str, Parser] = {
    "mode": _choice(get_args(model.FeeMode)),
    "commission_rate": _ratio,
    "stamp_duty_rate": _duty,
    "interest": _interest,
}
SECTIONS: dict[str, dict[str, Parser]] = {
    "case": CASE_KEYS,
    "dates": DATE_KEYS,
    "method": METHOD_KEYS,
    "deduction": DEDUCTION_KEYS,
    "fees": FEE_KEYS,
}
READ_ELSEWHERE = ("segments", "model")
"""Sections that are not tables of SECTIONS: the list of segments, and the price model (`model/settings.py`)."""
SEGMENT_KEYS = {"name": _text, **DATE_KEYS}


def load_case(path: Path) -> Case:
    """Read a CASE.toml and check it as a whole.

    Errors: InputError naming the file, the section and the key; unknown keys name the nearest known one.
    Paths inside the file are taken relative to the file.
    """
    data = read_tables(path)
    try:
        return parse_case(data, base=path.parent, file=path.name)
    except InputError as error:
        if error.place is None:
            error.place = Place(file=path.name)
        raise


def read_tables(path: Path) -> dict[str, Any]:
    """The tables of a CASE.toml as they stand. Errors: InputError naming the file."""
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


def parse_case(data: Mapping[str, Any], *, base: Path = Path(), file: str = "") -> Case:
    """A case from the tables of a CASE.toml (as `tomllib` gives them).

    >>> case = parse_case(
    ...     {
    ...         "case": {"name": "样本", "security": "999001", "rules": "cn2022", "direction": "inducing_purchase"},
    ...         "dates": {"implementation": "2017-04-28", "revelation": "2019-05-17"},
    ...     }
    ... )
    >>> case.method.averaging, case.fees.interest, len(case.segments)
    ('moving_weighted', 'none', 1)
    """
    for section in data:
        if section not in SECTIONS and section not in READ_ELSEWHERE:
            raise unknown_name("section", section, [*SECTIONS, *READ_ELSEWHERE])
    head = _section(data, "case", base, required=("name", "security", "rules", "direction"))
    rules = head["rules"]
    fees = {"interest": default_interest(rules), **_section(data, "fees", base)}
    case = Case(
        **head,
        segments=_segments(data, base),
        method=Method(**_section(data, "method", base)),
        deduction=Deduction(**_section(data, "deduction", base)),
        fees=Fees(**fees),
        file=file,
    )
    _check_dates(case)
    _check_deduction(case.deduction)
    check_against_rules(case)
    return case


def _section(data: Mapping[str, Any], name: str, base: Path, required: tuple[str, ...] = ()) -> dict[str, Any]:
    table = data.get(name, {})
    if not isinstance(table, Mapping):
        raise InputError(f"[{name}] must be a table of keys", why=f"{table!r} was given")
    return _parse(table, SECTIONS[name], f"[{name}]", base, required)


def _parse(
    table: Mapping[str, Any], known: Mapping[str, Parser], where: str, base: Path, required: tuple[str, ...]
) -> dict[str, Any]:
    for key in table:
        if key not in known:
            raise unknown_name(f"key in {where}", key, known)
    missing = [key for key in required if key not in table]
    if missing:
        raise InputError(f"{where} lacks {', '.join(missing)}", todo="Add the missing key to the case file")
    return {key: known[key](value, f"{where} {key}", base) for key, value in table.items()}


def _segments(data: Mapping[str, Any], base: Path) -> tuple[Segment, ...]:
    needed = ("implementation", "revelation")
    listed = data.get("segments")
    if listed is None:
        return (Segment(name="1", **_section(data, "dates", base, needed)),)
    if "dates" in data:
        raise InputError(
            "[dates] and [[segments]] are both given", todo="Give the dates of each segment in [[segments]]"
        )
    if not isinstance(listed, list) or not listed:
        raise InputError("[[segments]] must be a list of tables", why=f"{listed!r} was given")
    parsed = []
    for number, table in enumerate(listed, start=1):
        values = _parse(table, SEGMENT_KEYS, f"[[segments]] number {number}", base, needed)
        parsed.append(Segment(**{"name": str(number), **values}))
    names = [segment.name for segment in parsed]
    if len(set(names)) != len(names):
        raise InputError("Two segments have the same name", why=", ".join(names))
    return tuple(parsed)


def _check_dates(case: Case) -> None:
    for segment in case.segments:
        where = f'segment "{segment.name}": ' if len(case.segments) > 1 else ""
        if segment.revelation <= segment.implementation:
            raise InputError(
                f"{where}The revelation date (揭露日) is not after the implementation date (实施日)",
                why=f"{segment.revelation} is not after {segment.implementation}",
                todo="Check both dates",
            )
        if segment.benchmark is not None and segment.benchmark < segment.revelation:
            raise InputError(
                f"{where}The benchmark date (基准日) is before the revelation date (揭露日)",
                why=f"{segment.benchmark} is before {segment.revelation}",
                todo="Check both dates, or leave the benchmark out to have it derived from market data",
            )
        if segment.benchmark_reason and segment.benchmark is None:
            raise InputError(
                f"{where}A reason for the benchmark date (基准日) is given without the date",
                todo="Give benchmark as well, or remove benchmark_reason",
            )
        if segment.delisting is not None and segment.delisting <= segment.revelation:
            raise InputError(
                f"{where}The delisting day (摘牌日) is not after the revelation date (揭露日)",
                why=f"{segment.delisting} is not after {segment.revelation}",
                todo="Check both dates",
            )
        if segment.benchmark_price is not None and segment.benchmark is None:
            raise InputError(
                f"{where}A benchmark price (基准价) is given without a benchmark date (基准日)",
                todo="Give benchmark as well, or leave both out to have them derived from market data",
            )
    ordered = sorted(case.segments, key=lambda item: item.implementation)
    ends = accumulate((segment.revelation for segment in ordered), max)
    overlapping = any(later.implementation < end for later, end in zip(ordered[1:], ends, strict=False))
    if overlapping and case.method.overlap is None:
        raise InputError(
            "Segments overlap: some purchases would belong to two misstatements",
            todo='Set [method] overlap = "earliest" or "latest" so that no share is counted twice',
        )


def _check_deduction(deduction: Deduction) -> None:
    needs = {"fixed": "ratio", "synchronised_index": "indices", "simulated_price": "path"}
    for kind, key in needs.items():
        given = getattr(deduction, key) not in (None, ())
        if deduction.market_risk == kind and not given:
            raise InputError(f'[deduction] market_risk = "{kind}" needs {key}', todo=f"Add {key} to [deduction]")
        if deduction.market_risk != kind and given:
            raise InputError(
                f'[deduction] {key} is given but market_risk is "{deduction.market_risk}"',
                todo=f'Set market_risk = "{kind}" or remove {key}',
            )
    if deduction.market_risk == "fixed" and not deduction.reason:
        raise InputError("[deduction] a fixed ratio needs its reason", todo='Add reason = "…" (依据)')
    if deduction.other_ratio and not deduction.other_reason:
        raise InputError("[deduction] other_ratio needs other_reason", todo='Add other_reason = "…" (其他因素的依据)')
