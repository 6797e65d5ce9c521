"""Records that people take to a court as typeset pages, with a code by which everybody can look them up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fengqiao.engine.loss.outputs.shown import printable
from fengqiao.engine.typesetting.compiler import pdf


def in_fours(code: str) -> str:
    """A code as people read it: in groups of four.

    >>> in_fours("ABCDEFGHJKLM")
    'ABCD-EFGH-JKLM'
    """
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def record_pdf(source: Path, data: dict[str, Any], address: str = "") -> bytes:
    """The page of a Typst source with its data. address: what its QR code says; none for ""."""
    return pdf(source, {"data": json.dumps(printable(data), ensure_ascii=False), "qr": qr_svg(address)})


def qr_svg(text: str) -> str:
    """A QR code as SVG; "" for no text."""
    import segno

    return str(segno.make(text, error="m").svg_inline(border=2)) if text else ""
