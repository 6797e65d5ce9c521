"""Read and check a CASE.toml: every key known, every value allowed, every date in order, before any work starts."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import accumulate
from pathlib import Path
from typing import Any, get_args

from fengqiao.engine.errors import InputError, Place, unknown_name
from fengqiao.engine.loss import case as model
from fengqiao.engine.loss.case import Case, Deduction, Fees, Method, Segment
from fengqiao.engine.loss.case_values import Parser, parsed_table, read_tables
from fengqiao.engine.loss.case_values import choice_of as _choice
from fengqiao.engine.loss.case_values import date_value as _date
from fengqiao.engine.loss.case_values import digits_value as _digits
from fengqiao.engine.loss.case_values import file_value as _file
from fengqiao.engine.loss.case_values import flag_value as _flag
from fengqiao.engine.loss.case_values import names_value as _names
from fengqiao.engine.loss.case_values import price_value as _price
from fengqiao.engine.loss.case_values import ratio_value as _ratio
from fengqiao.engine.loss.case_values import text_value as _text
from fengqiao.engine.loss.ruleset import check_against_rules, default_interest
from fengqiao.engine.loss.wrongs.kinds import WRONGS, require_misrepresentation


def _interest(value: object, what: str, base: Path) -> str:
    if isinstance(value, bool):
        return "demand_deposit" if value else "none"
    return str(_choice(get_args(model.Interest))(value, what, base))


def _duty(value: object, what: str, base: Path) -> Any:
    return None if value == "by_date" else _ratio(value, what, base)


CASE_KEYS: dict[str, Parser] = {
    "wrong": _choice(tuple(WRONGS)),
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
    require_misrepresentation(data)
    for section in data:
        if section not in SECTIONS and section not in READ_ELSEWHERE:
            raise unknown_name("section", section, [*SECTIONS, *READ_ELSEWHERE])
    head = _section(data, "case", base, required=("name", "security", "rules", "direction"))
    head.pop("wrong", None)
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
    return parsed_table(table, SECTIONS[name], f"[{name}]", base, required)


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
        values = parsed_table(table, SEGMENT_KEYS, f"[[segments]] number {number}", base, needed)
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
