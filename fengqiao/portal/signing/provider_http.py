"""A signing service reached by HTTP: JSON in, JSON out. The contract is in docs/methods/signing_service.md."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
import time
from typing import Any

import requests
from django.conf import settings

from fengqiao.portal.signing.provider import Credential, NotReachedError, RefusedError, Subject

CONNECT, READ = 4, 12
PAUSES = (0.3, 1.0)
"""Seconds before the second and the third try; the key makes sure that nothing is signed twice."""
LARGEST = 1 << 20
AGAIN = (408, 425, 429, 500, 502, 503, 504)


def received(answer: requests.Response, largest: int) -> bytes:
    """What was answered, up to a little more than the largest that is taken."""
    content = b""
    for piece in answer.iter_content(1 << 16):
        content += piece
        if len(content) > largest:
            break
    return content


class HttpService:
    """Asks `POST /credentials` and `POST /signatures` below an address, with a bearer token."""

    title = "电子认证服务提供者"
    test = False

    def __init__(self, url: str, token: str, *, read: float = READ, pauses: tuple[float, ...] = PAUSES) -> None:
        self.url, self.token, self.read, self.pauses = url.rstrip("/"), token, read, pauses

    def roots(self) -> tuple[bytes, ...]:
        """Those the operator trusts: FENGQIAO_SIGNING_ROOTS."""
        from fengqiao.portal.signing.trust import operator_roots

        return operator_roots(settings.ENVIRONMENT.signing_roots)

    def credential(self, subject: Subject, *, key: str, now: dt.datetime) -> Credential:
        """A certificate for somebody."""
        asked = {"name": subject.name, "role": subject.role, "kind": subject.kind, "at": now.isoformat()}
        got = self._ask("/credentials", key, asked)
        try:
            chain = tuple(base64.b64decode(one, validate=True) for one in got["chain"])
            return Credential(str(got["credential"]), got["form"], chain)
        except (KeyError, TypeError, ValueError, binascii.Error) as error:
            raise RefusedError("签名服务的答复看不懂") from error

    def sign(self, credential: Credential, digest: bytes, *, key: str) -> bytes:
        """The signature, or the CMS."""
        asked = {
            "credential": credential.handle, "form": credential.form, "algorithm": "sha256",
            "digest": base64.b64encode(digest).decode(),
        }  # fmt: skip
        got = self._ask("/signatures", key, asked)
        try:
            return base64.b64decode(got["signature" if credential.form == "raw" else "cms"], validate=True)
        except (KeyError, TypeError, ValueError, binascii.Error) as error:
            raise RefusedError("签名服务的答复看不懂") from error

    def _ask(self, path: str, key: str, body: dict[str, str]) -> dict[str, Any]:
        """Ask, and again after a moment when there is no answer."""
        for pause in (*self.pauses, None):
            try:
                return self._once(path, key, body)
            except NotReachedError:
                if pause is None:
                    raise
                time.sleep(pause)
        raise AssertionError  # the last try returns or raises

    def _once(self, path: str, key: str, body: dict[str, str]) -> dict[str, Any]:
        try:
            with requests.post(
                self.url + path, json=body, timeout=(CONNECT, self.read), allow_redirects=False, stream=True,
                headers={"Authorization": f"Bearer {self.token}", "Idempotency-Key": key},
            ) as answer:  # fmt: skip
                content, status = received(answer, LARGEST), answer.status_code
        except (requests.RequestException, OSError) as error:
            raise NotReachedError("签名服务没有应答") from error
        if status in AGAIN:
            raise NotReachedError(f"签名服务暂时不能办理（{status}）")
        if status not in (200, 201):
            raise RefusedError(f"签名服务没有受理（{status}）")
        if len(content) > LARGEST:
            raise RefusedError("签名服务的答复太长")
        try:
            found = json.loads(content)
        except ValueError as error:
            raise RefusedError("签名服务的答复看不懂") from error
        if not isinstance(found, dict):
            raise RefusedError("签名服务的答复看不懂")
        return found
