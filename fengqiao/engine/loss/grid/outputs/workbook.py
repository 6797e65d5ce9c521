"""comparison.xlsx: 方案, 热图, 两两比较, 投资者区间, 说明."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fengqiao.engine.loss.case import settings_of
from fengqiao.engine.loss.grid.figures import QUANTILES, Pair
from fengqiao.engine.loss.grid.outputs.heat_map import layout_of
from fengqiao.engine.loss.grid.outputs.ranges import rows_of
from fengqiao.engine.loss.grid.outputs.shown_rows import against_base, law_used, rule_titles, sums, varied
from fengqiao.engine.loss.outputs.settings_table import setting_rows
from fengqiao.engine.loss.outputs.shown import cell
from fengqiao.engine.loss.outputs.words import named_digests
from fengqiao.engine.loss.outputs.workbook import FIXED_DAY, FONT

if TYPE_CHECKING:
    from fengqiao.engine.loss.grid.result import Comparison

INVESTORS_SHOWN = 100_000
MONEY_HEADINGS = ("损失合计（元）", "与基准之差（元）", "平均（元）", "中位数（元）")
HEAT = {"type": "3_color_scale", "min_color": "#EEF4FA", "mid_color": "#8FB3D9", "max_color": "#2F6DB0"}


def write_workbook(comparison: Comparison, path: Path) -> None:
    """Write the workbook. The same comparison gives the same bytes; no text of the input ever becomes a formula."""
    import xlsxwriter

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties(
            {"title": "方案比较", "created": FIXED_DAY, "comments": f"fengqiao {comparison.engine_version}"}
        )
        forms = _formats(book)
        _scenarios(book.add_worksheet("方案"), forms, comparison)
        _heat(book.add_worksheet("热图"), forms, comparison)
        _pairs(book.add_worksheet("两两比较"), forms, comparison)
        _ranges(book.add_worksheet("投资者区间"), forms, comparison)
        _explanations(book.add_worksheet("说明"), forms, comparison)


def _formats(book: Any) -> dict[str, Any]:
    plain = {"font_name": FONT, "font_size": 10, "valign": "vcenter"}
    heading = {
        **plain, "bold": True, "bg_color": "#1D4E89", "font_color": "#FFFFFF", "text_wrap": True, "border": 1,
        "align": "center",
    }  # fmt: skip
    return {
        "money": book.add_format({**plain, "num_format": "#,##0.00"}),
        "change": book.add_format({**plain, "num_format": "+#,##0.00;-#,##0.00;0.00"}),
        "whole": book.add_format({**plain, "num_format": "#,##0"}),
        "text": book.add_format({**plain, "num_format": "@"}),
        "wrapped": book.add_format({**plain, "num_format": "@", "text_wrap": True, "valign": "top"}),
        "strong": book.add_format({**plain, "bold": True}),
        "base": book.add_format({**plain, "bold": True, "font_color": "#B42318"}),
        "title": book.add_format({**plain, "bold": True, "font_size": 13}),
        "heading": book.add_format(heading),
    }


def _head(sheet: Any, forms: dict[str, Any], row: int, headings: Sequence[tuple[str, int]]) -> None:
    sheet.set_row(row, 32)
    for column, (name, wide) in enumerate(headings):
        sheet.set_column(column, column, wide)
        sheet.write_string(row, column, name, forms["heading"])


def _line(sheet: Any, forms: dict[str, Any], row: int, values: Sequence[Any], kinds: Sequence[str]) -> None:
    for column, (value, kind) in enumerate(zip(values, kinds, strict=True)):
        if value is None or value == "":
            continue
        if isinstance(value, str):
            sheet.write_string(row, column, cell(value), forms[kind])
        else:
            sheet.write_number(row, column, value, forms[kind])


def _scenarios(sheet: Any, forms: dict[str, Any], comparison: Comparison) -> None:
    headings, settings = varied(comparison)
    case = comparison.base_plan.case
    sheet.write_string(0, 0, cell(f"{case.name}  证券 {case.security}  方案比较（基准方案为红字）"), forms["title"])
    tail = [f"第{share}百分位（元）" for share in QUANTILES]
    counts = ["有损失者（人）", "比基准多者（人）", "比基准少者（人）"]
    names = [*headings[:1], "名称", *headings[1:-1], *MONEY_HEADINGS, *tail, "最大（元）", *counts, headings[-1]]
    wide = [8, 44, *([16] * (len(headings) - 2)), 20, 20, *([16] * (len(names) - len(headings) - 4)), 40]
    _head(sheet, forms, 1, list(zip(names, wide, strict=False)))
    pairs = dict(against_base(comparison))
    for row, (item, cells) in enumerate(zip(comparison.figures, settings, strict=True), start=2):
        mark = "base" if item.scenario.base else "text"
        values: list[Any] = [cells[0], item.scenario.name, *cells[1:-1]]
        kinds = [mark] * len(values)
        if item.scenario.computed:
            pair = pairs.get(item.scenario.id)
            money = (item.total, item.difference, item.mean, item.median, *item.quantiles, item.highest)
            values += [value / 100 for value in money]
            kinds += ["money", "change", *(["money"] * (len(money) - 2))]
            values += [item.awarded, pair.gain if pair else 0, pair.lose if pair else 0]
            kinds += ["whole"] * 3
        else:
            values += [None] * (len(names) - len(values) - 1)
            kinds += ["text"] * (len(names) - len(kinds) - 1)
        _line(sheet, forms, row, [*values, cells[-1]], [*kinds, "text"])
    sheet.freeze_panes(2, 2)
    sheet.autofilter(1, 0, 1 + len(comparison.figures), len(names) - 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _heat(sheet: Any, forms: dict[str, Any], comparison: Comparison) -> None:
    """The axes as rows and columns; colours by conditional formatting, so that they follow the figures."""
    layout = layout_of(comparison)
    levels = len(layout.rows)
    sheet.set_column(0, max(levels - 1, 0), 22)
    sheet.set_column(levels, levels + max(len(layout.columns and layout.column_labels()), 1), 20)
    row = 0
    for title, field in (("损失合计（元）", "total"), ("中位数（元）", "median")):
        sheet.write_string(row, 0, title, forms["title"])
        row += 1
        columns, rows = layout.column_labels(), layout.row_labels()
        for level, axis in enumerate(layout.columns):
            sheet.write_string(row, 0, cell(axis.name), forms["strong"])
            for c, labels in enumerate(columns):
                sheet.write_string(row, levels + c, cell(labels[level]), forms["heading"])
            row += 1
        first = row
        for labels in rows if layout.cells else ():
            for level, label in enumerate(labels):
                sheet.write_string(row, level, cell(label), forms["text"])
            for c, across in enumerate(columns):
                item = layout.cells.get((*labels, *across))
                if item is None or not item.scenario.computed:
                    sheet.write_string(row, levels + c, "未列入" if item is None else "未计算", forms["text"])
                else:
                    sheet.write_number(row, levels + c, getattr(item, field) / 100, forms["money"])
            row += 1
        for item in layout.named:
            sheet.write_string(row, 0, cell(item.scenario.name), forms["text"])
            if item.scenario.computed:
                sheet.write_number(row, max(levels, 1), getattr(item, field) / 100, forms["money"])
            row += 1
        if row > first:
            sheet.conditional_format(first, max(levels, 1) if not layout.cells else levels, row - 1,
                                     levels + max(len(columns), 1), HEAT)  # fmt: skip
        row += 1


def _pairs(sheet: Any, forms: dict[str, Any], comparison: Comparison) -> None:
    headings = (
        ("由", 8), ("改为", 8), ("由（名称）", 40), ("改为（名称）", 40), ("得到更多（人）", 14),
        ("得到更少（人）", 14), ("不变（人）", 14), ("增加（元）", 20), ("减少（元）", 20), ("净变化（元）", 20),
    )  # fmt: skip
    _head(sheet, forms, 0, headings)
    kinds = ["text"] * 4 + ["whole"] * 3 + ["money", "money", "change"]
    for row, pair in enumerate(comparison.pairs, start=1):
        _line(sheet, forms, row, _pair_cells(pair), kinds)
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, max(len(comparison.pairs), 1), len(headings) - 1)


def _pair_cells(pair: Pair) -> list[Any]:
    return [
        pair.a.id, pair.b.id, pair.a.name, pair.b.name, pair.gain, pair.lose, pair.stay, pair.gained / 100,
        pair.lost / 100, pair.net / 100,
    ]  # fmt: skip


def _ranges(sheet: Any, forms: dict[str, Any], comparison: Comparison) -> None:
    investors = comparison.totals.investors
    note = f"共 {investors:,} 人。"
    if investors > INVESTORS_SHOWN:
        note += f"本表列出前 {INVESTORS_SHOWN:,} 人，全部见 ranges.parquet。"
    sheet.write_string(0, 0, note, forms["title"])
    headings = (
        ("投资者", 20), ("最低（元）", 18), ("方案", 8), ("最低的方案", 40), ("最高（元）", 18), ("方案", 8),
        ("最高的方案", 40), ("各方案中位数（元）", 18), ("为零的方案数", 12),
    )  # fmt: skip
    _head(sheet, forms, 1, headings)
    kinds = ["text", "money", "text", "text", "money", "text", "text", "money", "whole"]
    last = 1
    for last, values in enumerate(rows_of(comparison, INVESTORS_SHOWN), start=2):
        _line(sheet, forms, last, values, kinds)
    sheet.freeze_panes(2, 1)
    sheet.autofilter(1, 0, max(last, 2), len(headings) - 1)


def _explanations(sheet: Any, forms: dict[str, Any], comparison: Comparison) -> None:
    plan = comparison.base_plan
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 48)
    sheet.set_column(2, 3, 48)
    sections: list[tuple[str, list[Sequence[str]]]] = [
        ("比较", [("适用规则", rule_titles(comparison)), ("引擎版本", comparison.engine_version), *sums(comparison)]),
        ("基准方案的设置", [
            (row.name, row.value, row.source, row.mark) for row in setting_rows(plan, settings_of(plan.case))
        ]),
        ("所用的法律数值", [
            (row.title, row.value, f"{row.source}；{row.in_force}", "" if row.verified else f"待核：{row.missing}")
            for row in law_used(comparison)
        ]),
        ("输入文件摘要", [*named_digests(comparison.digests)]),
        ("说明", [("说明", note) for note in comparison.notes]),
    ]  # fmt: skip
    row = 0
    for title, rows in sections:
        if not rows:
            continue
        sheet.write_string(row, 0, title, forms["title"])
        for values in rows:
            row += 1
            for column, value in enumerate(values):
                sheet.write_string(row, column, cell(value), forms["wrapped" if column else "strong"])
        row += 2
