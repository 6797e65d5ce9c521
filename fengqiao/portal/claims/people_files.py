"""A file that says whose the numbers of a case are, put down row by row in the background. A row that is wrong is
listed with its place and reason and stops nothing; each row counts once, however often the work is interrupted."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from fengqiao.engine.identity import identity_number_problem, mobile_problem
from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.audit import actions as audit
from fengqiao.portal.claims import queries
from fengqiao.portal.claims.actions import required, worker_stamp
from fengqiao.portal.claims.frames import PeopleRow, people_rows
from fengqiao.portal.claims.models import MassCase, PeopleFile, PeopleRefusal
from fengqiao.portal.claims.publishing import Noted, Person, put_down, tell_noted, today_of
from fengqiao.portal.documents.dropping import drop
from fengqiao.portal.documents.models import Document
from fengqiao.portal.documents.queries import place_of
from fengqiao.portal.jobs import actions as jobs
from fengqiao.portal.jobs.registry import Outcome, kind
from fengqiao.portal.jobs.running import Running, TakenOverError
from fengqiao.portal.refusal import Conflict, Refusal
from fengqiao.portal.shell.words import moment_text

ROWS_AT_ONCE = 1_000
"""In one transaction: others can write between."""
LONGEST_INVESTOR = 200
LOST_DIGITS = re.compile(r"\d(?:\.\d+)?[eE]\+?\d+")
LOST_SAID = "{what}被存成了数字，后面的数位已经丢失。请把这一列设为文本格式，重新填写后再上传。"
UNFIT_SAID = "这一行的列数与表头不同，不能确定哪一项是哪一列。请对齐后再上传。"
AGAIN_SAID = "与{first}相同，已按{first}登记，不再重复。"
DIFFERENT_SAID = "{rows}的编号相同，人却不同，不能确定是谁，都没有登记。请核对后只留一行，再上传。"
UNKNOWN_SAID = "第{run}次测算的结果里没有这个编号。请核对编号，大小写、零和空格都要与交易记录一致。"
ROWS_NAMED = 5


@transaction.atomic
def take(*, case: MassCase, document: Document, acting: Acting, now: dt.datetime) -> PeopleFile:
    """Put down a file that was received, in the background."""
    case = required(case, acting)
    twin = case.people_files.filter(sha256=document.content_id, ended_at=None).first()
    if twin is not None:
        raise Conflict(
            f"内容相同的文件“{twin.name}”已在 {moment_text(twin.added_at)} 上传，正在登记，没有重复开始。"
            "请等它完成，再看登记的结果。"
        )
    job = jobs.start(
        kind="claims.note_people", title=f"{case.title}：登记投资者本人", arguments={"document": str(document.pk)},
        stamp=acting.stamp, subject=case.number, now=now,
    )  # fmt: skip
    made = PeopleFile.objects.create(
        case=case, name=document.name, sha256=document.content_id, document=document, job=job,
        added_by=acting.user, added_at=now,
    )  # fmt: skip
    audit.record(
        stamp=acting.stamp, verb="claims.people_file_added", subject=made, case=case.number,
        after={"name": made.name, "sha256": made.sha256}, now=now,
    )  # fmt: skip
    return made


@transaction.atomic
def cancel(*, people_file: PeopleFile, acting: Acting, now: dt.datetime) -> None:
    """Put down no more rows; what is put down stays."""
    case = required(people_file.case_id, acting)
    if not jobs.cancel(job=people_file.job, stamp=acting.stamp, now=now):
        raise Conflict("登记在取消之前已经结束，没有取消。请刷新页面查看结果。")
    audit.record(
        stamp=acting.stamp, verb="claims.people_file_cancelled", subject=people_file, case=case.number, now=now
    )


def ended(job: Any, state: str) -> None:
    """The work came to no end: what was put down so far stays, and the file goes."""
    found = PeopleFile.objects.filter(job_id=job.pk, ended_at=None).first()
    if found:
        end(people_file=found, verb="people_file_ended", state=state, stamp=job.stamp, now=timezone.now())


def end(*, people_file: PeopleFile, verb: str, state: str, stamp: Mapping[str, Any], now: dt.datetime) -> None:
    """Within the transaction that ends the job: say what came of the rows, remove the file."""
    found = PeopleFile.objects.select_for_update(of=("self",)).select_related("case", "document").get(pk=people_file.pk)
    document, found.document, found.ended_at = found.document, None, now
    found.save(update_fields=["document", "ended_at"])
    if document is not None:
        drop(document)
    audit.record(
        stamp=worker_stamp(stamp), verb=f"claims.{verb}", subject=found, case=found.case.number,
        after={"state": state, "sha256": found.sha256, "rows": found.rows, "new": found.new, "changed": found.changed,
               "same": found.same, "refused": found.refused}, now=now,
    )  # fmt: skip


@kind("claims.note_people", title="登记投资者本人", ended=ended)
@sensitive_variables()
def note_file(running: Running) -> Outcome:
    """Go on behind the rows that are done: after an interruption nothing is read twice into the tables."""
    found = PeopleFile.objects.select_related("case", "document").filter(job_id=running.job.pk).first()
    if found is None or found.document is None:
        raise Refusal("要登记的文件已经不在了，没有登记。请再上传一次。")
    running.progress(0, 0, "读文件")
    rows = people_rows(place_of(found.document), found.name)
    if not rows:
        raise Refusal("文件的表头下面没有要登记的人，没有登记。请一行一人，写编号、证件号码和手机号码，再上传。")
    said = repeats(rows)
    for done in range(found.rows, len(rows), ROWS_AT_ONCE):
        some = range(done, min(done + ROWS_AT_ONCE, len(rows)))
        note_rows(
            people_file=found, rows=[rows[place] for place in some], said=[said.get(place, "") for place in some],
            before=done, stamp=running.job.stamp, now=running.now(),
        )  # fmt: skip
        running.progress(some.stop, len(rows), "登记，行")
    effect = partial(
        end, people_file=found, verb="people_file_done", state="done", stamp=running.job.stamp, now=running.now()
    )
    return Outcome({"rows": len(rows)}, effect)


@transaction.atomic
@sensitive_variables()
def note_rows(
    *, people_file: PeopleFile, rows: Sequence[PeopleRow], said: Sequence[str], before: int, stamp: Mapping[str, Any],
    now: dt.datetime,
) -> None:  # fmt: skip
    """Put down some rows behind the first `before` ones, or list why not. said: what is wrong with them already."""
    case = MassCase.objects.select_for_update().get(pk=people_file.case_id)
    people = [Person(row.investor, number_of(row.number), mobile_of(row.mobile)) for row in rows]
    today = today_of(now)
    reasons = [why or problem_of(row, one, today) for row, one, why in zip(rows, people, said, strict=True)]
    run, missing = queries.not_measured(case, [row.investor for row, why in zip(rows, reasons, strict=True) if not why])
    if run is not None:
        unknown, sentence = set(missing), UNKNOWN_SAID.format(run=run.number)
        reasons = [why or (sentence if row.investor in unknown else "") for row, why in zip(rows, reasons, strict=True)]
    good = [one for one, why in zip(people, reasons, strict=True) if not why]
    noted = put_down(case, good, by_id=people_file.added_by_id, now=now)
    PeopleRefusal.objects.bulk_create(
        PeopleRefusal(people_file=people_file, sheet=row.sheet[:100], row=row.row, reason=why,
                      investor=row.investor[:LONGEST_INVESTOR])
        for row, why in zip(rows, reasons, strict=True) if why
    )  # fmt: skip
    count(people_file, noted, before=before, rows=len(rows), refused=len(rows) - len(good))
    tell_noted(case, noted, stamp=worker_stamp(stamp), now=now)


def count(people_file: PeopleFile, noted: Noted, *, before: int, rows: int, refused: int) -> None:
    """Say how far the file is, if nobody else went on with it meanwhile."""
    changed = PeopleFile.objects.filter(pk=people_file.pk, rows=before, ended_at=None).update(
        rows=before + rows, new=F("new") + noted.new, changed=F("changed") + noted.changed,
        same=F("same") + noted.same, refused=F("refused") + refused,
    )  # fmt: skip
    if not changed:
        raise TakenOverError


def number_of(text: str) -> str:
    """An identity number as it is compared: one width, no blanks, a capital X, without the sign that marks a text."""
    return "".join(unicodedata.normalize("NFKC", text).split()).lstrip("'").upper()


def mobile_of(text: str) -> str:
    """A mobile number as it is compared, without blanks, hyphens and the number of the country."""
    plain = "".join(unicodedata.normalize("NFKC", text).split()).lstrip("'").replace("-", "")
    return plain.removeprefix("+86")


@sensitive_variables()
def problem_of(row: PeopleRow, person: Person, today: dt.date) -> str:
    """Why a row cannot be put down; "" when it can. The sentence never quotes the numbers."""
    if row.unfit:
        return UNFIT_SAID
    given = {"投资者编号": person.investor, "证件号码": person.number, "手机号码": person.mobile}
    empty = [what for what, value in given.items() if not value]
    if empty:
        return f"缺少{'、'.join(empty)}。请补上后再上传。"
    lost = next((what for what, value in given.items() if LOST_DIGITS.fullmatch(value)), "")
    if lost:
        return LOST_SAID.format(what=lost)
    if len(person.investor) > LONGEST_INVESTOR:
        return f"投资者编号超过 {LONGEST_INVESTOR} 个字符。请核对是否对错了列。"
    return identity_number_problem(person.number, today) or mobile_problem(person.mobile)


@sensitive_variables()
def repeats(rows: Sequence[PeopleRow]) -> dict[int, str]:
    """What is wrong with rows whose number of an investor stands in others too: place in the file -> sentence."""
    places: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        if row.investor:
            places.setdefault(row.investor, []).append(place)
    said: dict[int, str] = {}
    for same in places.values():
        if len(same) == 1:
            continue
        if len({(number_of(rows[place].number), mobile_of(rows[place].mobile)) for place in same}) == 1:
            said |= dict.fromkeys(same[1:], AGAIN_SAID.format(first=where(rows[same[0]])))
        else:
            more = f"等 {len(same)} 行" if len(same) > ROWS_NAMED else ""
            named = "、".join(where(rows[place]) for place in same[:ROWS_NAMED]) + more
            said |= dict.fromkeys(same, DIFFERENT_SAID.format(rows=named))
    return said


def where(row: PeopleRow) -> str:
    """The place of a row, for a sentence."""
    return f"工作表“{row.sheet}”第 {row.row} 行" if row.sheet else f"第 {row.row} 行"


@transaction.atomic
def discard(document: Document) -> None:
    """Remove a file of which nothing was put down."""
    drop(document)


def remove_abandoned(now: dt.datetime) -> int:
    """Files that came in and that nobody reads."""
    removed = 0
    for document in queries.abandoned_people_files(now)[:100]:
        discard(document)
        removed += 1
    return removed
