"""Everything that changes drafts. A draft is seen and changed by its owner alone, so it leaves no audit events."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from fengqiao.portal.shell.errors import Conflict, TooLarge
from fengqiao.portal.shell.models import Draft
from fengqiao.portal.shell.words import moment_text

LARGEST = 200_000


def _conflict(draft: Draft | None) -> Conflict:
    if draft is None:
        return Conflict("草稿没有保存：它已经提交或者被删除。请刷新页面查看；需要保留现在填的内容时，请先复制出来。")
    return Conflict(
        f"草稿没有保存：{moment_text(draft.updated_at)}在{draft.get_device_display()}上保存过更新的内容。"
        "请在另一个窗口打开本页核对，或者刷新后在那一份上继续填写。"
    )


@transaction.atomic
def save_draft(
    *,
    owner: Any,
    form: str,
    subject: str = "",
    data: dict[str, list[str]],
    version: int,
    device: str,
    now: dt.datetime,
) -> Draft:
    """Keep what was filled in. version: the one the person went on from, 0 for a new draft; an older one is refused."""
    text = json.dumps(data, ensure_ascii=False)
    if len(text) > LARGEST:
        raise TooLarge(
            f"草稿没有保存：内容超过{LARGEST:,}个字。请缩短长的说明，或者把它作为附件在提交时上传。", status=413
        )
    found = Draft.objects.select_for_update().filter(owner=owner, form=form, subject=subject).first()
    if (found.version if found else 0) != version:
        raise _conflict(found)
    draft = found or Draft(owner=owner, form=form, subject=subject, version=0)
    draft.data, draft.device, draft.updated_at = text, device, now
    draft.version += 1
    try:
        with transaction.atomic():
            draft.save()
    except IntegrityError as error:  # two devices began at the same moment
        raise _conflict(Draft.objects.filter(owner=owner, form=form, subject=subject).first()) from error
    return draft


@transaction.atomic
def drop_draft(*, owner: Any, form: str, subject: str = "") -> None:
    """Remove a draft: it was sent, or is not wanted any more."""
    Draft.objects.filter(owner=owner, form=form, subject=subject).delete()


def delete_old_drafts(*, now: dt.datetime) -> int:
    """Remove drafts that nobody has touched for settings.DRAFT_DAYS days; for the nightly housekeeping."""
    old = now - dt.timedelta(days=settings.DRAFT_DAYS)
    return int(Draft.objects.filter(updated_at__lt=old).delete()[0])
