"""Pictures of filled-in forms for docs/recipes/forms.md: python docs/make_form_pictures.py."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pypdfium2

from fengqiao.engine import forms

PLACE = Path(__file__).parent / "pictures"
SHOWN = ("mediation_agreement", "complaint", "taskforce_ledger")
COLOURS = 32


def main() -> None:
    """The first page of each, as small PNGs."""
    for key in SHOWN:
        made = forms.render_pdf(key, forms.sample(key), as_of=dt.date(2026, 11, 20))
        page = pypdfium2.PdfDocument(made)[0].render(scale=1.25).to_pil().convert("L").quantize(COLOURS)
        page.save(PLACE / f"form_{key}.png", optimize=True)


if __name__ == "__main__":
    main()
