"""Word documents by docxtpl; the same data give the same bytes."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from fengqiao.engine.forms.identity_of_output import foot, keywords, said_of_missing
from fengqiao.engine.forms.layout import parts_of
from fengqiao.engine.forms.model import FormTemplate
from fengqiao.engine.forms.wording import BLANK
from fengqiao.engine.typesetting.glyphs import not_in_print

TEMPLATES = Path(__file__).parent / "word"
ZIP_DAY = (1980, 1, 1, 0, 0, 0)


@cache
def court_template(landscape: bool, large: bool) -> bytes:
    """The template of all forms of one direction and size of letters, made by docs/make_word_template.py."""
    name = "court" + ("_large" if large else "") + ("_landscape" if landscape else "")
    return (TEMPLATES / f"{name}.docx").read_bytes()


@cache
def compiled_once() -> tuple[Any, Any]:
    """docxtpl's document and Jinja's environment, both of which keep what they made of a template: there are four."""
    from docxtpl import DocxTemplate
    from docxtpl.template import Environment  # Jinja's, as docxtpl uses it

    class Tags(Environment):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(autoescape=True)
            self.compiled = lru_cache(maxsize=64)(super().from_string)

        def from_string(self, source: Any, globals: Any = None, template_class: Any = None) -> Any:
            return self.compiled(source, globals, template_class)

    class WordDocument(DocxTemplate):  # type: ignore[misc]
        @staticmethod
        @lru_cache(maxsize=64)
        def patched(xml: str) -> str:
            return str(DocxTemplate.patch_xml(None, xml))

        def patch_xml(self, src_xml: str) -> str:
            return self.patched(src_xml)

    return WordDocument, Tags()


def context(template: FormTemplate, data: dict[str, Any], *, draft: bool, large: bool) -> dict[str, Any]:
    """What the tags of the template stand for."""
    return {
        "title": template.title, "parts": parts_of(template, data, BLANK if draft else ""),
        "foot": foot(template, data) + ("　大字版" if large else ""), "draft": draft,
        "unprintable": said_of_missing(not_in_print(json.dumps(data, ensure_ascii=False))),
    }  # fmt: skip


def rendered(
    template: FormTemplate, data: dict[str, Any], as_of: dt.date, *, draft: bool = False, large: bool = False
) -> bytes:
    """A form as .docx. Texts are escaped: nothing in them is a tag or markup."""
    document, tags = compiled_once()
    word = document(io.BytesIO(court_template(template.landscape, large)))
    word.render(context(template, data, draft=draft, large=large), jinja_env=tags, autoescape=True)
    properties = word.docx.core_properties
    moment = dt.datetime.combine(as_of, dt.time())
    properties.title, properties.author, properties.last_modified_by = template.title, "fengqiao", "fengqiao"
    properties.keywords, properties.comments = " ".join(keywords(template, data)), ""
    properties.created = properties.modified = moment
    out = io.BytesIO()
    word.save(out)
    return _same_times(out)


def _same_times(made: io.BytesIO) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name, ZIP_DAY), old.read(name), zipfile.ZIP_DEFLATED, 6)
    return out.getvalue()
