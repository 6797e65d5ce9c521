"""Web pages: rows that are taken whole give what they give tag by tag."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from fengqiao.engine.loss.broker import markup
from fengqiao.engine.loss.broker.markup import IN_PAGES, IN_SPREADSHEETS, ROW_OF_CELLS

TAGS = (
    "<table>", "</table>", "<tr>", "</tr>", "<td>", "</td>", "<th>", "</th>", "<td colspan=2>", "<td rowspan=3 >",
    '<td align="right">', "<TD style=x>", "<tr height=3>", "<td/>", "<tr/>", "</td >", "<table x", "<tr ",
    "<b>", "</b>", "<p>", "<div>", "<br/>", "<!-- a -->", "<!--", "-->", "<script>", "</script>",
    "<title>题</title>", "<?x", "<!a>", f"<td {'a' * 600}>", "<", ">",
)  # fmt: skip
TEXTS = (" ", "\n", "\u3000", "甲", "乙 ", "&amp;", "&nbsp;", "长" * 4100, "20160104", "-")
ROWS = (
    "<tr><td>20160104</td><td>600518</td><td>证券买入</td><td>100</td></tr>", "<tr><td>甲<td>乙<td>",
    "<tr>\n<th>丙</th>\n", "<tr><td x=y>&lt;</td> <td></td></tr>",
)  # fmt: skip


def sheet_of(page: str) -> tuple[object, ...]:
    """Rows and merged areas, or the refusal."""
    try:
        (sheet,) = markup.markup_sheets(page.encode(), "a.xls")
        return [(row.number, list(row.cells), row.broken) for row in sheet.rows], list(sheet.merged)
    except markup.InputError as error:
        return (str(error),)


def tag_by_tag(page: str, monkeypatch: pytest.MonkeyPatch) -> tuple[object, ...]:
    with monkeypatch.context() as patch:
        patch.setattr(markup, "IN_PAGES", IN_SPREADSHEETS)
        return sheet_of(page)


@pytest.mark.parametrize("seed", range(20))
def test_whole_rows_and_single_tags_agree(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(f"pages {seed}")
    whole = 0
    for _ in range(100):
        pieces = rng.choices([*TAGS, *TEXTS, *ROWS * 3], k=rng.randrange(1, 60))
        page = "<table>" * rng.randrange(2) + "".join(pieces)
        whole += sum(1 for tag in markup._tags(page, IN_PAGES) if tag.name == ROW_OF_CELLS)
        assert sheet_of(page) == tag_by_tag(page, monkeypatch), page
    assert whole > 100


PAGES: dict[str, Callable[[int], str]] = {
    "rows": lambda times: "<table>" + "<tr><td>20160104</td><td>1</td></tr>" * times,
    "attributes": lambda times: "<table>" + "<tr><td align=right>20160104</td><td>1</td></tr>" * times,
    "rows that end otherwise": lambda times: "<table>" + "<tr><td>20160104</td><td>1</td>甲</tr>" * times,
}


@pytest.mark.parametrize("name", PAGES)
def test_many_rows(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    page = PAGES[name](500)
    found = sheet_of(page)
    assert found == tag_by_tag(page, monkeypatch)
    assert len(found[0]) >= 500  # type: ignore[arg-type]
