"""What stands in the way of reading, signing, declining: each in its sentence."""

from __future__ import annotations

import datetime as dt

from django.http import Http404

from fengqiao.portal.parties.acting import require_scope
from fengqiao.portal.parties.models import Scope
from fengqiao.portal.parties.needs import care_of
from fengqiao.portal.refusal import Conflict, Refusal
from fengqiao.portal.shell.words import moment_text
from fengqiao.portal.signing import queries
from fengqiao.portal.signing.models import Signatory, SigningRound
from fengqiao.portal.signing.persons import Person

CODE_COUNTS = dt.timedelta(minutes=30)
"""How long a code to the mobile counts for signing."""
State = Signatory.State
DISPOSED = "这份文书已超过保存期限，内容已经处置。需要核对手里的文件，请用文件上的核验码或者校验值。"
CLOSED = {
    SigningRound.State.COMPLETE: "这份文书已经全部签署，不能再改动。请在本页下载签好的文件。",
    SigningRound.State.DECLINED: "这份文书已经有人拒绝签署，签署已经结束。请联系发起机构。",
    SigningRound.State.VOID: "这份文书已经作废，不能再签署。文本有修改的，会另行通知您签署新的文本。",
    SigningRound.State.EXPIRED: "签署期限已过，不能再签署。请联系发起机构重新发起。",
    SigningRound.State.DRAFT: "这份文书还没有发起签署。请稍后再试。",
}


def closed_said(round_: SigningRound) -> str:
    """Why nobody signs any more; "" while somebody may."""
    return DISPOSED if round_.disposed_at else CLOSED.get(SigningRound.State(round_.state), "")


def require_open(round_: SigningRound, now: dt.datetime) -> None:
    """Refuse what comes too late, with the reason."""
    if round_.state != SigningRound.State.OPEN:
        raise Conflict(CLOSED[SigningRound.State(round_.state)])
    if now >= round_.due_at:
        raise Conflict(CLOSED[SigningRound.State.EXPIRED])


def require_right(signatory: Signatory, person: Person, now: dt.datetime) -> None:
    """Whether this person may act at this place, looked at within the act's transaction."""
    if signatory.party is not None and not person.is_agent and care_of(signatory.party, now).has("representative"):
        raise Refusal(
            f"没有签署：登记写明{signatory.party.name}由法定代理人办理（民事诉讼法第六十条）。"
            "请由法定代理人凭已接受的授权登录签署；情况有变化的，请联系办理机构复核登记。",
            status=403,
        )
    if person.acting is None:
        if person.check is None or person.check.signatory_id != signatory.pk or person.check.passed_at is None:
            raise Http404
        return
    if signatory.party is not None:
        require_scope(person.acting, signatory.party, Scope.SIGN, now)
    elif not queries.places_of(person.acting, now).filter(pk=signatory.pk).exists():
        raise Http404


def require_signable(signatory: Signatory, person: Person, agreed_at: dt.datetime, now: dt.datetime) -> None:
    """Everything that stands in the way of a signature, each in its sentence. agreed_at: when the person agreed, before
    now if the service was away."""
    if signatory.state == State.SIGNED:
        raise Conflict(f"这里已经在 {moment_text(signatory.signed_at)} 签过了，没有重复签署。")
    require_open(signatory.round, now)
    if not queries.is_turn(signatory):
        raise Refusal("还没有轮到您签署，文件没有改动。前面的人签好后会通知您。", status=409)
    if signatory.kind != Signatory.Kind.SEAL and signatory.state != State.READ:
        raise Refusal("还有没读过的页，没有签署。请先把全文逐页读完，再签署。", status=409)
    if person.acting is None and (
        person.check is None or person.check.passed_at is None or agreed_at - person.check.passed_at > CODE_COUNTS
    ):
        raise Refusal("距上次核对身份已超过 30 分钟，没有签署。请重新打开链接，再次核对身份后签署。", status=409)
