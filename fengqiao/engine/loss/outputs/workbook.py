"""results.xlsx: 结果 for people, 设置, 数据问题, 基准日计算."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import TYPE_CHECKING, Any, cast

from fengqiao.engine.findings import CODES
from fengqiao.engine.loss.outputs.figures import quantity_text, yuan_both
from fengqiao.engine.loss.outputs.key_dates_table import DAY_HEADINGS, date_rows, day_numbers
from fengqiao.engine.loss.outputs.settings_table import law_rows, rules_of, setting_rows
from fengqiao.engine.loss.outputs.shown import cell
from fengqiao.engine.loss.outputs.summary import MONEY_COLUMNS, QUANTITY_COLUMNS
from fengqiao.engine.loss.outputs.words import DIRECTION_WORDS, column_heading, named_digests
from fengqiao.engine.money import FEN_PER_YUAN

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from fengqiao.engine.loss.run_result import RunResult
    from fengqiao.engine.loss.wrongs.run_result import WrongResult

ROWS_A_SHEET = 1_000_000
FINDINGS_SHOWN = 100_000
TOTALS_ROW, HEADING_ROW, FIRST_ROW = 1, 2, 3
WIDTHS = {"investor": 20, "security": 10, "segment": 12, "findings": 40}
FIXED_DAY = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - a workbook must carry a date; ours never changes
FONT = "Microsoft YaHei"


def write_workbook(result: RunResult, path: Path) -> None:
    """Write results.xlsx. The same result gives the same bytes; no text of the input ever becomes a formula."""
    import xlsxwriter

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties(
            {"title": "损失测算结果", "created": FIXED_DAY, "comments": f"fengqiao {result.engine_version}"}
        )
        book.set_calc_mode("auto")
        formats = make_formats(book)
        _write_results(book, formats, result)
        _write_settings(book.add_worksheet("设置"), formats, result)
        write_findings(book.add_worksheet("数据问题"), formats, result)
        _write_days(book.add_worksheet("基准日计算"), formats, result)


def make_formats(book: Any) -> dict[str, Any]:
    """The looks of cells, by name; those of the row of totals begin with total_."""
    plain = {"font_name": FONT, "font_size": 10, "valign": "vcenter"}
    strong = {**plain, "bold": True}
    heading = {
        **strong,
        "bg_color": "#1D4E89",
        "font_color": "#FFFFFF",
        "text_wrap": True,
        "border": 1,
        "align": "center",
    }
    total = {**strong, "bg_color": "#EEF3F8", "bottom": 1}
    kinds = {
        "money": "#,##0.00", "price": "0.0000", "ratio": "0.00%", "whole": "#,##0", "shares": "#,##0.00##",
    }  # fmt: skip
    made = {name: book.add_format({**plain, "num_format": code}) for name, code in kinds.items()}
    made |= {f"total_{name}": book.add_format({**total, "num_format": code}) for name, code in kinds.items()}
    made["text"] = book.add_format({**plain, "num_format": "@"})
    made["wrapped"] = book.add_format({**plain, "num_format": "@", "text_wrap": True, "valign": "top"})
    made["heading"], made["total"] = book.add_format(heading), book.add_format(total)
    made["title"] = book.add_format({**strong, "font_size": 13})
    made["section"] = book.add_format({**strong, "font_size": 11, "bottom": 2, "bottom_color": "#1D4E89"})
    made["name"] = book.add_format({**strong, "valign": "top"})
    return made


# -- 结果


def _write_results(book: Any, formats: dict[str, Any], result: RunResult) -> None:
    rows, sheets = len(result.table), max(1, -(-len(result.table) // ROWS_A_SHEET))
    shares = _share_format(result)
    for number in range(sheets):
        sheet = book.add_worksheet("结果" if number == 0 else f"结果{number + 1}")
        part = result.table.slice(number * ROWS_A_SHEET, ROWS_A_SHEET)
        case = result.plan.case
        title = f"{case.name}  证券 {case.security}  {DIRECTION_WORDS[case.direction]}  共 {rows:,} 行"
        if sheets > 1:
            title += f"，本表为第 {number + 1} 部分（共 {sheets} 部分）"
        sheet.write_string(0, 0, cell(title), formats["title"])
        _write_table(sheet, formats, result, part, shares)


def _kinds(shares: str) -> list[tuple[str, str]]:
    from fengqiao.engine.loss import run_result as shape

    names = {shape.QUANTITY: shares, shape.PRICE: "price", shape.AMOUNT: "money", shape.RATIO: "ratio"}
    return [(name, names.get(kind, "text")) for name, kind in shape.RESULT_COLUMNS]


def _share_format(result: RunResult) -> str:
    import pyarrow.compute as pc

    for name in QUANTITY_COLUMNS:
        column = result.table[name]
        if pc.any(pc.not_equal(column, pc.floor(column))).as_py():
            return "shares"
    return "whole"


def _write_table(sheet: Any, formats: dict[str, Any], result: RunResult, part: Any, shares: str) -> None:
    kinds = _kinds(shares)
    _write_totals(sheet, formats, part, kinds)
    sheet.set_row(HEADING_ROW, 32)
    for column, (name, kind) in enumerate(kinds):
        sheet.set_column(column, column, WIDTHS.get(name, 16), formats[kind])
        sheet.write_string(HEADING_ROW, column, column_heading(name, result.plan.case.direction), formats["heading"])
    columns = [part[name].to_pylist() if kind == "text" else floats(part[name]) for name, kind in kinds]
    write_text, write_number = sheet.write_string, sheet.write_number
    row_formats = [(column, kind == "text", formats[kind]) for column, (_, kind) in enumerate(kinds)]
    for row, values in enumerate(zip(*columns, strict=True), start=FIRST_ROW):
        for (column, is_text, form), value in zip(row_formats, values, strict=True):
            if value is None or value == "":
                continue
            if is_text:
                write_text(row, column, cell(value), form)
            else:
                write_number(row, column, value, form)
    sheet.freeze_panes(FIRST_ROW, 1)
    sheet.autofilter(HEADING_ROW, 0, max(HEADING_ROW + len(part), FIRST_ROW), len(kinds) - 1)
    sheet.set_landscape()
    sheet.set_paper(8)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEADING_ROW)


def floats(column: Any) -> list[float | None]:
    """Decimals as the nearest floating-point numbers: a workbook knows no others."""
    import polars as pl

    series = cast("pl.Series", pl.from_arrow(column))
    unit = 10**column.type.scale
    # divided here: Polars multiplies by the reciprocal, which is not always the nearest number
    return [None if value is None else value / unit for value in series.to_physical().cast(pl.Int64).to_list()]


def _write_totals(sheet: Any, formats: dict[str, Any], part: Any, kinds: Sequence[tuple[str, str]]) -> None:
    """Sums of the rows a filter leaves, with the sums of all rows as the stored values."""
    import pyarrow.compute as pc
    from xlsxwriter.utility import xl_rowcol_to_cell

    last = FIRST_ROW + max(len(part), 1) - 1
    for column, (name, kind) in enumerate(kinds):
        if name not in MONEY_COLUMNS and name not in QUANTITY_COLUMNS:
            sheet.write_string(TOTALS_ROW, column, "合计（随筛选）" if column == 0 else "", formats["total"])
            continue
        cells = f"{xl_rowcol_to_cell(FIRST_ROW, column)}:{xl_rowcol_to_cell(last, column)}"
        value = float(pc.sum(part[name]).as_py() or 0)
        sheet.write_formula(TOTALS_ROW, column, f"=SUBTOTAL(109,{cells})", formats[f"total_{kind}"], value)


# -- 设置


def _write_settings(sheet: Any, formats: dict[str, Any], result: RunResult) -> None:
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 44)
    sheet.set_column(2, 2, 56)
    sheet.set_column(3, 3, 44)
    row = 0
    for title, rows in _setting_sections(result):
        sheet.write_string(row, 0, title, formats["section"])
        for column in (1, 2, 3):
            sheet.write_blank(row, column, None, formats["section"])
        row += 1
        for values in rows:
            sheet.write_string(row, 0, cell(values[0]), formats["name"])
            for column, value in enumerate(values[1:], start=1):
                sheet.write_string(row, column, cell(value), formats["wrapped"])
            row += 1
        row += 1
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _setting_sections(result: RunResult) -> list[tuple[str, list[tuple[str, ...]]]]:
    plan, totals = result.plan, result.totals
    case = plan.case
    head: list[tuple[str, ...]] = [
        ("案件名称", case.name), ("证券代码", case.security), ("适用规则", rules_of(plan).title),
        ("虚假陈述类型", DIRECTION_WORDS[case.direction]), ("引擎版本", result.engine_version),
    ]  # fmt: skip
    counts: list[tuple[str, ...]] = [
        ("投资者", f"{totals.investors:,} 人"),
        ("有范围内股份的投资者", f"{totals.investors_in_scope:,} 人"),
        ("有损失的投资者", f"{totals.investors_awarded:,} 人"),
        ("读入交易记录", f"{totals.rows_read:,} 行"),
        ("未参与计算的记录", f"{totals.rows_left_out:,} 行"),
    ]
    sections = [("案件", head)]
    for part in plan.segments:
        name = f"关键日期：{part.segment.name}" if len(plan.segments) > 1 else "关键日期"
        sections.append((name, [(r.name, r.value, r.basis, r.note) for r in date_rows(plan, part)]))
    settings = setting_rows(plan, result.settings)
    sections += [
        ("人数和记录", counts),
        ("合计", _sums(result)),
        ("设置", [(r.name, r.value, r.source, r.mark) for r in settings]),
        (
            "所用的法律数值",
            [
                (r.title, r.value, f"{r.source}；{r.in_force}", "" if r.verified else f"待核：{r.missing}")
                for r in law_rows(plan)
            ],
        ),
        ("输入文件摘要", [*named_digests(result.digests)]),
    ]
    if plan.notes:
        sections.append(("说明", [("行情", note) for note in plan.notes]))
    return sections


def _sums(result: RunResult) -> list[tuple[str, ...]]:
    import pyarrow.compute as pc

    rows: list[tuple[str, ...]] = []
    for name in (*MONEY_COLUMNS, *QUANTITY_COLUMNS):
        value = Fraction(pc.sum(result.table[name]).as_py() or 0)
        heading = column_heading(name, result.plan.case.direction).removesuffix("（元）")
        money = name in MONEY_COLUMNS
        rows.append((heading, yuan_both(int(value * FEN_PER_YUAN)) if money else f"{quantity_text(value)} 股"))
    return rows


# -- 数据问题


def write_findings(sheet: Any, formats: dict[str, Any], result: RunResult | WrongResult) -> None:
    """The sheet of data problems."""
    found = len(result.findings)
    note = f"共 {found:,} 项数据问题。" if found else "没有发现数据问题。"
    if found > FINDINGS_SHOWN:
        note += f"本表列出前 {FINDINGS_SHOWN:,} 项，其余 {found - FINDINGS_SHOWN:,} 项见 findings.csv。"
    headings = (
        ("文件", 24),
        ("工作表", 14),
        ("行", 9),
        ("投资者", 20),
        ("问题", 26),
        ("说明", 70),
        ("是否参与计算", 14),
    )
    for column, (_, width) in enumerate(headings):
        sheet.set_column(column, column, width)
    sheet.write_string(0, 0, note, formats["title"])
    for column, (name, _) in enumerate(headings):
        sheet.write_string(1, column, name, formats["heading"])
    for row, item in enumerate(result.findings[:FINDINGS_SHOWN], start=2):
        texts = (item.file, item.sheet, "", item.investor, CODES.get(item.code, item.code), item.reason)
        for column, text in enumerate(texts):
            if column == 2 and item.row:
                sheet.write_number(row, column, item.row, formats["whole"])
            elif text:
                sheet.write_string(row, column, cell(text), formats["text"])
        sheet.write_string(row, 6, "参与" if item.used else "未参与", formats["text"])
    sheet.freeze_panes(2, 0)
    sheet.autofilter(1, 0, max(1 + min(found, FINDINGS_SHOWN), 2), len(headings) - 1)


# -- 基准日计算


def _write_days(sheet: Any, formats: dict[str, Any], result: RunResult) -> None:
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, len(DAY_HEADINGS) - 1, 18)
    row, plan = 0, result.plan
    forms = ("text", "whole", "price", "price", "whole", "whole", "ratio", "ratio")
    for part in plan.segments:
        dates = {item.name: item for item in date_rows(plan, part)}
        name = f"{part.segment.name}：" if len(plan.segments) > 1 else ""
        title = f"{name}基准日 {dates['基准日'].value}，基准价 {dates['基准价'].value}（{dates['基准日'].note}）"
        sheet.write_string(row, 0, cell(title), formats["title"])
        row += 1
        days = day_numbers(part)
        if not days:
            sheet.write_string(row, 0, "基准日和基准价由案件文件给定，没有以行情推算，故无逐日计算。", formats["text"])
            row += 2
            continue
        for column, heading in enumerate(DAY_HEADINGS):
            sheet.write_string(row, column, heading, formats["heading"])
        for values in days:
            row += 1
            for column, (value, form) in enumerate(zip(values, forms, strict=True)):
                if isinstance(value, str):
                    sheet.write_string(row, column, value, formats["text"])
                elif value is not None:
                    sheet.write_number(row, column, value, formats[form])
        row += 2
