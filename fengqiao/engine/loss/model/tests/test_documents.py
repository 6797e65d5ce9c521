"""The method page is true: every setting with its default, every key of an event, every cause."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import get_args

from fengqiao.engine.loss.case import setting_text
from fengqiao.engine.loss.model.settings import EVENT_KEYS, Cause, ModelSettings

METHOD = (Path(__file__).parents[5] / "docs" / "methods" / "price_models.md").read_text(encoding="utf-8")
SHOWN_OTHERWISE = {"path_intercept": "zero", "confidence": "0.95"}


def test_every_setting_stands_there_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `\[model\] (\w+)` \| ([^|]*) \|", METHOD, re.MULTILINE))
    names = [item.name for item in fields(ModelSettings) if item.name != "events"]
    assert list(rows) == names
    for name in names:
        value = SHOWN_OTHERWISE.get(name) or setting_text(getattr(ModelSettings(), name))
        assert rows[name] == (f"`{value}`" if value else "无"), name


def test_every_key_of_an_event_stands_there() -> None:
    for name in (*EVENT_KEYS, *get_args(Cause)):
        assert f"`{name}`" in METHOD, name
