"""Logging in as people do: password, then the code of the message, read where the file gateway writes it."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client, TestCase

from fengqiao.portal.accounts.models import Identity, User
from fengqiao.portal.accounts.sms import FileGateway
from fengqiao.portal.vault.sealed import open_sealed

CODE_PAGE, PASSWORD_PAGE = "/login/code/confirm/", "/login/code/password/"


def send(client: Client, path: str, **given: Any) -> Any:
    """Send a form; what is done when the transaction ends, is done: the messages go out."""
    with TestCase.captureOnCommitCallbacks(execute=True):
        return client.post(path, given)


def text_to(user: User) -> str:
    """The last message to somebody's mobile."""
    return FileGateway().last(open_sealed(Identity.objects.get(user=user).mobile))


def code_to(user: User) -> str:
    """The code in it."""
    found = re.search(r"\d{6}", text_to(user))
    assert found, "no code was sent"
    return found[0]


def log_in(client: Client, user: User, password: str, **more: Any) -> Any:
    """Come in by the password and, where it is asked for, the code; returns the last answer."""
    answer = send(client, "/login/", login=user.username, password=password)
    if answer.status_code == 302 and answer["Location"] == CODE_PAGE:
        answer = send(client, CODE_PAGE, code=code_to(user), **more)
    return answer
