"""What the addresses of permissions.csv ask for. A new kind of object needs one line in OBJECTS."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import transaction
from django.utils import timezone
from PIL import Image

from fengqiao.engine import forms
from fengqiao.portal.accounts.acting import acting_for
from fengqiao.portal.accounts.actions import make_invitation
from fengqiao.portal.accounts.models import Invitation, Role, TrustedDevice
from fengqiao.portal.accounts.trusted_devices import trust
from fengqiao.portal.audit.stamp import system_stamp
from fengqiao.portal.documents.actions import keep_made
from fengqiao.portal.documents.models import Document
from fengqiao.portal.drafting import actions as drafting
from fengqiao.portal.drafting.models import Filling
from fengqiao.portal.notices.actions import send, unsubscribe_path
from fengqiao.portal.notices.delivering import give_up
from fengqiao.portal.notices.models import Notice
from fengqiao.portal.parties.models import Party
from fengqiao.portal.service import queries as served
from fengqiao.portal.signing import queries as signed
from fengqiao.portal.tokens import actions as tokens
from fengqiao.portal.tokens.models import AccessToken
from tests.browser.cast import Cast
from tests.browser.deadlines import make_deadlines

DAYS_90 = dt.timedelta(days=90)


def invitation(cast: Cast) -> Invitation:
    """Of the services centre, not yet accepted."""
    made, _ = make_invitation(
        organisation=cast.bodies["services_centre"], name="受邀人己", kinds=[Role.Kind.MEASURER], mobile="",
        by=cast.users["administrator_b"], stamp=system_stamp(), now=timezone.now(),
    )  # fmt: skip
    return made


def picture(cast: Cast) -> Document:
    """A page that was photographed, among the files of the case."""
    target = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(target, format="PNG")
    case = cast.claims.case
    return keep_made(
        data=target.getvalue(), name="照片.png", subject=("claims.masscase", str(case.pk)),
        acting=acting_for(cast.users["measurer"]), now=timezone.now(),
    )  # fmt: skip


def passkey(cast: Cast) -> Authenticator:
    """Of the measurer; nobody holds it."""
    return Authenticator.objects.create(
        user=cast.users["measurer"], type=Authenticator.Type.WEBAUTHN, data={"name": "通行密钥", "credential": {}}
    )


def deadline(cast: Cast) -> int:
    """Of the mediator, made for who asks; running."""
    return int(make_deadlines(cast.users)["running"])


def notice(cast: Cast) -> Notice:
    """To the investor, inside the portal."""
    with transaction.atomic():
        made = send(
            to=cast.users["investor"], template="general.told", values={"what": "您的申请已经受理"},
            subject=("accounts.user", "1"), once_key="permission-walk", now=timezone.now(),
        )  # fmt: skip
    assert made is not None
    return made


def failed_notice(cast: Cast) -> Notice:
    """From the mediation centre to the investor; the gateway refused it and somebody has to call."""
    with transaction.atomic():
        send(
            to=cast.users["investor"], template="general.told", values={"what": "您的调解已经安排"},
            subject=("accounts.user", "1"), once_key="permission-walk-failed", sender=cast.users["mediator"],
            organisation=cast.bodies["mediation"], now=timezone.now(),
        )  # fmt: skip
    made = Notice.objects.get(once_key="permission-walk-failed", channel="sms")
    if made.state == Notice.State.QUEUED:
        Notice.objects.filter(pk=made.pk).update(
            state=Notice.State.SENDING, lease_until=timezone.now(), attempts=1, due_at=timezone.now()
        )
        made.refresh_from_db()
        give_up(made, "refused", "网关拒收（422）", now=timezone.now())
        made.refresh_from_db()
    return made


def device(cast: Cast) -> TrustedDevice:
    """Of the investor, remembered just now."""
    user, now = cast.users["investor"], timezone.now()
    trust(user=user, device="Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0", stamp=acting_for(user).stamp, now=now)
    return TrustedDevice.objects.filter(user=user).latest("id")


def told_by_staff(cast: Cast) -> Notice:
    """From the mediation centre to somebody elderly whom it took in: staff are to call."""
    send(
        to=Party.objects.get(pk=cast.people["helped"]), template="general.to_do", subject=("parties.party", "1"),
        values={"what": "请补充交易记录", "until": "2026年12月10日"}, once_key="permission-walk-by-staff",
        organisation=cast.bodies["mediation"], now=timezone.now(),
    )  # fmt: skip
    return Notice.objects.get(once_key="permission-walk-by-staff", channel="by_staff")


def session_of_investor(cast: Cast) -> UserSession:
    """Another device on which the investor is logged in."""
    made, _ = UserSession.objects.get_or_create(
        session_key="a" * 32, defaults={"user": cast.users["investor"], "ip": "127.0.0.1", "user_agent": ""}
    )
    return made


def access_token(cast: Cast) -> AccessToken:
    """Of the second measurer, who works for the services centre."""
    now = timezone.now()
    there = AccessToken.objects.filter(owner=cast.users["measurer_b"], ended_at=None).first()
    if there is not None:
        return there
    made, _ = tokens.issue(
        name="测算结果归档系统", scopes=["measurements.read"], last_day=timezone.localtime(now).date() + DAYS_90,
        acting=acting_for(cast.users["measurer_b"]), now=now,
    )  # fmt: skip
    return made


def filling(cast: Cast) -> Filling:
    """A form that the mediator fills in, finished."""
    mediator, now = acting_for(cast.users["mediator"]), timezone.now()
    made = drafting.begin(
        form="mediator_disclosure", name="示例", data=forms.sample("mediator_disclosure"), acting=mediator, now=now
    )
    drafting.finish(filling=made, revision=0, acting=mediator, now=now)
    return made


OBJECTS: dict[str, Callable[[Cast], dict[str, Any]]] = {
    "": lambda cast: {},
    "服务中心": lambda cast: {"number": cast.bodies["services_centre"].pk},
    "服务中心的邀请": lambda cast: {"number": invitation(cast).pk},
    "平台的邀请": lambda cast: {"token": cast.token},
    "测算员乙的角色": lambda cast: {"number": cast.users["measurer_b"].roles.get().pk},
    "测算员乙": lambda cast: {"number": cast.users["measurer_b"].pk},
    "投资者甲记住的设备": lambda cast: {"number": device(cast).pk},
    "投资者甲的会话": lambda cast: {"number": session_of_investor(cast).pk},
    "测算员乙的接口令牌": lambda cast: {"number": access_token(cast).pk},
    "测算案件": lambda cast: {"number": cast.claims.case.pk},
    "测算案件的交易记录": lambda cast: {"number": cast.claims.case.pk, "part": "trades"},
    "测算案件的行情": lambda cast: {"number": cast.claims.empty.pk, "row": cast.claims.file.pk},
    "测算案件的文件": lambda cast: {"number": cast.claims.file.document_id},
    "测算案件的图片": lambda cast: {"number": picture(cast).pk, "page": 1},
    "测算案件的结果": lambda cast: {"number": cast.claims.case.pk, "row": cast.claims.investor.pk},
    "测算案件的报告": lambda cast: {"number": cast.claims.case.pk, "name": "report.pdf"},
    "印花税率": lambda cast: {"key": "fees.stamp_duty_sell"},
    "完成的测算": lambda cast: {"number": cast.claims.finished.pk},
    "等待的测算": lambda cast: {"number": cast.claims.waiting.pk},
    "测算中的投资者": lambda cast: {"number": cast.claims.finished.pk, "row": cast.claims.investor.pk},
    "测算报告": lambda cast: {"number": cast.claims.finished.pk, "name": "report.pdf"},
    "测算的图": lambda cast: {"number": cast.claims.finished.pk, "name": "price.svg"},
    "测算案件的投资者本人": lambda cast: {"number": cast.claims.case.pk, "row": cast.claims.person.pk},
    "登记过的名单": lambda cast: {"number": cast.claims.listed.pk},
    "等待登记的名单": lambda cast: {"number": cast.claims.listing.pk},
    "投资者甲的测算结果": lambda cast: {"number": cast.claims.person.pk},
    "测算员甲的通行密钥": lambda cast: {"pk": passkey(cast).pk},
    "投资者甲的登记": lambda cast: {"number": cast.people["own"]},
    "投资者甲的证件号码": lambda cast: {"number": cast.people["own"], "field": "number"},
    "协助登记的当事人": lambda cast: {"number": cast.people["helped"]},
    "协助登记的手机号码": lambda cast: {"number": cast.people["helped"], "field": "mobile"},
    "等待确认的代办": lambda cast: {"number": cast.people["confirmation"]},
    "不认可的代办": lambda cast: {"number": cast.people["dispute"]},
    "协助登记的特殊需要": lambda cast: {"number": cast.people["helped"], "need": cast.people["need"]},
    "待接受的授权": lambda cast: {"number": cast.people["waiting"]},
    "已接受的授权": lambda cast: {"number": cast.people["accepted"]},
    "更正申请": lambda cast: {"number": cast.people["correction"]},
    "投资者甲的同意": lambda cast: {"number": cast.people["consent"]},
    "收款账户的目的": lambda cast: {"purpose": "account"},
    "调解员甲的期限": lambda cast: {"number": deadline(cast)},
    "调解员甲期限的暂停": lambda cast: {"number": deadline(cast), "step": "pause"},
    "投资者甲的通知": lambda cast: {"number": notice(cast).pk},
    "演示调解中心发出的通知": lambda cast: {"number": failed_notice(cast).pk},
    "由工作人员告知的通知": lambda cast: {"number": told_by_staff(cast).pk},
    "没有送到的通知": lambda cast: {"number": failed_notice(cast).pk},
    "退订链接": lambda cast: {"token": unsubscribe_path(cast.users["investor"], None).rstrip("/").rpartition("/")[2]},
    "调解员甲的送达": lambda cast: {"number": cast.services["service"]},
    "已读的送达": lambda cast: {"number": cast.services["read"]},
    "须另行的送达": lambda cast: {"number": cast.services["back"]},
    "未读的送达": lambda cast: {"number": cast.services["unread"]},
    "未读的送达的文书": lambda cast: {"number": cast.services["unread"], "document": 1},
    "未读的送达的一页": lambda cast: {"number": cast.services["unread"], "document": 1, "page": 1},
    "投资者甲的送达地址": lambda cast: {"number": cast.services["address"]},
    "送达链接的受送达人": lambda cast: {"number": served.by_digest(served.digest_of(cast.services["token"])).pk},
    "签署链接的签署人": lambda cast: {"number": signed.by_digest(signed.digest_of(cast.signing["token"])).pk},
    "送达链接": lambda cast: {"token": cast.services["token"]},
    "送达核验码": lambda cast: {"code": cast.services["code"]},
    "登记的文书": lambda cast: {"number": cast.signing["draft"]},
    "登记的文书的当事人签署人": lambda cast: {"number": cast.signing["draft"], "kind": "party"},
    "登记的文书的签署人": lambda cast: {"number": cast.signing["draft_place"]},
    "签署中的文书": lambda cast: {"number": cast.signing["open"]},
    "投资者甲的签署位置": lambda cast: {"number": cast.signing["place"]},
    "投资者甲的签署位置的一页": lambda cast: {"number": cast.signing["place"], "page": 1},
    "投资者甲读完的签署位置": lambda cast: {"number": cast.signing["read_place"]},
    "换过文本的文书": lambda cast: {"number": cast.signing["changed"]},
    "签署文件": lambda cast: {"number": cast.signing["changed"], "what": "signed"},
    "批量签署": lambda cast: {"number": cast.signing["batch"]},
    "签署链接": lambda cast: {"token": cast.signing["token"]},
    "核验码": lambda cast: {"code": cast.signing["code"]},
    "保全": lambda cast: {"number": cast.people["hold"]},
    "一种文书": lambda cast: {"form": "complaint"},
    "调解员甲的文书": lambda cast: {"number": filling(cast).pk},
    "调解员甲文书的一步": lambda cast: {"number": filling(cast).pk, "step": "disclosed"},
    "调解员甲文书的文件": lambda cast: {"number": filling(cast).outputs.get().docx_id},
}
"""By its name in the column `object`: how to make it, or find it in the cast; returns the parts of its address."""
