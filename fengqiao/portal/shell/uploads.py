"""The upload pattern: limits said in advance, checked here, progress shown by uploads.js; a plain form without it."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse

from fengqiao.portal.shell.errors import Refusal, TooLarge
from fengqiao.portal.shell.words import size_text


@dataclass(frozen=True)
class Limits:
    """What may be uploaded at once."""

    endings: tuple[str, ...]
    """Lower case, with the dot."""
    largest: int
    """Bytes of one file."""
    most: int = 1
    """Files at once."""
    name: str = "files"

    @property
    def accept(self) -> str:
        """For the attribute of the same name."""
        return ",".join(self.endings)

    @property
    def sentence(self) -> str:
        """What people are told beforehand."""
        kinds = "、".join(ending.removeprefix(".") for ending in self.endings)
        count = f"，一次最多{self.most}个" if self.most > 1 else "，一次一个"
        return f"可以上传 {kinds} 文件，每个不超过 {size_text(self.largest)}{count}。"


def received(request: HttpRequest, limits: Limits) -> list[UploadedFile]:
    """The files of a request, refused as a whole when one of them may not come in."""
    files = request.FILES.getlist(limits.name)
    if not files:
        raise Refusal(f"没有收到文件。请先选择文件再按“上传”。{limits.sentence}")
    if len(files) > limits.most:
        raise Refusal(f"一次选了{len(files)}个文件，都没有上传。请分几次上传。{limits.sentence}")
    for file in files:
        name = str(file.name)
        if not name.lower().endswith(limits.endings):
            old = name.lower().endswith(".xls") and ".xlsx" in limits.endings
            todo = "请在表格软件中另存为 xlsx，再上传。" if old else limits.sentence
            raise Refusal(f"“{name}”不是可以上传的文件类型，没有上传。{todo}")
        if file.size is None or file.size > limits.largest:
            raise TooLarge(f"“{name}”有 {size_text(file.size or 0)}，超过限制，没有上传。{limits.sentence}", status=413)
        if file.size == 0:
            raise Refusal(f"“{name}”是空文件，没有上传。请检查文件内容后重新选择。")
    return files


def answer(request: HttpRequest, *, said: str, url: str) -> HttpResponse:
    """After files were stored: for uploads.js the sentence and where to go; for a plain form the next page."""
    if request.headers.get("X-Upload") == "1":
        return JsonResponse({"ok": True, "said": said, "url": url}, json_dumps_params={"ensure_ascii": False})
    messages.success(request, said)
    return HttpResponseRedirect(url)
