"""Uploads: streamed, hashed, stored once, refused in a sentence; nothing half-written."""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from fengqiao.portal.accounts.acting import Acting, acting_for
from fengqiao.portal.accounts.models import Organisation, Role, User
from fengqiao.portal.audit.models import Event
from fengqiao.portal.documents import actions, belongings, intake, queries, store
from fengqiao.portal.documents.downloads import attachment
from fengqiao.portal.documents.kinds import kind_of
from fengqiao.portal.documents.models import Content, Document
from fengqiao.portal.refusal import Refusal, TooLarge
from fengqiao.portal.shell.uploads import Limits
from tests import second_process

LIMITS = Limits((".csv", ".parquet"), largest=3_000_000, most=2)
TABLE = b"investor,date\nI0001,2020-01-02\n"
SUBJECT = ("tests.thing", "7")
ANY = tuple(Content.Kind)


@pytest.fixture
def home(tmp_path: Path, settings: Any) -> Path:
    """A home of its own."""
    settings.ENVIRONMENT = SimpleNamespace(**{**vars(settings.ENVIRONMENT), "home": tmp_path})
    return tmp_path


@pytest.fixture
def someone(db: Any) -> Acting:
    body = Organisation.objects.create(kind=Organisation.Kind.FIRM, name="测试证券")
    user = User.objects.create_user("test-a", name="甲", joined_at=timezone.now())
    Role.objects.create(user=user, organisation=body, kind=Role.Kind.MEASURER, granted_at=timezone.now())
    return acting_for(user)


def send(*files: SimpleUploadedFile, limits: Limits = LIMITS) -> tuple[list[intake.ReceivedFile], HttpRequest]:
    """What a view gets of a real request."""
    request = RequestFactory().post("/x/", {"files": list(files)})
    got: list[intake.ReceivedFile] = []

    def take(request: HttpRequest) -> HttpResponse:
        got.extend(intake.files_of(request, limits))
        return HttpResponse()

    request.csrf_processing_done = True
    intake.receive(request, limits, take)
    return got, request


def incoming(home: Path) -> list[Path]:
    return list((home / "files" / "incoming").glob("*"))


def keep(file: intake.ReceivedFile, acting: Acting) -> Document:
    return actions.keep(file=file, subject=SUBJECT, kinds=ANY, acting=acting, now=timezone.now())


def test_a_file_lies_under_its_digest_as_it_was_sent_and_the_same_content_once(home: Path, someone: Acting) -> None:
    data = TABLE + os.urandom(10).hex().encode() * 80_000
    (first,), _ = send(SimpleUploadedFile("交易 记录.csv", data))
    made = keep(first, someone)
    digest = hashlib.sha256(data).hexdigest()
    place = home / "files" / digest[:2] / digest[2:]
    assert place.read_bytes() == data
    assert place.stat().st_mode & 0o777 == 0o400
    assert (made.name, made.content_id, made.content.size) == ("交易 记录.csv", digest, len(data))
    assert made.content.sm3 == hashlib.new("sm3", data).hexdigest()
    (again,), _ = send(SimpleUploadedFile("另一名.csv", data))
    other = keep(again, someone)
    assert other.content_id == made.content_id
    assert Content.objects.count() == 1
    assert Document.objects.count() == 2
    assert incoming(home) == []
    assert Event.objects.filter(verb="documents.uploaded").count() == 2


def test_what_nobody_kept_is_gone_at_the_end_of_the_request(home: Path) -> None:
    (file,), request = send(SimpleUploadedFile("a.csv", TABLE))
    assert len(incoming(home)) == 1
    assert file.size == len(TABLE)
    request.close()
    assert incoming(home) == []


