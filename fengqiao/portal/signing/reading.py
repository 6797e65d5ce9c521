"""The pages of a PDF: as pictures, as text, and what differs between two texts."""

from __future__ import annotations

import difflib
import io
from dataclasses import dataclass
from threading import Lock
from typing import Any

from fengqiao.portal.refusal import Refusal

LOCK = Lock()
"""PDFium works for one thread at a time."""
PAGES_AT_MOST = 200
SCALE = 1.8
WIDEST = 2400


def _opened(data: bytes) -> Any:
    import pypdfium2

    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise Refusal("这个文件不能作为 PDF 打开，没有保存。请用其他软件核对后重新上传。") from error


def count_pages(data: bytes) -> int:
    """How many pages there are."""
    with LOCK:
        document = _opened(data)
        try:
            return len(document)
        finally:
            document.close()


def require_signable(data: bytes) -> int:
    """The number of pages; refused when it cannot be put before people to sign."""
    import pikepdf

    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            form = pdf.Root.get("/AcroForm")
            flags = int(form.get("/SigFlags", 0)) if form is not None else 0
    except pikepdf.PasswordError as error:
        raise Refusal("这个 PDF 设有密码，没有保存。请去掉密码后重新上传。") from error
    except (pikepdf.PdfError, ValueError, TypeError) as error:
        raise Refusal("这个文件不是完好的 PDF，没有保存。请重新生成后上传。") from error
    if flags:
        raise Refusal("这个 PDF 里已经有签名，没有保存。请上传还没有签名的文本，在这里由各方签署。")
    pages = count_pages(data)
    if not 1 <= pages <= PAGES_AT_MOST:
        raise Refusal(f"文本有 {pages} 页，没有保存。可以签署 1 到 {PAGES_AT_MOST} 页的文本。")
    return pages


def text_of(data: bytes, page: int) -> str:
    """The words of a page (from 1), for those who listen to it."""
    with LOCK:
        document = _opened(data)
        try:
            found = document[page - 1].get_textpage().get_text_bounded()
        finally:
            document.close()
    return "\n".join(line.strip() for line in found.replace("\r", "").split("\n") if line.strip())


def picture_of(data: bytes, page: int) -> bytes:
    """A page (from 1) as PNG, with the signatures on it."""
    with LOCK:
        document = _opened(data)
        try:
            document.init_forms()
            leaf = document[page - 1]
            scale = min(SCALE, WIDEST / max(leaf.get_size()))
            image = leaf.render(scale=scale, may_draw_forms=True).to_pil()
        finally:
            document.close()
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


@dataclass(frozen=True)
class Line:
    """A line of two texts: in both, only in the old one, only in the new one."""

    kind: str
    text: str


def lines_of(data: bytes) -> list[str]:
    """All lines of a document."""
    return [line for page in range(1, count_pages(data) + 1) for line in text_of(data, page).split("\n") if line]


def differences(old: bytes, new: bytes) -> list[Line]:
    """Line by line: what was taken out, what was put in, what stayed around it."""
    before, after = lines_of(old), lines_of(new)
    found: list[Line] = []
    for what, first, last, begin, end in difflib.SequenceMatcher(None, before, after).get_opcodes():
        if what == "equal":
            found += [Line("same", text) for text in before[first:last]]
        else:
            found += [Line("old", text) for text in before[first:last]] + [
                Line("new", text) for text in after[begin:end]
            ]
    return found
