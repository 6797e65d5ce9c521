"""The inputs of one step. What they take is never refused: it is kept, and what is wrong is said beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field as having
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.http import QueryDict

from fengqiao.engine.forms import Field, Problem
from fengqiao.portal.drafting import contents
from fengqiao.portal.drafting.steps import Step, input_name

MANY_CHOICES, LONGEST_COUNT = 4, 4
YES_NO = (("yes", "是"), ("no", "否"))
NOTHING = ("", "（不填）")
QUIET = {"autocomplete": "off"}


class Taken(forms.Field):
    """Takes whatever was typed; what is wrong with it is said by the rules of the form."""

    def clean(self, value: Any) -> Any:
        """As it is."""
        return value

    def validate(self, value: Any) -> None:
        """Nothing is refused."""


@dataclass
class Row:
    """One row of a group: its inputs, and how it is taken away."""

    title: str
    fields: list[BoundField]
    remove: str = ""


@dataclass
class Part:
    """What stands together on a page: one input, or a group with its rows."""

    field: BoundField | None = None
    title: str = ""
    help: str = ""
    key: str = ""
    rows: list[Row] = having(default_factory=list)
    errors: list[str] = having(default_factory=list)
    add: bool = False


class StepForm(forms.Form):
    """The inputs of a step, with what is kept."""

    use_required_attribute = False

    def __init__(self, step: Step, data: dict[str, Any], more: str = "") -> None:
        self.step, self.rows = step, {}
        values: dict[str, Any] = {}
        super().__init__(initial=values)
        for one in step.fields:
            if one.kind != "group":
                self._add(one.key, one, data.get(one.key), values, step.fields, bool(one.required or one.at_least))
                continue
            kept = data.get(one.key) or []
            rows = kept if isinstance(kept, list) else [kept]
            blank = int(more == one.key or (not rows and (one.at_least > 0 or not one.many)))
            rows = [*rows, *([{}] * blank)][: one.at_most]
            self.rows[one.key] = len(rows)
            for number, row in enumerate(rows):
                for inner in one.fields:
                    name = f"{one.key}-{number}-{inner.key}" if one.many else f"{one.key}-{inner.key}"
                    self._add(name, inner, row.get(inner.key), values, one.fields, inner.required)
        self.initial = values
        self._errors = forms.utils.ErrorDict()

    def _add(
        self, name: str, one: Field, value: Any, values: dict[str, Any], beside: tuple[Field, ...], required: bool
    ) -> None:  # fmt: skip
        text = contents.typed(one, value)
        widget = widget_of(one, text, required)
        if one.when:
            widget.attrs["data-when"] = ";".join(
                f"{_beside(name, one.key, key)}={'|'.join(contents.typed(one, given) for given in accepted)}"
                for key, accepted in one.when.items()
            )
        self.fields[name] = Taken(label=one.label, required=required, help_text=help_of(one, beside), widget=widget)
        values[name] = text

    def say(self, problems: Iterable[Problem]) -> None:
        """Put what is wrong beside its input, or on top where there is none."""
        for problem in problems:
            name = input_name(problem.path)
            if name not in self.fields and f"{name}-0-name" in self.fields:
                name = f"{name}-0-name"
            known = name in self.fields
            self.add_error(name if known else None, problem.sentence if known else str(problem))

    def add_error(self, field: str | None, error: Any) -> None:
        """Beside a field, without the form being sent."""
        self._errors.setdefault(field or "__all__", self.error_class(renderer=self.renderer)).append(error)

    def parts(self) -> list[Part]:
        """What the page shows, in order."""
        found = []
        for one in self.step.fields:
            if one.kind != "group":
                found.append(Part(field=self[one.key]))
                continue
            part = Part(title=one.label, help=one.help, key=one.key, add=one.many and self.rows[one.key] < one.at_most)
            for number in range(self.rows[one.key]):
                place = f"{one.key}-{number}-" if one.many else f"{one.key}-"
                title = f"{one.label}{number + 1}" if one.many else ""
                part.rows.append(Row(title, [self[place + inner.key] for inner in one.fields],
                                     f"{one.key}:{number}" if one.many else ""))  # fmt: skip
            found.append(part)
        return found


def _beside(name: str, key: str, other: str) -> str:
    return name.removesuffix(key) + other


def widget_of(one: Field, text: str, required: bool) -> forms.Widget:
    """The input of a field."""
    if one.kind in ("choice", "yes_no"):
        choices = list(one.choices) if one.kind == "choice" else list(YES_NO)
        known = text in dict(choices) or not text
        if required and known and len(choices) <= MANY_CHOICES:
            return forms.RadioSelect(choices=choices)
        first = ("", "请选择") if required else NOTHING
        return forms.Select(choices=[first, *choices, *([] if known else [(text, text)])])
    if one.kind == "long":
        return forms.Textarea(attrs={"rows": 5})
    if one.kind == "date" and (not text or contents.is_day(text)):
        return forms.DateInput(attrs={"type": "date", "min": "1900-01-01", "max": "2999-12-31"})
    mode = {"money": "decimal", "number": "numeric", "mobile": "tel"}.get(one.kind)
    return forms.TextInput(attrs={**QUIET, **({"inputmode": mode} if mode else {})})


def help_of(one: Field, beside: tuple[Field, ...]) -> str:
    """What helps to fill a field in; when it is asked for at all."""
    said = [one.help] if one.help else []
    for other in beside:
        if other.key in one.when:
            answers = dict(other.choices) | dict(YES_NO)
            names = "或者".join(f"“{answers[contents.typed(other, value)]}”" for value in one.when[other.key])
            said.insert(0, f"“{other.label}”选{names}时填写。")
    if one.kind == "money":
        said.append("单位：元，例如 12345.67。")
    if one.kind == "long":
        said.append(f"最多{one.longest:,}个字。")
    return "".join(said)


def values_of(step: Step, post: QueryDict) -> dict[str, Any]:
    """What was typed, as it is kept; rows without anything are left out."""
    found: dict[str, Any] = {}
    for one in step.fields:
        if one.kind != "group":
            value = contents.taken(one, post.get(one.key, ""))
        elif one.many:
            rows = [_row(one, post, f"{one.key}-{number}-") for number in range(_count(post, one))]
            value = [row for row in rows if row]
        else:
            value = _row(one, post, f"{one.key}-")
        if value not in (None, [], {}):
            found[one.key] = value
    return found


def _row(one: Field, post: QueryDict, place: str) -> dict[str, Any]:
    read = {inner.key: contents.taken(inner, post.get(place + inner.key, "")) for inner in one.fields}
    return {key: value for key, value in read.items() if value is not None}


def _count(post: QueryDict, one: Field) -> int:
    text = post.get(f"{one.key}-rows", "0")
    return min(int(text), one.at_most) if text.isascii() and text.isdecimal() and len(text) <= LONGEST_COUNT else 0


class BeginForm(forms.Form):
    """How a form is begun."""

    name = forms.CharField(
        label="备注名", max_length=60, required=False, widget=forms.TextInput(attrs=QUIET),
        help_text="便于在列表中辨认，例如案件编号。请不要写姓名、证件号码等个人信息。",
    )  # fmt: skip

    def __init__(self, data: Any = None, *, known: tuple[str, ...] = ()) -> None:
        super().__init__(data)
        if known:
            self.fields["fill"] = forms.BooleanField(
                label=f"用本平台已登记的信息预填：{'、'.join(known)}", required=False, initial=True,
                help_text="查看完整的证件号码、电话和地址会留下记录。不勾选的，自己填写。",
            )  # fmt: skip
