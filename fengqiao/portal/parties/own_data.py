"""All that is kept of a person, for themself. Other apps add theirs: `SECTIONS.append(...)` in their `own_data.py`."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string
from django.views.decorators.debug import sensitive_variables

from fengqiao.portal.accounts.models import Identity
from fengqiao.portal.documents.queries import place_of
from fengqiao.portal.parties import queries
from fengqiao.portal.parties.models import Party
from fengqiao.portal.parties.purposes import purposes
from fengqiao.portal.shell.words import day_text, moment_text
from fengqiao.portal.vault.sealed import Sealed, open_sealed

LONG = 60
"""Characters that a cell of a table may have; more is shown line by line."""


@dataclass(frozen=True)
class Section:
    """One part of what is kept: heads and rows; sealed values stay sealed until they are shown or exported."""

    key: str
    title: str
    heads: tuple[str, ...]
    rows: list[tuple[Any, ...]]

    @property
    def is_long(self) -> bool:
        """Whether a row holds more words than a cell of a table can show."""
        return any(len(value) > LONG for row in self.opened(whole=False) for value in row)

    def opened(self, whole: bool) -> list[list[str]]:
        """The rows as text: whole for the export, masked for the screen."""
        return [[cell_text(value, whole=whole) for value in row] for row in self.rows]

    def with_heads(self) -> list[list[tuple[str, str]]]:
        """The masked rows, each value with its head, as narrow screens show them."""
        return [list(zip(self.heads, row, strict=True)) for row in self.opened(whole=False)]


@sensitive_variables()
def cell_text(value: Any, *, whole: bool) -> str:
    """One value in words."""
    if value is None:
        return ""
    if isinstance(value, Sealed):
        return open_sealed(value) if whole else str(value)
    if hasattr(value, "tzinfo"):
        return moment_text(value)
    return day_text(value) if hasattr(value, "isoformat") else str(value)


def of_person(party: Party) -> Iterable[Section]:
    """Name, papers, contact data, account."""
    rows: list[tuple[Any, ...]] = [
        ("姓名", party.name), ("证件类型", party.get_kind_display()), ("证件号码", party.number),
        ("手机号码", party.contact_mobile), ("联系地址", party.address), ("收款账户", party.bank_account),
        ("登记机构", party.taken_in_by.name if party.taken_in_by else "本人注册"), ("登记时间", party.created_at),
    ]  # fmt: skip
    if party.user:
        identity = Identity.objects.filter(user=party.user).first()
        rows += [("账号开户时间", party.user.joined_at), ("电子邮箱", party.user.email)]
        if identity:
            rows += [("注册时的证件号码", identity.number), ("手机号码确认时间", identity.mobile_verified_at)]
        rows += [("角色", "、".join(str(role) for role in party.user.roles.filter(ended_at=None)))]
    yield Section("person", "身份和联系方式", ("项目", "内容"), rows)


def of_needs(party: Party) -> Iterable[Section]:
    """Special needs."""
    rows = [
        (
            need.label, need.detail_label, need.since, need.until, need.review_on, need.evidence,
            need.file.name if need.file else "", need.get_source_display(), need.ended_at,
        )
        for need in party.needs.select_related("file").order_by("id")
    ]  # fmt: skip
    heads = ("种类", "具体情形", "自何时起", "到何时止", "复核日", "依据", "证明材料", "来源", "结束时间")
    yield Section("special_needs", "特殊需要", heads, rows)


def of_agents(party: Party) -> Iterable[Section]:
    """Authorisations."""
    rows = [
        (
            one.agent.name,
            one.get_kind_display(),
            one.get_relation_display(),
            one.scope_labels,
            one.valid_from,
            one.valid_until,
            one.get_state_display(),
            one.document_sha256,
        )
        for one in party.authorisations.select_related("agent").order_by("id")
    ]
    heads = ("代理人", "种类", "监护关系", "范围", "开始日", "截止日", "状态", "委托书 SHA-256")
    yield Section("authorisations", "代理人的授权", heads, rows)


def of_consents(party: Party) -> Iterable[Section]:
    """Consents, and with whom data were shared."""
    known = purposes()
    rows = [
        (
            known[one.purpose].title if one.purpose in known else one.purpose, one.text, "、".join(one.data),
            one.passed_to.name if one.passed_to else "", one.given_at, one.withdrawn_at,
        )
        for one in queries.consents_of(party)
    ]  # fmt: skip
    yield Section("consents", "同意", ("目的", "文本", "信息", "接收方", "同意时间", "撤回时间"), rows)
    handlings = [
        (one.organisation.name, one.matter, one.begun_at, one.ended_at, one.basis or "本人单独同意")
        for one in party.handlings.select_related("organisation").order_by("id")
    ]
    yield Section("handlings", "向其他机构的提供", ("机构", "事项", "开始", "结束", "依据"), handlings)


def of_corrections(party: Party) -> Iterable[Section]:
    """Requests for correction."""
    rows = [
        (one.asked_at, one.reason, one.get_state_display(), one.decided_at, one.decision_reason)
        for one in party.corrections.order_by("id")
    ]
    yield Section("corrections", "更正申请", ("申请时间", "理由", "状态", "决定时间", "决定的理由"), rows)


def of_reveals(party: Party) -> Iterable[Section]:
    """Who saw the data whole."""
    rows = [(event.at, event.actor, event.reason) for event in queries.revealed(party)[:1000]]
    yield Section("revealed", "谁查看过完整内容", ("时间", "谁", "理由"), rows)


def of_confirmations(party: Party) -> Iterable[Section]:
    """What staff did on their behalf, and what they said of it."""
    rows = [
        (
            one.asked_at, f"{one.organisation.name} {one.staff.name}", one.count, one.get_answer_display(),
            one.get_way_display(), one.answered_at, one.words,
        )
        for one in party.act_confirmations.select_related("staff", "organisation").order_by("id")
    ]  # fmt: skip
    heads = ("请求确认的时间", "谁代办", "项数", "结果", "方式", "确认时间", "您的说明")
    yield Section("act_confirmations", "对代办的确认", heads, rows)


def of_notices(party: Party) -> Iterable[Section]:
    """Notices that were handed out."""
    rows = [(file.uploaded_at, file.name, file.uploaded_by.name, file.content_id) for file in queries.handed_out(party)]
    yield Section("handed_out", "交给您的告知书", ("时间", "文件", "办理人", "SHA-256"), rows)


SECTIONS: list[Callable[[Party], Iterable[Section]]] = [
    of_person, of_needs, of_agents, of_consents, of_corrections, of_confirmations, of_notices, of_reveals,
]  # fmt: skip


def kept_of(party: Party) -> list[Section]:
    """Everything, part by part, of all apps."""
    return [section for part in SECTIONS for section in part(party)]


@sensitive_variables()
def archive_of(party: Party, made_at: str) -> bytes:
    """The export: JSON for programs, HTML for reading, and the authorisations as they were uploaded."""
    sections = kept_of(party)
    shown = [{"title": one.title, "heads": one.heads, "rows": one.opened(whole=True)} for one in sections]
    data = {
        "format": "fengqiao.own-data/1", "made_at": made_at,
        "sections": [
            {"key": one.key, "title": one.title, "heads": list(one.heads), "rows": one.opened(whole=True)}
            for one in sections
        ],
    }  # fmt: skip
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("my_data.json", json.dumps(data, ensure_ascii=False, indent=1))
        page = render_to_string("parties/export.html", {"sections": shown, "made_at": made_at, "name": party.name})
        archive.writestr("my_data.html", page)
        for one in party.authorisations.exclude(paper=None).select_related("paper"):
            archive.write(place_of(one.paper), f"authorisations/{one.pk}{Path(one.paper.name).suffix.lower()}")
        for need in party.needs.exclude(file=None).select_related("file"):
            archive.write(place_of(need.file), f"needs/{need.pk}{Path(need.file.name).suffix.lower()}")
        for file in queries.handed_out(party):
            archive.write(place_of(file), f"handed_out/{file.uploaded_at:%Y-%m-%d}-{file.pk}.pdf")
    return buffer.getvalue()
