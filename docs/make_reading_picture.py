"""Draw what `fengqiao loss read` shows for three invented statements, as a picture for the recipe."""

from __future__ import annotations

import contextlib
import io
import os
import re
import tempfile
from pathlib import Path

import typst
import xlsxwriter

from fengqiao.cli.main import main as fengqiao
from fengqiao.cli.text_table import width

ROOT = Path(__file__).parents[1]
PICTURE = Path(__file__).parent / "pictures" / "read_statements.png"
FONTS = ROOT / "fengqiao" / "engine" / "loss" / "outputs" / "fonts"
UNIT, LINE, SIZE = 4.6, 13.5, 9  # points: half a Chinese sign, a line, the type
HEADER = [
    "成交日期",
    "证券代码",
    "证券名称",
    "业务名称",
    "成交数量",
    "成交均价",
    "成交金额",
    "手续费",
    "印花税",
    "股东代码",
]
LINES = [
    ["20220302", '="600000"', "样本股份", "证券买入", "1,000", "10.00", "10,000.00", "5.00", "0", '="A100000001"'],
    ["20220520", '="600000"', "样本股份", "红股入账", "300", "0", "0", "0", "0", '="A100000001"'],
    ["20220520", '="600000"', "样本股份", "股息入账", "0", "0", "200.00", "0", "0", '="A100000001"'],
    ["20220601", '="204001"', "GC001", "融券回购", "100", "2.00", "10,000.00", "0.10", "0", '="A100000001"'],
    ["20230803", '="600000"', "样本股份", "证券卖出", "400", "9.00", "3,600.00", "5.00", "3.60", '="A100000001"'],
]


def write_statements(folder: Path) -> list[str]:
    """A text in GBK under the name of a workbook, a workbook with titles and a total, a csv with signed quantities."""
    text = "\r\n".join("\t".join(row) for row in [HEADER, *LINES])
    (folder / "投资者A.xls").write_bytes(text.encode("gbk"))
    with xlsxwriter.Workbook(str(folder / "对账单.xlsx")) as book:
        sheet = book.add_worksheet("对账单")
        rows = [["客户对账单"], ["客户姓名：投资者B", "", "资金账号：1001"], HEADER[:7]]
        rows += [["20220303", "600000", "样本股份", "融资买入", "500", "9.80", "4900.00"], ["合计", "", "", "", "500"]]
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    signed = "日期,代码,发生数量,价格\n2022-03-04,600000,800,9.90\n2023-08-04,600000,-800,8.80\n"
    (folder / "投资者C.csv").write_text(signed, encoding="utf-8-sig")
    return ["投资者A.xls", "对账单.xlsx", "投资者C.csv"]


def shown() -> str:
    """The command and what it prints."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        files = write_statements(Path(folder))
        words = ["loss", "read", *files, "--out", "trades.parquet"]
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            code = fengqiao(words)
        if code:
            raise SystemExit(code)
    return f"$ fengqiao {' '.join(words)}\n\n{said.getvalue().rstrip()}"


def page(text: str) -> str:
    """A text as a page on which every column begins where it begins on a terminal."""
    lines = text.splitlines()
    across = (max(width(line) for line in lines) + 3) * UNIT
    out = [
        f'#set page(width: {across}pt, height: {(len(lines) + 1) * LINE}pt, margin: 8pt, fill: rgb("#f7f7f5"))',
        f'#set text(font: "Noto Sans CJK SC", size: {SIZE}pt)',
    ]
    for number, line in enumerate(lines):
        for piece in re.finditer(r"\S+(?: \S+)*", line):
            left = width(line[: piece.start()]) * UNIT
            quoted = piece[0].replace("\\", "\\\\").replace('"', '\\"')
            out.append(f'#place(dx: {left:.1f}pt, dy: {number * LINE:.1f}pt, text("{quoted}"))')
    return "\n".join(out)


def main() -> None:
    """Draw the picture."""
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "main.typ"
        source.write_text(page(shown()), encoding="utf-8")
        drawn = typst.Compiler(root=folder, font_paths=fonts).compile(input=str(source), format="png", ppi=144.0)
    PICTURE.write_bytes(drawn)
    print(f"{os.path.relpath(PICTURE, ROOT)}: {len(drawn) // 1024} kB")


if __name__ == "__main__":
    main()
