"""What tells one output from another: template, version, digest of its data."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from fengqiao.engine.forms.model import FormTemplate


def digest(data: dict[str, Any]) -> str:
    """SHA-256 of the data as canonical JSON: keys sorted, no blanks, UTF-8.

    >>> digest({"b": 1, "a": "甲"}) == digest({"a": "甲", "b": 1})
    True
    """
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()


def keywords(template: FormTemplate, data: dict[str, Any]) -> list[str]:
    """What the metadata of an output say."""
    return [f"form={template.key}", f"version={template.version}", f"data-sha256={digest(data)}"]


def foot(template: FormTemplate, data: dict[str, Any]) -> str:
    """The small line at the foot of every page."""
    doubtful = "；版式待核" if template.doubts else ""
    return f"{template.title} 第{template.version}版{doubtful}　数据摘要 {digest(data)[:16]}"


def said_of_missing(codes: list[str]) -> str:
    """The sentence on characters the fonts lack; "" without any."""
    return f"下列字符不在本文件所用字库内，文中以其统一码代替：{'、'.join(codes[:20])}。" if codes else ""
