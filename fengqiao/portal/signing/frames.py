"""Rows of this app as typeset pages: the sheet with the places to sign, and the record of evidence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.urls import reverse

from fengqiao.portal.shell.record_pages import in_fours, record_pdf
from fengqiao.portal.shell.words import moment_text
from fengqiao.portal.signing.models import Evidence, Signatory, SigningRound

TEMPLATES = Path(__file__).parent / "typeset"
PAGE_HEIGHT = 841.89
TOP, ROW = 236.0, 56.0
"""Points from the upper edge of the sheet to its first row, and the height of a row; as in sheet.typ."""
LEFT, RIGHT = 318.0, 538.0


def record_address(round_: SigningRound) -> str:
    """Where everybody can look the document up."""
    return str(settings.ENVIRONMENT.public_url) + reverse("signing:record", args=(round_.code,))


def place_on_sheet(row: int, sheet: int) -> list[float]:
    """Page and box of a row (from 0) of the sheet, in points from the lower left."""
    upper = PAGE_HEIGHT - (TOP + ROW * row)
    return [sheet, LEFT, upper - ROW + 5, RIGHT, upper - 5]


def sheet(round_: SigningRound, rows: list[Signatory]) -> bytes:
    """The page at the end: which text, where to verify it, and a place for everybody who signs."""
    data = {
        "title": round_.title,
        "facts": [
            ["签署编号", round_.number],
            ["发起机构", round_.organisation.name],
            ["正文页数", f"{round_.pages} 页（不含本页）"],
            ["核验码", in_fours(round_.code)],
            ["正文 SHA-256", round_.text_sha256],
        ],
        "rows": [[row.role_title, row.name, bool(row.place)] for row in rows],
        "top": TOP, "row": ROW, "left": LEFT, "right": RIGHT,
    }  # fmt: skip
    return record_pdf(TEMPLATES / "sheet.typ", data, record_address(round_))


def evidence_values(round_: SigningRound, rows: list[Evidence]) -> dict[str, Any]:
    """The record of evidence as plain values, for JSON."""
    return {
        "format": "fengqiao-signing-evidence-1", "number": round_.number, "title": round_.title, "code": round_.code,
        "state": round_.state, "text_sha256": round_.text_sha256,
        "file_sha256": round_.current.content.sha256 if round_.current else "",
        "file_sm3": round_.current.content.sm3 if round_.current else "",
        "effective_at": round_.effective_at.isoformat() if round_.effective_at else None,
        "events": [
            {"what": row.what, "title": row.get_what_display(), "at": row.at.isoformat(),
             "signatory": str(row.signatory) if row.signatory else "", "who": row.who, "address": row.address,
             "device": row.device, "text_sha256": row.text_sha256, "file_sha256": row.file_sha256, "pages": row.pages,
             "identity": row.identity, "consent": row.consent, "consent_version": row.consent_version,
             "note": row.note}
            for row in rows
        ],
    }  # fmt: skip


def evidence_pdf(round_: SigningRound, rows: list[Evidence], *, true: bool) -> bytes:
    """The same to read and to print."""
    values = evidence_values(round_, rows)
    said = "各项记录与审计链一致，没有改动。" if true else "有记录与审计链不一致，请联系平台管理员查明。"
    data = {
        "title": round_.title,
        "facts": [["签署编号", round_.number], ["核验码", in_fours(round_.code)], ["状态", round_.get_state_display()],
                  ["正文 SHA-256", round_.text_sha256], ["签署文件 SHA-256", values["file_sha256"]],
                  ["签署文件 SM3", values["file_sm3"]], ["核对", said]],
        "events": [
            {"head": "　".join(
                [moment_text(row.at), row.get_what_display(), *([str(row.signatory)] if row.signatory else [])]
             ),
             "lines": [[name, value] for name, value in (
                 ("办理人", row.who), ("网络地址", row.address), ("设备", row.device), ("身份核对", row.identity),
                 ("读过的页", f"共 {len(row.pages)} 页" if row.pages else ""), ("同意的内容", row.consent),
                 ("同意文本版本", row.consent_version), ("签署后文件 SHA-256", row.file_sha256), ("说明", row.note),
             ) if value]}
            for row in rows
        ],
    }  # fmt: skip
    return record_pdf(TEMPLATES / "evidence.typ", data)
