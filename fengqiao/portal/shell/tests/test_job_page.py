"""What a long job says while it is cancelled, and after its worker was lost."""

from __future__ import annotations

from django.template.loader import render_to_string
from django.utils import timezone

from fengqiao.portal.jobs.models import Job


def page(**more: object) -> str:
    """The pattern with a running job."""
    job = Job(title="测算", state=Job.State.RUNNING, created_at=timezone.now(), done=2, total=6, **more)
    return render_to_string("shell/job.html", {"job": job, "poll_url": "/p/", "cancel_url": "/c/"})


def test_who_has_asked_to_cancel_sees_that_and_cannot_ask_twice() -> None:
    before, after = page(), page(cancel_asked_at=timezone.now())
    assert "正在进行" in before and "取消任务" in before and "任务会继续" in before
    assert "正在取消" in after and "取消任务" not in after and "任务会继续" not in after


def test_whose_worker_was_lost_is_told_that_it_began_again() -> None:
    assert "已自动从头再做" not in page()
    assert "已自动从头再做" in page(interruptions=1)