@pytest.mark.parametrize(
    ("file", "limits", "error", "words"),
    [
        (SimpleUploadedFile("a.csv", b"x" * 3_000_001), LIMITS, TooLarge, "超过限制"),
        (SimpleUploadedFile("a.csv", b"x" * 9_000_000), LIMITS, TooLarge, "超过限制"),
        (SimpleUploadedFile("a.exe", TABLE), LIMITS, Refusal, "不是可以上传的文件类型"),
        (SimpleUploadedFile("a.xls", TABLE), Limits((".xlsx",), largest=9_000, most=1), Refusal, "另存为 xlsx"),
        (SimpleUploadedFile("a.csv", b""), LIMITS, Refusal, "空文件"),
    ],
)
def test_what_may_not_come_in_is_refused_and_leaves_nothing(
    file: SimpleUploadedFile, limits: Limits, error: type[Refusal], words: str, home: Path
) -> None:
    file.seek(0)
    with pytest.raises(error, match=words):
        send(file, limits=limits)
    assert [path for path in incoming(home) if path.stat().st_size > len(TABLE)] == []


def test_too_many_files_are_refused(home: Path) -> None:
    with pytest.raises(Refusal, match="一次选了3个文件"):
        send(*(SimpleUploadedFile(f"{n}.csv", TABLE) for n in range(3)))


def test_a_content_that_is_not_wanted_is_said_by_its_kind(home: Path, someone: Acting) -> None:
    (file,), _ = send(SimpleUploadedFile("a.csv", b"%PDF-1.7 ..."))
    with pytest.raises(Refusal, match="的内容是PDF 文件，这里需要CSV 表格"):
        actions.keep(file=file, subject=SUBJECT, kinds=[Content.Kind.CSV], acting=someone, now=timezone.now())
    (file,), _ = send(SimpleUploadedFile("a.csv", bytes(range(256)) * 40))
    with pytest.raises(Refusal, match=r"认不出是哪种文件.*这里需要CSV 表格.*请用原来的软件重新导出"):
        actions.keep(file=file, subject=SUBJECT, kinds=[Content.Kind.CSV], acting=someone, now=timezone.now())
    assert incoming(home) == []
    assert not Document.objects.exists()


@pytest.mark.parametrize(
    ("data", "kind", "encoding"),
    [
        (TABLE, "csv", "utf-8"),
        ("投资者,日期\n甲,2020-01-02\n".encode("gb18030"), "csv", "gb18030"),
        ("\ufeff投资者\t日期\n".encode(), "csv", "utf-8-sig"),
        ("投资者,日期\n".encode("utf-16"), "csv", "utf-16"),
        ('[case]\nname = "样本"\n'.encode(), "toml", "utf-8"),
        (b"PAR1....PAR1", "parquet", ""),
        (b"PAR1.... cut off", "other", ""),
        (b"PK\x03\x04 not a workbook", "zip", ""),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....", "doc", ""),
        (b"%PDF-1.4\n", "pdf", ""),
        (b"\x00\x01\x02", "other", ""),
        ("只有一句话".encode(), "text", "utf-8"),
        (("投" * 40_000 + ",").encode(), "csv", "utf-8"),
    ],
)  # fmt: skip
def test_what_a_file_is_is_found_from_its_content(data: bytes, kind: str, encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "named.xlsx"
    path.write_bytes(data)
    found = kind_of(path)
    if kind == "csv" and len(data) > 100_000:
        assert found.encoding == "utf-8", "a sign cut in two at the end of the first bytes does no harm"
    else:
        assert (str(found.kind), found.encoding) == (kind, encoding)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of four megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"tmpfs", os.fsencode(place), b"tmpfs", 0, b"size=4m"):
        pytest.skip(
            f"no disk could be mounted ({os.strerror(ctypes.get_errno())}); the test by RLIMIT_FSIZE says it, too"
        )
    yield place
    libc.umount2(os.fsencode(place), 2)


