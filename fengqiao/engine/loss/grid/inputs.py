"""The input files of a grid, opened once for all scenarios."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from fengqiao.engine.errors import FengqiaoError, InputError
from fengqiao.engine.loss.case_values import read_tables
from fengqiao.engine.loss.grid.scenarios import Scenario, planned, scenarios_of
from fengqiao.engine.loss.grid.spec import Spec, load_spec
from fengqiao.engine.loss.inputs import EARLY, EarlyParts, InputFiles
from fengqiao.engine.loss.plan import prepare
from fengqiao.engine.loss.reading import open_trades, read_actions, read_indices, read_market, read_path

if TYPE_CHECKING:
    from fengqiao.engine.dates import TradingCalendar
    from fengqiao.engine.loss.case import Case
    from fengqiao.engine.loss.market import Series
    from fengqiao.engine.loss.plan import CasePlan
    from fengqiao.engine.loss.rows import TradeSource

K = TypeVar("K")


@dataclass(frozen=True)
class OpenedGrid:
    """Scenarios made ready, trade records opened, and which file played which role."""

    spec: Spec
    scenarios: Sequence[Scenario]
    source: TradeSource
    roles: Sequence[tuple[str, Path]]


def open_grid(files: InputFiles, spec_path: Path, calendar: TradingCalendar | None = None) -> OpenedGrid:
    """Open the trade records and begin to load them, make every scenario of a specification ready.

    What only some scenarios need and cannot be had (an index, a price path, market data that go far enough) is the
    reason why these are not computed. Errors: InputError and CannotComputeError for what all of them need.
    """
    data, spec = read_tables(files.case), load_spec(spec_path)
    made = scenarios_of(spec, data, files.case.parent, files.case.name)
    cases = [item.case for item in made if item.case is not None]
    if not cases:
        raise InputError("None of the scenarios can be computed", why=made[0].reason)
    security = cases[0].security
    for path in files.trades:
        if not path.exists():
            raise InputError(f"There is no file {path}", todo="Check the path given to --trades")
    source = EarlyParts(open_trades(list(files.trades), security), EARLY)
    market = read_market(files.market, security) if files.market else None
    actions = read_actions(files.actions, security) if files.actions else ()
    names = list(dict.fromkeys(name for case in cases for name in case.deduction.indices))
    paths = list(dict.fromkeys(case.deduction.path for case in cases if case.deduction.path))
    indices = indices_of(files.indices, names)
    given = each(paths, read_path)

    def plan(case: Case) -> CasePlan:
        return prepare(
            case, market=market, indices=[usable(indices, name) for name in case.deduction.indices],
            path=usable(given, case.deduction.path) if case.deduction.path else None, actions=actions,
            calendar=calendar,
        )  # fmt: skip

    roles = [("case", files.case), ("spec", spec_path), *(("trades", trades) for trades in files.trades)]
    extra = [("market", files.market), ("indices", files.indices), ("actions", files.actions)]
    roles += [(role, file) for role, file in extra if file is not None]
    roles += [("path", path) for path in paths if path.is_file()]
    return OpenedGrid(spec, planned(made, plan), source, roles)


def indices_of(file: Path | None, names: Sequence[str]) -> dict[str, Series | FengqiaoError]:
    """Each index, or why it cannot be had."""
    if file is None:
        missing = InputError(
            'market_risk = "synchronised_index" needs index data (指数行情)', todo="Add --indices FILE"
        )
        return dict.fromkeys(names, missing)
    if not names:
        return {}
    try:
        return dict(zip(names, read_indices(file, names), strict=True))
    except FengqiaoError:
        return each(names, lambda name: read_indices(file, (name,))[0])


def each(keys: Sequence[K], read: Callable[[K], Series]) -> dict[K, Series | FengqiaoError]:
    """What is read for each key, or the error that says why it cannot be."""
    out: dict[K, Series | FengqiaoError] = {}
    for key in keys:
        try:
            out[key] = read(key)
        except FengqiaoError as error:
            out[key] = error
    return out


def usable(found: dict[K, Series | FengqiaoError], key: K) -> Series:
    """A series that was read. Errors: the error that says why it could not be."""
    item = found[key]
    if isinstance(item, FengqiaoError):
        raise item
    return item
