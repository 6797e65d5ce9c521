"""The settings of a price model, `[model]` of a CASE.toml: read, checked, every default in one place."""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Literal, get_args

from fengqiao.engine.errors import InputError, Place, unknown_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from fractions import Fraction
    from pathlib import Path

Kind = Literal["constant_mean", "market", "market_adjusted", "factors"]
Side = Literal["before", "after"]
Returns = Literal["simple", "log"]
Suspended = Literal["trade_to_trade", "drop"]
LimitDays = Literal["keep", "pool", "drop"]
Errors = Literal["ols", "hac"]
PathKind = Literal["compound", "remove_events"]
PathIntercept = Literal["estimated", "zero"]
PathEvents = Literal["remove", "keep"]
Units = Literal["ratio", "percent", "level"]
Cause = Literal["operations", "over_reaction", "manipulation", "environment", "other", "misstatement"]

SMALLEST_MINIMUM = 60
"""Below this number of observations an estimate is refused whatever the case says."""
LONGEST_WINDOW = 250
Days = tuple[int, int]


@dataclass(frozen=True)
class CompanyEvent:
    """Something that moved the price inside the conduct window, with the days it is given to work on the price.

    window: trading days counted from the first day on which the market could act on it (0). cause: what kind of
    other cause of cn2022 art. 31 it is; "misstatement" for an event that belongs to the misstatement itself.
    """

    name: str
    date: dt.date
    after_close: bool = False
    window: Days = (0, 1)
    cause: Cause = "other"


