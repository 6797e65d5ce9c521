"""A disk that fills up while a file is uploaded on the page: said, nothing half kept, and later the file goes in."""

from __future__ import annotations

import ctypes
import dataclasses
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from fengqiao.portal.accounts.models import Organisation, Role
from fengqiao.portal.claims import actions
from fengqiao.portal.claims.models import CaseInput
from fengqiao.portal.claims.tests.made_case import NOW, person
from fengqiao.portal.claims.tests.test_pages import HEAD, ROW, browser
from fengqiao.portal.documents import store
from fengqiao.portal.documents.models import Content, Document

pytestmark = pytest.mark.django_db
MIB = 1 << 20


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of six megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"tmpfs", os.fsencode(place), b"tmpfs", 0, b"size=6m"):
        pytest.skip(f"no disk could be mounted ({os.strerror(ctypes.get_errno())}); RLIMIT_FSIZE is tried in documents")
    yield place
    libc.umount2(os.fsencode(place), 2)


def test_a_disk_that_fills_up_during_an_upload(
    small_disk: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ENVIRONMENT = dataclasses.replace(settings.ENVIRONMENT, home=small_disk)
    monkeypatch.setattr(store, "KEPT_FREE", -(1 << 40))  # there was room when it was looked at, and then no more
    body = Organisation.objects.create(kind=Organisation.Kind.SERVICES_CENTRE, name="测试服务中心")
    measurer = person("测算员甲", Role.Kind.MEASURER, body)
    case = actions.create_case(title="示例案", security="999001", note="", acting=measurer, now=NOW)
    client, place = browser(measurer), f"/claims/{case.pk}/files/trades/"
    assert client.post(place, {"files": SimpleUploadedFile("先.csv", (HEAD + ROW).encode())}).status_code == 302
    other = small_disk / "of others"
    other.write_bytes(b"x" * 3 * MIB)
    large = (HEAD + ROW * (4 * MIB // len(ROW))).encode()
    for headers in ({"X-Upload": "1"}, {}):  # with the progress bar, and without JavaScript
        answer = client.post(place, {"files": SimpleUploadedFile("后.csv", large)}, headers=headers)
        assert answer.status_code == 507
        said = answer.json()["said"] if headers else answer.content.decode()
        assert "存储空间不足，文件没有保存" in said
    assert (CaseInput.objects.count(), Document.objects.count(), Content.objects.count()) == (1, 1, 1)
    kept = Document.objects.get()
    assert (small_disk / "files" / kept.content_id[:2] / kept.content_id[2:]).read_bytes() == (HEAD + ROW).encode()
    assert list((small_disk / "files" / "incoming").iterdir()) == []
    assert shutil.disk_usage(small_disk).free > 2 * MIB, "nothing half written takes the room that is left"
    other.unlink()
    assert client.post(place, {"files": SimpleUploadedFile("后.csv", large)}).status_code == 302
    assert CaseInput.objects.count() == 2
