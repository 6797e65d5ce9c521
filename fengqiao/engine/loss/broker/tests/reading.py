"""Reading small statements written out in a test, and what came of them in few words."""

from __future__ import annotations

from pathlib import Path

from fengqiao.engine.loss.broker import Settings, Statements, read_statements
from fengqiao.engine.loss.market import day_of

HEADER = "成交日期,证券代码,证券名称,业务名称,成交数量,成交价格,成交金额,发生金额,股东代码"


def read_lines(
    folder: Path, text: str, *, header: str = HEADER, name: str = "t.csv", settings: Settings | None = None
) -> Statements:
    """A CSV file with a header and the lines of a text, read; the balance of lines is checked."""
    path = folder / name
    lines = [line.strip() for line in text.strip().splitlines()]
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return checked(read_statements([path], settings))


def checked(done: Statements) -> Statements:
    """The same; every line that is not blank is a row or explained, once."""
    assert done.rows_in == len(done.rows) + done.rows_explained
    left_out = [
        (finding.file, finding.sheet, finding.row) for finding in done.findings if not finding.used and finding.row
    ]
    used = [(done.sheets[entry.sheet].file, done.sheets[entry.sheet].name, entry.row) for entry in done.rows]
    assert len(set(left_out)) == len(left_out) == done.rows_explained
    assert len(set(used)) == len(used)
    assert not set(used) & set(left_out)
    assert sum(done.kinds.values()) == done.rows_in
    for entry in done.rows:
        assert entry.side in ("buy", "sell")
        assert entry.kind in ("trade", "block", "opening", "transfer_in", "transfer_out", "bonus", "rights", "dividend")
        assert (entry.side == "sell") == (entry.kind == "transfer_out") or entry.kind in ("trade", "block")
    return done


def brief(done: Statements) -> list[str]:
    """Rows as "2016-12-29 buy 1000@12.5 trade 600518.SH"."""
    return [
        f"{day_of(entry.date)} {entry.side} {abs(entry.quantity)}@{max(entry.price, 0) / 10_000:g} {entry.kind} "
        f"{entry.security}"
        for entry in done.rows
    ]


def told(done: Statements, row: int) -> tuple[str, str]:
    """(code, reason) of the finding on a row."""
    found = [(finding.code, finding.reason) for finding in done.findings if finding.row == row]
    assert len(found) == 1, found
    return found[0]


def codes(done: Statements) -> dict[int, str]:
    """Row -> code of the finding on it, without those of the layout."""
    return {finding.row: finding.code for finding in done.findings if finding.code != "statement_layout"}
