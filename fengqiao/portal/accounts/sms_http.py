"""A gateway reached by HTTP: JSON in, JSON out, one key a message. The protocol is in docs/methods/notices.md."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import requests
from django.conf import settings

from fengqiao.portal.accounts.sms import NotSentError, RefusedError

CONNECT, READ = 5, 20
"""Seconds to reach the gateway, and to wait for its answer. The lease of a notice is longer."""


class HttpGateway:
    """Posts messages to FENGQIAO_SMS_URL with FENGQIAO_SMS_KEY as bearer."""

    def __init__(self, *, url: str | None = None, key: str | None = None, read: float = READ) -> None:
        self.url = (settings.ENVIRONMENT.sms_url if url is None else url).rstrip("/")
        self.key = settings.ENVIRONMENT.sms_key if key is None else key
        self.read = read

    def send(self, *, mobile: str, text: str, now: dt.datetime) -> None:
        """A message that nobody asks about again, as a code."""
        try:
            self.deliver(key=uuid.uuid4().hex, mobile=mobile, text=text, now=now)
        except RefusedError as error:
            raise OSError(str(error)) from error

    def deliver(self, *, key: str, mobile: str, text: str, now: dt.datetime) -> str:
        """POST /messages with the header Idempotency-Key."""
        answer = self._ask("POST", "/messages", key, {"mobile": mobile, "text": text, "at": now.isoformat()})
        if answer.status_code == requests.codes.too_many_requests:
            raise NotSentError("网关要求稍后再试")
        if 400 <= answer.status_code < 500 and answer.status_code != requests.codes.conflict:
            raise RefusedError(f"网关拒收（{answer.status_code}）")
        return self._number(answer)

    def status(self, *, key: str) -> str | None:
        """GET /messages/KEY: 404 when the gateway has no such message."""
        answer = self._ask("GET", f"/messages/{key}", key, None)
        return None if answer.status_code == requests.codes.not_found else self._number(answer)

    def _ask(self, method: str, path: str, key: str, body: dict[str, str] | None) -> requests.Response:
        try:
            return requests.request(
                method, self.url + path, json=body, timeout=(CONNECT, self.read), allow_redirects=False,
                headers={"Authorization": f"Bearer {self.key}", "Idempotency-Key": key},
            )  # fmt: skip
        except requests.ConnectTimeout as error:
            raise NotSentError("网关不通") from error
        except requests.ConnectionError as error:
            refused = isinstance(getattr(error.args[0] if error.args else None, "reason", None), Exception) and (
                "NewConnectionError" in repr(error)
            )
            raise (NotSentError("网关不通") if refused else OSError("网关中断了连接")) from error
        except requests.RequestException as error:
            raise OSError("网关没有在限定时间内答复") from error

    def _number(self, answer: requests.Response) -> str:
        if answer.status_code not in (200, 201, 202, 409):
            raise OSError(f"网关出错（{answer.status_code}）")
        try:
            found: Any = answer.json()
            return str(found["id"])[:100]
        except (ValueError, KeyError, TypeError) as error:
            raise OSError("网关的答复看不懂") from error
