"""The statement of one investor for a terminal: at most 120 columns, aligned by the width of Chinese characters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fengqiao.engine.loss.outputs.shown import safe, width
from fengqiao.engine.loss.outputs.statement_story import Part, Story, story

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fengqiao.engine.loss.run_result import Statement
    from fengqiao.engine.loss.wrongs.run_result import WrongStatement

COLUMNS = 120
GAP = "  "
STEP_HEADINGS = ("行", "日期", "业务", "数量", "价格", "本案中的处理", "范围内余股", "平均价")
STEP_RIGHT = (True, False, False, True, True, False, True, True)
WRAPPED = 5
NOT_FIRST = "、，。；：）】」》〕！？%"


def statement_text(statement: Statement | WrongStatement) -> str:
    """The statement as text; control characters of the input are shown as code points, never sent to the terminal."""
    told = story(statement)
    out = [told.title, "投资者损失计算书", ""]
    out += _pairs([*told.head, ("损失合计", told.total)])
    for part in told.parts:
        out += _part(part, told)
    if told.several:
        out += ["", f"各虚假陈述合计  {told.total}"]
    out += _section("数据问题")
    out += [" ".join(item for item in finding if item) for finding in told.findings] or ["没有发现该投资者的数据问题。"]
    out += _section("设置")
    out += table([(name, value, source) for name, value, source in told.settings], (False, False, False), 2)
    pending = [(title, value, missing) for title, value, _, missing in told.law if missing]
    if pending:
        out += _section("待核的法律数值")
        out += table(pending, (False, False, False), 2)
    out += _section("输入文件")
    out += _pairs(told.digests)
    out += ["", *told.remarks, f"引擎版本 {told.version}。"]
    return "\n".join(line for text in out for line in wrap(safe(text), COLUMNS)) + "\n"


def _section(title: str) -> list[str]:
    return ["", title, "-" * width(title)]


def _pairs(rows: Sequence[tuple[str, str]]) -> list[str]:
    return table(rows, (False, False), 1)


def _part(part: Part, told: Story) -> list[str]:
    suffix = f"（{part.name}）" if told.several else ""
    out: list[str] = []
    if part.dates:
        out += _section(f"关键日期和基准价{suffix}")
        out += table([(row.name, row.value, row.basis, row.note) for row in part.dates], (False,) * 4, 3)
    out += _section(f"逐笔记录{suffix}（平均价按{told.average}）")
    out += _steps(part, told.unit)
    out += _section(f"计算{suffix}")
    rows = [(line.name, line.formula, line.value, line.basis) for line in part.lines]
    return out + table(rows, (False, False, True, False), 1, last=30)


def _steps(part: Part, unit: str) -> list[str]:
    plain = [row for row in part.steps if not row.divider]
    if not plain:
        return ["没有基准日及以前的交易记录。"]
    rows = [
        (
            row.row, row.date, row.business, row.quantity, row.price,
            row.effect + (f"；{row.adjusted}" if row.adjusted else ""), row.scope_after, row.average,
        )
        for row in plain
    ]  # fmt: skip
    headings = [name if unit == "股" else name.replace("余股", "余量") for name in STEP_HEADINGS]
    widths = _widths([headings, *rows], WRAPPED)
    out = _lines(headings, widths, STEP_RIGHT)
    following = iter(rows)
    for row in part.steps:
        out += [f"-- {row.effect}"] if row.divider else _lines(next(following), widths, STEP_RIGHT)
    return out


def table(rows: Sequence[Sequence[str]], right: Sequence[bool], wrapped: int, last: int = 0) -> list[str]:
    """Rows as aligned lines; the column `wrapped` takes what room is left; `last` limits the last column.

    >>> table([("基准价", "2.5"), ("实施日", "x")], (False, True), 0)
    ['基准价  2.5', '实施日    x']
    """
    if not rows:
        return []
    widths = _widths(rows, wrapped, last)
    return [line for row in rows for line in _lines(row, widths, right)]


def _widths(rows: Sequence[Sequence[str]], wrapped: int, last: int = 0) -> list[int]:
    widths = [max(width(cell) for cell in column) for column in zip(*rows, strict=True)]
    if last:
        widths[-1] = min(widths[-1], last)
    fixed = sum(widths) - widths[wrapped] + len(GAP) * (len(widths) - 1)
    while fixed > COLUMNS - 24:
        widest = max((k for k in range(len(widths)) if k != wrapped), key=lambda k: widths[k])
        fixed -= widths[widest] - widths[widest] * 2 // 3
        widths[widest] = widths[widest] * 2 // 3
    widths[wrapped] = min(widths[wrapped], COLUMNS - fixed)
    return widths


def _lines(row: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> list[str]:
    cells = [wrap(safe(cell), wide) for cell, wide in zip(row, widths, strict=True)]
    out = []
    for number in range(max(len(cell) for cell in cells)):
        texts = [cell[number] if number < len(cell) else "" for cell in cells]
        padded = [pad(text, wide, side) for text, wide, side in zip(texts, widths, right, strict=True)]
        out.append(GAP.join(padded).rstrip())
    return out


def pad(text: str, wide: int, right: bool = False) -> str:
    """A text filled with blanks to a width in columns.

    >>> pad("价", 4, True)
    '  价'
    """
    blanks = " " * max(wide - width(text), 0)
    return blanks + text if right else text + blanks


def wrap(text: str, wide: int) -> list[str]:
    """A text in lines of at most `wide` columns; it may be broken anywhere, best after a blank or a comma.

    >>> wrap("投资差额损失", 8)
    ['投资差额', '损失']
    """
    out, line, used = [], "", 0
    for char in text:
        columns = width(char)
        if used + columns > wide:
            cut = max(line.rfind(" "), line.rfind("，"), line.rfind("；")) + 1
            if cut < len(line) * 2 // 3 or cut == len(line):
                cut = _last_break(line, char)
            out.append(line[:cut].rstrip())
            line = line[cut:].lstrip()
            used = width(line)
        line, used = line + char, used + columns
    return [*out, line]


def _last_break(line: str, following: str) -> int:
    """Where a full line is broken: not inside a number or a Latin word, not before a closing mark."""
    cut = len(line)
    if following in NOT_FIRST:
        cut -= 1
    while cut > len(line) // 2 and _joined(line[cut - 1], line[cut] if cut < len(line) else following):
        cut -= 1
    return cut if cut > len(line) // 2 else len(line)


def _joined(left: str, right: str) -> bool:
    return left.isascii() and right.isascii() and left not in " /" and right not in " /"
