"""Parties: who they are, who acts for them, what is kept of them."""

from __future__ import annotations

from typing import ClassVar

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules

from fengqiao.portal.shell.navigation import Entry

STAFF = ("complaint_handler", "hotline_agent", "mediator", "mediation_manager")
READERS = (*STAFF, "judge", "clerk", "administrator")


class PartiesConfig(AppConfig):
    """Parties, agents, consent, retention."""

    name = "fengqiao.portal.parties"
    label = "parties"
    verbose_name = "当事人"
    navigation = (
        Entry("我的信息", "parties:mine", "id", kinds=("investor",), place=70),
        Entry("我的代理人", "parties:my_agents", "users", kinds=("investor",), place=71),
        Entry("当事人", "parties:people", "heart-handshake", kinds=READERS, place=60),
        Entry("代谁办理", "parties:represented", "users", kinds=("agent", *STAFF), place=61),
        Entry("授权", "parties:authorisations", "signature", kinds=("agent", "hotline_agent", "mediator",
        "mediation_manager"), place=62),
        Entry("保存期限与处置", "parties:retention", "history", kinds=("administrator",), place=82),
    )  # fmt: skip
    audit_verbs: ClassVar = {
        "opened": "建立当事人登记",
        "taken_in": "协助登记当事人",
        "contact_changed": "修改联系信息",
        "need_noted": "记录特殊需要",
        "age_noted": "按证件记录为老年人",
        "need_reviewed": "复核特殊需要",
        "need_ended": "结束特殊需要",
        "need_lapsed": "特殊需要到期",
        "told_of_help": "告知社会救助和法律援助",
        "confirmation_asked": "请本人确认代办的事项",
        "acts_confirmed": "本人确认代办的事项",
        "acts_disputed": "本人不认可代办的事项",
        "dispute_settled": "处理不认可的代办",
        "handed_over": "转交办理",
        "account_linked": "关联账号",
        "chosen": "开始代办",
        "authorisation_submitted": "提交授权",
        "authorisation_accepted": "接受授权",
        "authorisation_declined": "不接受授权",
        "authorisation_ended": "终止授权",
        "consent_given": "同意",
        "consent_withdrawn": "撤回同意",
        "correction_asked": "申请更正",
        "correction_accepted": "更正",
        "correction_declined": "不予更正",
        "exported": "导出本人信息",
        "hold_placed": "设置保全",
        "hold_lifted": "解除保全",
        "disposed": "处置",
    }

    def ready(self) -> None:
        """Every app may say in its `retention.py` how long it keeps what, and in its `own_data.py` what it keeps of a
        person."""
        from fengqiao.portal.accounts.voice import WAYS
        from fengqiao.portal.deadlines.reminding import EARLIER
        from fengqiao.portal.documents.belongings import files_of_kind
        from fengqiao.portal.parties import queries
        from fengqiao.portal.parties.needs import code_way_of_user, early_days
        from fengqiao.portal.parties.uploaded import SUBJECT

        files_of_kind(SUBJECT, queries.may_read_papers)
        files_of_kind(queries.PARTY_FILES, queries.may_read_files)
        files_of_kind(queries.NEED_FILES, queries.may_read_evidence)
        if code_way_of_user not in WAYS:
            WAYS.append(code_way_of_user)
        if early_days not in EARLIER:
            EARLIER.append(early_days)
        autodiscover_modules("retention", "own_data")
