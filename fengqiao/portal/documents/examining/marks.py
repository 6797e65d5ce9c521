"""By which bytes formats are known, at the beginning of a file and hidden inside another one."""

from __future__ import annotations

import re

PROGRAMS = (
    (b"\x7fELF", "Linux 程序"), (b"\xca\xfe\xba\xbe", "Java 程序"), (b"\xcf\xfa\xed\xfe", "macOS 程序"),
    (b"\xce\xfa\xed\xfe", "macOS 程序"), (b"#!", "脚本"), (b"\0asm", "程序"), (b"L\0\0\0\x01\x14\x02\0", "快捷方式"),
)  # fmt: skip
ARCHIVES = (
    (b"Rar!\x1a\x07", "RAR 压缩包"), (b"7z\xbc\xaf\x27\x1c", "7z 压缩包"), (b"\x1f\x8b", "gzip 压缩包"),
    (b"\xfd7zXZ\0", "xz 压缩包"), (b"\x28\xb5\x2f\xfd", "zstd 压缩包"), (b"MSCF\0\0\0\0", "CAB 压缩包"),
    (b"PK\x05\x06", "空的压缩包"), (b"PK\x07\x08", "分卷压缩包"),
)  # fmt: skip
OTHERS = (
    (b"{\\rtf", "RTF 文档"), (b"GIF87a", "GIF 图片"), (b"GIF89a", "GIF 图片"), (b"ITSF\x03\0", "CHM 帮助文件"),
    (b"SQLite format 3\0", "数据库文件"), (b"%!PS", "PostScript 文件"), (b"MIME-Version", "网页存档"),
    (b"From: ", "邮件"),
)  # fmt: skip
MARKUP = re.compile(r"[\s﻿]*<[!?%a-zA-Z]")
WRITTEN = ((b"<svg", "SVG 图形"), (b"<html", "网页（HTML）"), (b"<!doctype html", "网页（HTML）"))
HIDDEN = (
    (b"%PDF-", "PDF"), (b"Rar!\x1a\x07", "RAR 压缩包"), (b"7z\xbc\xaf\x27\x1c", "7z 压缩包"),
    (b"\x7fELF\x02\x01\x01", "程序"), (b"\x7fELF\x01\x01\x01", "程序"), (b"This program cannot be run", "程序"),
    (b"<script", "脚本"), (b"<SCRIPT", "脚本"),
)  # fmt: skip
TAGS = re.compile(rb"<(?:html|script|svg|iframe|body|\?php|!doctype)", re.IGNORECASE)
END_OF_ZIP = b"PK\x05\x06"
ZIP_TAIL = (1 << 16) + 22
"""Bytes at the end in which programs look for the directory of a zip archive."""


def foreign(head: bytes) -> str:
    """What a file is that is never taken, by its first bytes; empty for others.

    >>> foreign(b"GIF89a..."), foreign(b"MZ\\x90\\0\\x03"), foreign(b"a,b")
    ('GIF 图片', 'Windows 程序', '')
    """
    for mark, what in (*PROGRAMS, *ARCHIVES, *OTHERS):
        if head.startswith(mark):
            return what
    if head.startswith(b"MZ") and b"\0" in head[:64]:
        return "Windows 程序"
    if head.startswith(b"BZh") and head[4:10] == b"1AY&SY":
        return "bzip2 压缩包"
    if head[257:262] == b"ustar":
        return "tar 压缩包"
    if head[4:8] == b"ftyp":
        return "视频或 HEIC 图片"
    return ""


def nested(head: bytes) -> bool:
    """True for the beginning of an archive or a program, which may not lie in an archive."""
    return head.startswith(b"PK\x03\x04") or (bool(foreign(head)) and not head.startswith(tuple(m for m, _ in OTHERS)))


def markup(text: str) -> str:
    """What a text is that browsers or others would interpret; empty for plain text."""
    if not MARKUP.match(text):
        return ""
    low = text[:4096].lower().encode("utf-8", "ignore")
    return next((what for mark, what in WRITTEN if mark in low), "带标记的文本（HTML 或 XML）")


def hidden(data: bytes) -> str:
    """Another format within the bytes of a picture; empty when there is none."""
    for mark, what in HIDDEN:
        if mark in data:
            return what
    if END_OF_ZIP in data[-ZIP_TAIL:]:
        return "压缩包"
    return "网页或脚本" if TAGS.search(data[: 1 << 18]) or TAGS.search(data[-ZIP_TAIL:]) else ""
