"""The head and the time line of a case say what stands in the tables."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import timezone

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import Organisation, Role
from fengqiao.portal.claims import actions, case_story, publishing, queries
from fengqiao.portal.claims.models import MassCase
from fengqiao.portal.claims.tests.made_case import NOW, person, ready_case, write_files
from fengqiao.portal.jobs import leases
from fengqiao.portal.jobs.running import run_job

pytestmark = pytest.mark.django_db


@pytest.fixture
def measurer() -> Acting:
    body = Organisation.objects.create(kind=Organisation.Kind.SERVICES_CENTRE, name="测试服务中心")
    return person("测算员甲", Role.Kind.MEASURER, body)


def told(case: MassCase) -> list[str]:
    case.refresh_from_db()
    return [entry.what for entry in case_story.story_of(case, list(queries.runs_of(case)))]


def stages(case: MassCase, *, ready: bool = False, at_work: bool = False, measured: bool = False) -> tuple[str, str]:
    case.refresh_from_db()
    head = case_story.head_of(case, ready=ready, at_work=at_work, measured=measured)
    return head.state, " ".join(stage.place for stage in head.stages)


def test_a_case_from_its_files_to_what_was_published(measurer: Acting, tmp_path: Path) -> None:
    empty = actions.create_case(title="空的", security="", note="", acting=measurer, now=NOW)
    assert told(empty) == ["登记案件"]
    assert stages(empty) == ("等待文件", "now later later")
    case = ready_case(write_files(tmp_path, 40), measurer)
    assert told(case)[-1] == "登记案件"
    assert "上传交易记录" in told(case)
    assert stages(case, ready=True) == ("可以测算", "done now later")
    cancelled = actions.start_run(case=case, acting=measurer, now=timezone.now())
    actions.cancel_run(run=cancelled, acting=measurer, now=timezone.now())
    assert told(case)[0] == "第1次测算已经取消"
    run = actions.start_run(case=case, acting=measurer, now=timezone.now())
    assert told(case)[0] == "开始第2次测算"
    assert stages(case, at_work=True) == ("正在测算", "done now later")
    job = leases.take(worker="test", now=timezone.now())
    assert job is not None
    run_job(job)
    assert told(case)[0] == "第2次测算完成"
    assert stages(case, measured=True) == ("已经测算", "done done now")
    run.refresh_from_db()
    publishing.publish(run=run, acting=measurer, now=timezone.now())
    assert told(case)[0] == "向投资者公布结果"
    assert stages(case, measured=True) == ("已经公布", "done done done")
