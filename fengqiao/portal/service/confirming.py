"""Confirming where one takes documents, and taking it back."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import User
from fengqiao.portal.audit import actions as audit
from fengqiao.portal.documents.models import Document
from fengqiao.portal.parties import actions as parties_actions
from fengqiao.portal.parties import queries as parties
from fengqiao.portal.parties.models import Authorisation, Party
from fengqiao.portal.refusal import Conflict, Refusal
from fengqiao.portal.service import by_law, queries, words
from fengqiao.portal.service.models import Confirmation
from fengqiao.portal.vault.kinds import Kind, mask

QUICKER = "没有保存：刚才已经保存过一份新的确认。请刷新页面，看过现在的内容后再办。"


@dataclass(frozen=True)
class Given:
    """What somebody confirms."""

    electronic: bool
    use_account: bool = False
    mobile: str = ""
    mail: str = ""
    recipient_name: str = ""
    post_address: str = ""
    postcode: str = ""
    designee: User | None = None
    case: str = ""
    valid_from: dt.date | None = None
    valid_until: dt.date | None = None
    guardianship: Authorisation | None = None
    """Of a party who does not act themself: which guardian signed the paper."""


def is_own(to: Party | User | None, acting: Acting | None, now: dt.datetime) -> bool:
    """True for the person themself, their guardian, and whoever takes documents for a house."""
    if isinstance(to, Party):
        return parties.is_own(to, acting) or by_law.right_of(to, acting, now) is not None
    return to is not None and queries.who_confirms(acting, now) == to


def may_withdraw(row: Confirmation, acting: Acting | None, now: dt.datetime) -> bool:
    """Whoever confirmed takes it back: a ward does not take back what the guardian agreed to."""
    to = row.party or row.user
    return is_own(to, acting, now) and (row.guardianship is None or by_law.right_of(to, acting, now) is not None)


def require_own(to: Party | User, acting: Acting, now: dt.datetime) -> Authorisation | None:
    """On the portal only the person themself agrees to electronic service, or, where the law has somebody else act for
    them, their guardian: whose right is given back."""
    if not is_own(to, acting, now):
        raise Http404
    right = by_law.right_of(to, acting, now)
    if by_law.applies_to(to, now) and right is None:
        raise Refusal(by_law.WARD_CANNOT, status=403)
    return right


def require_assisting(to: Party | User, acting: Acting) -> None:
    """Staff register what a party signed on paper."""
    if not isinstance(to, Party) or not queries.parties_at_hand(acting).filter(pk=to.pk).exists():
        raise Http404


def signer(to: Party | User, given: Given, now: dt.datetime) -> Authorisation | None:
    """Which guardian signed the paper, where the law has one act: never the party alone."""
    if not isinstance(to, Party) or not by_law.applies_to(to, now):
        return None
    rows = by_law.held(to, now)
    if not rows:
        raise Refusal(by_law.NOBODY_TO_SIGN)
    found = rows.filter(pk=given.guardianship.pk).first() if given.guardianship else None
    if found is None:
        raise Refusal(
            "没有登记：这位当事人由法定代理人办理，送达地址确认书须由法定代理人签署。请选择签署的法定代理人。"
        )
    return found


def account_of(to: Party | User, right: Authorisation | None) -> User | None:
    """Which account takes documents: that of the guardian where one acts."""
    if right is not None:
        return right.agent
    return to.user if isinstance(to, Party) else to


def check(given: Given, to: Party | User, right: Authorisation | None, now: dt.datetime) -> None:
    """Nothing that could not be served to."""
    account = account_of(to, right)
    if given.electronic and not (given.use_account or given.mobile or given.mail):
        raise Refusal("没有保存：同意电子送达的，至少确认一个电子地址——平台账号、手机号码或者电子邮箱。")
    if given.use_account and account is None:
        raise Refusal("没有保存：这位当事人没有平台账号，不能用平台账号接收。请确认手机号码或者电子邮箱。")
    if not given.electronic and not given.post_address:
        raise Refusal("没有保存：不同意电子送达的，请填写邮寄地址，否则无法送达。")
    if given.designee and (
        not isinstance(to, Party) or not queries.agents_of(to, now).filter(pk=given.designee.pk).exists()
    ):
        raise Refusal("没有保存：代收人须是现在持有有效授权的代理人。请先办理授权，或者不指定代收人。")
    if given.valid_until and given.valid_until < (given.valid_from or timezone.localtime(now).date()):
        raise Refusal("没有保存：有效期的截止日早于开始日。请更正。")


def text_of(given: Given, to: Party | User, right: Authorisation | None) -> str:
    """The whole text, numbers masked."""
    account = account_of(to, right)
    addresses = [f"平台账号 {account.username}"] if given.use_account and account else []
    addresses += [f"手机号码 {mask(Kind.MOBILE, given.mobile)}"] if given.mobile else []
    addresses += [f"电子邮箱 {mask(Kind.EMAIL, given.mail)}"] if given.mail else []
    return words.confirmed(
        electronic=given.electronic, addresses=addresses, name=name_of(given, to, right), case=given.case,
        ward=to.name if right else "", relation=right.get_relation_display() if right else "",
        post_address=mask(Kind.ADDRESS, given.post_address) if given.post_address else "",
        designee=given.designee.name if given.designee else "",
    )  # fmt: skip


def name_of(given: Given, to: Party | User, right: Authorisation | None) -> str:
    """Who takes the post."""
    return given.recipient_name or (right.agent.name if right else to.name)


@transaction.atomic
def confirm(
    *, to: Party | User, given: Given, acting: Acting, paper: Document | None = None, now: dt.datetime
) -> Confirmation:  # fmt: skip
    """Confirm; what was confirmed before for the same scope ends. paper: the signed paper, when staff register it."""
    if paper is None:
        right = require_own(to, acting, now)
    else:
        require_assisting(to, acting)
        right = signer(to, given, now)
    check(given, to, right, now)
    whose = {"party": to, "user": None} if isinstance(to, Party) else {"party": None, "user": to}
    ended = Confirmation.objects.filter(**whose, case=given.case, ended_at=None).update(
        ended_at=now, ending=Confirmation.Ending.REPLACED
    )
    text = text_of(given, to, right)
    try:
        with transaction.atomic():
            made = Confirmation.objects.create(
                **whose, case=given.case, electronic=given.electronic,
                use_account=given.electronic and given.use_account, mobile=given.mobile if given.electronic else "",
                mail=given.mail if given.electronic else "", recipient_name=name_of(given, to, right),
                guardianship=right,
                post_address=given.post_address, postcode=given.postcode, designee=given.designee,
                valid_from=given.valid_from or timezone.localtime(now).date(), valid_until=given.valid_until,
                text=text, text_version=words.VERSION, text_sha256=hashlib.sha256(text.encode()).hexdigest(),
                way=Confirmation.Way.PAPER if paper else Confirmation.Way.PORTAL, paper=paper, made_by=acting.user,
                organisation=acting.organisation if paper else None, made_at=now,
            )  # fmt: skip
    except IntegrityError as error:
        raise Conflict(QUICKER) from error
    if isinstance(to, Party):
        parties_actions.touch(to, now)
    audit.record(
        stamp=acting.stamp, verb="service.confirmed", subject=made, case=case_of(made),
        after={"electronic": made.electronic, "text_sha256": made.text_sha256, "way": made.way, "replaced": ended,
               "guardianship": made.guardianship_id},
        now=now,
    )  # fmt: skip
    return made


def case_of(row: Confirmation) -> str:
    """What events of a confirmation are found by."""
    return row.party.case if row.party else f"accounts.user:{row.user_id}"


@transaction.atomic
def withdraw(*, confirmation: Confirmation, reason: str, acting: Acting, now: dt.datetime) -> None:
    """No longer: what was served until now stays served. Staff do it for a party who said so on paper."""
    to = confirmation.party or confirmation.user
    if to is None:
        raise Http404
    if not may_withdraw(confirmation, acting, now):
        require_assisting(to, acting)
        if not reason.strip():
            raise Refusal("没有撤回：代当事人登记撤回的，请写明依据，例如“本人书面撤回，某年某月某日收到”。")
    changed = Confirmation.objects.filter(pk=confirmation.pk, ended_at=None).update(
        ended_at=now, ending=Confirmation.Ending.WITHDRAWN, end_reason=reason.strip()[:300]
    )
    if not changed:
        raise Conflict("没有撤回：这份确认已经失效。请刷新页面查看。")
    audit.record(
        stamp=acting.stamp, verb="service.withdrawn", subject=confirmation, case=case_of(confirmation), reason=reason,
        now=now,
    )  # fmt: skip
