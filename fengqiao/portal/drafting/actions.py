"""Everything that changes forms that are filled in."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from fengqiao.engine import forms
from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.audit import actions as audit
from fengqiao.portal.audit.stamp import system_stamp
from fengqiao.portal.documents.actions import keep_made
from fengqiao.portal.drafting import contents, queries
from fengqiao.portal.drafting.models import Filling, Output
from fengqiao.portal.drafting.steps import Step
from fengqiao.portal.parties import acting as parties_acting
from fengqiao.portal.parties.actions import open_own_party, touch
from fengqiao.portal.parties.models import Party, Scope
from fengqiao.portal.parties.needs import care_of
from fengqiao.portal.refusal import Conflict, Refusal, TooLarge
from fengqiao.portal.shell.words import moment_text

LARGEST = 2_000_000
SUBJECT = "drafting.filling"
ENDINGS = {"pdf": ".pdf", "docx": ".docx", "large": "（大字版）.pdf", "large_docx": "（大字版）.docx"}


class StepChanged(Conflict):
    """Somebody else saved this step in between; nothing was overwritten."""

    def __init__(self, filling: Filling, said: str) -> None:
        super().__init__(said)
        self.filling = filling


@transaction.atomic
@sensitive_variables("data")
def begin(*, form: str, name: str, data: dict[str, Any], acting: Acting, now: dt.datetime) -> Filling:
    """A new form, for the person acted for, for oneself, or at work. data: what it begins with."""
    template = forms.get(form)
    if not queries.may_begin(acting):
        raise Http404
    party = _party_of(acting, now)
    shared = party is None and acting.is_a(*queries.SHARED)
    filling = Filling(
        form=template.key, name=name.strip(), party=party, role=None if party else acting.role,
        organisation=acting.organisation if shared else None, data=_text(data),
        created_by=acting.user, created_at=now, saved_by=acting.user, saved_at=now,
    )  # fmt: skip
    filling.save()
    audit.record(
        stamp=acting.stamp, verb="drafting.begun", subject=filling, case=filling.case,
        after={"form": template.key, "template_version": template.version, "prefilled": sorted(data)}, now=now,
    )  # fmt: skip
    _touched(party, now)
    return filling


def _party_of(acting: Acting, now: dt.datetime) -> Party | None:
    """The person whose form it is; None at work and of agents who act for nobody yet."""
    if acting.behalf is not None:
        party = Party.objects.filter(pk=acting.behalf[0]).first()
        if party is None:
            raise Http404
        parties_acting.require_scope(acting, party, Scope.FILE, now)
        return party
    return open_own_party(acting=acting, now=now) if acting.is_a("investor") else None


@transaction.atomic
@sensitive_variables("values", "before", "data")
def save_step(
    *, filling: Filling, step: Step, values: dict[str, Any], revision: int, acting: Acting, now: dt.datetime
) -> Filling:
    """Keep what was filled in on a step. revision: of the step, as the page went on from; StepChanged when it is not
    the newest any more. Other steps are not touched: two people may fill in two steps at once."""
    row = _locked(filling, acting, now)
    if row.revision_of(step.key) != revision:
        raise StepChanged(row, _who_was_quicker(row, step))
    data = contents.kept(row)
    keys = [field.key for field in step.fields]
    before = {key: data[key] for key in keys if key in data}
    if before == values:
        return row
    data = {key: value for key, value in data.items() if key not in keys} | values
    row.data = _text(data)
    row.revision += 1
    row.revisions = row.revisions | {
        step.key: {"count": revision + 1, "by": acting.user.pk, "at": now.isoformat()}
    }  # fmt: skip
    row.state = Filling.State.FINISHED if _made_already(row, data) else Filling.State.DRAFT
    row.saved_by, row.saved_at = acting.user, now
    row.save()
    audit.record(
        stamp=acting.stamp, verb="drafting.saved", subject=row, case=row.case,
        after={"step": step.title, "revision": row.revision}, now=now,
    )  # fmt: skip
    _touched(row.party, now)
    return row


def _made_already(row: Filling, data: dict[str, Any]) -> bool:
    """True when the newest documents say just this: a change was taken back."""
    last, whole = queries.last_output(row), contents.used(row.form, data)
    newest = (forms.digest(whole), forms.get(row.form).version)
    return last is not None and (last.data_sha256, last.template_version) == newest


def _who_was_quicker(row: Filling, step: Step) -> str:
    noted = row.revisions.get(step.key, {})
    at = dt.datetime.fromisoformat(noted["at"]) if "at" in noted else row.saved_at
    name = row.saved_by.name
    if noted.get("by") not in (None, row.saved_by_id):
        name = type(row.saved_by).objects.filter(pk=noted["by"]).values_list("name", flat=True).first() or name
    said = f"您填写期间，{name}在{moment_text(at)}保存过这一步。您填的内容还在下面，没有丢失。"
    return f"“{step.title}”这一步没有保存：{said}"


def finish(*, filling: Filling, revision: int, acting: Acting, now: dt.datetime, large: bool = False) -> Output:
    """Make PDF and Word of what is filled in. revision: of the whole form, as the person saw it. large: both in
    large print besides; whoever needs them gets them without asking."""
    if not queries.visible_to(acting).filter(pk=filling.pk).exists():
        raise Http404
    today = timezone.localtime(now).date()
    if filling.revision != revision:
        raise _seen_older()
    data = contents.kept(filling)
    blocking = [one for one in contents.problems(filling.form, data, today) if one.blocking]
    if blocking:
        raise Refusal(f"文书没有生成：还有{len(blocking)}处需要填写或者修改。请按页面上列出的逐项改好，再点“完成”。")
    whole, template = contents.used(filling.form, data), forms.get(filling.form)
    made = {
        "pdf": forms.render_pdf(filling.form, whole, as_of=today),
        "docx": forms.render_docx(filling.form, whole, as_of=today),
    }
    if large or care_of(filling.party, now).has("large_print"):
        made["large"] = forms.render_pdf(filling.form, whole, as_of=today, large=True)
        made["large_docx"] = forms.render_docx(filling.form, whole, as_of=today, large=True)
    return _keep(filling, template, forms.digest(whole), made, acting, now)


@transaction.atomic
def _keep(
    filling: Filling, template: forms.FormTemplate, sha256: str, made: dict[str, bytes], acting: Acting,
    now: dt.datetime,
) -> Output:  # fmt: skip
    row = _locked(filling, acting, now)
    if row.revision != filling.revision:
        raise _seen_older()
    last = queries.last_output(row)
    if last and (last.data_sha256, last.template_version) == (sha256, template.version):
        raise Conflict(
            f"没有生成新的版本：内容与第{last.number}版相同。需要文件的，请在下面下载；有修改的，请先保存再完成。"
        )
    number = last.number + 1 if last else 1
    kept = {
        kind: keep_made(
            data=data, name=f"{template.title}{f'（第{number}版）' if last else ''}{ENDINGS[kind]}",
            subject=(SUBJECT, str(row.pk)), acting=acting, case=row.case,
            replaces=getattr(last, kind) if last else None, now=now,
        )
        for kind, data in made.items()
    }  # fmt: skip
    output = Output.objects.create(
        filling=row, number=number, template_version=template.version, data_sha256=sha256, revision=row.revision,
        made_by=acting.user, made_at=now, **kept,
    )  # fmt: skip
    Filling.objects.filter(pk=row.pk).update(state=Filling.State.FINISHED)
    audit.record(
        stamp=acting.stamp, verb="drafting.finished", subject=row, case=row.case,
        after={"form": row.form, "version": number, "template_version": template.version, "data_sha256": sha256,
               **{kind: document.content_id for kind, document in kept.items()}}, now=now,
    )  # fmt: skip
    _touched(row.party, now)
    return output


@transaction.atomic
def remove(*, filling: Filling, acting: Acting, now: dt.datetime) -> None:
    """Take a draft away for good; what documents were made of stays."""
    row = _locked(filling, acting, now)
    if row.outputs.exists():
        raise Refusal("没有删除：这份文书已经生成过文件，要随档案保存。不再使用的，可以不理会它。")
    audit.record(
        stamp=acting.stamp, verb="drafting.removed", subject=row, case=row.case, before={"form": row.form}, now=now
    )
    row.delete()


def remove_forgotten(*, now: dt.datetime) -> int:
    """Take away drafts that nobody has touched for long; returns how many."""
    removed = 0
    for number in list(queries.forgotten(now).values_list("pk", flat=True)):
        with transaction.atomic():
            row = queries.forgotten(now).filter(pk=number).select_for_update(of=("self",)).first()
            if row is None or (row.party and row.party.holds.filter(lifted_at=None).exists()):
                continue
            audit.record(
                stamp=system_stamp("worker"), verb="drafting.forgotten", subject=row, case=row.case,
                before={"form": row.form}, now=now,
            )  # fmt: skip
            row.delete()
            removed += 1
    return removed


def _locked(filling: Filling, acting: Acting, now: dt.datetime) -> Filling:
    """The row, held to the end of the transaction; 404 when the person may not change it at this moment."""
    row = queries.visible_to(acting).select_for_update(of=("self",)).filter(pk=filling.pk).first()
    if row is None:
        raise Http404
    if row.disposed_at:
        raise Refusal("没有保存：这份文书的内容已经过了保存期限，依规定清除了。需要的，请重新填写一份。")
    if row.party is not None:
        parties_acting.require_scope(acting, row.party, Scope.FILE, now)
    return row


def _seen_older() -> Conflict:
    return Conflict("文书没有生成：您打开页面以后，内容又有修改。请核对现在的内容，再点“完成”。")


def _touched(party: Party | None, now: dt.datetime) -> None:
    if party is not None:
        touch(party, now)


def _text(data: dict[str, Any]) -> str:
    text = json.dumps(data, ensure_ascii=False)
    if len(text) > LARGEST:
        raise TooLarge(f"没有保存：内容超过{LARGEST:,}个字。请缩短长的说明，或者把它作为附件提交。", status=413)
    return text
