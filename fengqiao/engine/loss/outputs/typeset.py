"""Documents of the engine as PDF: data never read as markup, no clock."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fengqiao.engine.loss.outputs.shown import printable
from fengqiao.engine.typesetting.compiler import pdf

TEMPLATES = Path(__file__).parent / "templates"


def typeset(template: str, data: dict[str, Any], pictures: dict[str, str] | None = None) -> bytes:
    """A PDF from a template of `templates/` and data: texts, lists and dictionaries.

    Every text is made printable first and reaches the template as a value, so that nothing in it is markup. pictures:
    name -> SVG. The same data give the same bytes.
    """
    inputs = {"data": json.dumps(printable(data), ensure_ascii=False), "pictures": json.dumps(pictures or {})}
    return pdf(TEMPLATES / template, inputs)
