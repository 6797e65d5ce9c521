"""ClamAV, where the operator has it: what it finds is refused; when it is down nothing comes in or is lost."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from fengqiao.engine.errors import InputError
from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.documents import clamav
from fengqiao.portal.documents.models import Document
from fengqiao.portal.documents.tests import clamd_server
from fengqiao.portal.documents.tests.hostile import good_pdf
from fengqiao.portal.documents.tests.test_hostile import keep, someone  # noqa: F401 - a fixture
from fengqiao.portal.environment import read_environment
from fengqiao.portal.operations.matter import Grade
from fengqiao.portal.operations.queries import all_findings
from fengqiao.portal.operations.readiness import scanning
from fengqiao.portal.refusal import Refusal

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + clamd_server.SIGNATURE + b"$H+H*"
pytestmark = pytest.mark.django_db


@pytest.fixture
def place() -> Iterator[Path]:
    """Where the server listens: a short path, as sockets need."""
    with tempfile.TemporaryDirectory(prefix="clamd-") as folder:
        yield Path(folder) / "s"


@pytest.fixture
def home(tmp_path: Path, settings: Any, place: Path) -> Path:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, home=tmp_path, clamd=str(place))
    return tmp_path


@pytest.fixture
def server(place: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, clamd_server.__file__, str(place), "100000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout and process.stdout.readline() == "ready\n"
        yield process
        process.kill()


def test_what_it_finds_is_refused_by_name(home: Path, server: object, someone: Acting) -> None:  # noqa: F811
    assert keep("a.pdf", good_pdf(), someone).content.kind == "pdf"
    assert clamav.answers()
    with pytest.raises(Refusal, match="杀毒程序在里面发现了 Eicar-Test-Signature"):
        keep("a.txt", EICAR, someone)
    with pytest.raises(Refusal, match="超过了杀毒程序接受的大小"):
        keep("a.csv", b"a,b\n" * 200_000, someone)
    assert list((home / "files" / "incoming").glob("*")) == []
    assert Document.objects.count() == 1


def test_when_it_is_down_nothing_comes_in_and_it_is_said(
    home: Path,
    server: Any,
    someone: Acting,  # noqa: F811
    client: Client,
) -> None:
    kept = keep("a.pdf", good_pdf(), someone)
    server.kill()
    server.wait()
    with pytest.raises(Refusal, match="杀毒程序现在没有应答") as refusal:
        keep("b.csv", b"a,b\n1,2\n", someone)
    assert refusal.value.status == 503
    assert list((home / "files" / "incoming").glob("*")) == []
    assert Document.objects.get() == kept
    found = {one.name: one for one in all_findings(timezone.now())}["clamd"]
    assert not found.good
    assert "现在不能上传文件" in found.sentence
    answer = client.get("/operations/ready/", REMOTE_ADDR="127.0.0.1").json()
    assert ("clamd", False) in {(one["name"], one["good"]) for one in answer["findings"]}


def test_the_setting_is_checked(settings: Any, tmp_path: Path) -> None:
    given = {"FENGQIAO_HOME": str(tmp_path)}
    assert read_environment({**given, "FENGQIAO_CLAMD": "/run/clamav/clamd.ctl"}).clamd == "/run/clamav/clamd.ctl"
    assert read_environment({**given, "FENGQIAO_CLAMD": "[::1]:3310"}).clamd == "[::1]:3310"
    with pytest.raises(InputError, match="FENGQIAO_CLAMD"):
        read_environment({**given, "FENGQIAO_CLAMD": "localhost"})
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, clamd="")
    assert scanning().grade == Grade.NOTE
    assert [one for one in all_findings(timezone.now()) if one.name == "clamd"] == []
