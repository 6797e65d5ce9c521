"""Old files of Word and Excel: a small file system of its own, known by the names in its directory."""

from __future__ import annotations

from pathlib import Path

from fengqiao.portal.documents.examining.marks import hidden
from fengqiao.portal.documents.examining.verdict import BROKEN, Refused, Verdict

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LARGEST = 64 << 20
ENTRY = 128
WHOLE = 1536
"""A header, a table and a directory at least."""


def entries(data: bytes) -> set[str]:
    """Names that stand where entries of the directory stand."""
    names = set()
    for at in range(512, len(data) - ENTRY + 1, ENTRY):
        length = int.from_bytes(data[at + 64 : at + 66], "little")
        if 4 <= length <= 64 and not length % 2 and data[at + 66] in (1, 2, 5) and data[at + 67] in (0, 1):
            names.add(data[at : at + length - 2].decode("utf-16-le", "replace"))
    return names


def examine(path: Path) -> Verdict:
    """Whether it is of Word or Excel; Refused with macros, locked, or neither."""
    if path.stat().st_size > LARGEST:
        raise Refused(f"文件超过 {LARGEST >> 20} MB 的限制。请另存为新格式（xlsx、docx）再上传。")
    data = path.read_bytes()
    if len(data) < WHOLE or data[28:30] != b"\xfe\xff":
        raise Refused(BROKEN)
    names = entries(data)
    if "EncryptedPackage" in names:
        raise Refused("它设有密码，无法检查。请去掉密码后再上传。")
    if names & {"_VBA_PROJECT", "Macros", "_VBA_PROJECT_CUR", "VBA"}:
        raise Refused("它带有宏（自动运行的程序）。请另存为不带宏的格式（xlsx、docx）再上传。")
    if hidden(data) in ("压缩包", "PDF", "RAR 压缩包", "7z 压缩包", "程序"):
        raise Refused("它带有另一种格式的文件。请另存为新格式（xlsx、docx）再上传。")
    if "WordDocument" in names:
        return Verdict("doc")
    if names & {"Workbook", "Book"}:
        return Verdict("xls")
    if "Root Entry" in names:
        raise Refused("它是旧式复合文件，但不是 Word 文档或 Excel 工作簿。请另存为 PDF 再上传。")
    raise Refused(BROKEN)
