"""A signer who closes the phone half-way: what was read and drawn is there on another device, old codes are told."""

from __future__ import annotations

import base64
import datetime as dt
import io
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from fengqiao.portal.accounts import sms
from fengqiao.portal.signing import identity
from fengqiao.portal.signing.models import Evidence, IdentityCheck, Signatory
from fengqiao.portal.signing.tests.made_round import People, places

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


def drawn() -> str:
    out = io.BytesIO()
    Image.new("RGBA", (64, 24), (10, 20, 30, 255)).save(out, "PNG")
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


@pytest.fixture
def place() -> Signatory:
    return places(People().round_of(due=timezone.now() + dt.timedelta(days=9)))[0]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Messages that went out."""
    texts: list[str] = []

    class Gateway:
        def send(self, *, mobile: str, text: str, now: dt.datetime) -> None:
            texts.append(text)

    monkeypatch.setattr(sms, "gateway", Gateway)
    return texts


def come_in(address: str, sent: list[str], capture: Any) -> Client:
    """Another device, by the link and a new code."""
    client = Client(headers={"user-agent": f"device {len(sent)}"})
    address = client.get(address)["Location"]
    with capture(execute=True):
        client.post(address)
    code = sent[-1].split("验证码 ")[1][:6]
    assert client.post(address, {"code": code}).status_code == 302
    return client


def test_another_device_goes_on(place: Signatory, sent: list[str], django_capture_on_commit_callbacks: Any) -> None:
    stamp = identity.visitor_stamp(place, "192.0.2.1")
    address = f"/signing/link/{identity.make_link(signatory=place, stamp=stamp, now=timezone.now())}/"
    first = come_in(address, sent, django_capture_on_commit_callbacks)
    assert first.post(f"/signing/place/{place.pk}/pages/1/").status_code == 302
    assert first.post(f"/signing/place/{place.pk}/drawing/", {"drawn": drawn()}).status_code == 204
    kept = Signatory.objects.get(pk=place.pk)
    assert kept.drawn and "iVBOR" not in repr(kept.drawn), "sealed"

    second = come_in(address, sent, django_capture_on_commit_callbacks)
    page = second.get(f"/signing/place/{place.pk}/").content.decode()
    assert f"已读 1 / {place.round.pages} 页" in page and "继续阅读第 2 页" in page
    for number in range(2, place.round.pages + 1):
        second.post(f"/signing/place/{place.pk}/pages/{number}/")
    page = second.get(f"/signing/place/{place.pk}/sign/").content.decode()
    assert "data:image/png;base64,iVBOR" in page, "what was drawn on the first device"
    answer = second.post(
        f"/signing/place/{place.pk}/sign/",
        {"name": place.name, "agree": "on", "version": "2026-1", "drawn": drawn()},
    )
    assert answer.status_code == 302
    after = Signatory.objects.get(pk=place.pk)
    assert after.state == "signed" and not after.drawn
    assert Evidence.objects.get(what="signed").device == "device 1"
    assert "已经在" in first.get(f"/signing/place/{place.pk}/sign/").content.decode(), "the first one is told"
    assert Evidence.objects.filter(what="signed").count() == 1


def test_an_old_code_and_an_old_check_are_told(
    place: Signatory, sent: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    stamp = identity.visitor_stamp(place, "192.0.2.1")
    address = f"/signing/link/{identity.make_link(signatory=place, stamp=stamp, now=timezone.now())}/"
    late = Client()
    link, address = address, late.get(address)["Location"]
    with django_capture_on_commit_callbacks(execute=True):
        late.post(address)
    IdentityCheck.objects.update(expires_at=timezone.now() - HOUR)
    assert "此前的验证码已经过期" in late.get(address).content.decode()
    said = late.post(address, {"code": sent[-1].split("验证码 ")[1][:6]}).content.decode()
    assert "过期" in said and "请重新获取验证码" in said

    client = come_in(link, sent, django_capture_on_commit_callbacks)
    for number in range(1, place.round.pages + 1):
        client.post(f"/signing/place/{place.pk}/pages/{number}/")
    IdentityCheck.objects.filter(passed_at__isnull=False).update(passed_at=timezone.now() - HOUR)
    said = client.get(f"/signing/place/{place.pk}/sign/").content.decode()
    assert "超过 30 分钟" in said and "再次核对身份" in said
    IdentityCheck.objects.filter(passed_at__isnull=False).update(passed_at=timezone.now() - 3 * HOUR)
    answer = client.get(f"/signing/place/{place.pk}/")
    assert answer.status_code == 403 and "读到的位置和手写的签名都还在" in answer.content.decode()
    again = come_in(link, sent, django_capture_on_commit_callbacks)
    assert again.get(f"/signing/place/{place.pk}/sign/").status_code == 200


@pytest.mark.parametrize("sent_picture", ["data:image/png;base64,AAAA", "data:text/html,<b>", "x" * 400_000])
def test_what_is_no_drawing_is_refused(place: Signatory, client: Client, sent_picture: str) -> None:
    client.force_login(place.party.user)
    assert client.post(f"/signing/place/{place.pk}/drawing/", {"drawn": sent_picture}).status_code == 400
    assert not Signatory.objects.get(pk=place.pk).drawn
    assert client.post(f"/signing/place/{place.pk}/drawing/", {"drawn": ""}).status_code == 204
