"""The pages, walked through as people do: staff serve a file, somebody without an account opens it by link and code,
everybody compares the proof."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from fengqiao.portal.accounts.factor_secrets import seal
from fengqiao.portal.notices.delivering import deliver_one
from fengqiao.portal.service.models import Confirmation, Recipient
from fengqiao.portal.service.tests.people import House, at_desk
from fengqiao.portal.signing.tests.made_round import text_pdf
from fengqiao.portal.workbench.asking import items_of
from fengqiao.portal.workbench.services import questions

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def house() -> House:
    return House()


def logged_in(acting: Any, **options: Any) -> Client:
    client = Client(**options)
    if acting.organisation is not None:  # staff have a second factor
        Authenticator.objects.create(
            user=acting.user,
            type=Authenticator.Type.TOTP,
            data={"secret": seal("JBSWY3DPEHPK3PXP", user_id=acting.user.pk)},
        )
    client.force_login(acting.user)
    return client


def messages() -> list[str]:
    """What went to telephones, by the file backend."""
    place = settings.ENVIRONMENT.home / "outbox" / "sms.jsonl"
    lines = place.read_text(encoding="utf-8").splitlines() if place.exists() else []
    return [str(json.loads(line)["text"]) for line in lines]


def upload(name: str = "告知书.pdf", words: str = "Notice") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text_pdf(words), "application/pdf")


def served_by_form(house: House, client: Client, **more: Any) -> Any:
    given = {"title": "调解受理告知", "case": "测调2026-7", "stage": "mediation", "kind": "notice",
             "parties": f"{house.other.pk}", "deadline_rule": "", "files": [upload()], **more}  # fmt: skip
    return client.post(reverse("service:new"), given)


def test_from_the_form_to_the_link_the_code_the_document_and_the_proof(house: House) -> None:
    staff = logged_in(house.mediator)
    page = staff.post(
        reverse("service:address_on_paper", args=(house.other.pk,)),
        {
            "electronic": "yes",
            "mobile": "137" + "00000044",
            "valid_from": "2026-01-05",
            "files": upload("确认书.pdf", "P"),
        },
    )
    assert page.status_code == 302 and Confirmation.objects.get().paper
    assert served_by_form(house, staff).status_code == 302
    row = Recipient.objects.get()
    assert row.state == "sending" and row.service.documents.get().document.name == "告知书.pdf"
    while deliver_one(clock=timezone.now):
        pass
    found = re.search(r"(/service/link/[\w-]+/)", messages()[-1])
    assert found
    visitor = Client()
    assert visitor.get(reverse("service:received", args=(row.pk,))).status_code == 302  # to the log-in page
    page = visitor.get(found[1])["Location"]
    assert page == reverse("service:by_link", args=(row.pk,)), "the token stands in no further address"
    assert Client().get(page).status_code == 404, "and without it the page is not there"
    assert "137****0044" in visitor.get(page).content.decode()
    assert visitor.post(page).status_code == 302
    code = re.search(r"验证码 (\d{6})", messages()[-1])
    assert code and visitor.post(page, {"code": code[1]}).status_code == 302
    row.refresh_from_db()
    assert row.read_at is None and row.state == "sending"
    assert visitor.get(reverse("service:open", args=(row.pk, 1))).status_code == 200
    row.refresh_from_db()
    assert row.state == "served" and row.read_by == "投资者乙" and "打开文书" in row.why
    taken = visitor.get(reverse("service:take", args=(row.pk, 1)))
    assert hashlib.sha256(b"".join(taken)).hexdigest() == row.service.documents.get().sha256
    assert staff.post(reverse("service:make_proof", args=(row.pk,))).status_code == 302
    row.refresh_from_db()
    assert row.proof and b"".join(visitor.get(reverse("service:proof", args=(row.pk,)))).startswith(b"%PDF")
    answer = Client().post(reverse("service:verify"), {"code": f"{row.code[:4]}-{row.code[4:]}".lower()})
    shown = Client().get(answer["Location"]).content.decode()
    assert row.proof.content_id in shown and "投资者乙" not in shown and "投*" in shown


def test_a_second_time_in_a_stage_is_asked_about_on_the_form_before_files_are_kept(house: House) -> None:
    from fengqiao.portal.documents.models import Document

    staff = logged_in(house.mediator)
    assert served_by_form(house, staff).status_code == 302
    before = Document.objects.count()
    page = served_by_form(house, staff, files=[upload(words="Other")])
    assert page.status_code == 200 and "已经由本机构送达过一次" in page.content.decode()
    assert Document.objects.count() == before and Recipient.objects.count() == 1
    again = served_by_form(house, staff, files=[upload(words="Other")], again_reason="文本有更正")
    assert again.status_code == 302 and Recipient.objects.count() == 2


def test_parties_of_others_are_not_found_on_the_form(house: House) -> None:
    house.other.taken_in_by = None
    house.other.save()
    page = served_by_form(house, logged_in(house.mediator))
    assert "没有登记编号为" in page.content.decode() and not Recipient.objects.exists()


def test_the_investor_confirms_reads_and_takes_back(house: House) -> None:
    client = logged_in(house.investor)
    assert "还没有确认送达地址" in client.get(reverse("service:address")).content.decode()
    refused = client.post(reverse("service:address"), {"electronic": "yes"})
    assert "至少确认一个" in refused.content.decode()
    assert client.post(reverse("service:address"), {"electronic": "yes", "use_account": "on"}).status_code == 302
    now = timezone.now()
    row = house.serve(house.party, now=now)
    assert [item.state for item in items_of(questions(house.investor, now), house.investor)] == ["未读"]
    assert client.head(reverse("service:open", args=(row.pk, 1))).status_code == 200
    row.refresh_from_db()
    assert row.read_at is None  # asking for the head of a page is not opening it
    client.get(reverse("service:open", args=(row.pk, 1)))
    row.refresh_from_db()
    assert row.read_at and not list(items_of(questions(house.investor, now), house.investor))
    made = Confirmation.objects.get()
    assert client.post(reverse("service:withdraw", args=(made.pk,)), {"reason": ""}).status_code == 302
    made.refresh_from_db()
    assert made.ending == "withdrawn"
    back = house.serve(house.party, now=now, stage="other")
    assert [item.url for item in items_of(questions(house.mediator, now), house.mediator)] == [
        reverse("service:recipient", args=(back.pk,))
    ]


def test_another_persons_link_opens_nothing(house: House) -> None:
    house.confirm_on_paper()
    first = house.serve(house.other)
    second = house.serve(house.other, stage="agreement", kind="agreement")
    visitor = Client()
    session = visitor.session
    from fengqiao.portal.service import identity

    check = identity.send_code(recipient=first, address="", device="", now=timezone.now())
    identity.passed(first, check, "", "", timezone.now())
    session["service_checks"] = {str(first.pk): check.pk, str(second.pk): check.pk}
    session.save()
    assert visitor.get(reverse("service:received", args=(first.pk,))).status_code == 200
    assert visitor.get(reverse("service:received", args=(second.pk,))).status_code == 302
    assert at_desk(house.investor).identity().startswith("登录账号")


def test_without_a_token_nothing_is_served(house: House) -> None:
    client = logged_in(house.mediator, enforce_csrf_checks=True)
    for name, args in (("service:new", ()), ("service:address_on_paper", (house.other.pk,))):
        answer = client.post(reverse(name, args=args), {"files": upload()})
        assert answer.status_code == 403
    assert not Recipient.objects.exists() and not Confirmation.objects.exists()
