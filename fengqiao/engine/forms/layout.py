"""What a document says, as plain parts in order: the same for PDF and Word."""

from __future__ import annotations

from typing import Any

from fengqiao.engine.errors import InputError
from fengqiao.engine.forms.model import Field, FormTemplate
from fengqiao.engine.forms.reading import blocks
from fengqiao.engine.forms.wording import applies, filled, shown
from fengqiao.engine.typesetting.glyphs import in_print

STAYING = 3
"""Parts that stay on the page of the signatures behind them."""
COUNTED = "零一二三四五六七八九十"


def parts_of(template: FormTemplate, data: dict[str, Any], blank: str = "") -> list[dict[str, Any]]:
    """The parts of the document: dictionaries with a kind, texts and lists."""
    parts = [part for part in _Writer(template, data, blank).parts() if part]
    headings = [part for part in parts if part["kind"] == "heading"]
    if len(headings) > 1:  # one alone is not counted
        for part in headings:
            part["text"] = f"{counted(part['number'])}、{part['text']}"
    for place, part in enumerate(parts):
        if part["kind"] == "sign":  # nobody signs a page that says nothing
            for before in parts[max(place - STAYING, 0) : place]:
                before["stays"] = True
    return parts


class _Writer:
    """One document while it is laid out: counts its headings."""

    def __init__(self, template: FormTemplate, data: dict[str, Any], blank: str) -> None:
        self.fields, self.data, self.blank = template.fields, data, blank
        self.by_key = {item.key: item for item in self.fields}
        self.body, self.headings = template.body, 0

    def parts(self) -> list[dict[str, Any]]:
        out: list[dict[str, Any]] = []
        for entry in self.body:
            given = "given" not in entry or bool(self.data.get(entry["given"]))
            if given and applies(entry.get("when", {}), self.data):
                out += getattr(self, f"_{entry['kind']}")(entry)
        return out

    def say(self, text: str, *, row: dict[str, Any] | None = None, fields: tuple[Field, ...] = ()) -> str:
        scopes = [(fields, row)] if row is not None else []
        return filled(text, *scopes, (self.fields, self.data), blank=self.blank)

    def rows(self, key: str) -> list[dict[str, Any]]:
        value = self.data.get(key)
        return value if isinstance(value, list) else [value] if value else []

    def _heading(self, entry: dict[str, Any]) -> list[dict[str, Any]]:
        self.headings += 1
        return [{"kind": "heading", "text": self.say(entry["text"]), "number": self.headings}]

    def _text(self, entry: dict[str, Any]) -> list[dict[str, Any]]:
        if "each" not in entry:
            return self.paragraphs(self.say(entry["text"]))
        field = self.by_key[entry["each"]]
        said = [self.say(entry["text"], row=row, fields=field.fields) for row in self.rows(field.key)]
        return [part for text in said for part in self.paragraphs(text)]

    def _value(self, entry: dict[str, Any]) -> list[dict[str, Any]]:
        field = self.by_key[entry["field"]]
        return self.paragraphs(shown(field, self.data.get(field.key)) or self.blank)

    def paragraphs(self, text: str) -> list[dict[str, Any]]:
        return [{"kind": "para", "label": "", "text": line.strip()} for line in text.split("\n") if line.strip()]

    def _items(self, entry: dict[str, Any]) -> list[dict[str, Any]]:
        kept = [item for item in entry["items"] if applies(item.get("when", {}), self.data)]
        lines = [(number, self.say(item["text"])) for number, item in enumerate(kept, start=1)]
        return [{"kind": "para", "label": "", "text": f"（{counted(n)}）{text}"} for n, text in lines]

    def _party(self, entry: dict[str, Any]) -> list[dict[str, Any]]:
        field = self.by_key[entry["field"]]
        rows, out = self.rows(field.key), []
        for number, row in enumerate(rows, start=1):
            role = entry["role"] + (str(number) if len(rows) > 1 else "")
            out.append({"kind": "para", "label": f"{role}：", "text": self.described(field, row)})
        return out

    def described(self, field: Field, row: dict[str, Any]) -> str:
        """A party in one sentence; pieces without their value are left out."""
        shape = "party" if any(item.key == "kind" for item in field.fields) else "agent"
        pieces = [piece for piece in blocks()[shape]["sentence"] if all(row.get(key) for key in piece["needs"])]
        said = [filled(piece["text"], (field.fields, row)) for piece in pieces]
        return "，".join(said) + "。"

    def _table(self, entry: dict[str, Any]) -> list[dict[str, Any]]:
        field = self.by_key[entry["field"]]
        body = [
            [str(number), *(self.say(column["text"], row=row, fields=field.fields) for column in entry["columns"])]
            for number, row in enumerate(self.rows(field.key), start=1)
        ]
        if not body:
            return []
        head = ["序号", *(column["label"] for column in entry["columns"])]
        return [{"kind": "table", "head": head, "rows": body, "columns": len(head)}]

    def _pairs(self, entry: dict[str, Any]) -> list[dict[str, Any]]:
        lines = []
        for key in entry["fields"]:
            field = self.by_key[key]
            if not applies(field.when, self.data):
                continue
            if field.kind == "group":
                for number, row in enumerate(self.rows(key), start=1):
                    label = field.label + (str(number) if len(self.rows(key)) > 1 else "")
                    lines.append([label, self.described(field, row)])
            elif text := shown(field, self.data.get(key)) or self.blank:
                amount = field.kind == "money" and not field.each
                words = f"（大写：{self.say('{' + key + '.words}')}）" if amount else ""
                lines.append([field.label, text + words])
        return [{"kind": "pairs", "title": entry.get("title", ""), "rows": lines}] if lines else []

    def _sign(self, entry: dict[str, Any]) -> list[dict[str, Any]]:
        places = []
        for place in entry["places"]:
            if not applies(place.get("when", {}), self.data):
                continue
            rows: list[Any] = self.rows(place["each"]) if "each" in place else [None]
            for number, row in enumerate(rows, start=1):
                several = str(number) if len(rows) > 1 else ""
                who = in_print(str(row.get("name", ""))) if row else self.say(place.get("who", ""))
                key = place["key"] + (f"_{number}" if row is not None else "")
                places.append({"key": key, "name": place["name"] + several, "who": who})
        return [{"kind": "sign", "places": places, "date": self.say(entry.get("date", "")) or "　　年　　月　　日"}]

    def _small(self, entry: dict[str, Any]) -> list[dict[str, Any]]:
        return [{"kind": "small", "text": self.say(entry["text"])}]


def counted(number: int) -> str:
    """A number below a hundred as Chinese headings count.

    >>> counted(3), counted(10), counted(12), counted(20), counted(31)
    ('三', '十', '十二', '二十', '三十一')
    """
    if not 0 < number < 100:
        raise InputError(f"Headings are counted up to 99, not {number}")
    if number <= 10:
        return COUNTED[number]
    tens, ones = divmod(number, 10)
    return ("" if tens == 1 else COUNTED[tens]) + "十" + (COUNTED[ones] if ones else "")
