"""What fields say when something is wrong with what was filled in: what, and how to put it right."""

from __future__ import annotations

from typing import Any

from django.core import validators
from django.forms import fields, models

WORDS: dict[type, dict[str, str]] = {
    fields.Field: {"required": "请填写这一项。"},
    fields.ChoiceField: {"required": "请选择一项。", "invalid_choice": "没有“%(value)s”这一项，请从列出的里面选。"},
    fields.BooleanField: {"required": "请阅读后勾选，才能继续。"},
    fields.IntegerField: {"invalid": "请填整数，例如 100。"},
    fields.DecimalField: {"invalid": "请填数字，例如 1234.56。"},
    fields.DateField: {"invalid": "没有看懂这个日期，请按 2026-11-20 的样子填写。"},
    fields.DateTimeField: {"invalid": "没有看懂这个时间，请按 2026-11-20 16:30 的样子填写。"},
    fields.FileField: {
        "required": "请选择文件。",
        "empty": "这是一个空文件，请检查后重新选择。",
        "missing": "没有收到文件，请重新选择。",
    },
    models.ModelChoiceField: {"required": "请选择一项。", "invalid_choice": "这个选项已经不能选，请重新选择。"},
}  # fmt: skip
LIMITS: dict[type, str] = {
    validators.MinValueValidator: "不能小于%(limit_value)s。",
    validators.MaxValueValidator: "不能大于%(limit_value)s。",
    validators.MinLengthValidator: "至少写%(limit_value)d个字，现在是%(show_value)d个。",
    validators.MaxLengthValidator: "最多写%(limit_value)d个字，现在是%(show_value)d个，请删减。",
    validators.EmailValidator: "电子邮箱的写法不对，请按 name@example.cn 的样子填写。",
}


def install() -> None:
    """Put the words into Django's fields; a field's own words still come first."""
    for kind, said in WORDS.items():
        _defaults(kind).update(said)
    for limit, sentence in LIMITS.items():
        limit.message = sentence  # type: ignore[attr-defined]


def _defaults(kind: Any) -> dict[str, Any]:
    if "default_error_messages" not in vars(kind):
        kind.default_error_messages = {}
    return kind.default_error_messages
