"""PDF by Typst: one warm compiler, only the fonts of the package, data never read as markup, no clock."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, cast

from fengqiao.engine.loss.outputs.shown import printable
from fengqiao.engine.typesetting.glyphs import FONTS

TEMPLATES = Path(__file__).parent / "templates"
LOCK = Lock()


@cache
def _compiler() -> Any:
    import typst

    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])
    return typst.Compiler(root=str(TEMPLATES), font_paths=fonts)


def typeset(template: str, data: dict[str, Any], pictures: dict[str, str] | None = None) -> bytes:
    """A PDF from a template of `templates/` and data: texts, lists and dictionaries.

    Every text is made printable first and reaches the template as a value, so that nothing in it is markup. pictures:
    name -> SVG. The same data give the same bytes.
    """
    inputs = {"data": json.dumps(printable(data), ensure_ascii=False), "pictures": json.dumps(pictures or {})}
    with LOCK:
        return cast("bytes", _compiler().compile(input=str(TEMPLATES / template), format="pdf", sys_inputs=inputs))
