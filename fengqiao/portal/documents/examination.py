"""Whether a file may come in: what it is, whether it is sound and safe, and what people are told about it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from fengqiao.portal.documents import clamav
from fengqiao.portal.documents.examining import process
from fengqiao.portal.documents.kinds import Found, kind_of
from fengqiao.portal.documents.models import Content
from fengqiao.portal.refusal import Refusal

Kind = Content.Kind
TABLES = (Kind.CSV, Kind.TEXT, Kind.TOML, Kind.PARQUET)
"""Data that nothing in the house runs or unpacks: not examined further, and scanned up to SCANNED bytes."""
SCANNED = 64 << 20
SECONDS = {Kind.ZIP: 90, Kind.DOC: 15, Kind.PDF: 30}
OTHERS_SECONDS = 20
INNER = {Kind.ZIP: (Kind.XLSX, Kind.DOCX, Kind.OFD, Kind.ZIP), Kind.DOC: (Kind.DOC, Kind.XLS)}
"""What may come out of a look into it."""
ENDINGS = {
    Kind.PDF: (".pdf",), Kind.PNG: (".png",), Kind.JPEG: (".jpg", ".jpeg"), Kind.WEBP: (".webp",),
    Kind.TIFF: (".tif", ".tiff"), Kind.DOCX: (".docx",), Kind.OFD: (".ofd",), Kind.ZIP: (".zip",),
    Kind.DOC: (".doc", ".wps"),
}  # fmt: skip
PROGRAMS = (
    ".exe", ".com", ".scr", ".bat", ".cmd", ".ps1", ".vbs", ".vbe", ".js", ".jse", ".mjs", ".wsf", ".hta", ".msi",
    ".lnk", ".jar", ".apk", ".dll", ".sh", ".html", ".htm", ".svg", ".xhtml", ".mht", ".php", ".xlsm", ".docm", ".reg",
    ".iso",
)  # fmt: skip
FAILURES = {
    "memory": "检查它需要的内存超过了限制。请拆小、压缩图片或重新导出后再上传。",
    "time": "检查它花的时间超过了限制。请拆小或重新导出后再上传。",
    "crash": "检查它时程序出错，已经停止检查。请用原来的软件重新导出后再上传。",
}


@dataclass(frozen=True)
class Examined:
    """What a file is, and what is said about it."""

    kind: Content.Kind
    encoding: str = ""
    pages: int = 0
    said: str = ""


def seen_by_portal(path: Path) -> Examined:
    """A file that the portal made itself is what it says it is. Its pages are counted when somebody looks at it."""
    found = kind_of(path)
    if found.kind in (Kind.ZIP, Kind.PDF, Kind.DOC):
        got = process.ask(job("examine", path, found.kind))
        if "kind" in got:
            return Examined(Kind(got["kind"]), "", got["pages"], "")
    return Examined(found.kind, found.encoding, 1 if found.kind in (Kind.PNG, Kind.JPEG, Kind.WEBP) else 0)


def examine(path: Path, *, name: str, kinds: Collection[Content.Kind]) -> Examined:
    """Look at a file on its way in. Raises Refusal with what is wrong with it."""
    found = kind_of(path)
    if found.what:
        raise refused(name, f"它是{found.what}，平台不接收这种文件。请转成 PDF、图片或表格再上传。")
    require_wanted(found.kind, kinds, name)
    if found.hides:
        raise refused(name, "它带有另一种格式的内容。一个文件只能是一种格式；请用原来的软件重新导出后再上传。")
    examined = Examined(found.kind, found.encoding)
    if found.kind not in (*TABLES, Kind.OTHER):
        examined = looked_into(path, found, name)
        if examined.kind not in kinds:
            raise unwanted(examined.kind, kinds, name)
    require_fitting_name(examined.kind, name)
    require_clean(path, examined.kind, name)
    return examined


def looked_into(path: Path, found: Found, name: str) -> Examined:
    """Have another process look into it."""
    try:
        got = process.ask(job("examine", path, found.kind))
    except process.Busy as error:
        raise Refusal(
            f"“{name}”没有保存：正在检查的文件太多，等了一分钟还没有轮到。请稍后再上传一次。", status=503
        ) from error
    if "refused" in got:
        raise refused(name, got["refused"])
    if "failed" in got:
        raise refused(name, FAILURES[got["failed"]])
    return Examined(Kind(got["kind"]), "", got["pages"], got["said"])


def job(what: str, path: Path, kind: Content.Kind, **more: object) -> dict[str, object]:
    """A piece of work for the other process."""
    return {"do": what, "path": str(path), "kind": kind.value, "seconds": SECONDS.get(kind, OTHERS_SECONDS), **more}


def refused(name: str, sentence: str) -> Refusal:
    """The answer to somebody who sent such a file."""
    return Refusal(f"“{name}”没有保存：{sentence}")


def unwanted(kind: Content.Kind, kinds: Collection[Content.Kind], name: str) -> Refusal:
    """Another kind is needed here."""
    wanted = "、".join(Kind(one).label for one in kinds)
    if kind == Content.Kind.OTHER:
        return Refusal(
            f"“{name}”的内容认不出是哪种文件，可能已损坏，或者只是改了扩展名；这里需要{wanted}，没有保存。"
            "请用原来的软件重新导出，再上传。"
        )
    return Refusal(f"“{name}”的内容是{kind.label}，这里需要{wanted}，没有保存。请换一个文件再上传。")


def require_wanted(kind: Content.Kind, kinds: Collection[Content.Kind], name: str) -> None:
    """What can be said before it is looked into."""
    if not set(INNER.get(kind, (kind,))) & set(kinds):
        raise unwanted(kind, kinds, name)


def require_fitting_name(kind: Content.Kind, name: str) -> None:
    """The ending of the name does not promise something else."""
    low = name.lower()
    if low.endswith(PROGRAMS):
        raise refused(name, "这种文件名会被电脑当作程序或网页打开，平台不接收。请转成 PDF、图片或表格再上传。")
    promised: Content.Kind | None = next((one for one, endings in ENDINGS.items() if low.endswith(endings)), None)
    if promised is not None and promised != kind:
        raise refused(
            name,
            f"文件名说它是{Kind(promised).label}，内容却是{kind.label}。请核对文件，改正文件名的后缀或重新导出后再上传。",
        )
    of_data = (".csv", ".txt", ".xlsx", ".xls", ".parquet", ".toml")
    if promised is None and kind in ENDINGS and low.endswith(of_data):
        raise refused(
            name, f"文件名说它是表格或文本，内容却是{Kind(kind).label}。请核对文件，改正文件名的后缀后再上传。"
        )


def require_clean(path: Path, kind: Content.Kind, name: str) -> None:
    """Nothing known to ClamAV, where there is one. When it does not answer nothing comes in."""
    if not clamav.configured() or (kind in TABLES and path.stat().st_size > SCANNED):
        return
    try:
        found = clamav.scan(path)
    except clamav.TooLong as error:
        raise refused(
            name, "它超过了杀毒程序接受的大小，无法检查。请拆成几个文件再上传，或者请平台管理员调整限制。"
        ) from error
    except clamav.Unreachable as error:
        raise Refusal(
            f"“{name}”没有保存：杀毒程序现在没有应答，文件无法检查，原有内容没有改变。请过一会儿再上传，一直不行请告诉平台管理员。",
            status=503,
        ) from error
    if found:
        raise refused(name, f"杀毒程序在里面发现了 {found[:80]}。请先在自己的电脑上杀毒，再上传没有问题的文件。")
