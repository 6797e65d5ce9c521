"""Verifying signatures for other systems: what the public page does, in the same process with limits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema

from fengqiao.portal.accounts.acting import address_of
from fengqiao.portal.accounts.rate_limits import network_of, take
from fengqiao.portal.documents.store import Incoming, StorageFull, full_disk_said, room_for
from fengqiao.portal.refusal import Refusal, TooLarge
from fengqiao.portal.shell.interface import local
from fengqiao.portal.signing import queries, verification
from fengqiao.portal.signing.public_views import LIMITS, VERIFICATIONS

open_router = Router(tags=["核验签名"])
PIECE = 1 << 20
NOTHING = "没有核验：请求里没有文件。请把 PDF 的全部内容放在请求正文里发送。"
LARGE = "没有核验：文件超过 20 MB。请向对方要较小的文件，或者在网页上核对签署记录。"
NO_ROOM = "没有核验：服务器的剩余空间放不下这个文件。请稍后再试，或者告诉平台管理员。"
PDF = {"requestBody": {"required": True, "content": {"application/pdf": {"schema": {
    "type": "string", "format": "binary", "description": "PDF 文件的内容，不超过 20 MB"}}}}}  # fmt: skip


class SignatureOut(Schema):
    who: str = Field(description="签名证书写明的签名人")
    signed_at: dt.datetime | None = Field(description="签名时间")
    issuer: str = Field(description="证书的签发机构")
    test: bool = Field(description="true：由测试签发机构作出，只供演示和测试")
    known: bool = Field(description="false：本平台不认识这个签发机构，签名人没有得到证实")
    good: bool = Field(description="签名成立，其后没有改动")
    word: str = Field(description="结论")
    sentence: str = Field(description="说明")


class VerifiedOut(Schema):
    result: str = Field(description="结论", examples=["完整"])
    level: Literal["good", "warning", "bad"] = Field(description="good 完整、warning 不能确定、bad 有改动或者读不出")
    sentence: str = Field(description="说明")
    sha256: str = Field(description="收到的文件的 SHA-256")
    sm3: str = Field(description="收到的文件的 SM3")
    made_here: bool = Field(description="true：就是在本平台签署完成的那一份")
    signatures: list[SignatureOut] = Field(description="逐个签名")


@contextmanager
def received(request: HttpRequest) -> Iterator[Incoming]:
    """The body on the disk for as long as it is looked at; never whole in memory."""
    announced = int(request.META.get("CONTENT_LENGTH") or 0)
    if announced > LIMITS.largest:
        raise TooLarge(LARGE)
    if not room_for(announced):
        raise StorageFull(NO_ROOM)
    with full_disk_said(NO_ROOM):
        file = Incoming()
    try:
        with full_disk_said(NO_ROOM):
            while piece := request.read(PIECE):
                file.write(piece)
        if not file.size:
            raise Refusal(NOTHING)
        yield file
    finally:
        file.discard()


@open_router.post("/verify", response=VerifiedOut, url_name="verify_signatures", operation_id="verify_signatures",
                  summary="核验一份 PDF 的签名", openapi_extra=PDF)  # fmt: skip
def verify(request: HttpRequest) -> Any:
    """谁签的、什么时候签的、签后有没有改动。文件在受限的进程里查看，限时 20 秒，不保存。"""
    take(VERIFICATIONS, network_of(address_of(request)))
    with received(request) as file:
        digests = file.finish()
        found = verification.verify_file(file.path, now=timezone.now())
    return {
        "result": found.word, "level": found.sign, "sentence": found.sentence, "sha256": digests.sha256,
        "sm3": digests.sm3, "made_here": bool(queries.by_file(digests.sha256)),
        "signatures": [
            {
                "who": one.who, "signed_at": local(one.when), "issuer": one.issuer, "test": one.test,
                "known": one.known, "good": one.good, "word": one.word, "sentence": one.sentence,
            }
            for one in found.signatures
        ],
    }  # fmt: skip
