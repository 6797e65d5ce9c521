"""Cases with files, results and a run that waits, for the pages of the claims."""

from __future__ import annotations

import datetime as dt
import io
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pikepdf
from django.utils import timezone

from fengqiao.portal.accounts.acting import Acting, acting_for
from fengqiao.portal.accounts.models import Identity, User
from fengqiao.portal.claims import actions, publishing, queries
from fengqiao.portal.claims.models import CaseInput, CaseInvestor, MassCase, MeasuredInvestor, MeasurementRun
from fengqiao.portal.claims.tests.made_case import add, incoming, ready_case, write_files
from fengqiao.portal.documents.actions import keep_incoming
from fengqiao.portal.documents.models import Content, Document
from fengqiao.portal.jobs import leases
from fengqiao.portal.jobs.running import run_job
from fengqiao.portal.vault.sealed import open_sealed

INVESTORS = 120
ODD = "I0001,2018-05-02,buy,12a,8.10\nI0001,2018-05-03,buy,100,8.05\nI0002,不是日期,sell,100,9\n"


@dataclass(frozen=True)
class Claims:
    """What there is to see."""

    case: MassCase
    empty: MassCase
    finished: MeasurementRun
    waiting: MeasurementRun
    investor: MeasuredInvestor
    file: CaseInput
    """Of the case that cannot be measured yet."""
    scan: Document
    """Several pages with a script in them, in its second version."""
    person: CaseInvestor
    """The investor of the cast, who sees their result."""


def written(case: MassCase, acting: Acting) -> Document:
    """A file of three pages that would run a script; its second version."""
    versions: list[Document] = []
    for pages in (2, 3):
        pdf, target = pikepdf.new(), io.BytesIO()
        for number in range(pages):
            pdf.add_blank_page(page_size=(595, 842))
            lines = b"".join(b"60 %d %d 8 re f\n" % (760 - 24 * n, 470 - 60 * (n % 3)) for n in range(12 + number))
            pdf.pages[number].Contents = pdf.make_stream(b"0.2 0.3 0.4 rg\n" + lines)
        pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
        pdf.save(target)
        file = incoming(target.getvalue())
        versions.append(keep_incoming(
            incoming=file, digests=file.finish(), name="情况说明.pdf", subject=("claims.masscase", str(case.pk)),
            kinds=(Content.Kind.PDF,), acting=acting, replaces=versions[-1] if versions else None, now=timezone.now(),
        ))  # fmt: skip
    return versions[-1]


def make_claims(user: User, investor_user: User) -> Claims:
    """Put it into the database: two cases, a measurement done in this process and published, and one that waits."""
    acting, now = acting_for(user), timezone.now()
    with tempfile.TemporaryDirectory() as folder:
        files = write_files(Path(folder), INVESTORS)
        case = ready_case(files, acting)
        add(case, "trades", "补充记录.csv", f"investor,date,side,quantity,price\n{ODD}".encode(), acting)
    empty = actions.create_case(title="示例股份案", security="999002", note="虚构。", acting=acting, now=now)
    file = add(empty, "market", "行情.csv", "日期,收盘\n2020-01-02,8.10\n".encode(), acting)
    finished = actions.start_run(case=case, acting=acting, now=now - dt.timedelta(minutes=3))
    job = leases.take(worker="test", now=now)
    assert job is not None
    run_job(job)
    finished.refresh_from_db()
    assert finished.is_finished, finished.job.message
    waiting = actions.start_run(case=case, acting=acting, now=now)
    investor = queries.investors_of(finished).order_by("-total").first()
    assert investor is not None
    identity = Identity.objects.get(user=investor_user)
    own = publishing.Person(investor.investor, open_sealed(identity.number), open_sealed(identity.mobile))
    publishing.note_people(case=case, people=[own], acting=acting, now=now)
    publishing.publish(run=finished, acting=acting, now=now)
    return Claims(
        case, empty, finished, waiting, investor, file, written(case, acting), CaseInvestor.objects.get(case=case)
    )
