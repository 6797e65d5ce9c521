"""What a browser sends for a step of a form: the inputs of the page, filled with given data."""

from __future__ import annotations

from typing import Any

from fengqiao.portal.drafting import contents
from fengqiao.portal.drafting.steps import Step


def posted(step: Step, data: dict[str, Any], revision: int, **more: str) -> dict[str, str]:
    """The fields of a POST."""
    sent = {"revision": str(revision), **(more or {"next": "1"})}
    for field in step.fields:
        value = data.get(field.key)
        if field.kind != "group":
            sent[field.key] = contents.typed(field, value)
            continue
        rows = (value or []) if field.many else [value or {}]
        sent[f"{field.key}-rows"] = str(len(rows))
        for number, row in enumerate(rows):
            place = f"{field.key}-{number}-" if field.many else f"{field.key}-"
            sent |= {place + one.key: contents.typed(one, row.get(one.key)) for one in field.fields}
    return sent
