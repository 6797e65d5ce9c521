"""Pages as pictures, beginnings of texts, versions: for those who may read, without what came with the original."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import Role, User
from fengqiao.portal.audit.models import Event
from fengqiao.portal.documents import actions, belongings, previews
from fengqiao.portal.documents.models import Document
from fengqiao.portal.documents.tests.hostile import good_pdf, hostile, office
from fengqiao.portal.documents.tests.test_hostile import NOW, keep, someone  # noqa: F401 - a fixture
from fengqiao.portal.refusal import Conflict, Refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(tmp_path: Path, settings: Any) -> Path:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, home=tmp_path)
    return tmp_path


@pytest.fixture
def reader(client: Client, home: Path, monkeypatch: Any) -> Client:
    """An investor who may read what belongs to thing 0, in a browser."""
    user = User.objects.create_user("test-b", name="乙", joined_at=NOW)
    Role.objects.create(user=user, kind=Role.Kind.INVESTOR, granted_at=NOW)
    monkeypatch.setitem(
        belongings.READERS, "tests.thing", lambda acting, number: bool(acting) and acting.user == user and number == "0"
    )
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def photo(**more: Any) -> bytes:
    """A large photograph that knows where it was taken."""
    picture = Image.new("RGB", (3200, 2000), "white")
    exif = Image.Exif()
    exif[0x010F] = "Camera of a made-up maker"
    exif.get_ifd(0x8825)[1] = "N"
    target = io.BytesIO()
    picture.save(target, format="JPEG", exif=exif, **more)
    return target.getvalue()


def test_a_photo_is_shown_small_and_without_the_place(home: Path, someone: Acting) -> None:  # noqa: F811
    made = keep("a.jpg", photo(), someone)
    page = previews.page_of(made.content, 1)
    with Image.open(page) as shown:
        assert (shown.format, max(shown.size), dict(shown.getexif())) == ("PNG", 1600, {})
    assert b"made-up maker" not in page.read_bytes()
    assert page.stat().st_mode & 0o777 == 0o400
    assert (home / "files" / made.content_id[:2] / made.content_id[2:]).read_bytes() == photo()
    assert previews.remove_unused(older_than=3600) == 0
    assert previews.remove_unused(older_than=-1) == 1
    assert not page.exists()


def test_the_beginning_of_a_table_and_of_a_text(home: Path, someone: Acting) -> None:  # noqa: F811
    table = keep("a.csv", "投资者;数量\n甲;1\n".encode("gb18030") * 100, someone)
    begun = previews.beginning_of(table.content)
    assert (begun.rows[0], len(begun.rows), begun.more) == (["投资者", "数量"], 60, True)
    text = keep("a.txt", "第一行\n第二行".encode(), someone)
    assert previews.beginning_of(text.content).text == "第一行\n第二行"


def test_pages_are_looked_at_by_readers_alone_and_leave_an_event(reader: Client, someone: Acting) -> None:  # noqa: F811
    script = next(one for one in map(hostile, range(11, 400)) if one.must == "harmless" and one.name == "a.pdf")
    made = keep(script.name, script.data, someone)
    page = reader.get(f"/documents/{made.pk}/preview/?page=2")
    assert page.status_code == 200, page.status_code
    said = page.content.decode()
    assert "第 2 页，共 2 页" in said
    assert "不会运行" in said
    assert f"/documents/{made.pk}/pages/2/" in said
    picture = reader.get(f"/documents/{made.pk}/pages/2/")
    assert b"".join(picture.streaming_content).startswith(b"\x89PNG")
    assert (picture["Content-Type"], picture["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert "sandbox" in picture["Content-Security-Policy"]
    assert "no-store" in picture["Cache-Control"]
    event = Event.objects.filter(verb="documents.viewed").get()
    assert (event.subject_id, "page" in event.changed) == (str(made.pk), True)
    for address in ("preview/?page=3", "preview/?page=0", "preview/?page=x", "pages/3/", "pages/0/"):
        assert reader.get(f"/documents/{made.pk}/{address}").status_code == 404, address
    elsewhere = keep("b.pdf", good_pdf(3), someone, number=1)
    for address in ("preview/", "pages/1/"):
        assert reader.get(f"/documents/{elsewhere.pk}/{address}").status_code == 404, address
    assert Event.objects.filter(verb="documents.viewed").count() == 1


def test_what_cannot_be_shown_says_so(reader: Client, someone: Acting) -> None:  # noqa: F811
    made = keep("a.docx", office("docx"), someone)
    assert "不能在这里显示，请下载原件" in reader.get(f"/documents/{made.pk}/preview/").content.decode()
    assert reader.get(f"/documents/{made.pk}/pages/1/").status_code == 404


def test_all_versions_are_listed_with_the_current_one(reader: Client, someone: Acting) -> None:  # noqa: F811
    rows: list[Document] = []
    for pages in (1, 2, 3):
        rows.append(keep(f"说明{pages}.pdf", good_pdf(pages), someone, replaces=rows[-1] if rows else None))
    said = reader.get(f"/documents/{rows[0].pk}/preview/").content.decode()
    places = [said.index(f"第 {number} 版：说明{number}.pdf") for number in (3, 2, 1)]
    assert places == sorted(places)
    assert said.count("现行版本") == 1
    assert "这是旧版本" in said
    assert all(row.content_id in said for row in rows)
    with pytest.raises(Conflict, match="已经有了更新的版本"):
        keep("另一份.pdf", good_pdf(4), someone, replaces=rows[0])


def test_a_thing_has_a_limited_number_of_files(home: Path, someone: Acting, monkeypatch: Any) -> None:  # noqa: F811
    monkeypatch.setattr(actions, "MOST_OF_A_SUBJECT", 2)
    for number in range(2):
        keep(f"{number}.csv", f"a,b\n{number},2\n".encode(), someone)
    with pytest.raises(Refusal, match="已经有 2 个文件，达到了上限"):
        keep("c.csv", b"a,b\n3,2\n", someone)
    made = actions.keep_made(data=good_pdf(), name="裁决书.pdf", subject=("tests.thing", "0"), acting=someone, now=NOW)
    assert (made.made, made.content.pages) == (True, 2)
    assert list((home / "files" / "incoming").glob("*")) == []
