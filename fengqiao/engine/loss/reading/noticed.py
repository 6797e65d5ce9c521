"""Findings on many rows kept as columns: each finding is made only when somebody looks at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, overload

from fengqiao.engine.findings import DataFinding
from fengqiao.engine.loss.reading.headers import TRADES
from fengqiao.engine.loss.reading.problems import Problem, code_of, reason_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

COLUMN_NUMBERS = {name: number for number, name in enumerate(TRADES.names)}
COLUMN_NAMES = tuple(COLUMN_NUMBERS)


@dataclass(frozen=True, slots=True)
class LeftOut(DataFinding):
    """Rows of one other security that were left out, told once: `row` is the first, `count` how many there are.

    security: the code as written in the file.
    """

    security: str = ""
    count: int = 0


def left_out(security: str, own: str, count: int, file: str, sheet: str, row: int) -> LeftOut:
    """The finding on rows of another security.

    >>> left_out("000001", "600074", 12, "t.csv", "", 3).reason
    '证券代码 000001 不是本案证券 600074，共 12 行未参与计算（首行见本行号）。'
    """
    reason = f"证券代码 {security} 不是本案证券 {own}，共 {count} 行未参与计算（首行见本行号）。"
    return LeftOut("unknown_security", reason, file, sheet, row, security=security, count=count)


def merge_left_out(findings: Iterable[DataFinding], own: str) -> list[DataFinding]:
    """Findings of several parts with those on other securities put together: one for each file, sheet and security.

    The merged finding stands where its first one stood; all others keep their order. own: the security of the case.
    """
    merged: list[DataFinding] = []
    at: dict[tuple[str, str, str], int] = {}
    for finding in findings:
        if not isinstance(finding, LeftOut):
            merged.append(finding)
            continue
        key = (finding.file, finding.sheet, finding.security)
        if key not in at:
            at[key] = len(merged)
            merged.append(finding)
            continue
        earlier = merged[at[key]]
        assert isinstance(earlier, LeftOut)  # noqa: S101 - `at` holds positions of LeftOut only
        row = min(earlier.row, finding.row)
        merged[at[key]] = left_out(
            finding.security, own, earlier.count + finding.count, finding.file, finding.sheet, row
        )
    return merged


@dataclass(frozen=True)
class RowFindings(Sequence[DataFinding]):
    """Findings on single rows of one part, ascending by row, followed by those on groups of rows (`tail`).

    row int64[n]; problem int8[n] (problems.Problem); column int8[n] (index into COLUMN_NAMES);
    investor, value: string arrays of length n without nulls ("" where unknown).
    """

    file: str
    sheet: str
    row: NDArray[np.int64]
    problem: NDArray[np.int8]
    column: NDArray[np.int8]
    investor: pa.Array
    value: pa.Array
    tail: tuple[DataFinding, ...] = ()

    def __len__(self) -> int:
        return len(self.row) + len(self.tail)

    @overload
    def __getitem__(self, index: int) -> DataFinding: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[DataFinding]: ...
    def __getitem__(self, index: int | slice) -> DataFinding | Sequence[DataFinding]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        position = range(len(self))[index]
        own = len(self.row)
        return self._make(position) if position < own else self.tail[position - own]

    def __iter__(self) -> Iterator[DataFinding]:
        for position in range(len(self.row)):
            yield self._make(position)
        yield from self.tail

    def _make(self, position: int) -> DataFinding:
        problem = Problem(int(self.problem[position]))
        column = COLUMN_NAMES[int(self.column[position])]
        return DataFinding(
            code_of(problem, column),
            reason_of(problem, TRADES.label(column), self.value[position].as_py()),
            self.file,
            self.sheet,
            int(self.row[position]),
            self.investor[position].as_py(),
            problem == Problem.ROUNDED,
        )
