"""Drafts: kept, sealed, taken up on another device, never overwritten unseen. Refusals are sentences."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client, override_settings
from django.utils import timezone

from fengqiao.portal.accounts.models import Role, User
from fengqiao.portal.shell import actions
from fengqiao.portal.shell.errors import Conflict, TooLarge
from fengqiao.portal.shell.models import Draft
from fengqiao.portal.vault.sealed import open_sealed

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.browser.specimens")]
PHONE = {"User-Agent": "Mozilla/5.0 (Linux; Android 14) Mobile"}
FORM = "/specimen/form/"


def logged_in(name: str = "someone") -> tuple[Client, User]:
    user = User.objects.filter(username=name).first()
    if user is None:
        user = User.objects.create(username=name, name="投资者A", joined_at=timezone.now())
        Role.objects.create(user=user, kind=Role.Kind.INVESTOR, granted_at=timezone.now())
    client = Client()
    client.force_login(user)
    return client, user


def test_a_draft_is_taken_up_on_another_device() -> None:
    phone, user = logged_in()
    kept = {"draft_save": "1", "draft_version": "0", "text": "我买了之后", "way": "b", "kind": "", "password": "x"}
    answer = phone.post(FORM, {**kept, "proof": SimpleUploadedFile("a.pdf", b"x")}, headers=PHONE, follow=True)
    assert "草稿已保存" in answer.content.decode()
    draft = Draft.objects.get()
    assert (draft.owner, draft.device, draft.version, draft.form) == (user, "phone", 1, "specimen.request")
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM shell_draft")
        assert "买".encode() not in bytes(cursor.fetchone()[0])
    assert set(json.loads(open_sealed(draft.data))) == {"text", "way"}
    computer, _ = logged_in()
    offered = computer.get(FORM).content.decode()
    assert "您有一份没有提交的草稿" in offered
    assert "在手机上保存" in offered
    assert "我买了之后" not in offered
    resumed = computer.get(f"{FORM}?draft=1").content.decode()
    assert "我买了之后" in resumed
    assert 'value="b"' in resumed
    assert "checked" in resumed
    assert 'name="draft_version" value="1"' in resumed


def test_sending_or_removing_ends_a_draft() -> None:
    client, user = logged_in()
    whole = {"kind": "complaint", "way": "a", "happened": "2026-11-01", "text": "十个字以上的经过和要求说明"}
    for pressed in ({"draft_drop": "1"}, {**whole, "informed": "on"}):
        client.post(FORM, {"draft_save": "1", "draft_version": "0", "text": "x"})
        assert Draft.objects.filter(owner=user).count() == 1
        assert client.post(FORM, pressed).status_code == 302
        assert not Draft.objects.exists()


def test_nobody_sees_the_draft_of_another() -> None:
    first, _ = logged_in()
    first.post(FORM, {"draft_save": "1", "draft_version": "0", "text": "只有我知道"})
    other, _ = logged_in("other")
    page = other.get(f"{FORM}?draft=1").content.decode()
    assert "只有我知道" not in page
    assert "没有提交的草稿" not in page


def test_saving_by_itself_answers_with_the_new_version_and_refuses_an_old_one() -> None:
    client, _ = logged_in()
    given = {"draft_form": "specimen.request", "draft_subject": "", "draft_version": "0", "text": "第一稿"}
    headers = {"HX-Request": "true"}
    answer = client.post("/about/draft/", given, headers=headers).content.decode()
    assert 'name="draft_version" value="1"' in answer
    answer = client.post("/about/draft/", {**given, "text": "第二稿"}, headers=headers)
    assert answer.status_code == 409
    assert answer["HX-Retarget"] == "#messages"
    assert "草稿没有保存" in answer.content.decode()
    assert "第一稿" in open_sealed(Draft.objects.get().data)
    for wrong in ({"draft_form": "../x"}, {"draft_form": "a.b", "draft_subject": "<x>"}):
        assert client.post("/about/draft/", {**given, **wrong}).status_code == 400
    answer = Client().post("/about/draft/", given)
    assert (answer.status_code, "在新窗口登录" in answer.content.decode()) == (401, True)


def test_versions_limits_and_age() -> None:
    _, user = logged_in()
    now = timezone.now()
    given = {"owner": user, "form": "a.b", "device": Draft.Device.COMPUTER, "now": now}
    draft = actions.save_draft(**given, data={"x": ["1"]}, version=0)
    assert actions.save_draft(**given, data={"x": ["2"]}, version=draft.version).version == 2
    with pytest.raises(Conflict, match="在电脑上保存过更新的内容"):
        actions.save_draft(**given, data={"x": ["3"]}, version=1)
    with pytest.raises(Conflict, match="已经提交或者被删除"):
        actions.save_draft(**{**given, "form": "a.c"}, data={}, version=4)
    with pytest.raises(TooLarge):
        actions.save_draft(**given, data={"x": ["长" * actions.LARGEST]}, version=2)
    with override_settings(DRAFT_DAYS=30):
        assert actions.delete_old_drafts(now=now + dt.timedelta(days=30)) == 0
        assert actions.delete_old_drafts(now=now + dt.timedelta(days=31)) == 1


def test_uploads_are_refused_as_a_whole_with_a_sentence() -> None:
    client, _ = logged_in()
    cases = {
        "没有收到文件": [],
        "不是可以上传的文件类型": [("a.exe", b"x")],
        "超过限制": [("a.csv", b"x" * 200_001)],
        "是空文件": [("a.csv", b"")],
        "一次选了4个文件": [(f"{n}.csv", b"x") for n in range(4)],
    }

    def sent(files: list[tuple[str, bytes]], **headers: str) -> Any:
        given = {"files": [SimpleUploadedFile(name, content) for name, content in files]}
        return client.post(
            "/specimen/upload/", given, headers={name.replace("_", "-"): on for name, on in headers.items()}
        )

    for said, files in cases.items():
        plain = sent(files)
        assert plain.status_code in (400, 413), said
        assert said in plain.content.decode()
        told = sent(files, X_Upload="1").json()
        assert said in told["said"]
        assert not told["ok"]
    assert sent([("交割单.CSV", b"a,b")]).status_code == 302
    assert sent([("交割单.CSV", b"a,b")], X_Upload="1").json()["ok"]


def test_every_error_is_a_sentence() -> None:
    client, _ = logged_in()
    client.raise_request_exception = False
    strict = Client(enforce_csrf_checks=True)
    answers = {
        "/specimen/refused/": (400, "调解申请没有提交"),
        "/specimen/conflict/": (409, "请重新打开页面"),
        "/specimen/broken/": (500, "系统内部出错"),
        "/nowhere/": (404, "没有找到这个页面"),
        "/accounts/me/role/": (405, "不能这样打开这个地址"),
    }
    for address, (status, sentence) in answers.items():
        answer = client.get(address)
        assert (answer.status_code, sentence in answer.content.decode()) == (status, True), address
        assert "Traceback" not in answer.content.decode()
    refused = strict.post("/accounts/me/elder-mode/", {"on": "1"})
    assert refused.status_code == 403
    assert "为了安全" in refused.content.decode()
    with override_settings(DATA_UPLOAD_MAX_NUMBER_FIELDS=3):
        many = client.post(FORM, {f"f{n}": "1" for n in range(9)})
    assert many.status_code == 413
    with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=100):
        large = client.post(
            FORM, {"draft_save": "1", "text": "x" * 1000}, content_type="application/x-www-form-urlencoded"
        )
    assert large.status_code in (400, 413)


def test_a_refusal_leads_back_to_the_page_one_came_from_and_nowhere_else() -> None:
    client, _ = logged_in()

    def led_to(referer: str) -> bool:
        page = client.get("/specimen/refused/", headers={"Referer": referer}).content.decode()
        assert 'href="/">回到首页' in page
        assert "evil.example" not in page
        return "返回刚才的页面" in page

    assert led_to("http://testserver/specimen/form/?a=1&b=2")
    for elsewhere in ("", "https://evil.example/", "//evil.example/x", "javascript:alert(1)", "http://[", "/nowhere/"):
        assert not led_to(elsewhere), elsewhere
    assert not led_to("http://testserver/specimen/refused/"), "to look again at the same refusal helps nobody"


def test_elder_mode_stays_with_the_account_or_the_cookie() -> None:
    client, user = logged_in()
    assert 'class="elder"' not in client.get("/").content.decode()
    answer = client.post("/accounts/me/elder-mode/", {"on": "1", "next": "/about/help/"})
    assert answer["Location"] == "/about/help/"
    assert User.objects.get(pk=user.pk).elder_mode
    other_device, _ = logged_in()
    assert 'class="elder"' in other_device.get("/").content.decode()
    visitor = Client()
    assert visitor.post("/accounts/me/elder-mode/", {"on": "1", "next": "//evil.example"})["Location"] == "/"
    assert 'class="elder"' in visitor.get("/").content.decode()
    visitor.post("/accounts/me/elder-mode/", {"on": "0"})
    assert 'class="elder"' not in visitor.get("/").content.decode()


def test_a_role_is_worn_only_by_whom_it_belongs_to() -> None:
    client, user = logged_in()
    second = Role.objects.create(user=user, kind=Role.Kind.AGENT, granted_at=timezone.now())
    _, other = logged_in("other")
    assert client.post("/accounts/me/role/", {"role": second.pk}).status_code == 302
    assert "我代理的案件" in client.get("/").content.decode()
    for wrong in (other.roles.get().pk, "x", ""):
        assert client.post("/accounts/me/role/", {"role": wrong}).status_code == 404
    assert Client().post("/accounts/me/role/", {"role": second.pk})["Location"].startswith("/login/")
