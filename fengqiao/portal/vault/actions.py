"""Showing a sealed value to a person."""

from __future__ import annotations

import datetime as dt

from django.db import models, transaction
from django.views.decorators.debug import sensitive_variables

from fengqiao.portal.audit import actions as audit
from fengqiao.portal.audit.stamp import Stamp
from fengqiao.portal.keystore import KeyStoreError
from fengqiao.portal.refusal import Refusal
from fengqiao.portal.vault.sealed import Sealed, open_sealed

REASON_AT_LEAST = 4


@sensitive_variables()
def reveal(
    *,
    sealed: Sealed,
    subject: models.Model | tuple[str, int | str],
    stamp: Stamp,
    reason: str,
    case: str = "",
    now: dt.datetime,
) -> str:
    """The whole value, for somebody with the right to see it; the caller has checked that right.

    The event is committed before the value is handed out: no value is seen without one, whatever happens afterwards.
    So it cannot be called within a transaction.
    """
    if len(reason.strip()) < REASON_AT_LEAST:
        raise Refusal("没有写明查看理由。查看完整的个人信息须说明用途并记入审计，请填写理由后再试。")
    with transaction.atomic(durable=True):
        text = opened(sealed)
        audit.record(
            stamp=stamp, verb="vault.revealed", subject=subject, after={sealed.column.purpose: sealed},
            reason=reason.strip(), case=case, now=now,
        )  # fmt: skip
    return text


@sensitive_variables()
def opened(sealed: Sealed) -> str:
    """The text, or a refusal that a page can show."""
    try:
        return open_sealed(sealed)
    except KeyStoreError as error:
        raise Refusal(str(error), status=409) from error
