"""The input files of a measurement, read and made ready together, for every command that starts from a CASE.toml."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fengqiao.engine.errors import InputError
from fengqiao.engine.loss.case import on_path
from fengqiao.engine.loss.case_file import load_case
from fengqiao.engine.loss.native import kernels
from fengqiao.engine.loss.plan import CasePlan, prepare
from fengqiao.engine.loss.reading import open_trades, read_actions, read_indices, read_market, read_path

if TYPE_CHECKING:
    from fengqiao.engine.dates import TradingCalendar
    from fengqiao.engine.loss.rows import Loaded, TradeSource

EARLY = 2


@dataclass(frozen=True)
class InputFiles:
    """Where everything is read from. trades: one or more files; the others may be absent.

    simulated: a price path that takes the place of whatever the case says of market risk.
    """

    case: Path
    trades: Sequence[Path]
    market: Path | None = None
    indices: Path | None = None
    actions: Path | None = None
    simulated: Path | None = None


@dataclass(frozen=True)
class Opened:
    """A case made ready, its trade records opened, and which file played which role."""

    plan: CasePlan
    source: TradeSource
    roles: Sequence[tuple[str, Path]]


class EarlyParts:
    """A trade source whose first parts are being loaded while the rest of the input is read and the case made ready."""

    def __init__(self, source: TradeSource, count: int) -> None:
        self.source, self.parts, self.disjoint = source, source.parts, source.disjoint
        self.pool = ThreadPoolExecutor(count)
        self.early = {part: self.pool.submit(source.load, part) for part in range(min(count, source.parts))}
        self.pool.submit(kernels)
        self.pool.shutdown(wait=False)

    def load(self, part: int) -> Loaded:
        """Rows of one part, in file order."""
        started = self.early.pop(part, None)
        return self.source.load(part) if started is None else started.result()


def open_inputs(
    files: InputFiles, calendar: TradingCalendar | None = None, *, early: bool = True
) -> Opened:  # fmt: skip
    """Open the trade records and begin to load them, read the case and the market data, settle the key dates.

    early: load the first records meanwhile; False where memory is limited. The source is a `TradeFiles` then.
    Errors: InputError and CannotComputeError, each naming the file and the place.
    """
    case = load_case(files.case)
    if files.simulated is not None:
        case = on_path(case, files.simulated)
    for path in files.trades:
        if not path.exists():
            raise InputError(f"There is no file {path}", todo="Check the path given to --trades")
    trades = open_trades(list(files.trades), case.security)
    source = EarlyParts(trades, EARLY) if early else trades
    market = read_market(files.market, case.security) if files.market else None
    wanted = case.deduction.indices
    if wanted and files.indices is None:
        raise InputError('market_risk = "synchronised_index" needs index data (指数行情)', todo="Add --indices FILE")
    indices = read_indices(files.indices, wanted) if wanted and files.indices else ()
    simulated = read_path(case.deduction.path) if case.deduction.path else None
    actions = read_actions(files.actions, case.security) if files.actions else ()
    plan = prepare(case, market=market, indices=indices, path=simulated, actions=actions, calendar=calendar)
    roles = [("case", files.case), *(("trades", path) for path in files.trades)]
    extra = (
        ("market", files.market),
        ("indices", files.indices),
        ("actions", files.actions),
        ("path", case.deduction.path),
    )
    roles += [(role, file) for role, file in extra if file is not None]
    return Opened(plan, source, roles)
