"""Messages that a person of the staff tells: to those who would not hear of it by short message alone."""

from __future__ import annotations

import datetime as dt

from fengqiao.portal.accounts.models import Organisation, User
from fengqiao.portal.notices.models import Notice
from fengqiao.portal.notices.templates import Template
from fengqiao.portal.parties.models import Handling, Party
from fengqiao.portal.parties.needs import Care, care_of, care_of_user


def care_for(user: User | None, party: Party | None, now: dt.datetime) -> Care:
    """How the recipient is to be treated. Staff are told of their work like all staff, whatever their age."""
    if party is not None:
        return care_of(party, now)
    at_work = user is not None and user.roles.filter(organisation__isnull=False, ended_at=None).exists()
    return Care() if user is None or at_work else care_of_user(user, now)


def care_of_notice(notice: Notice, now: dt.datetime) -> Care:
    """The same for a message that is there."""
    return care_for(notice.user, notice.party, now)


def wanted(chosen: Template, care: Care, *, reached: bool) -> bool:
    """True when staff tell it besides: what a procedure needs and goes outside at all, where a call or a paper is
    due, or to somebody with a special need whom nothing else reaches."""
    if not chosen.procedural or not {"sms", "email"} & set(chosen.texts):
        return False
    return care.has("call") or care.has("paper") or (bool(care) and not reached)


def teller(party: Party | None, organisation: Organisation | None) -> Organisation | None:
    """Whose people tell it: the sender's, else those who deal with the person's matter."""
    if organisation is not None or party is None:
        return organisation
    if party.taken_in_by is not None:
        return party.taken_in_by
    handling = Handling.objects.filter(party=party, ended_at=None).select_related("organisation").order_by("pk").first()
    return handling.organisation if handling else None


def way_of(notice: Notice, now: dt.datetime) -> str:
    """What is to be done, in a few words: a call, a letter, or a talk with an interpreter."""
    care = care_of_notice(notice, now)
    if care.has("no_calls"):
        return "书面或者当面告知（不要打电话）"
    if care.has("call"):
        return "打电话告知，另给纸质通知" if care.has("paper") else "打电话告知"
    return "交或者寄纸质通知" if care.has("paper") else "打电话告知"
