"""Every two scenarios as a matrix: of those whom a change from the row's to the column's makes a difference to, how
many get more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fengqiao.engine.loss.outputs.svg import INK, MUTED, Drawing

if TYPE_CHECKING:
    from fengqiao.engine.loss.grid.result import Comparison

MOST, WITH_NUMBERS = 60, 24
LEFT, TOP, WIDE, BELOW = 34.0, 58.0, 720.0, 24.0
MIDDLE, MORE, LESS = (247, 247, 247), (29, 78, 137), (180, 35, 24)


def pairs_map(comparison: Comparison) -> str:
    """An SVG; "" for fewer than two scenarios or more than a picture can hold."""
    computed = [item.scenario for item in comparison.computed]
    if not 2 <= len(computed) <= MOST:
        return ""
    size = min((WIDE - LEFT) / len(computed), 44.0)
    height = int(TOP + size * len(computed) + BELOW)
    title = "两两比较：由左侧方案改为上方方案，得到更多者占受影响投资者的比例"
    drawing = Drawing(title, f"{title}。全部数字见 pairs.csv。", height=height)
    drawing.text(6, 16, title, 12, INK, font_weight="bold")
    place = {item.id: number for number, item in enumerate(computed)}
    small = min(9.0, size * 0.34)
    for item in computed:
        at = place[item.id]
        drawing.text(LEFT - 5, TOP + size * (at + 0.5) + 3, item.id, small, INK, anchor="end")
        drawing.text(LEFT + size * (at + 0.5), TOP - 6, item.id, small, INK, anchor="middle")
        drawing.box(LEFT + size * at + 0.5, TOP + size * at + 0.5, size - 1, size - 1, "#e1e6eb")
    for pair in comparison.pairs:
        a, b, moved = place[pair.a.id], place[pair.b.id], pair.gain + pair.lose
        for row, column, more in ((a, b, pair.gain), (b, a, pair.lose)):
            share = more / moved if moved else None
            x, y = LEFT + size * column, TOP + size * row
            drawing.box(x + 0.5, y + 0.5, size - 1, size - 1, diverging(share))
            if len(computed) <= WITH_NUMBERS:
                text = "—" if share is None else f"{share:.0%}"
                ink = "#ffffff" if share is not None and abs(share - 0.5) > 0.3 else INK
                drawing.text(x + size / 2, y + size / 2 + 3, text, small, ink, anchor="middle")
    drawing.text(6, height - 8, "蓝色：多数人得到更多；红色：多数人得到更少；—：没有人受影响。", 9, MUTED)
    return drawing.render()


def diverging(share: float | None) -> str:
    """Blue towards 1, red towards 0; nearly white in the middle and where nobody is affected.

    >>> diverging(1.0), diverging(0.5), diverging(None)
    ('#1d4e89', '#f7f7f7', '#f7f7f7')
    """
    if share is None:
        share = 0.5
    end, part = (MORE, share * 2 - 1) if share >= 0.5 else (LESS, 1 - share * 2)
    mixed = (round(a + (b - a) * part) for a, b in zip(MIDDLE, end, strict=True))
    return "#" + "".join(f"{value:02x}" for value in mixed)
