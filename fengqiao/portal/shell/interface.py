"""What the interfaces of the apps (`api.py`) have in common: how days are written, pages cut behind the last row."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any

from django.core.signing import BadSignature, Signer
from django.db.models import QuerySet
from django.utils import timezone
from ninja import Field, Query, Schema
from pydantic import BeforeValidator, ConfigDict

from fengqiao.portal.refusal import Refusal

FIRST_DAY, LAST_DAY = dt.date(1900, 1, 1), dt.date(2200, 12, 31)
NO_CURSOR = (
    "没有读取：分页标记 cursor 无效，或者不是这个地址、这些条件给出的。"
    "请原样使用上一页返回的 next_cursor，或者从第一页重新读取。"
)


def iso_day(value: Any) -> Any:
    """A day as 2026-02-24 and in no other spelling: a number is no day."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        day = dt.date.fromisoformat(value)
        if FIRST_DAY <= day <= LAST_DAY:
            return day
    if value is None:
        return value
    raise ValueError("no day")


Day = Annotated[dt.date, BeforeValidator(iso_day)]
Limit = Annotated[int, Query(ge=1, le=200, description="这一页最多多少条，1 至 200", examples=[50])]
Cursor = Annotated[str, Query(max_length=300, description="上一页的 next_cursor；第一页不填", examples=["WzQyXQ:Jt0…"])]
NextCursor = Annotated[
    str | None, Field(description="下一页的标记，原样填入 cursor；null 表示没有下一页", examples=["WzQyXQ:Jt0…"])
]  # fmt: skip


class Given(Schema):
    """What is sent: a field that nobody knows is refused, not left out."""

    model_config = ConfigDict(extra="forbid")


def page(rows: QuerySet[Any], *, cursor: str, limit: int, about: str) -> tuple[list[Any], str | None]:
    """The rows behind a mark in the order of their numbers, and the mark of the next page.

    about: what the page is of; a mark of something else is refused. Rows that come in get higher numbers, so that none
    of those that were there is left out or given twice.
    """
    signer = Signer(salt=f"fengqiao.interface {about}")
    if cursor:
        try:
            (last,) = signer.unsign_object(cursor)
        except (BadSignature, ValueError, TypeError, UnicodeError) as error:
            raise Refusal(NO_CURSOR) from error
        rows = rows.filter(pk__gt=last)
    found = list(rows.order_by("pk")[: limit + 1])
    more = len(found) > limit
    found = found[:limit]
    return found, signer.sign_object([found[-1].pk]) if more else None


def local(moment: dt.datetime | None) -> dt.datetime | None:
    """A moment in Beijing time, with its distance from UTC."""
    return None if moment is None else timezone.localtime(moment)
