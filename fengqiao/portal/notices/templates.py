"""Texts of messages as versioned data: `data/*.toml`, and files that other apps register.

A template is never changed: a new version stands beside the old one, and the highest is used.
"""

from __future__ import annotations

import string
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

OWN = Path(__file__).with_name("data")
FOLDERS: list[Path] = [OWN]
SEGMENT, LONG_SEGMENT = 70, 67
"""Characters of one short message in Chinese, and of each part of a longer one."""

WORDS = {
    "body": "机构", "channel": "渠道", "link": "链接", "moment": "时间", "more": "补充说明", "name": "姓名",
    "old": "原机构", "sender": "送达机构", "title": "文书名称", "titles": "文书名称", "until": "期限", "what": "内容",
    "where": "链接", "why": "原因",
}  # fmt: skip
"""What the variables of templates stand for, as the preview shows them."""


@dataclass(frozen=True)
class Template:
    """One version of a text, for each channel it goes over."""

    key: str
    version: int
    title: str
    procedural: bool
    quiet_exempt: bool
    variables: tuple[str, ...]
    texts: dict[str, str]
    """By channel: in_app, sms, email."""

    def render(self, channel: str, values: dict[str, str]) -> str:
        """The text with its values; a missing or unknown one is refused."""
        self.check(values)
        return self.texts[channel].format_map(values)

    def check(self, values: dict[str, str]) -> None:
        """Refuse values that do not fit the template."""
        missing, unknown = set(self.variables) - set(values), set(values) - set(self.variables)
        if missing or unknown:
            raise ValueError(f"{self.key}: missing values {sorted(missing)}, unknown values {sorted(unknown)}.")

    @property
    def example(self) -> dict[str, str]:
        """Every variable as what it stands for, for the preview."""
        return {name: f"〔{WORDS.get(name, name)}〕" for name in self.variables}

    @property
    def segments(self) -> int:
        """How many short messages the text takes, without its values."""
        return segments_of(self.texts["sms"]) if "sms" in self.texts else 0


def segments_of(text: str) -> int:
    """How many short messages a Chinese text takes."""
    return 1 if len(text) <= SEGMENT else -(-len(text) // LONG_SEGMENT)


def register(path: Path) -> None:
    """Add a folder of templates, or one file; called in ready() of a later app."""
    if path not in FOLDERS:
        FOLDERS.append(path)
        known.cache_clear()


@cache
def known() -> dict[str, tuple[Template, ...]]:
    """All templates with all their versions, the newest last."""
    found: dict[str, list[Template]] = {}
    for place in FOLDERS:
        for file in sorted(place.glob("*.toml")) if place.is_dir() else [place]:
            for row in tomllib.loads(file.read_text(encoding="utf-8"))["template"]:
                made = read(row, file)
                found.setdefault(made.key, []).append(made)
    for key, versions in found.items():
        versions.sort(key=lambda one: one.version)
        if [one.version for one in versions] != list(range(1, len(versions) + 1)):
            raise ValueError(f"{key}: versions must be 1, 2, 3 ..., each once.")
    return {key: tuple(versions) for key, versions in sorted(found.items())}


def read(row: dict[str, object], file: Path) -> Template:
    """One template of a file, checked."""
    texts = {name: str(row[name]) for name in ("in_app", "sms", "email") if name in row}
    made = Template(
        str(row["key"]), int(str(row["version"])), str(row["title"]), bool(row["procedural"]),
        bool(row.get("quiet_exempt", False)), tuple(row.get("variables", ())), texts,  # type: ignore[arg-type]
    )  # fmt: skip
    for text in texts.values():
        used = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
        if used - set(made.variables):
            raise ValueError(f"{file.name}: {made.key} uses {sorted(used - set(made.variables))}, not declared.")
    if not texts:
        raise ValueError(f"{file.name}: {made.key} has no text.")
    return made


def get(key: str, version: int | None = None) -> Template:
    """The newest version of a template, or the one asked for."""
    if key not in known():
        raise ValueError(f"No template is called {key}; there are: {', '.join(known())}.")
    return known()[key][-1 if version is None else version - 1]
