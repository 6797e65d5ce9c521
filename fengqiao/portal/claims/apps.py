"""Claims: the losses of a case with many investors."""

from __future__ import annotations

from typing import ClassVar

from django.apps import AppConfig

from fengqiao.portal.shell.navigation import Entry


class ClaimsConfig(AppConfig):
    """Cases, their files, runs and results."""

    name = "fengqiao.portal.claims"
    label = "claims"
    verbose_name = "损失测算"
    navigation = (
        Entry(
            "损失测算", "claims:cases", "calculator",
            kinds=("measurer", "judge", "clerk", "mediator", "mediation_manager"), place=20,
        ),
    )  # fmt: skip
    audit_verbs: ClassVar = {
        "case_created": "登记案件",
        "case_changed": "修改案件",
        "file_added": "上传测算文件",
        "file_replaced": "更换测算文件",
        "file_removed": "移除测算文件",
        "run_started": "开始测算",
        "run_cancelled": "取消测算",
        "run_finished": "测算完成",
        "run_ended": "测算没有完成",
        "run_seen": "查看测算结果",
        "statement_read": "查看投资者的损失说明",
        "statement_downloaded": "下载投资者的损失说明",
        "results_downloaded": "下载测算结果",
        "results_exported": "导出结果列表",
        "investor_searched": "按编号查找投资者",
        "results_published": "向投资者公布测算结果",
        "results_withdrawn": "撤回公布的测算结果",
        "people_noted": "登记投资者本人",
        "people_file_added": "上传投资者本人的名单",
        "people_file_done": "名单登记完成",
        "people_file_cancelled": "取消名单的登记",
        "people_file_ended": "名单没有登记完",
        "person_forgotten": "删除投资者本人的登记",
        "person_disposed": "到期处置投资者本人的登记",
        "people_file_disposed": "到期处置名单文件的记录",
        "own_statement_read": "投资者查看自己的损失说明",
        "own_statement_downloaded": "投资者下载自己的损失说明",
    }

    def ready(self) -> None:
        """Say who may read the files of a case; own data, retention."""
        from fengqiao.portal.claims import own_data, people_files, queries, retention, telling  # noqa: F401 - jobs add themselves
        from fengqiao.portal.documents.belongings import files_of_kind
        from fengqiao.portal.notices.subjects import subject_page

        files_of_kind("claims.masscase", queries.may_read_files)
        files_of_kind(queries.PEOPLE_FILES, lambda acting, number: False)  # read by the job alone, then removed
        own_data.add()
        subject_page("claims.caseinvestor", telling.page)
