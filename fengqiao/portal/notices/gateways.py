"""Handing one notice to the outside, and asking whether it had been handed over before."""

from __future__ import annotations

import datetime as dt
import smtplib

from django.conf import settings
from django.core.mail import EmailMessage

from fengqiao.portal.accounts import sms
from fengqiao.portal.accounts.sms import NotSentError, RefusedError
from fengqiao.portal.notices.models import Notice
from fengqiao.portal.vault.sealed import open_sealed


def hand_over(notice: Notice, *, now: dt.datetime) -> str:
    """Send by the notice's channel; returns the gateway's number. NotSentError, RefusedError, or an OSError when nobody
    knows whether it was sent."""
    address, text = open_sealed(notice.address), open_sealed(notice.text)
    if notice.channel == Notice.Channel.EMAIL:
        return mail(notice, address, text)
    return sms.deliver(key=notice.key, mobile=address, text=text, now=now)


def found_before(notice: Notice) -> tuple[bool, str | None]:
    """Whether the gateway can say what became of an earlier attempt, and its number of the message if it has it."""
    if notice.channel == Notice.Channel.EMAIL:
        return True, None  # sent anew under the same Message-ID, by which mail systems drop the second one
    chosen = sms.gateway()
    if not hasattr(chosen, "status"):
        return False, None
    return True, chosen.status(key=notice.key)


def mail(notice: Notice, address: str, text: str) -> str:
    """A plain text mail under a Message-ID that is the notice's own."""
    number = f"<{notice.key}@{settings.ALLOWED_HOSTS[0]}>"
    message = EmailMessage(notice.title, text, to=[address], headers={"Message-ID": number})
    try:
        message.send()
    except (smtplib.SMTPConnectError, ConnectionRefusedError) as error:
        raise NotSentError("邮件服务器不通") from error
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        if any(code >= 500 for code in codes):
            raise RefusedError("邮件服务器拒收这个邮箱") from error
        raise NotSentError("邮件服务器要求稍后再试") from error
    except smtplib.SMTPException as error:
        raise OSError("邮件服务器没有明确答复") from error
    return number
