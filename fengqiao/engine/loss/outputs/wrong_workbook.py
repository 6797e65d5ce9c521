"""results.xlsx for the wrongs other than misrepresentation: 结果, 设置, 数据问题."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fengqiao.engine.loss.outputs.shown import cell
from fengqiao.engine.loss.outputs.words import named_digests
from fengqiao.engine.loss.outputs.workbook import (
    FIRST_ROW,
    FIXED_DAY,
    HEADING_ROW,
    TOTALS_ROW,
    WIDTHS,
    floats,
    make_formats,
    write_findings,
)  # fmt: skip
from fengqiao.engine.loss.outputs.wrong_story import law_rows, setting_rows
from fengqiao.engine.loss.outputs.wrong_words import wrong_heading
from fengqiao.engine.loss.run_result import AMOUNT, PRICE, QUANTITY, RATIO, RESULT_COLUMNS
from fengqiao.engine.loss.wrongs.kinds import WRONGS

if TYPE_CHECKING:
    from pathlib import Path

    from fengqiao.engine.loss.wrongs.run_result import WrongResult

LOOKS = {QUANTITY: "shares", PRICE: "price", AMOUNT: "money", RATIO: "ratio"}


def write_workbook(result: WrongResult, path: Path) -> None:
    """Write results.xlsx. The same result gives the same bytes; no text of the input ever becomes a formula."""
    import xlsxwriter

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties(
            {"title": "损失测算结果", "created": FIXED_DAY, "comments": f"fengqiao {result.engine_version}"}
        )
        formats = make_formats(book)
        _write_results(book.add_worksheet("结果"), formats, result)
        _write_settings(book.add_worksheet("设置"), formats, result)
        write_findings(book.add_worksheet("数据问题"), formats, result)


def _write_results(sheet: Any, formats: dict[str, Any], result: WrongResult) -> None:
    import pyarrow.compute as pc
    from xlsxwriter.utility import xl_rowcol_to_cell

    case, table = result.plan.case, result.table
    names = [name for name, _ in RESULT_COLUMNS if name != "findings"] + [*result.plan.details, "findings"]
    sheet.write_string(
        0, 0, cell(f"{case.name}  {case.security}  {WRONGS[case.wrong]}  共 {len(table):,} 行"), formats["title"]
    )
    last = FIRST_ROW + max(len(table), 1) - 1
    looks = [LOOKS.get(table.schema.field(name).type, "text") for name in names]
    for column, (name, look) in enumerate(zip(names, looks, strict=True)):
        if look not in ("money", "shares"):
            sheet.write_string(TOTALS_ROW, column, "合计（随筛选）" if column == 0 else "", formats["total"])
            continue
        cells = f"{xl_rowcol_to_cell(FIRST_ROW, column)}:{xl_rowcol_to_cell(last, column)}"
        value = float(pc.sum(table[name]).as_py() or 0)
        sheet.write_formula(TOTALS_ROW, column, f"=SUBTOTAL(109,{cells})", formats[f"total_{look}"], value)
    sheet.set_row(HEADING_ROW, 32)
    for column, (name, look) in enumerate(zip(names, looks, strict=True)):
        sheet.set_column(column, column, WIDTHS.get(name, 16), formats[look])
        heading = wrong_heading(name, case.wrong, getattr(case.terms, "harmed", "buyers"))
        sheet.write_string(HEADING_ROW, column, heading, formats["heading"])
    columns = [
        table[name].to_pylist() if look == "text" else floats(table[name])
        for name, look in zip(names, looks, strict=True)
    ]
    for row, values in enumerate(zip(*columns, strict=True), start=FIRST_ROW):
        for column, (look, value) in enumerate(zip(looks, values, strict=True)):
            if value is None or value == "":
                continue
            if look == "text":
                sheet.write_string(row, column, cell(str(value)), formats[look])
            else:
                sheet.write_number(row, column, value, formats[look])
    sheet.freeze_panes(FIRST_ROW, 1)
    sheet.autofilter(HEADING_ROW, 0, max(HEADING_ROW + len(table), FIRST_ROW), len(names) - 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _write_settings(sheet: Any, formats: dict[str, Any], result: WrongResult) -> None:
    for column, width in enumerate((30, 44, 56, 44)):
        sheet.set_column(column, column, width)
    case, totals = result.plan.case, result.totals
    laws = [
        (row.title, row.value, f"{row.source}；{row.in_force}", "" if row.verified else f"待核：{row.missing}")
        for row in law_rows(result.plan)
    ]
    sections: list[tuple[str, list[tuple[str, ...]]]] = [
        ("案件", [("案件名称", case.name), ("侵权类型", WRONGS[case.wrong]), ("引擎版本", result.engine_version)]),
        (
            "人数和记录",
            [
                ("投资者", f"{totals.investors:,} 人"),
                ("在范围内的投资者", f"{totals.investors_in_scope:,} 人"),
                ("有损失的投资者", f"{totals.investors_awarded:,} 人"),
                ("读入记录", f"{totals.rows_read:,} 行"),
                ("未参与计算的记录", f"{totals.rows_left_out:,} 行"),
            ],
        ),
        ("设置", [*setting_rows(result.settings)]),
        ("所用的法律数值", [*laws]),
        ("输入文件摘要", [*named_digests(result.digests)]),
        ("说明", [("方法", note) for note in result.plan.notes]),
    ]
    row = 0
    for title, rows in sections:
        sheet.write_string(row, 0, title, formats["section"])
        for values in rows:
            row += 1
            sheet.write_string(row, 0, cell(values[0]), formats["name"])
            for column, value in enumerate(values[1:], start=1):
                sheet.write_string(row, column, cell(value), formats["wrapped"])
        row += 2
