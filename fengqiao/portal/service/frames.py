"""A service as a typeset page: the proof of service (送达证明)."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.urls import reverse

from fengqiao.engine.deadlines.service import WAYS, Way, sources_on
from fengqiao.portal.documents.queries import place_of
from fengqiao.portal.service import by_law, queries
from fengqiao.portal.service.models import Recipient, ServedDocument, Trace
from fengqiao.portal.shell.record_pages import in_fours, record_pdf
from fengqiao.portal.shell.words import day_text, moment_text, size_text

TEMPLATES = Path(__file__).parent / "typeset"
COUNTS = (
    "认定规则：平台账号，以文书信息写入账号之时为到达；手机短信，以运营商经网关回报到达之时为准；电子邮箱，以邮件服务器接收之时为准；"
    "几个地址以最先成功的为准，本人打开文书的，至迟在打开时到达。只计受送达人在送达地址确认书中确认的地址。"
)
OTHERS = "人民法院以外的机构送达的文书，依受送达人在送达地址确认书中的同意，参照上述规定办理。"


def record_address(recipient: Recipient) -> str:
    """Where everybody can look the proof up."""
    return str(settings.ENVIRONMENT.public_url) + reverse("service:record", args=(recipient.code,))


def whole(document: ServedDocument) -> bool:
    """Whether the bytes kept are those that were served."""
    with place_of(document.document).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == document.sha256


def proof_pdf(recipient: Recipient, *, now: dt.datetime) -> bytes:
    """The proof as it stands now."""
    service = recipient.service
    data = {
        "title": "送达证明", "facts": facts(recipient), "documents": [of_document(one, recipient) for one in
        queries.documents_of(recipient)], "dispatches": [of_dispatch(one) for one in
        recipient.dispatches.order_by("round", "id")], "result": result(recipient), "traces": traces(recipient),
        "basis": basis(recipient, now), "rule": COUNTS, "others": OTHERS,
        "whole": "以上记录与审计链一致，没有改动。" if not queries.untrue(recipient)
        else "有记录与审计链不一致，请联系平台管理员查明，在此之前不要使用这份证明。",
        "foot": f"{service.organisation.name}　制作时间 {moment_text(now)}　经平台记录生成，凭核验码可在平台核对。",
    }  # fmt: skip
    return record_pdf(TEMPLATES / "proof.typ", data, record_address(recipient))


def facts(recipient: Recipient) -> list[list[str]]:
    """Who, by whom, in which matter, on which consent."""
    service, confirmation = recipient.service, recipient.confirmation
    rows = [
        ["送达编号", recipient.number], ["核验码", in_fours(recipient.code)], ["送达机构", service.organisation.name],
        ["经办人", service.created_by.name], ["受送达人", recipient.name], ["案件", service.case or "（未编号）"],
        ["阶段", service.get_stage_display()], ["发起时间", moment_text(recipient.created_at)],
    ]  # fmt: skip
    if recipient.guardianship is not None:
        rows.insert(5, ["法定代理人", by_law.described(recipient.guardianship)])
    if service.again_reason:
        rows.append(["同一阶段再次送达", service.again_reason])
    if confirmation is not None:
        said = f"{moment_text(confirmation.made_at)}，{confirmation.get_way_display()}"
        if confirmation.guardianship is not None:
            said += f"，由法定代理人{confirmation.guardianship.agent.name}确认"
        said += f"，文本 SHA-256 {confirmation.text_sha256}"
        rows.append(["送达地址确认书", said])
    return rows


def of_document(one: ServedDocument, recipient: Recipient) -> list[list[str]]:
    """One document, with its digests and when it was opened."""
    first = queries.read_by_document(recipient).get(one.pk)
    kept = "与送达时一致" if whole(one) else "与送达时不一致，请查明"
    return [
        ["文书", f"{one.get_kind_display()}：{one.document.name}（{size_text(one.document.content.size)}，{kept}）"],
        ["SHA-256", one.sha256], ["SM3", one.document.content.sm3],
        ["首次打开", f"{moment_text(first.at)}，{first.who}，{first.identity}" if first else "还没有打开"],
    ]  # fmt: skip


def of_dispatch(row: Any) -> list[str]:
    """One address: kind, whose, masked, sent, arrived."""
    sent = moment_text(row.sent_at) if row.sent_at else "—"
    arrived = moment_text(row.arrived_at) if row.arrived_at else "—"
    if row.failed_at:
        arrived = f"没有送到：{row.problem}"
    return [f"{row.get_holder_display()}{row.get_kind_display()}", row.shown, sent, arrived]


def result(recipient: Recipient) -> list[list[str]]:
    """Whether it is served, since when, why."""
    if recipient.served_on is None:
        return [["结果", f"尚未送达：{recipient.problem or '还没有到达的记录'}"]]
    rows = [["结果", recipient.get_state_display()], ["送达日期", day_text(recipient.served_on)]]
    if recipient.served_at:
        rows.append(["送达时刻", f"{moment_text(recipient.served_at)}（北京时间）"])
    rows.append(["认定", recipient.why])
    if recipient.read_at:
        rows.append(["首次阅读", f"{moment_text(recipient.read_at)}，{recipient.read_by}"])
    if recipient.deadline:
        rows.append(["自送达起算的期限", f"{recipient.deadline.title}：{recipient.deadline.headline}"])
    return rows


def basis(recipient: Recipient, now: dt.datetime) -> list[str]:
    """What the service rests on, doubts included."""
    day = recipient.served_on or now.date()
    if recipient.way:
        return [WAYS[Way(recipient.way)].source]
    found = ["service.electronic_consent", "service.consent_in_confirmation", *recipient.basis]
    if recipient.guardianship is not None:
        found.append("service.to_guardian")
    if any(one.holder == "designee" for one in recipient.dispatches.all()):
        found.append("service.through_agent")
    return list(dict.fromkeys(sources_on(found, day)))


def traces(recipient: Recipient) -> list[list[str]]:
    """Everything that happened, in order."""
    rows = []
    for row in recipient.traces.select_related("document").order_by("id"):
        more = "；".join(one for one in (row.who, row.identity, row.address, row.note) if one)
        rows.append([moment_text(row.at), Trace.What(row.what).label, more])
    return rows
