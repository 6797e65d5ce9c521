"""A form in steps: its sections, long rows of people and things each a step of their own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from fengqiao.engine import forms
from fengqiao.engine.forms import Field

WIDE = 4
"""Rows with more fields than this are a step of their own."""
FEW = 2
"""So many fields give a step its name."""
ROW = re.compile(r"^([a-z_0-9]+)(?:\[(\d+)\])?(?:\.([a-z_0-9]+))?$")


@dataclass(frozen=True)
class Step:
    """What is filled in on one page."""

    key: str
    title: str
    help: str
    fields: tuple[Field, ...]


@cache
def steps_of(form: str) -> tuple[Step, ...]:
    """The steps of a form in their order."""
    found: list[Step] = []
    for section in forms.get(form).sections:
        own = [field for field in section.fields if not is_wide(field)]
        wide = [Step(f"{section.key}-{field.key}", field.label, field.help, (field,)) for field in section.fields
                if is_wide(field)]  # fmt: skip
        step = Step(section.key, rest_title(own) if wide else section.title, section.help, tuple(own))
        first = not own or is_wide(section.fields[0])
        found += [*wide, *([step] if own else [])] if first else [step, *wide]
    return tuple(found)


def rest_title(fields: list[Field]) -> str:
    """What a step is called that holds what its section has besides rows of many fields."""
    return "、".join(field.label for field in fields) if len(fields) <= FEW else "基本情况"


def is_wide(field: Field) -> bool:
    """True for rows of many fields."""
    return field.kind == "group" and field.many and len(field.fields) > WIDE


def step_of(form: str, key: str) -> Step | None:
    """The step with this key."""
    return next((step for step in steps_of(form) if step.key == key), None)


def step_with(form: str, path: str) -> Step | None:
    """The step in which a field of this path is filled in."""
    first = path.partition(".")[0].partition("[")[0]
    return next((step for step in steps_of(form) if any(field.key == first for field in step.fields)), None)


def input_name(path: str) -> str:
    """The name of the input of a path: claimants[0].name is claimants-0-name.

    >>> input_name("claimants[0].name"), input_name("party.name"), input_name("court")
    ('claimants-0-name', 'party-name', 'court')
    """
    found = ROW.match(path)
    return "-".join(part for part in found.groups() if part) if found else path
