"""Loss measurement as a library: a case made ready once, frames in, results as frames out. See docs/library.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

import fengqiao
from fengqiao.engine.errors import InputError
from fengqiao.engine.loss.case import Case, settings_of
from fengqiao.engine.loss.case_file import parse_case
from fengqiao.engine.loss.case_values import read_tables
from fengqiao.engine.loss.explain import records_of, state
from fengqiao.engine.loss.frames import FrameKind, FrameTable, FrameTrades, frame_of
from fengqiao.engine.loss.pipeline import Emit, run
from fengqiao.engine.loss.plan import CasePlan
from fengqiao.engine.loss.plan import prepare as prepare_plan
from fengqiao.engine.loss.reading import open_trades, read_actions, read_indices, read_market, read_path
from fengqiao.engine.loss.reading.headers import ACTIONS, INDICES, MARKET, PATH
from fengqiao.engine.loss.run_result import (
    SCHEMA_VERSION,
    RunResult,
    RunTotals,
    Statement,
    result_schema,
)
from fengqiao.engine.loss.wrongs.claim import Claim, prepare_claim, section_of
from fengqiao.engine.loss.wrongs.kinds import is_other_wrong
from fengqiao.engine.loss.wrongs.records import load_records
from fengqiao.engine.loss.wrongs.run import measure_records, state_claim
from fengqiao.engine.loss.wrongs.run_result import WrongResult, WrongStatement
from fengqiao.engine.loss.wrongs.wrong_case import WrongCase, parse_wrong_case

if TYPE_CHECKING:
    from fengqiao.engine.dates import TradingCalendar
    from fengqiao.engine.findings import DataFinding
    from fengqiao.engine.loss.reading.headers import Schema
    from fengqiao.engine.loss.rows import TradeSource

RESULT_SCHEMA_VERSION = SCHEMA_VERSION
"""Changes when a column of results changes its name, type or meaning; also in results.parquet and run.json."""
RESULT_SCHEMA = result_schema([])
"""Arrow schema of results without market-risk series; each series adds a column drop_NAME at the end."""
FINDINGS_SCHEMA = pa.schema(
    [
        ("file", pa.string()), ("sheet", pa.string()), ("row", pa.int64()), ("investor", pa.string()),
        ("code", pa.string()), ("reason", pa.string()), ("used", pa.bool_()),
    ]
)  # fmt: skip


def load_case(source: Path | str | Mapping[str, Any]) -> Case | WrongCase:
    """A case from a CASE.toml (a path) or from the same tables as a mapping, checked as a whole.

    Errors: InputError naming the section and the key. Paths in a mapping are relative to the working directory.

    >>> load_case(
    ...     {
    ...         "case": {"name": "样本", "security": "600000", "rules": "cn2022", "direction": "inducing_purchase"},
    ...         "dates": {
    ...             "implementation": "2022-03-01",
    ...             "revelation": "2023-07-20",
    ...             "benchmark": "2023-09-01",
    ...             "benchmark_price": "8.50",
    ...         },
    ...     }
    ... ).security
    '600000'
    """
    if isinstance(source, Mapping):
        data, base, file = source, Path(), ""
    else:
        path = Path(source)
        data, base, file = read_tables(path), path.parent, path.name
    if is_other_wrong(data):
        return parse_wrong_case(data, section_of, base=base, file=file)
    return parse_case(data, base=base, file=file)


def _table(given: Any, name: str, schema: Schema) -> Any:
    """A path as it is; a frame as something that is read like a file."""
    if given is None:
        return None
    return Path(given) if isinstance(given, str | Path) else FrameTable(given, name, schema)


def prepare(
    case: Case | WrongCase | Path | str | Mapping[str, Any],
    *,
    market: Any = None,
    indices: Any = None,
    actions: Any = None,
    path: Any = None,
    calendar: TradingCalendar | None = None,
) -> PreparedCase:
    """A case made ready for any number of measurements: key dates settled, adjustments, rates and series looked up.

    case: what `load_case` gives or takes. market, indices, actions, path: a path of a file or a frame with the same
    columns (docs/recipes/measure_a_case.md); None where the case does not need it. path takes the place of the path
    that the case names. calendar: trading days, by default those known.
    Errors: InputError, CannotComputeError, OutOfKnownDatesError say what is missing, and where.
    """
    if not isinstance(case, Case | WrongCase):
        case = load_case(case)
    prices = read_market(_table(market, "market", MARKET), case.security) if market is not None else None
    if isinstance(case, WrongCase):
        if indices is not None or actions is not None:
            raise InputError(f"indices and actions have no meaning for a case of {case.wrong}", todo="Leave them out")
        own = path if path is not None else getattr(case.terms, "path", None)
        series = read_path(_table(own, "path", PATH)) if own is not None else None
        return PreparedCase(prepare_claim(case, path=series, market=prices, calendar=calendar))
    wanted = case.deduction.indices
    if wanted and indices is None:
        raise InputError('market_risk = "synchronised_index" needs index data (指数行情)', todo="Give indices")
    own = path if path is not None else case.deduction.path
    plan = prepare_plan(
        case,
        market=prices,
        indices=read_indices(_table(indices, "indices", INDICES), wanted) if wanted else (),
        path=read_path(_table(own, "path", PATH)) if own is not None else None,
        actions=read_actions(_table(actions, "actions", ACTIONS), case.security) if actions is not None else (),
        calendar=calendar,
    )
    return PreparedCase(plan)


@dataclass(frozen=True)
class PreparedCase:
    """A case made ready. Use `prepare`. It may be used from several threads, and be kept as long as one likes."""

    plan: CasePlan | Claim

    def measure(self, trades: Any, *, jobs: int = 1) -> Measurement:
        """The losses of all investors in `trades`: a frame, or paths of files. jobs: threads.

        A row that cannot be used is left out and told in `findings`; it never stops the measurement.
        Errors: InputError when the table has not the columns that are needed, or no row.
        """
        sources, kind = self._sources(trades)
        if isinstance(self.plan, Claim):
            records = load_records(sources, jobs, self.plan.called)
            return Measurement(measure_records(self.plan, records, lambda what, done, total: None), kind)
        return Measurement(_measured(self.plan, sources[0], jobs), kind)

    def statement(self, trades: Any, investor: str | None = None) -> Statement | WrongStatement:
        """The step-by-step statement of one investor. investor: None when the table holds one only."""
        sources, _ = self._sources(trades)
        if isinstance(self.plan, Claim):
            records = load_records(sources, 1, self.plan.called)
            return state_claim(self.plan, records, investor or _only(list(records.ids)))
        source = sources[0]
        if investor is None:
            investor = _only(_investors(source))
        rows, findings = records_of(source, investor)
        if not rows and not findings:
            raise InputError(f'Investor "{investor}" is not in the trade records', todo="Check the identifier")
        return state(self.plan, investor, rows, findings)

    def _sources(self, trades: Any) -> tuple[list[TradeSource], FrameKind]:
        codes = self.plan.securities if isinstance(self.plan, Claim) else (self.plan.case.security,)
        paths = [trades] if isinstance(trades, str | Path) else trades
        if isinstance(paths, list | tuple) and paths and all(isinstance(item, str | Path) for item in paths):
            return [open_trades([Path(item) for item in paths], code) for code in codes], "arrow"
        frames = [FrameTrades(trades, code) for code in codes]
        return list(frames), frames[0].kind


def _investors(source: TradeSource) -> list[str]:
    found: dict[str, None] = {}
    for part in range(source.parts):
        loaded = source.load(part)
        found |= dict.fromkeys(loaded.chunk.investor.unique().to_pylist())
        found |= dict.fromkeys(item.investor for item in loaded.findings if item.investor)
    return list(found)


def _only(investors: Sequence[str]) -> str:
    if len(investors) == 1:
        return investors[0]
    raise InputError(
        f"The trade records hold {len(investors)} investors; a statement is about one",
        todo="Say which: statement(trades, investor=...)",
    )


def _measured(plan: CasePlan, source: TradeSource, jobs: int) -> RunResult:
    batches: list[pa.RecordBatch] = []
    findings: list[DataFinding] = []

    def restart() -> None:
        batches.clear()
        findings.clear()

    totals, _, _ = run(plan, source, Emit(batches.append, findings.extend), jobs=jobs, restart=restart)
    names = [replay.name for replay in plan.segments[0].replay]
    return RunResult(
        plan=plan, table=pa.Table.from_batches(batches, result_schema(names)), totals=totals, findings=findings,
        digests={}, settings=settings_of(plan.case), engine_version=fengqiao.__version__,
    )  # fmt: skip


@dataclass(frozen=True)
class Measurement:
    """Results of a measurement. kind: the library of the frames that were given; `frame` and `findings` are of it."""

    result: RunResult | WrongResult
    kind: FrameKind = field(default="arrow")

    @property
    def totals(self) -> RunTotals:
        """Counts and sums (fen)."""
        return self.result.totals

    @property
    def settings(self) -> Mapping[str, str]:
        """Every setting as text, as it is printed on results."""
        return self.result.settings

    def to_arrow(self) -> pa.Table:
        """One row an investor and segment, ascending; columns of RESULT_SCHEMA, amounts as exact decimals (yuan)."""
        return self.result.table

    def to_polars(self) -> Any:
        """The same as a polars.DataFrame."""
        return frame_of(self.to_arrow(), "polars")

    def to_pandas(self) -> Any:
        """The same as a pandas.DataFrame, with decimal.Decimal values."""
        return frame_of(self.to_arrow(), "pandas")

    @property
    def frame(self) -> Any:
        """The results as a frame of the library that the trades were of."""
        return frame_of(self.to_arrow(), self.kind)

    @cached_property
    def findings(self) -> Any:
        """What was noticed about the data, in the order of the rows, as a frame of the library of the trades."""
        rows = self.result.findings
        columns = {name: [getattr(item, name) for item in rows] for name in FINDINGS_SCHEMA.names}
        return frame_of(pa.table(columns, schema=FINDINGS_SCHEMA), self.kind)


def statement_text(statement: Statement | WrongStatement) -> str:
    """A statement as text for a terminal."""
    from fengqiao.engine.loss.outputs import statement_text as text

    return text(statement)


def write_statement(statement: Statement | WrongStatement, path: Path | str) -> None:
    """A statement as PDF."""
    from fengqiao.engine.loss.outputs import write_statement as write

    write(statement, Path(path))
