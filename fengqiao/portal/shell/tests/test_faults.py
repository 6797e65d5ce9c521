"""What is said when nothing can be saved: the cause, what became of it, and what had been typed."""

from __future__ import annotations

import errno
from typing import Any

import pytest
from django.db import DataError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import resolve

from fengqiao.portal.shell import errors, faults
from fengqiao.portal.shell.faults import fault_of
from fengqiao.portal.shell.typed import typed_in

TYPED = {"title": "调解协议的第三条", "password": "secret-7719", "code": "123456", "empty": " "}


def page_of(error: Exception, **headers: str) -> tuple[HttpResponse, str]:
    request: HttpRequest = RequestFactory().post("/somewhere/", TYPED, headers=headers)  # type: ignore[assignment]
    try:
        raise error
    except Exception:
        answer = errors.server_error(request)
    return answer, answer.content.decode()


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (OperationalError("database or disk is full"), faults.FULL),
        (OperationalError('could not extend file "base/5/1259": No space left on device'), faults.FULL),
        (OSError(errno.ENOSPC, "No space left on device"), faults.FULL),
        (OperationalError("attempt to write a readonly database"), faults.READ_ONLY),
        (OSError(errno.EROFS, "Read-only file system"), faults.READ_ONLY),
        (OperationalError("database is locked"), faults.BUSY),
        (OperationalError("FATAL: sorry, too many clients already"), faults.BUSY),
        (OperationalError("connection refused"), faults.AWAY),
    ],
)
def test_the_cause_is_said(error: Exception, fault: faults.Fault) -> None:
    answer, page = page_of(error)
    assert answer.status_code == fault.status and fault.sentence in page and answer["Retry-After"] == "30"
    assert "管理员" in page or "一两分钟" in page, "what to do next"


def test_what_is_our_own_fault_is_no_full_disk() -> None:
    for error in (ValueError("database is locked"), DataError("value too long"), OSError(errno.ENOENT, "gone")):
        assert fault_of(error) is None
        assert page_of(error)[0].status_code == 500


def test_what_was_typed_is_shown_to_who_typed_it_and_no_secret() -> None:
    _, page = page_of(OperationalError("database or disk is full"), **{"Sec-Fetch-Site": "same-origin"})
    assert 'rel="icon"' in page, "or the browser asks for an address that there is not"
    assert "调解协议的第三条" in page and "您刚才填写的内容" in page
    assert "secret-7719" not in page and "123456" not in page
    for other in ({"Sec-Fetch-Site": "cross-site"}, {}):
        assert "调解协议的第三条" not in page_of(OperationalError("database or disk is full"), **other)[1]


def test_what_was_typed_stands_under_the_names_of_its_fields() -> None:
    request: HttpRequest = RequestFactory().post("/claims/new/", {"title": "某案", "note": "备注甲", "odd": "别的"})  # type: ignore[assignment]
    request.resolver_match = resolve("/claims/new/")
    assert typed_in(request) == [("案件名称", "某案"), ("备注", "备注甲"), ("第 3 项", "别的")]


def test_an_upload_hears_it_beside_the_file() -> None:
    answer, said = page_of(OSError(errno.ENOSPC, "No space left on device"), **{"X-Upload": "1"})
    assert answer["Content-Type"] == "application/json" and faults.FULL.sentence in said


@pytest.mark.django_db(transaction=True)
def test_a_form_on_a_full_database_in_the_portal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole way: the middleware, the page, the words of the form."""

    def full(*given: Any, **more: Any) -> None:
        raise OperationalError("database or disk is full")

    monkeypatch.setattr("fengqiao.portal.accounts.rate_limits.take", full)
    answer = Client(raise_request_exception=False).post(
        "/login/", {"login": "某个登录名", "password": "secret-7719"}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    page = answer.content.decode()
    assert answer.status_code == 507 and "服务器的存储空间已满" in page
    assert "某个登录名" in page and "secret-7719" not in page
