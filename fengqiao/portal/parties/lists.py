"""The lists of the parties: people, authorisations, corrections, proofs of disposal."""

from __future__ import annotations

from dataclasses import replace

from django.urls import reverse
from django.utils import timezone

from fengqiao.portal.parties.models import Authorisation, Disposal, Party
from fengqiao.portal.parties.needs import care_of
from fengqiao.portal.shell.columns import Choice, Column
from fengqiao.portal.shell.listing import Empty, Listing

SIGNS = {"待接受": "waiting", "已接受": "good", "未接受": "bad", "尚未开始": "waiting"}


def care_text(party: Party) -> str:
    """How to treat the person, in words; not why."""
    return care_of(party, timezone.now()).marks


PEOPLE = Listing(
    key="parties",
    title="当事人",
    model=Party,
    columns=(
        Column("name", "姓名", link=lambda row: reverse("parties:party", args=(row.pk,))),
        Column("number", "证件号码", value=lambda row: str(row.number)),
        Column("needs", "怎样办理", value=care_text),
        Column("priority", "次序", value=lambda row: "优先办理" if row.priority else "一般", order="priority"),
        Column("account", "账号", value=lambda row: "有账号" if row.user_id else "由工作人员协助"),
        Column("created_at", "登记时间", "moment", order="created_at"),
    ),
    first="-priority",
    scopes=(("taken_in_by",),),
    prepare=lambda rows: rows.prefetch_related("needs", "authorisations"),
    empty=Empty(
        "还没有登记当事人",
        "到现场或者来电求助、自己不便上网的人，可以由您登记并协助办理。",
        "parties:take_in",
        "登记当事人",
    ),
)
PEOPLE_FOR_ADMINISTRATORS = replace(
    PEOPLE,
    columns=tuple(column for column in PEOPLE.columns if column.key != "needs"),
    empty=Empty("还没有登记当事人", "本机构的工作人员协助登记以后显示在这里；管理员只查看，不登记。"),
)
PEOPLE_FOR_COURTS = replace(
    PEOPLE,
    empty=Empty(
        "人民法院不在这里登记当事人", "调解组织等机构转来的当事人显示在上面；没有的，请联系委派、委托的机构转交。"
    ),
)
AUTHORISATIONS = Listing(
    key="authorisations",
    title="授权",
    model=Authorisation,
    columns=(
        Column("party", "当事人", value=lambda row: row.party.name, link=lambda row: reverse("parties:authorisation",
        args=(row.pk,))),
        Column("agent", "代理人", value=lambda row: row.agent.name),
        Column("scopes", "范围", value=lambda row: row.scope_said),
        Column("valid_until", "截止日", "day"),
        Column(
            "state", "状态", "state", value=lambda row: row.state_on(timezone.now()),
            sign=lambda row: SIGNS.get(row.state_on(timezone.now()), "quiet"),
        ),
        Column("submitted_at", "提交时间", "moment", order="submitted_at"),
    ),
    filters=(Choice("state", "状态", Authorisation.State.choices),),
    first="-submitted_at",
    scopes=(("agent",), ("reviewer",)),
    prepare=lambda rows: rows.select_related("agent", "party"),
    empty=Empty("还没有授权", "代理人上传授权委托书后显示在这里。"),
)  # fmt: skip
DISPOSALS = Listing(
    key="disposals",
    title="处置证明",
    model=Disposal,
    columns=(
        Column("disposed_at", "处置时间", "moment", order="disposed_at"),
        Column("record_kind", "记录类型"),
        Column("record_id", "记录编号"),
        Column("started_at", "期间起算", "day"),
        Column("period", "期间"),
        Column("basis", "依据"),
        Column("fields", "清除的栏目"),
        Column("digest", "处置前的摘要"),
    ),
    first="-disposed_at",
    empty=Empty("还没有处置过记录", "超过保存期限并且没有保全的记录，由系统每天处置一次，证明保存在这里。"),
)
