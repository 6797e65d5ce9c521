"""What closing an account has to do with signing: nobody leaves a document half signed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import Q

from fengqiao.portal.accounts import closing, resting
from fengqiao.portal.accounts.models import Organisation, User
from fengqiao.portal.signing.models import Signatory, SigningRound


def in_the_way(user: User, now: dt.datetime) -> Iterable[str]:
    """Rounds that wait for signatures, this person's or others'."""
    places = Signatory.objects.filter(Q(party__user=user) | Q(user=user), round__state=SigningRound.State.OPEN)
    for place in places.select_related("round").order_by("round_id"):
        if place.state == Signatory.State.SIGNED:
            yield f"《{place.round.title}》您已签署，还没有全部签完。请等其他人签完。"
        else:
            yield f"《{place.round.title}》还等着您签署。请先签署，或者说明不签署。"


def open_there(house: Organisation, now: dt.datetime) -> Iterable[resting.Open]:
    """What a house that goes out of use had given out to be signed."""
    count = SigningRound.objects.filter(organisation=house, state=SigningRound.State.OPEN).count()
    then = (
        "到签署期限为止，当事人仍可以签署；该机构的人员不能再签名、盖章、催签或者作废。"
        "不能移交，需要的由接手的机构重新发起。"
    )
    yield resting.Open("签署中的文书", count, then)


resting.OPEN.append(open_there)
closing.IN_THE_WAY.append(in_the_way)
