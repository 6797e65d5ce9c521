"""Work by the clock: authorisations that ran out, records past their period, old drafts and sessions."""

from __future__ import annotations

import datetime as dt
import logging
from importlib import import_module

from django.conf import settings
from django.utils import timezone

from fengqiao.portal.accounts import mobile_confirming
from fengqiao.portal.accounts.login_codes import delete_old_attempts
from fengqiao.portal.accounts.rate_limits import delete_old_counts
from fengqiao.portal.jobs.registry import Outcome, kind
from fengqiao.portal.jobs.running import Running
from fengqiao.portal.parties import authorising, disposing, needs, noting, queries
from fengqiao.portal.parties.models import Authorisation
from fengqiao.portal.parties.retention import RULES
from fengqiao.portal.shell.actions import delete_old_drafts

log = logging.getLogger(__name__)
DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)


def end_expired(now: dt.datetime) -> int:
    """Write down which authorisations ran out; returns how many."""
    rows = Authorisation.objects.filter(
        state=Authorisation.State.ACCEPTED, valid_until__lt=timezone.localtime(now).date()
    )
    return sum(authorising.end_expired(authorisation=row, now=now) for row in rows.select_related("party").iterator())


def dispose_due(running: Running | None, now: dt.datetime) -> dict[str, int]:
    """Dispose of all that is past its period and not held: each row for itself, so that one that cannot be does not
    stop the others."""
    done, failed = 0, 0
    for rule in RULES:
        numbers = list(rule.due(now).values_list("pk", flat=True))
        for place, number in enumerate(numbers):
            try:
                done += disposing.dispose(rule=rule, number=number, now=now) is not None
            except Exception:
                failed += 1
                log.exception("a record was not disposed of", extra={"rule": rule.name, "record": str(number)})
            if running:
                running.progress(place + 1, len(numbers), rule.title)
    return {"disposed": done, "failed": failed}


def note_ages(running: Running | None, now: dt.datetime) -> int:
    """Note who has become elderly since they came in; returns how many. Only the day of birth is looked at."""
    noted = 0
    rows = queries.without_noted_age()
    total = rows.count() if running else 0
    for place, party in enumerate(rows.iterator(chunk_size=1000)):
        if needs.elderly_now(party, now):
            noted += noting.note_age_later(party=party, now=now)
        if running and place % 1000 == 0:
            running.progress(place + 1, total, "按证件上的出生日期核对年龄")
    return noted


def end_lapsed_needs(now: dt.datetime) -> int:
    """Special needs whose last day is over; returns how many."""
    rows = queries.lapsed_needs(timezone.localtime(now).date())
    return sum(noting.lapse(need=row, now=now) for row in rows.iterator(chunk_size=1000))


def clear_expired_sessions() -> None:
    """Remove the sessions of people who did not log out."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()


@kind("parties.expire", every=HOUR, title="终止到期的授权")
def expire(running: Running) -> Outcome:
    """Authorisations that ran out."""
    return Outcome({"ended": end_expired(running.now())})


@kind("parties.ages", every=DAY, title="记录新满年龄的老年人，结束到期的特殊需要")
def ages(running: Running) -> Outcome:
    """People who have become elderly, and needs that are over."""
    return Outcome({"noted": note_ages(running, running.now()), "ended": end_lapsed_needs(running.now())})


@kind("parties.retention", every=DAY, title="处置超过保存期限的记录")
def retention(running: Running) -> Outcome:
    """Records past their period."""
    return Outcome(dispose_due(running, running.now()))


@kind("parties.housekeeping", every=DAY, title="清理旧草稿和过期会话")
def housekeeping(running: Running) -> Outcome:
    """Drafts that nobody has touched for long, sessions that are over."""
    drafts = delete_old_drafts(now=running.now())
    delete_old_attempts(now=running.now())
    delete_old_counts(now=running.now())
    mobile_confirming.delete_old(now=running.now())
    clear_expired_sessions()
    return Outcome({"drafts": drafts})
