"""Draw the pictures of the documents from the results of `make demo`: the price chart and one page of a statement."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import typst

ROOT = Path(__file__).parents[1]
PICTURES = Path(__file__).parent / "pictures"
FONTS = ROOT / "fengqiao" / "engine" / "loss" / "outputs" / "fonts"
PAGE = '#set page(width: auto, height: auto, margin: 6pt, fill: white)\n#image("{name}", width: {width}pt{page})\n'


def draw(source: Path, picture: Path, *, width: int, page: int | None = None) -> None:
    """One SVG, or one page of a PDF, as PNG with the fonts of the printed documents."""
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / source.name
        copy.write_bytes(source.read_bytes())
        main = Path(folder) / "main.typ"
        number = f", page: {page}" if page else ""
        main.write_text(PAGE.format(name=source.name, width=width, page=number), encoding="utf-8")
        drawn = typst.Compiler(root=folder, font_paths=fonts).compile(input=str(main), format="png", ppi=144.0)
    picture.write_bytes(drawn)
    print(f"{picture.relative_to(ROOT)}: {len(drawn) // 1024} kB")


def main(demo: Path) -> None:
    """Draw all pictures from the results in `demo`."""
    PICTURES.mkdir(exist_ok=True)
    draw(demo / "results" / "charts" / "price.svg", PICTURES / "price.png", width=640)
    draw(demo / "statement.pdf", PICTURES / "statement.png", width=560, page=1)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "demo")