@dataclass(frozen=True)
class ModelSettings:
    """Every choice of a price model. Meanings and reasons: docs/methods/price_models.md."""

    kind: Kind = "market"
    market: str | None = None
    factors: tuple[str, ...] = ()
    risk_free: str | None = None
    units: Units = "ratio"
    returns: Returns = "simple"
    side: Side = "before"
    length: int = 250
    gap: int = 10
    estimation_from: dt.date | None = None
    estimation_to: dt.date | None = None
    minimum_observations: int = SMALLEST_MINIMUM
    wanted_observations: int = 120
    suspended: Suspended = "trade_to_trade"
    limit_days: LimitDays = "keep"
    price_limit: Fraction | None = None
    special_treatment: tuple[tuple[dt.date, dt.date], ...] = ()
    errors: Errors = "ols"
    hac_lags: int | None = None
    confidence: Fraction | None = None
    inducing_window: Days = (0, 2)
    revelation_window: Days = (0, 2)
    path: PathKind = "compound"
    path_intercept: PathIntercept | None = None
    path_events: PathEvents = "remove"
    events: tuple[CompanyEvent, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The factor columns the model needs, market first, risk-free rate not among them."""
        market = () if self.market is None or self.kind == "constant_mean" else (self.market,)
        return market + (self.factors if self.kind == "factors" else ())

    @property
    def intercept_on_path(self) -> PathIntercept:
        """Whether the path carries the estimated intercept: by default only where the model is nothing else."""
        return self.path_intercept or ("estimated" if self.kind == "constant_mean" else "zero")

    @property
    def level(self) -> float:
        """The confidence level of intervals and bands."""
        return 0.95 if self.confidence is None else float(self.confidence)


def _choice(allowed: object) -> Callable[[object, str], Any]:
    names = get_args(allowed)

    def parse(value: object, what: str) -> str:
        if isinstance(value, str) and value in names:
            return value
        raise unknown_name(f"value of {what}", str(value), names)

    return parse


def _text(value: object, what: str) -> str:
    if isinstance(value, str) and value.strip():
        return value.strip()
    raise InputError(f"{what} must be a text that is not empty", why=f"{value!r} was given", todo="Put it in quotes")


def _names(value: object, what: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise InputError(f'{what} must be a list of names such as ["MKT", "SMB", "HML"]', why=f"{value!r} was given")
    names = tuple(_text(item, what) for item in value)
    if len(set(names)) != len(names):
        raise InputError(f"{what} names the same column twice (重复的因子)", why=", ".join(names))
    return names


def _date(value: object, what: str) -> dt.date:
    if isinstance(value, str):
        try:
            return dt.date.fromisoformat(value.strip())
        except ValueError:
            pass
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    raise InputError(f"{what} must be a date such as 2014-10-30", why=f"{value!r} was given")


def _whole(least: int, most: int) -> Callable[[object, str], int]:
    def parse(value: object, what: str) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        raise InputError(f"{what} must be a whole number from {least} to {most}", why=f"{value!r} was given")

    return parse


def _minimum(value: object, what: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value < SMALLEST_MINIMUM:
        raise InputError(
            f"{what} must be at least {SMALLEST_MINIMUM}", why=f"{value} was given; fewer daily returns do not carry "
            "an estimate (估计窗口观测太少)", todo="Lengthen the estimation window instead",
        )  # fmt: skip
    return _whole(SMALLEST_MINIMUM, 100_000)(value, what)


def _ratio(least: str, most: str) -> Callable[[object, str], Fraction]:
    def parse(value: object, what: str) -> Fraction:
        from fengqiao.engine.money import exact

        number = exact(value, what)  # type: ignore[arg-type]
        if exact(least) <= number <= exact(most):
            return number
        raise InputError(f"{what} must lie between {least} and {most}", why=f'"{value}" was given')

    return parse


def _lags(value: object, what: str) -> int | None:
    return None if value == "auto" else _whole(0, 250)(value, what)


def _days(value: object, what: str) -> Days:
    whole = isinstance(value, list) and len(value) == 2 and all(type(item) is int for item in value)
    if whole and -LONGEST_WINDOW <= value[0] <= value[1] <= LONGEST_WINDOW:  # type: ignore[index]
        return (value[0], value[1])  # type: ignore[index]
    raise InputError(
        f"{what} must be two trading-day numbers such as [0, 2], the first not after the second",
        why=f"{value!r} was given", todo=f"Stay within -{LONGEST_WINDOW} and {LONGEST_WINDOW}",
    )  # fmt: skip


def _flag(value: object, what: str) -> bool:
    if isinstance(value, bool):
        return value
    raise InputError(f"{what} must be true or false", why=f"{value!r} was given")


def _periods(value: object, what: str) -> tuple[tuple[dt.date, dt.date], ...]:
    if not isinstance(value, list) or not all(isinstance(item, list) and len(item) == 2 for item in value):
        raise InputError(f'{what} must be a list of periods such as [["2017-05-02", "2018-06-01"]]',
                         why=f"{value!r} was given")  # fmt: skip
    periods = tuple((_date(first, what), _date(last, what)) for first, last in value)
    for first, last in periods:
        if last < first:
            raise InputError(f"{what}: a period ends before it begins", why=f"{first} to {last}")
    return periods


EVENT_KEYS: dict[str, Callable[[object, str], Any]] = {
    "name": _text, "date": _date, "after_close": _flag, "window": _days, "cause": _choice(Cause),
}  # fmt: skip


def _events(value: object, what: str) -> tuple[CompanyEvent, ...]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise InputError(f"{what} must be a list of tables", why=f"{value!r} was given", todo="Write [[model.events]]")
    found = []
    for number, table in enumerate(value, start=1):
        where = f"[[model.events]] number {number}"
        parsed = _table(table, EVENT_KEYS, where)
        missing = [key for key in ("name", "date") if key not in parsed]
        if missing:
            raise InputError(f"{where} lacks {', '.join(missing)}", todo="Add the missing key")
        found.append(CompanyEvent(**parsed))
    names = [event.name for event in found]
    if len(set(names)) != len(names):
        raise InputError("Two company events have the same name (事件重名)", why=", ".join(names))
    return tuple(sorted(found, key=lambda event: (event.date, event.after_close, event.name)))


MODEL_KEYS: dict[str, Callable[[object, str], Any]] = {
    "kind": _choice(Kind),
    "market": _text,
    "factors": _names,
    "risk_free": _text,
    "units": _choice(Units),
    "returns": _choice(Returns),
    "side": _choice(Side),
    "length": _whole(SMALLEST_MINIMUM, 2500),
    "gap": _whole(0, 250),
    "estimation_from": _date,
    "estimation_to": _date,
    "minimum_observations": _minimum,
    "wanted_observations": _whole(SMALLEST_MINIMUM, 100_000),
    "suspended": _choice(Suspended),
    "limit_days": _choice(LimitDays),
    "price_limit": _ratio("0.01", "1"),
    "special_treatment": _periods,
    "errors": _choice(Errors),
    "hac_lags": _lags,
    "confidence": _ratio("0.5", "0.999"),
    "inducing_window": _days,
    "revelation_window": _days,
    "path": _choice(PathKind),
    "path_intercept": _choice(PathIntercept),
    "path_events": _choice(PathEvents),
    "events": _events,
}


def _table(table: Mapping[str, Any], known: Mapping[str, Any], where: str) -> dict[str, Any]:
    for key in table:
        if key not in known:
            raise unknown_name(f"key in {where}", key, known)
    return {key: known[key](value, f"{where} {key}") for key, value in table.items()}


def parse_model(table: Mapping[str, Any]) -> ModelSettings:
    """The settings from the table `[model]` of a CASE.toml.

    Errors: InputError naming the key (unknown ones with the nearest known), or keys that do not go together.

    >>> parse_model({"kind": "market", "market": "000300"}).minimum_observations
    60
    """
    settings = ModelSettings(**_table(table, MODEL_KEYS, "[model]"))
    needs = {"market": "market", "market_adjusted": "market", "factors": "factors"}.get(settings.kind)
    if needs and not getattr(settings, needs):
        raise InputError(
            f'[model] kind = "{settings.kind}" needs {needs}',
            todo=f"Name the column of the factor file: {needs} = …",
        )
    if settings.factors and settings.kind != "factors":
        raise InputError(f'[model] factors are given but kind is "{settings.kind}"', todo='Set kind = "factors"')
    named = [*settings.columns, *([settings.risk_free] if settings.risk_free else [])]
    if len(set(named)) != len(named):
        raise InputError("[model] the same column is named twice (重复的因子)", why=", ".join(named))
    if (settings.estimation_from is None) != (settings.estimation_to is None):
        raise InputError("[model] estimation_from and estimation_to go together", todo="Give both, or neither")
    if settings.estimation_from and settings.estimation_to and settings.estimation_to <= settings.estimation_from:
        raise InputError(
            "[model] the estimation window (估计窗口) ends before it begins",
            why=f"{settings.estimation_from} to {settings.estimation_to}", todo="Check both dates",
        )  # fmt: skip
    return settings


def load_model(path: Path) -> ModelSettings:
    """The settings of `[model]` in a CASE.toml that `load_case` has read before; without the table it is an error."""
    data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    table = data.get("model")
    if table is not None and not isinstance(table, dict):
        raise InputError("[model] must be a table of keys", why=f"{table!r} was given", place=Place(path.name))
    if table is None:
        raise InputError(
            "The case file has no [model]", todo='Add [model] with kind = "market" and market = "…" (价格模型)',
            place=Place(path.name),
        )  # fmt: skip
    try:
        return parse_model(table)
    except InputError as error:
        if error.place is None:
            error.place = Place(path.name)
        raise


def model_settings_of(settings: ModelSettings) -> dict[str, str]:
    """Every setting but the events as text, as it is printed on every result."""
    from fengqiao.engine.loss.case import setting_text

    out = {}
    for item in fields(settings):
        value = getattr(settings, item.name)
        if item.name == "events":
            continue
        if item.name == "path_intercept":
            value = settings.intercept_on_path
        if item.name == "confidence":
            value = settings.confidence or "0.95"
        if item.name == "hac_lags" and settings.errors == "hac" and value is None:
            value = "auto"
        if item.name == "special_treatment":
            value = tuple(f"{first}..{last}" for first, last in value)
        out[f"model.{item.name}"] = setting_text(value)
    return out
