"""Pages as pictures, made by the other process when somebody first looks, kept some days; and beginnings of texts."""

from __future__ import annotations

import csv
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from fengqiao.portal.documents import store
from fengqiao.portal.documents.examination import FAILURES, job
from fengqiao.portal.documents.examining import process
from fengqiao.portal.documents.models import Content
from fengqiao.portal.refusal import Refusal

Kind = Content.Kind
PAGED = (Kind.PDF, Kind.PNG, Kind.JPEG, Kind.WEBP, Kind.TIFF)
READ = (Kind.CSV, Kind.TEXT, Kind.TOML)
BEGINNING = 1 << 16
LINES, COLUMNS, CELL = 60, 30, 200


@dataclass
class Beginning:
    """The first lines of a text, or the first rows of a table."""

    rows: list[list[str]] = field(default_factory=list)
    text: str = ""
    more: bool = False


def root() -> Path:
    """The folder of all pictures of pages."""
    return Path(settings.ENVIRONMENT.home) / "previews"


def page_of(content: Content, number: int) -> Path:
    """A page as PNG; made when it is not there yet. Refusal when it cannot be drawn within the limits."""
    place = root() / content.sha256[:2] / f"{content.sha256[2:]}-{number}.png"
    if place.is_file():
        return place
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = place.with_name(f"{uuid.uuid4().hex}.part")
    source = store.place_of(content.sha256)
    try:
        got = process.ask(job("page", source, Kind(content.kind), page=number, target=str(made)))
        if "refused" in got or "failed" in got:
            reason = got.get("refused") or FAILURES[got["failed"]]
            raise Refusal(f"第 {number} 页无法显示：{reason}原件没有改变，可以下载查看。", status=422)
        made.chmod(0o400)
        made.replace(place)
    except process.Busy as error:
        raise Refusal("正在生成预览的文件太多。原件没有改变；请稍后刷新，或者下载原件查看。", status=503) from error
    finally:
        made.unlink(missing_ok=True)
    return place


def remove_unused(*, older_than: float) -> int:
    """Remove pictures that were made so many seconds ago; they are made again when somebody looks."""
    removed = 0
    for path in root().glob("*/*"):
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > older_than:
                path.unlink()
                removed += 1
    return removed


def beginning_of(content: Content) -> Beginning:
    """The first lines of a text."""
    with store.place_of(content.sha256).open("rb") as file:
        head = file.read(BEGINNING)
    text = head.decode(content.encoding or "utf-8", errors="ignore")
    lines = text.splitlines()
    more = content.size > BEGINNING or len(lines) > LINES
    if content.size > BEGINNING and len(lines) > 1:
        lines.pop()  # it may be cut
    lines = lines[:LINES]
    if content.kind == Kind.CSV:
        with suppress(csv.Error):
            return Beginning(rows=rows_of(lines), more=more)
    return Beginning(text="\n".join(line[: CELL * 5] for line in lines), more=more)


def rows_of(lines: list[str]) -> list[list[str]]:
    """Lines as rows, all of one width."""
    counts = {sign: sum(line.count(sign) for line in lines) for sign in (",", "\t", ";", "|")}
    rows = list(csv.reader(lines, delimiter=max(counts, key=lambda sign: counts[sign])))
    rows = [[cell[:CELL] for cell in row[:COLUMNS]] for row in rows if row]
    width = max((len(row) for row in rows), default=0)
    return [row + [""] * (width - len(row)) for row in rows]
