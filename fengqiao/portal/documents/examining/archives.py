"""Zip archives and what is made of them (XLSX, DOCX, OFD): weighed before they are unpacked, then read to the end."""

from __future__ import annotations

import re
import stat
import zipfile
import zlib
from pathlib import Path

from fengqiao.portal.documents.examining.marks import END_OF_ZIP, nested
from fengqiao.portal.documents.examining.verdict import BROKEN, Refused, Verdict

LARGEST_TOTAL = {"xlsx": 4 << 30, "docx": 512 << 20, "ofd": 512 << 20, "zip": 1 << 30}
"""Bytes all members may unpack to. Tables are weighed again, more strictly, before they are read."""
LARGEST_RATIO = 400
SMALL = 16 << 20
MOST_MEMBERS = 10_000
STEP = 1 << 20
SIGNS = {"xlsx": "xl/workbook.xml", "docx": "word/document.xml", "ofd": "OFD.xml"}
BOMB = "它展开后是原来的许多倍（疑似压缩炸弹），没有展开。请解压后直接上传里面需要的文件。"
INNER = re.compile(r"(?:xl|word)/embeddings/[^/]+\.(?:xlsx|docx|bin)", re.IGNORECASE)
"""Workbooks behind the charts of a document."""
DECLARED = tuple(
    mark.encode(code) for mark in ("<!DOCTYPE", "<!ENTITY") for code in ("utf-8", "utf-16-le", "utf-16-be")
)
RELATION = re.compile(rb"<Relationship\b[^>]*>")
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def examine(path: Path) -> Verdict:
    """What it is; Refused when it would unpack too far, hides something, or reaches outside."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            require_whole(path, archive, members)
            names = {member.filename for member in members}
            kind = next((one for one, sign in SIGNS.items() if sign in names), "zip")
            require_modest(members, kind)
            require_plain_names(members)
            for member in members:
                read_through(archive, member, kind)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, ValueError, NotImplementedError,
            RuntimeError, UnicodeDecodeError, OSError) as error:  # fmt: skip
        raise Refused(BROKEN) from error
    return Verdict(kind)


def require_whole(path: Path, archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> None:
    """The archive is the whole file, from the first byte to the last, and no member lies on another."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - 22 - len(archive.comment)))
        end = file.read(4)
    if (
        end != END_OF_ZIP
        or (members and min(member.header_offset for member in members))
        or len(archive.comment) > 1024
    ):
        raise Refused("压缩包的前面或后面还带有其他内容。请重新压缩或另存后再上传。")
    at = 0
    for member in sorted(members, key=lambda one: one.header_offset):
        if member.header_offset < at:
            raise Refused(BOMB)
        at = member.header_offset + 30 + member.compress_size


def require_modest(members: list[zipfile.ZipInfo], kind: str) -> None:
    """How many members, and what they announce."""
    if len(members) > MOST_MEMBERS:
        raise Refused(f"里面有 {len(members):,} 个文件，超过 {MOST_MEMBERS:,} 个的限制。请分几次上传。")
    total, packed = sum(one.file_size for one in members), sum(one.compress_size for one in members)
    if total > LARGEST_TOTAL[kind] or (total > SMALL and total > LARGEST_RATIO * max(packed, 1)):
        raise Refused(BOMB)


def require_plain_names(members: list[zipfile.ZipInfo]) -> None:
    """No lock, no name twice, no name that leads out of the folder, no link."""
    seen: set[str] = set()
    for member in members:
        name = member.orig_filename.replace("\\", "/")
        if member.flag_bits & 0x41:
            raise Refused("它设有密码，无法检查。请去掉密码后再上传。")
        if name.startswith("/") or ":" in name or ".." in name.split("/") or any(ord(sign) < 32 for sign in name):
            raise Refused("里面有指向别的位置的文件名。请重新压缩后再上传。")
        if stat.S_ISLNK(member.external_attr >> 16):
            raise Refused("里面有指向别的文件的链接。请重新压缩后再上传。")
        if name.lower() in seen:
            raise Refused("里面有两个同名的文件，无法确定哪一个有效。请重新压缩或另存后再上传。")
        if name.lower().endswith("vbaproject.bin"):
            raise Refused("它带有宏（自动运行的程序）。请另存为不带宏的格式（xlsx、docx）再上传。")
        if member.compress_type not in METHODS:
            raise Refused("它使用了少见的压缩方法，无法检查。请重新压缩后再上传。")
        seen.add(name.lower())


def read_through(archive: zipfile.ZipFile, member: zipfile.ZipInfo, kind: str) -> None:
    """Read a member to its end: its beginning is no archive or program, its XML declares nothing."""
    before, first, got = b"", True, 0
    is_relations = member.filename.endswith(".rels")
    relations = bytearray()
    with archive.open(member) as stream:
        while piece := stream.read(STEP):
            got += len(piece)
            if got > SMALL and got > LARGEST_RATIO * max(member.compress_size, 1):
                raise Refused(BOMB)
            if first and nested(piece[:512]) and not (kind != "zip" and INNER.fullmatch(member.filename)):
                raise Refused("里面还有压缩包或程序，无法检查。请解压后直接上传里面需要的文件。")
            if kind != "zip" or member.filename.lower().endswith(".xml"):
                joined = before + piece
                if any(mark in joined for mark in DECLARED):
                    raise Refused(
                        "里面的 XML 带有实体声明（可能引用外部内容或无限展开），没有读取。请用办公软件另存后再上传。"
                    )
            if is_relations:
                relations += piece
                if len(relations) > SMALL:
                    raise Refused(BOMB)
            before, first = piece[-32:], False
    for relation in RELATION.findall(relations):
        if b"External" in relation and re.search(rb"attachedTemplate|oleObject|/frame", relation):
            raise Refused("它打开时会从网络取模板或对象。请另存为新的文件（不链接模板）再上传。")
