"""PDF by Typst: compilers that stay warm, the fonts of the package alone, one document at a time in each."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, cast

from fengqiao.engine.typesetting.glyphs import FONTS


@cache
def _warm(folder: Path, fonts: tuple[Path, ...]) -> tuple[Any, Lock]:
    """The compiler of the sources in a folder, and what keeps two threads out of it."""
    import typst

    found = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(place) for place in fonts]
    )
    return typst.Compiler(root=str(folder), font_paths=found), Lock()


def pdf(source: Path, inputs: dict[str, str], fonts: tuple[Path, ...] = (FONTS,), **settings: Any) -> bytes:
    """A PDF from a Typst source; other sources and pictures are found in its folder alone.

    inputs: name -> text that the source reads as data, never as markup. settings: as `typst.Compiler.compile` has them
    (pdf_standards, timestamp). The same inputs give the same bytes.
    """
    compiler, alone = _warm(source.parent, fonts)
    with alone:
        return _compiled(compiler, source, inputs, settings)


def labelled(
    label: str, source: Path, inputs: dict[str, str], fonts: tuple[Path, ...] = (FONTS,), **settings: Any
) -> list[Any]:
    """The values that the source has put under a label in the document that `pdf` makes of the same inputs."""
    compiler, alone = _warm(source.parent, fonts)
    with alone:  # it is asked about the document that it has just laid out
        _compiled(compiler, source, inputs, settings)
        found: list[Any] = json.loads(compiler.query(f"<{label}>", field="value"))
    return found


def _compiled(compiler: Any, source: Path, inputs: dict[str, str], settings: dict[str, Any]) -> bytes:
    return cast("bytes", compiler.compile(input=str(source), format="pdf", sys_inputs=inputs, **settings))
