"""PDF/A by Typst: one warm compiler, the fonts of the package only, texts never read as markup, no clock."""

from __future__ import annotations

import datetime as dt
import json
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, cast

from fengqiao.engine.forms.identity_of_output import foot, keywords, said_of_missing
from fengqiao.engine.forms.layout import parts_of
from fengqiao.engine.forms.model import FormTemplate, Place
from fengqiao.engine.forms.wording import BLANK
from fengqiao.engine.typesetting.glyphs import FONTS, RARE, not_in_print

TYPST = Path(__file__).parent / "typst"
STANDARD = "a-2b"
PAGE_HEIGHT, PAGE_WIDTH = 841.8898, 595.2756
PLACE_WIDTH, PLACE_HEIGHT = 190.0, 56.0
LOCK = Lock()


@cache
def compiler() -> Any:
    """The compiler, warm after the first document."""
    import typst

    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS), str(RARE)])
    return typst.Compiler(root=str(TYPST), font_paths=fonts)


def inputs(template: FormTemplate, data: dict[str, Any], as_of: dt.date, *, draft: bool) -> dict[str, str]:
    """What the Typst library is given."""
    values = {
        "title": template.title, "keywords": keywords(template, data), "on": [as_of.year, as_of.month, as_of.day],
        "parts": parts_of(template, data, BLANK if draft else ""), "foot": foot(template, data), "draft": draft,
        "landscape": template.landscape,
        "unprintable": said_of_missing(not_in_print(json.dumps(data, ensure_ascii=False))),
    }  # fmt: skip
    return {"data": json.dumps(values, ensure_ascii=False)}


def compiled(sys_inputs: dict[str, str], as_of: dt.date) -> bytes:
    """The bytes of a document; the same inputs give the same bytes."""
    moment = int(dt.datetime.combine(as_of, dt.time(), dt.UTC).timestamp())
    return cast(
        "bytes",
        compiler().compile(
            input=str(TYPST / "court.typ"), format="pdf", sys_inputs=sys_inputs, pdf_standards=[STANDARD],
            timestamp=moment,
        ),
    )  # fmt: skip


def typeset(template: FormTemplate, data: dict[str, Any], as_of: dt.date, *, draft: bool = False) -> bytes:
    """A form as PDF."""
    with LOCK:
        return compiled(inputs(template, data, as_of, draft=draft), as_of)


def places(template: FormTemplate, data: dict[str, Any], as_of: dt.date) -> list[Place]:
    """Where signatures go: asked of the compiler about the document it has just laid out."""
    with LOCK:
        compiled(inputs(template, data, as_of, draft=False), as_of)
        said = json.loads(compiler().query("<place>", field="value"))
    height = PAGE_WIDTH if template.landscape else PAGE_HEIGHT
    return [
        Place(item["key"], item["name"], item["who"], item["page"], _rect(item["x"], height - item["y"]))
        for item in said
    ]


def _rect(x: float, top: float) -> tuple[float, float, float, float]:
    return (round(x, 2), round(top - PLACE_HEIGHT, 2), round(x + PLACE_WIDTH, 2), round(top, 2))
