"""How files come in: checked who sends them first, then streamed to the disk and hashed, never held in memory.

@csrf_exempt  # the check of the form's token comes in `receive`, before the view's own work
@require_http_methods(["GET", "POST"])
def upload(request, number):
    case = ...visible_to(request.acting), or 404
    return intake.receive(request, LIMITS, partial(keep, case=case))

def keep(request, case):
    for file in intake.files_of(request, LIMITS):
        documents.keep(file=file, ...)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_protect

from fengqiao.portal.documents.store import Digests, Incoming, StorageFull, refusal_of, room_for
from fengqiao.portal.refusal import Refusal, TooLarge
from fengqiao.portal.shell import uploads
from fengqiao.portal.shell.uploads import Limits
from fengqiao.portal.shell.words import size_text

AROUND = 1 << 20
"""Bytes of a request beside its files, at most."""
NO_ROOM = (
    "服务器的剩余空间放不下这个文件（{size}），没有接收，原有内容没有改变。请告诉平台管理员清理空间，之后再上传一次。"
)


class ReceivedFile(UploadedFile):
    """A file of a request, on the disk; or the reason why it was not taken."""

    def __init__(self, name: str, incoming: Incoming | None, digests: Digests | None, problem: Refusal | None) -> None:
        super().__init__(file=None, name=name, size=digests.size if digests else 0)
        self.incoming, self.digests, self.problem = incoming, digests, problem

    def close(self) -> None:
        """Nobody kept it: called at the end of the request."""
        if self.incoming:
            self.incoming.discard()


class StoringHandler(FileUploadHandler):
    """Writes files to the disk as they come. It never raises: a reason to refuse a file is kept with the file."""

    chunk_size = 1 << 20

    def __init__(self, request: HttpRequest, limits: Limits) -> None:
        super().__init__(request)
        self.limits = limits
        self.expected = 0
        self.file: Any = None
        self.problem: Refusal | None = None

    def handle_raw_input(
        self, input_data: Any, meta: Any, content_length: int, boundary: Any, encoding: Any = None
    ) -> None:
        """Note how much is announced. Django gives META by its place."""
        self.expected = content_length or 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """A file begins."""
        super().new_file(*args, **kwargs)
        self.file, self.problem = None, None
        if self.expected > self.limits.largest * self.limits.most + AROUND:
            self.problem = too_large(str(self.file_name), self.expected, self.limits)
            return
        try:
            if not room_for(self.expected):
                self.problem = StorageFull(NO_ROOM.format(size=size_text(self.expected)))
                return
            self.file = Incoming()
        except OSError as error:
            self.refuse(error)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """More of the file; what is not taken is read and thrown away, so that the answer reaches the sender."""
        if self.problem or self.file is None:
            return
        if start + len(raw_data) > self.limits.largest:
            self.problem = too_large(str(self.file_name), start + len(raw_data), self.limits)
            self.file.discard()
            return
        try:
            self.file.write(raw_data)
        except OSError as error:
            self.refuse(error)

    def file_complete(self, file_size: int) -> ReceivedFile:
        """The file ends."""
        digests = None
        if self.file is not None and self.problem is None:
            try:
                digests = self.file.finish()
            except OSError as error:
                self.refuse(error)
        taken = self.file if digests else None
        return ReceivedFile(str(self.file_name), taken, digests, self.problem)

    def refuse(self, error: OSError) -> None:
        """Keep the reason; faults that are not a full disk are raised."""
        if self.file is not None:
            self.file.discard()
        self.problem = refusal_of(error)
        if self.problem is None:
            raise error

    def upload_interrupted(self) -> None:
        """The sender went away."""
        if self.file is not None:
            self.file.discard()


def too_large(name: str, size: int, limits: Limits) -> TooLarge:
    """The sentence about a file that is too large."""
    return TooLarge(f"“{name}”至少有 {size_text(size)}，超过限制，没有保存。{limits.sentence}")


def receive(request: HttpRequest, limits: Limits, then: Callable[[HttpRequest], HttpResponse]) -> HttpResponse:
    """Read a request with files and answer it by `then`. The view is exempt from the usual check of the token, as that
    would read the files before anybody looked who sends them; it is made here."""
    request.upload_handlers = [StoringHandler(request, limits)]
    return csrf_protect(then)(request)


def files_of(request: HttpRequest, limits: Limits) -> list[ReceivedFile]:
    """The files of a request; refused as a whole when one of them may not come in."""
    for file in request.FILES.getlist(limits.name):
        if file.problem:
            raise file.problem
    return uploads.received(request, limits)
