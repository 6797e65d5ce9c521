"""The question each role comes with; the first line of its start page."""

from __future__ import annotations

import datetime as dt
from typing import Any

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import Role
from fengqiao.portal.accounts.queries import bodies_at_rest

Kind = Role.Kind
QUESTIONS: dict[Any, str] = {
    Kind.INVESTOR: "我的案件到哪一步了，要在什么时候前做什么，可能获赔多少、依据是什么？",
    Kind.AGENT: "我代理的案件到哪一步了，要在什么时候前做什么？",
    Kind.COMPLAINT_HANDLER: "收到了哪些诉求，哪些快到期、哪些已经逾期，哪些反复出现？",
    Kind.HOTLINE_AGENT: "哪些来电没有接到，该给谁回电，哪些工单还没有办结？",
    Kind.MEDIATOR: "我的案件按期限排到了哪里，哪些批次在办，哪些协议等待签署？",
    Kind.MEDIATION_MANAGER: "哪些案件等待指派，哪些快到期，哪些协议等待签署？",
    Kind.JUDGE: "哪些案件已经委派，哪些等待司法确认，示范案件和平行案件到了哪个节点？",
    Kind.CLERK: "哪些案件已经委派，哪些等待司法确认，哪些节点快到期？",
    Kind.MEASURER: "哪些案件等待测算，数据有什么问题，方案、结果和异议到了哪一步？",
    Kind.REGULATOR: "有什么趋势和预警，机构办理得怎样，哪些机构拒绝调解？",
    Kind.TASK_FORCE_OFFICER: "哪些台账和月报该报、迟报、漏报，哪些事项要提示、督办，排名怎样？",
    Kind.OUTREACH_WORKER: "有哪些线索要上门，哪些活动在办，该通知哪些人？",
    Kind.ADMINISTRATOR: "本机构有哪些人、各有什么身份，设置和审计记录有没有要处理的？",
}
AT_REST = (
    "{names}已经在本平台停用，不能再以该机构的身份办理。以前办理的记录保留。"
    "请联系平台管理员；停用前正在办理的事项，由平台管理员说明由谁接手。"
)
WITHOUT_ROLE = "您的账号还没有身份。请联系所在机构的管理员授予身份；投资者请先完成实名登记。"


def without_role(acting: Acting, now: dt.datetime) -> str:
    """Why somebody has nothing to do here: their house was taken out of use, or nobody gave them a role."""
    at_rest = bodies_at_rest(acting.user, now)
    return AT_REST.format(names="、".join(body.name for body in at_rest)) if at_rest else WITHOUT_ROLE
