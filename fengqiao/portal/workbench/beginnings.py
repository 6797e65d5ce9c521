"""What somebody can begin with when nothing waits for them: by role."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fengqiao.portal.accounts.models import Role

Kind = Role.Kind


@dataclass(frozen=True)
class Beginning:
    """One thing to do, in the order in which people do it."""

    title: str
    url_name: str
    text: str


INVESTOR = (
    Beginning("核对我的信息", "parties:mine", "看看证件、手机、收款账户是否正确；有特殊需要的在这里告诉我们。"),
    Beginning("确认送达地址", "service:address", "同意后，文书直接送到手机上，不会错过期限。"),
    Beginning("请人代办", "parties:my_agents", "自己不方便的，可以授权家人或者律师代办。不需要的可以跳过。"),
    Beginning("填写申请", "drafting:fillings", "调解申请书、授权委托书等，一步一步填，可以随时存下、换手机接着填。"),
)
_HANDLER = (
    Beginning("登记来人", "parties:people", "登记当事人，帮助没有账号的人办理。"),
    Beginning("查看期限", "deadlines:mine", "本岗位的期限和日历。"),
)
_READER = (
    Beginning("查看测算案件", "claims:cases", "本机构的案件和测算结果。"),
    Beginning("送达文书", "service:services", "向当事人电子送达，得到送达证明。"),
    Beginning("填写文书", "drafting:fillings", "按示范文本填写，得到 PDF 和 Word。"),
)
BEGINNINGS: dict[Any, tuple[Beginning, ...]] = {
    Kind.INVESTOR: INVESTOR,
    Kind.AGENT: (
        Beginning("提交授权", "parties:represented", "上传授权委托书；接受后就可以代当事人办理。"),
        Beginning("查看期限", "deadlines:mine", "您负责的期限和日历。"),
    ),
    Kind.COMPLAINT_HANDLER: (
        Beginning("确认送达地址", "service:address", "确认本机构收取文书的方式。"), *_HANDLER,
    ),
    Kind.HOTLINE_AGENT: _HANDLER,
    Kind.MEDIATOR: (
        Beginning("登记当事人", "parties:people", "登记来调解的人，已经登记过的会自动认出。"),
        Beginning("发起签署", "signing:rounds", "把协议交给各方在手机上签署。"), *_READER[1:],
    ),
    Kind.MEDIATION_MANAGER: (Beginning("发起签署", "signing:rounds", "把协议交给各方签署，由本机构盖章。"), *_READER),
    Kind.JUDGE: _READER,
    Kind.CLERK: _READER,
    Kind.MEASURER: (Beginning("登记案件", "claims:new_case", "登记后上传案件文件、交易记录和行情，就可以测算。"),),
    Kind.ADMINISTRATOR: (
        Beginning("邀请人员", "accounts:my_people", "邀请同事开户，授予或者结束身份。"),
        Beginning("通知的发送情况", "notices:sent", "看通知有没有送到。"),
    ),
}  # fmt: skip
DEFAULT = (
    Beginning("查看期限", "deadlines:mine", "本岗位的期限和日历。"),
    Beginning("填写文书", "drafting:fillings", "按示范文本填写，得到 PDF 和 Word。"),
)


def beginnings_for(role: Role | None) -> tuple[Beginning, ...]:
    """Those of a role; nothing for somebody without one."""
    return BEGINNINGS.get(role.kind, DEFAULT) if role else ()
