"""Make the Word templates of all forms, with the tags docxtpl fills: python docs/make_word_template.py."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from pathlib import Path
from typing import Any

PLACE = Path(__file__).parents[1] / "fengqiao" / "engine" / "forms" / "word"
ZIP_DAY = (1980, 1, 1, 0, 0, 0)

WIDEST = 10
"""Columns of the widest table."""
BODY_FONT = "仿宋"


LARGE = 1.6
"""Large print (大字版): body letters of 19 points, nothing but the foot of the page below 14."""
SIDE_BY_SIDE = 3
"""Columns that a table in large print has room for; of a wider one each row stands for itself, column below column."""


def court_template(*, landscape: bool = False, large: bool = False) -> bytes:
    """The template as a .docx: each kind of part stands once inside the loop over the parts."""
    from docx import Document
    from docx.enum.section import WD_ORIENT
    from docx.shared import Mm, Pt

    word = Document()
    page = word.sections[0]
    page.page_width, page.page_height = (Mm(297), Mm(210)) if landscape else (Mm(210), Mm(297))
    page.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    page.left_margin = page.right_margin = Mm(20 if landscape or large else 28)
    page.top_margin, page.bottom_margin = (Mm(24), Mm(22)) if landscape else (Mm(30), Mm(28))
    width, k = 257 if landscape else 170 if large else 154, LARGE if large else 1
    normal = word.styles["Normal"]
    normal.font.name, normal.font.size = "Times New Roman", Pt(round(12 * k))
    _east_asian(normal.element.get_or_add_rPr(), BODY_FONT)
    normal.paragraph_format.line_spacing = 1.5
    normal.paragraph_format.space_after = Pt(0)
    _line(word, "{{ title }}", size=round(20 * k), bold=True, centre=True, after=18)
    _line(word, "{%p if draft %}")
    _line(word, "草稿，未完成")
    _line(word, "{%p endif %}")
    _line(word, "{%p for part in parts %}")
    _of_kind(word, "heading", lambda: _heading(word, "{{ part.text }}"))
    _of_kind(word, "small", lambda: _line(word, "{{ part.text }}", size=9 * k))
    _line(word, "{%p if part.kind == 'para' and part.label %}")
    labelled = _line(word, "{{ part.label }}", bold=True)
    labelled.add_run("{{ part.text }}")
    _line(word, "{%p endif %}")
    _line(word, "{%p if part.kind == 'para' and not part.label %}")
    _line(word, "{{ part.text }}").paragraph_format.first_line_indent = Pt(2 * round(12 * k))
    _line(word, "{%p endif %}")
    for columns in range(2, (SIDE_BY_SIDE if large else WIDEST) + 1):
        _line(word, "{%p if part.kind == 'table' and part.columns == " + str(columns) + " %}")
        _table(word, [f"{{{{ part.head[{n}] }}}}" for n in range(columns)], "part.rows", width)
        _line(word, "{%p endif %}")
    if large:
        _line(word, "{%p if part.kind == 'table' and part.columns > " + str(SIDE_BY_SIDE) + " %}")
        _row_by_row(word, width)
        _line(word, "{%p endif %}")
    _of_kind(word, "pairs", lambda: _pairs(word, width, width * 3 // 10 if large else 46))
    _of_kind(word, "sign", lambda: _sign(word))
    _line(word, "{%p endfor %}")
    _line(word, "{%p if unprintable %}")
    _line(word, "{{ unprintable }}", size=9 * k)
    _line(word, "{%p endif %}")
    foot = page.footer.paragraphs[0]
    foot.add_run("{{ foot }}　").font.size = Pt(10 if large else 8)
    _page_number(foot)
    word.core_properties.created = word.core_properties.modified = dt.datetime(2026, 1, 1)  # noqa: DTZ001
    made, out = io.BytesIO(), io.BytesIO()
    word.save(made)
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name, ZIP_DAY), old.read(name), zipfile.ZIP_DEFLATED, 6)
    return out.getvalue()


def _of_kind(word: Any, kind: str, write: Any) -> None:
    _line(word, "{%p if part.kind == '" + kind + "' %}")
    write()
    _line(word, "{%p endif %}")


def _line(
    word: Any, text: str, *, size: float = 0, bold: bool = False, centre: bool = False, before: int = 0, after: int = 0
) -> Any:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    line = word.add_paragraph()
    run = line.add_run(text)
    run.bold = bold or None
    if size:
        run.font.size = Pt(size)
    if centre:
        line.alignment = WD_ALIGN_PARAGRAPH.CENTER
    line.paragraph_format.space_before, line.paragraph_format.space_after = Pt(before), Pt(after)
    return line


def _heading(word: Any, text: str) -> None:
    """A heading never stands alone at the end of a page."""
    _line(word, text, bold=True, before=8).paragraph_format.keep_with_next = True


def _gap(word: Any) -> None:
    """Room below a table; without it Word would also take two tables for one."""
    _line(word, "", size=4).paragraph_format.line_spacing = 1.0


def _table(word: Any, head: list[str], rows: str, width: int) -> None:
    table = word.add_table(rows=4, cols=len(head), style="Table Grid")
    for cell, text in zip(table.rows[0].cells, head, strict=True):
        cell.text = text
        cell.paragraphs[0].runs[0].bold = True
    table.rows[1].cells[0].text = "{%tr for row in " + rows + " %}"
    for number, cell in enumerate(table.rows[2].cells):
        cell.text = f"{{{{ row[{number}] }}}}"
    table.rows[3].cells[0].text = "{%tr endfor %}"
    _widths(table, [16] + [(width - 16) // (len(head) - 1)] * (len(head) - 1))
    _repeated(table.rows[0])
    _gap(word)


def _row_by_row(word: Any, width: int) -> None:
    """Each row of a wide table as a table of its own: heading, value."""
    _line(word, "{%p for row in part.rows %}")
    table = word.add_table(rows=3, cols=2, style="Table Grid")
    table.rows[0].cells[0].text = "{%tr for cell in row %}"
    table.rows[1].cells[0].text, table.rows[1].cells[1].text = "{{ part.head[loop.index0] }}", "{{ cell }}"
    table.rows[1].cells[0].paragraphs[0].runs[0].bold = True
    table.rows[2].cells[0].text = "{%tr endfor %}"
    _widths(table, [width * 3 // 10, width - width * 3 // 10])
    _gap(word)
    _line(word, "{%p endfor %}")


def _pairs(word: Any, width: int, first: int) -> None:
    _line(word, "{%p if part.title %}")
    _heading(word, "{{ part.title }}")
    _line(word, "{%p endif %}")
    table = word.add_table(rows=3, cols=2, style="Table Grid")
    table.rows[0].cells[0].text = "{%tr for row in part.rows %}"
    table.rows[1].cells[0].text, table.rows[1].cells[1].text = "{{ row[0] }}", "{{ row[1] }}"
    table.rows[2].cells[0].text = "{%tr endfor %}"
    _widths(table, [first, width - first])
    _gap(word)


def _sign(word: Any) -> None:
    _line(word, "{%p for place in part.places %}")
    _line(word, "{{ place.name }}（签名或者盖章）：{{ place.who }}", before=18).paragraph_format.keep_with_next = True
    _line(word, "{{ part.date }}", before=24)
    _line(word, "{%p endfor %}")


def _widths(table: Any, millimetres: list[int]) -> None:
    from docx.enum.table import WD_TABLE_ALIGNMENT
    from docx.shared import Mm, Pt

    table.autofit, table.alignment = False, WD_TABLE_ALIGNMENT.CENTER
    for row in table.rows:
        for cell, width in zip(row.cells, millimetres, strict=True):
            cell.width = Mm(width)
            inside = cell.paragraphs[0].paragraph_format
            inside.line_spacing, inside.space_before, inside.space_after = 1.0, Pt(2), Pt(2)
    for column, width in zip(table.columns, millimetres, strict=True):
        column.width = Mm(width)


def _repeated(row: Any) -> None:
    """The heads stand on every page of a long table."""
    from docx.oxml import OxmlElement

    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _page_number(line: Any) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    line._p.append(field)


def _east_asian(properties: Any, name: str) -> None:
    from docx.oxml.ns import qn

    properties.get_or_add_rFonts().set(qn("w:eastAsia"), name)


NAMES = {
    "court.docx": {}, "court_landscape.docx": {"landscape": True}, "court_large.docx": {"large": True},
    "court_large_landscape.docx": {"landscape": True, "large": True},
}  # fmt: skip

if __name__ == "__main__":
    for name, given in NAMES.items():
        (PLACE / name).write_bytes(court_template(**given))
