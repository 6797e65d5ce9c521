"""An uploaded authorisation: kept as it came, with its digest; what it is is read from its content, not its name."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass

import pypdfium2
from django.core.files.uploadedfile import UploadedFile
from PIL import Image

from fengqiao.portal.shell.errors import Refusal
from fengqiao.portal.shell.uploads import Limits

LIMITS = Limits((".pdf", ".jpg", ".jpeg", ".png"), largest=10 << 20, name="document")
PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
ENDINGS = {PDF: "pdf", JPEG: "jpg", PNG: "png"}
MOST_PIXELS = 100_000_000
MOST_PAGES = 200


@dataclass(frozen=True)
class Uploaded:
    """A file that was looked into."""

    name: str
    content: bytes
    content_type: str
    sha256: str


def looked_into(file: UploadedFile) -> Uploaded:
    """The file, when it is a PDF or a picture that can be opened; a sentence when not."""
    if file.size is None or file.size > LIMITS.largest:
        raise Refusal(f"文件没有上传：超过大小限制。{LIMITS.sentence}", status=413)
    content = file.read()
    kind = kind_of(content)
    if kind is None or not opens(content, kind):
        raise Refusal(
            f"“{file.name}”打不开，或者内容不是 PDF、JPEG、PNG，没有上传。"
            f"请用手机拍照或者扫描成 PDF（不要加密码）后重新选择。"
        )
    return Uploaded(str(file.name)[-200:], content, kind, hashlib.sha256(content).hexdigest())


def kind_of(content: bytes) -> str | None:
    """What a file is by its first bytes."""
    if content.startswith(b"%PDF-"):
        return PDF
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    return PNG if content.startswith(b"\x89PNG\r\n\x1a\n") else None


def opens(content: bytes, kind: str) -> bool:
    """True when the file can be opened as what it says it is, and is not made to overwhelm whoever opens it."""
    try:
        if kind == PDF:
            document = pypdfium2.PdfDocument(content)
            try:
                return 0 < len(document) <= MOST_PAGES
            finally:
                document.close()
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                return False
            picture.verify()
    except (pypdfium2.PdfiumError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return False
    return True
