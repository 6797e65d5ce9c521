"""PDF files: what in them acts is found, pages are drawn as pictures; nothing in them is ever run."""

from __future__ import annotations

import re
from pathlib import Path

import pikepdf
import pypdfium2

from fengqiao.portal.documents.examining.marks import END_OF_ZIP, TAGS, ZIP_TAIL
from fengqiao.portal.documents.examining.verdict import BROKEN, Refused, Verdict

LARGEST = 256 << 20
MOST_PAGES = 5_000
MOST_OBJECTS = 400_000
LONGER_SIDE = 1600
"""Pixels of a page that is shown."""
AFTER_THE_END = 1024
REFUSED = (
    (re.compile(rb"/S\s*/Launch\b"), "它会启动电脑上的其他程序。请重新打印成 PDF 后上传。"),
    (re.compile(rb"/XFA\b"), "它是动态表单（XFA），内容由程序生成，无法固定。请填好后打印成 PDF 再上传。"),
)
ACTING = (
    (re.compile(rb"/(?:JS|JavaScript)\b"), "脚本（JavaScript）"),
    (re.compile(rb"/(?:EmbeddedFiles?|FileAttachment)\b"), "附件"),
    (re.compile(rb"/AA\b"), "自动执行的动作"),
    (re.compile(rb"/S\s*/(?:SubmitForm|ImportData|GoToR|GoToE|URI\s*/IsMap)\b"), "向外连接的动作"),
    (re.compile(rb"/(?:RichMedia|Rendition|Movie|Sound|3D)\b"), "多媒体"),
)


def examine(path: Path) -> Verdict:
    """Refused when it cannot be read as a whole, or would act outside itself."""
    require_one_file(path)
    try:
        with pikepdf.open(path, suppress_warnings=True) as pdf:
            pages = len(pdf.pages)
            if len(pdf.objects) > MOST_OBJECTS:
                raise Refused(f"它由超过 {MOST_OBJECTS:,} 个部分组成，无法检查。请拆成几个文件再上传。")
            if pages > MOST_PAGES:
                raise Refused(f"它有 {pages:,} 页，超过 {MOST_PAGES:,} 页的限制。请拆成几个文件再上传。")
            acting = what_acts(pdf)
    except pikepdf.PasswordError as error:
        raise Refused("它有打开密码，无法检查。请去掉密码（打开后另存或打印成 PDF）再上传。") from error
    except (pikepdf.PdfError, ValueError, TypeError, RecursionError) as error:
        raise Refused(BROKEN) from error
    shown = pages_shown(path)
    if not pages or not shown:
        raise Refused(BROKEN)
    return Verdict("pdf", min(pages, shown), said_of(acting))


def require_one_file(path: Path) -> None:
    """Size, the end in its place, and no other file before, behind or within the ends."""
    size = path.stat().st_size
    if size > LARGEST:
        raise Refused(f"PDF 超过 {LARGEST >> 20} MB 的限制。请压缩图片或拆成几个文件再上传。")
    with path.open("rb") as file:
        head = file.read(1024)
        file.seek(max(0, size - ZIP_TAIL))
        tail = file.read()
    if END_OF_ZIP in tail:
        raise Refused("它同时是 PDF 和压缩包。一个文件只能是一种格式；请重新打印成 PDF 后上传。")
    if TAGS.search(head):
        raise Refused("它同时是 PDF 和网页。一个文件只能是一种格式；请重新打印成 PDF 后上传。")
    end = tail.rfind(b"%%EOF")
    if end < 0:
        raise Refused(BROKEN)
    if len(tail[end + 5 :].strip(b"\r\n\t \0")) > AFTER_THE_END:
        raise Refused("PDF 的结尾之后还带有其他内容。请重新打印成 PDF 后上传。")


def what_acts(pdf: pikepdf.Pdf) -> list[str]:
    """What the objects of a file would do, by their names, however these were written."""
    found: set[str] = set()
    for one in pdf.objects:
        if isinstance(one, pikepdf.Stream):
            text = one.stream_dict.unparse(resolved=True)
        elif isinstance(one, pikepdf.Dictionary | pikepdf.Array):
            text = one.unparse(resolved=True)
        else:
            continue
        for pattern, sentence in REFUSED:
            if pattern.search(text):
                raise Refused(sentence)
        found |= {what for pattern, what in ACTING if pattern.search(text)}
    return [what for _, what in ACTING if what in found]


def said_of(acting: list[str]) -> str:
    """What people are told about what acts."""
    if not acting:
        return ""
    return (
        f"文件里有{'、'.join(acting)}。原件按收到的样子保存；这里只显示页面的图片，其中的{'、'.join(acting)}不会运行或打开。"
        "下载原件后，请不要同意运行其中的内容。"
    )


def pages_shown(path: Path) -> int:
    """How many pages can be drawn; the first is drawn to see that it can."""
    try:
        document = pypdfium2.PdfDocument(path)
        try:
            count = len(document)
            if count:
                drawn(document, 0, 200)
            return count
        finally:
            document.close()
    except pypdfium2.PdfiumError as error:
        raise Refused(BROKEN) from error


def drawn(document: pypdfium2.PdfDocument, number: int, longer_side: int) -> object:
    """A page as a picture; number from 0."""
    page = document[number]
    width, height = page.get_size()
    if not (0 < width < 200_000 and 0 < height < 200_000):
        raise Refused("有一页的尺寸不合理，无法显示。请重新打印成 PDF 后上传。")
    return page.render(scale=min(4.0, longer_side / max(width, height)), may_draw_forms=False).to_pil()


def draw(path: Path, number: int, target: Path) -> None:
    """Put a page (from 1) as PNG at target."""
    document = pypdfium2.PdfDocument(path)
    drawn(document, number - 1, LONGER_SIDE).save(target, format="PNG")  # type: ignore[attr-defined]
