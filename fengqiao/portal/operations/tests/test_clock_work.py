"""What is done by the clock."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from fengqiao.portal.audit import actions as audit
from fengqiao.portal.audit.stamp import system_stamp
from fengqiao.portal.jobs import leases
from fengqiao.portal.jobs.models import Job
from fengqiao.portal.jobs.running import run_job
from tests import second_process


@pytest.mark.django_db(transaction=True)
def test_the_anchor_that_is_kept_finds_an_older_database() -> None:
    from django.db import transaction

    now = timezone.now()
    with transaction.atomic():
        audit.record(stamp=system_stamp(), verb="tests.done", subject=("tests", "1"), now=now)
    Job.objects.create(kind="operations.anchor", title="x", due_at=now, created_at=now)
    job = leases.take(worker="test", now=now)
    assert job is not None
    run_job(job)
    job.refresh_from_db()
    assert job.state == "done", job.message
    path = Path(settings.ENVIRONMENT.home) / "anchors" / job.result["file"]
    assert path.stat().st_mode & 0o077 == 0 or path.parent.stat().st_mode & 0o077 == 0
    command = [sys.executable, "-m", "fengqiao.cli.main", "audit", "verify", "--anchor", str(path)]
    done = subprocess.run(command, env=second_process.environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
