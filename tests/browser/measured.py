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
from fengqiao.portal.claims import actions, people_files, publishing, queries
from fengqiao.portal.claims.models import (
    CaseInput,
    CaseInvestor,
    MassCase,
    MeasuredInvestor,
    MeasurementRun,
    PeopleFile,
)
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
    listed: PeopleFile
    """A file of people that was put down, but for some rows."""
    listing: PeopleFile
    """One that waits."""


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


def people_file(case: MassCase, acting: Acting, name: str, lines: tuple[str, ...]) -> PeopleFile:
    """A file of people that came in."""
    file = incoming(("投资者编号,证件号码,手机号码\n" + "\n".join(lines)).encode())
    document = keep_incoming(
        incoming=file, digests=file.finish(), name=name, subject=(queries.PEOPLE_FILES, str(case.pk)),
        kinds=(Content.Kind.CSV,), acting=acting, now=timezone.now(),
    )  # fmt: skip
    return people_files.take(case=case, document=document, acting=acting, now=timezone.now())


def done_now(kind: str) -> None:
    """Do in this process what a worker would do."""
    job = leases.take(worker="test", now=timezone.now())
    assert job is not None and job.kind == kind, job
    run_job(job)


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
    done_now("claims.measure")
    finished.refresh_from_db()
    assert finished.is_finished, finished.job.message
    identity = Identity.objects.get(user=investor_user)
    number, mobile = open_sealed(identity.number), open_sealed(identity.mobile)
    wrong = (
        f"I0001,{number[:-1]},{mobile}",
        f"I0002,{number},1380000",
        f"不在案件里,{number},{mobile}",
        "I0003,,,多一列",
    )
    listed = people_file(case, acting, "投资者名单.csv", wrong)
    done_now("claims.note_people")
    listed.refresh_from_db()
    assert listed.refused == len(wrong), listed.job.message
    waiting = actions.start_run(case=case, acting=acting, now=now)
    investor = queries.investors_of(finished).order_by("-total").first()
    assert investor is not None
    own = publishing.Person(investor.investor, number, mobile)
    publishing.note_people(case=case, people=[own], acting=acting, now=now)
    publishing.publish(run=finished, acting=acting, now=now)
    return Claims(
        case, empty, finished, waiting, investor, file, written(case, acting), CaseInvestor.objects.get(case=case),
        listed, people_file(case, acting, "补充名单.csv", (f"I0004,{number},{mobile}",)),
    )  # fmt: skip
