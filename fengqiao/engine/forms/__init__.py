"""Forms of dispute resolution: fields, checks, PDF and Word. Nothing heavy is loaded before a document is made."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from typing import Any, Literal

from fengqiao.engine.errors import InputError
from fengqiao.engine.forms import checking, pdf, word
from fengqiao.engine.forms.identity_of_output import digest
from fengqiao.engine.forms.model import Basis, Field, FormTemplate, Place, Problem, Section
from fengqiao.engine.forms.reading import DATA, get, known

__all__ = [
    "Basis", "Field", "FormTemplate", "Place", "Problem", "Section", "check", "digest", "fitting", "get", "known",
    "render_docx", "render_many", "render_pdf", "sample", "signature_places",
]  # fmt: skip


def check(key: str, data: dict[str, Any], *, as_of: dt.date | None = None) -> list[Problem]:
    """What is wrong with the data, in order of the fields; blocking ones must be mended before a document is made."""
    return checking.problems_of(get(key), data, as_of)


def fitting(key: str, data: dict[str, Any]) -> dict[str, Any]:
    """What of unfinished data a draft can show: values that hold by themselves."""
    return checking.fitting(get(key), data)


def render_pdf(key: str, data: dict[str, Any], *, as_of: dt.date, draft: bool = False, large: bool = False) -> bytes:
    """A form as PDF/A-2b; InputError with the problems when the data do not hold.

    draft: marked 草稿 on every page, of whatever data there are, with blanks for what is missing or does not fit.
    large: the same words in large print (大字版), for those who do not see well.
    """
    if draft:
        return pdf.typeset(get(key), fitting(key, data), as_of, draft=True, large=large)
    return pdf.typeset(_held(key, data, as_of), data, as_of, large=large)


def render_docx(key: str, data: dict[str, Any], *, as_of: dt.date, draft: bool = False, large: bool = False) -> bytes:
    """A form as Word document; InputError with the problems when the data do not hold. draft, large: as of
    `render_pdf`."""
    if draft:
        return word.rendered(get(key), fitting(key, data), as_of, draft=True, large=large)
    return word.rendered(_held(key, data, as_of), data, as_of, large=large)


def render_many(
    key: str, many: Iterable[dict[str, Any]], *, as_of: dt.date, kind: Literal["pdf", "docx"] = "pdf"
) -> Iterator[bytes | InputError]:
    """The same form for many, one after another; what cannot be made is given back as its error and stops nobody."""
    make = render_pdf if kind == "pdf" else render_docx
    for data in many:
        try:
            yield make(key, data, as_of=as_of)
        except InputError as error:
            yield error


def signature_places(key: str, data: dict[str, Any], *, as_of: dt.date, large: bool = False) -> list[Place]:
    """Where signatures go on the PDF that `render_pdf` makes of the same data."""
    return pdf.places(_held(key, data, as_of), data, as_of, large=large)


def sample(key: str) -> dict[str, Any]:
    """Invented data of a form, complete."""
    read: dict[str, Any] = json.loads((DATA / get(key).key / "sample.json").read_text(encoding="utf-8"))
    return read


def _held(key: str, data: dict[str, Any], as_of: dt.date) -> FormTemplate:
    problems = [item for item in check(key, data, as_of=as_of) if item.blocking]
    if problems:
        said = "；".join(f"{item.path} {item}".rstrip("。").strip() for item in problems[:8])
        more = f"；另有{len(problems) - 8}处" if len(problems) > 8 else ""
        raise InputError(f"文书“{get(key).title}”的数据有{len(problems)}处需要修改", why=said + more)
    return get(key)
