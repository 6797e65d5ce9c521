"""Forms as PDF/A: texts never read as markup, no clock."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

from fengqiao.engine.forms.identity_of_output import foot, keywords, said_of_missing
from fengqiao.engine.forms.layout import parts_of
from fengqiao.engine.forms.model import FormTemplate, Place
from fengqiao.engine.forms.wording import BLANK
from fengqiao.engine.typesetting.compiler import labelled, pdf
from fengqiao.engine.typesetting.glyphs import FONTS, RARE, not_in_print

SOURCE = Path(__file__).parent / "typst" / "court.typ"
FACES = (FONTS, RARE)
STANDARD = "a-2b"
PAGE_HEIGHT, PAGE_WIDTH = 841.8898, 595.2756
PLACE_WIDTH, PLACE_HEIGHT = 190.0, 56.0


def inputs(template: FormTemplate, data: dict[str, Any], as_of: dt.date, *, draft: bool, large: bool) -> dict[str, str]:
    """What the Typst library is given."""
    values = {
        "title": template.title, "keywords": keywords(template, data), "on": [as_of.year, as_of.month, as_of.day],
        "parts": parts_of(template, data, BLANK if draft else ""),
        "foot": foot(template, data) + ("　大字版" if large else ""),
        "draft": draft, "large": large,
        "landscape": template.landscape,
        "unprintable": said_of_missing(not_in_print(json.dumps(data, ensure_ascii=False))),
    }  # fmt: skip
    return {"data": json.dumps(values, ensure_ascii=False)}


def compiled(sys_inputs: dict[str, str], as_of: dt.date) -> bytes:
    """The bytes of a document; the same inputs give the same bytes."""
    return pdf(SOURCE, sys_inputs, FACES, **settings(as_of))


def settings(as_of: dt.date) -> dict[str, Any]:
    """For the archive, and with no clock."""
    moment = int(dt.datetime.combine(as_of, dt.time(), dt.UTC).timestamp())
    return {"pdf_standards": [STANDARD], "timestamp": moment}


def typeset(
    template: FormTemplate, data: dict[str, Any], as_of: dt.date, *, draft: bool = False, large: bool = False
) -> bytes:
    """A form as PDF."""
    return compiled(inputs(template, data, as_of, draft=draft, large=large), as_of)


def places(template: FormTemplate, data: dict[str, Any], as_of: dt.date, *, large: bool = False) -> list[Place]:
    """Where signatures go: asked of the compiler about the document it has just laid out."""
    said = labelled("place", SOURCE, inputs(template, data, as_of, draft=False, large=large), FACES, **settings(as_of))
    height = PAGE_WIDTH if template.landscape else PAGE_HEIGHT
    return [
        Place(item["key"], item["name"], item["who"], item["page"], _rect(item["x"], height - item["y"]))
        for item in said
    ]


def _rect(x: float, top: float) -> tuple[float, float, float, float]:
    return (round(x, 2), round(top - PLACE_HEIGHT, 2), round(x + PLACE_WIDTH, 2), round(top, 2))