def test_a_disk_that_fills_up_is_said_and_nothing_half_written_stays(
    small_disk: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ENVIRONMENT = SimpleNamespace(**{**vars(settings.ENVIRONMENT), "home": small_disk})
    large = Limits((".csv",), largest=50_000_000)
    with pytest.raises(store.StorageFull, match="剩余空间放不下") as said:
        send(SimpleUploadedFile("a.csv", b"x" * 1000), limits=large)  # far less than what is kept free
    assert said.value.status == 507
    monkeypatch.setattr(store, "KEPT_FREE", -(1 << 40))  # as if it had been free when it was looked at
    with pytest.raises(store.StorageFull, match="存储空间不足，文件没有保存"):
        send(SimpleUploadedFile("a.csv", b"x" * 9_000_000), limits=large)
    assert incoming(small_disk) == []
    assert shutil.disk_usage(small_disk).used < 1 << 16


TOO_LONG = """
import resource, signal, sys
from fengqiao.portal.documents import store
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
file = store.Incoming()
try:
    with store.full_disk_said():
        for _ in range(3):
            file.write(b"x" * (1 << 20))
        file.finish()
except store.TooLarge as refused:
    print(refused.status, refused.sentence)
file.discard()
print(list(store.root().rglob("*")) == [store.root() / "incoming"])
"""


@pytest.mark.django_db
def test_a_file_longer_than_the_system_takes_is_said(tmp_path: Path) -> None:
    process = second_process.start(TOO_LONG, env=second_process.environment(FENGQIAO_HOME=str(tmp_path)))
    said, wrong = process.communicate(timeout=60)
    assert said.startswith("413 文件超过服务器允许的单个文件大小"), wrong
    assert said.endswith("True\n")


HALF = """
import sys, time
from fengqiao.portal.documents import store
file = store.Incoming()
file.write(b"x" * (1 << 21))
file._file.flush()
print(file.path, flush=True)
time.sleep(600)
"""


@pytest.mark.django_db
def test_an_upload_killed_in_the_middle_is_nowhere_and_tidied_up(tmp_path: Path, settings: Any) -> None:
    process = second_process.start(HALF, env=second_process.environment(FENGQIAO_HOME=str(tmp_path)))
    assert process.stdout
    path = Path(process.stdout.readline().strip())
    process.send_signal(signal.SIGKILL)
    process.communicate()
    settings.ENVIRONMENT = SimpleNamespace(**{**vars(settings.ENVIRONMENT), "home": tmp_path})
    assert path.exists()
    assert not Document.objects.exists()
    assert store.remove_abandoned(older_than=3600) == 0, "it may still be growing"
    os.utime(path, (1, 1))
    assert store.remove_abandoned(older_than=3600) == 1
    assert not path.exists()


def test_files_are_given_to_those_only_who_may_read_what_they_belong_to(home: Path, someone: Acting) -> None:
    (file,), _ = send(SimpleUploadedFile("a.csv", TABLE))
    made = keep(file, someone)
    assert queries.readable(made.pk, someone) is None, "what nobody answers for is nobody's"
    belongings.files_of_kind("tests.thing", lambda acting, number: acting == someone and number == "7")
    try:
        assert queries.readable(made.pk, someone) == made
        assert queries.readable(made.pk, None) is None
    finally:
        del belongings.READERS["tests.thing"]


def test_downloads_are_attachments_whatever_they_are_called(home: Path, someone: Acting) -> None:
    (file,), _ = send(SimpleUploadedFile("a.csv", b"1,<script>alert(1)</script>\n"))
    made = keep(file, someone)
    for name, expected in {
        "记录 1.csv": "attachment; filename*=utf-8''%E8%AE%B0%E5%BD%95%201.csv",
        'a".csv': 'attachment; filename="a\\".csv"',
        "a.html": 'attachment; filename="a.html"',
    }.items():
        response = attachment(queries.place_of(made), name)
        assert response["Content-Disposition"] == expected
        assert response["Content-Type"] == "application/octet-stream"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in response["Content-Security-Policy"]
        response.close()
