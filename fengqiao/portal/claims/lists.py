"""The lists of the claims: cases, results, findings."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.urls import reverse

from fengqiao.engine.findings import CODES
from fengqiao.portal.claims.models import CaseInvestor, MassCase, MeasuredFinding, MeasuredInvestor, PeopleRefusal
from fengqiao.portal.shell.columns import Choice, Column, Text
from fengqiao.portal.shell.listing import Empty, Listing

SHARES = 10_000
Outcome = MeasuredInvestor.Outcome
SIGNS = {Outcome.AWARDED: "good", Outcome.NO_LOSS: "quiet", Outcome.OUT_OF_SCOPE: "quiet"}

CASES = Listing(
    key="mass_cases",
    title="损失测算",
    model=MassCase,
    columns=(
        Column("number", "编号", link=lambda row: reverse("claims:case", args=(row.pk,))),
        Column("title", "案件名称", order="title", link=lambda row: reverse("claims:case", args=(row.pk,))),
        Column("security", "证券代码", order="security"),
        Column("runs_made", "测算次数", kind="count"),
        Column("updated_by", "最近修改", value=lambda row: row.updated_by.name),
        Column("updated_at", "修改时间", kind="moment", order="updated_at"),
    ),
    filters=(Text("title", "案件名称"), Text("security", "证券代码")),
    scopes=(("organisation",),),
    prepare=lambda rows: rows.select_related("updated_by"),
    empty=Empty("还没有案件", "登记案件后显示在这里；登记后上传文件，就可以测算。"),
)


def quantity(row: Any) -> int | Decimal:
    """Shares: whole ones as a number, fractions after an adjustment with their decimals."""
    whole, rest = divmod(row.scope, SHARES)
    return int(whole) if not rest else (Decimal(row.scope) / SHARES).normalize()


INVESTORS = Listing(
    key="measured",
    title="投资者的测算结果",
    model=MeasuredInvestor,
    columns=(
        Column("investor", "投资者编号", order="id", link=lambda row: row.address),
        Column("outcome", "结论", kind="state", value=lambda row: row.get_outcome_display(),
               sign=lambda row: SIGNS[Outcome(row.outcome)]),
        Column("total", "合计", kind="yuan", order="total"),
        Column("awarded", "扣除后损失", kind="yuan"),
        Column("difference", "投资差额损失", kind="yuan", order="difference"),
        Column("scope", "范围内股数", kind="count", value=quantity),
        Column("segment", "虚假陈述"),
        Column("remarks", "提示"),
    ),
    filters=(Choice("outcome", "结论", Outcome.choices),),
    first="-total",
    scopes=(("result_set",),),
    prepare=lambda rows: rows.select_related("result_set"),
    empty=Empty("没有结果", "交易记录里没有可以测算的投资者。"),
)  # fmt: skip


def place_of(row: Any) -> str:
    """Where in the files."""
    return " ".join(part for part in (row.file, row.sheet, f"第{row.row}行" if row.row else "") if part)


PEOPLE = Listing(
    key="case_people",
    title="投资者本人",
    model=CaseInvestor,
    columns=(
        Column("investor", "投资者编号", order="id"),
        Column("number", "证件号码", value=lambda row: str(row.number)),
        Column("mobile", "手机号码", value=lambda row: str(row.mobile)),
        Column("added_by", "登记人", value=lambda row: row.added_by.name),
        Column("added_at", "登记时间", kind="moment"),
        Column("remove", "办理", value=lambda row: "删除", link=lambda row: reverse(
            "claims:forget_person", args=(row.case_id, row.pk))),
    ),
    first="-investor",
    scopes=(("case",),),
    prepare=lambda rows: rows.select_related("added_by"),
    empty=Empty("还没有登记投资者本人", "在上面的框里粘贴编号、证件号码和手机号码；登记后，本人可以看到公布的结果。"),
)  # fmt: skip

REFUSED = Listing(
    key="people_refused",
    title="没有登记的行",
    model=PeopleRefusal,
    columns=(
        Column("place", "位置", order="id", value=place_of),
        Column("investor", "投资者编号"),
        Column("reason", "原因"),
    ),
    first="place",
    scopes=(("people_file",),),
    prepare=lambda rows: rows.select_related("people_file"),
    empty=Empty("没有这样的行", "文件里的每一行都已经登记。"),
)  # fmt: skip

FINDINGS = Listing(
    key="measured_findings",
    title="数据提示",
    model=MeasuredFinding,
    columns=(
        Column("place", "位置", order="id", value=place_of),
        Column("code", "提示", value=lambda row: CODES.get(row.code, row.code)),
        Column("investor", "投资者编号"),
        Column("reason", "说明"),
        Column("used", "这一行", kind="state", value=lambda row: "参与计算" if row.used else "未参与计算",
               sign=lambda row: "quiet" if row.used else "warning"),
    ),
    filters=(Choice("code", "提示", tuple(CODES.items())),),
    first="place",
    scopes=(("result_set",),),
    empty=Empty("没有数据提示", "这次测算没有发现数据问题。"),
)  # fmt: skip
