"""The lists of the accounts: organisations, people, invitations."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from fengqiao.portal.accounts import queries
from fengqiao.portal.accounts.models import Invitation, Organisation, Role
from fengqiao.portal.shell.columns import Choice, Column, Text
from fengqiao.portal.shell.listing import Empty, Listing

PEOPLE = Listing(
    key="people",
    title="人员",
    model=Role,
    columns=(
        Column(
            "name", "姓名", value=lambda row: row.user.name if row.user.is_active else f"{row.user.name}（已停用）",
            link=lambda row: reverse("accounts:person", args=(row.user_id,)),
        ),
        Column("kind", "角色", value=lambda row: row.get_kind_display()),
        Column("granted_at", "授予时间", kind="moment", order="granted_at"),
        Column(
            "state", "状态", kind="state", value=lambda row: "已终止" if row.ended_at else "有效",
            sign=lambda row: "quiet" if row.ended_at else "good",
        ),
        Column(
            "end", "操作", value=lambda row: "" if row.ended_at else "终止",
            link=lambda row: None if row.ended_at else reverse("accounts:end_role", args=(row.pk,)),
        ),
    ),
    filters=(Choice("kind", "角色", Role.Kind.choices),),
    first="-granted_at",
    small=True,
    empty=Empty("还没有人员", "请邀请同事加入。"),
    prepare=lambda rows: rows.select_related("user"),
)  # fmt: skip


def invitation_sign(row: Invitation) -> str:
    """How the state of an invitation stands out."""
    return {"待接受": "waiting", "已接受": "good"}.get(row.state_at(timezone.now()), "quiet")


INVITATIONS = Listing(
    key="invitations",
    title="邀请",
    model=Invitation,
    columns=(
        Column("name", "姓名"),
        Column("kinds", "角色", value=lambda row: row.kind_labels),
        Column("created_at", "邀请时间", kind="moment", order="created_at"),
        Column("expires_at", "有效期至", kind="moment"),
        Column("state", "状态", kind="state", value=lambda row: row.state_at(timezone.now()), sign=invitation_sign),
    ),
    first="-created_at",
    small=True,
    empty=Empty("还没有发出邀请", "邀请同事加入后，会显示在这里。"),
)


ORGANISATIONS = Listing(
    key="all_organisations",
    title="机构管理",
    model=Organisation,
    columns=(
        Column("name", "名称", order="name", link=lambda row: reverse("accounts:people", args=(row.pk,))),
        Column("kind", "类型", value=lambda row: row.get_kind_display()),
        Column(
            "state", "状态", kind="state", value=lambda row: "在用" if row.is_active else "已停用",
            sign=lambda row: "good" if row.is_active else "bad",
        ),
        Column(
            "rest", "操作", value=lambda row: "停用" if row.is_active else "恢复",
            link=lambda row: reverse("accounts:rest", args=(row.pk,)),
        ),
    ),
    filters=(Choice("kind", "类型", Organisation.Kind.choices), Text("name", "名称")),
    first="name",
    small=True,
    empty=Empty("没有找到机构", "请核对名称的开头几个字，或者清除条件。"),
)  # fmt: skip


def people_list(request: HttpRequest, organisation: Organisation) -> HttpResponse:
    """Who works in an organisation, as what."""
    rows = queries.roles_visible_to(request.acting).filter(organisation=organisation)
    return PEOPLE.respond(request, rows, "accounts/people.html", organisation=organisation)


def invitations_list(request: HttpRequest, organisation: Organisation) -> HttpResponse:
    """Whom an organisation asked in."""
    rows = queries.invitations_visible_to(request.acting).filter(organisation=organisation)
    now = timezone.now()
    waiting = rows.filter(accepted_at=None, revoked_at=None, expires_at__gt=now)
    return INVITATIONS.respond(request, rows, "accounts/invitations.html", organisation=organisation, waiting=waiting)
