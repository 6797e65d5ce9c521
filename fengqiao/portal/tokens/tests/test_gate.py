"""The way in: whom a token stands for, and everything that ends it."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from fengqiao.portal.accounts import access
from fengqiao.portal.accounts import actions as accounts
from fengqiao.portal.accounts.acting import acting_for
from fengqiao.portal.accounts.models import Organisation, Role, User
from fengqiao.portal.accounts.rate_limits import standing
from fengqiao.portal.audit.models import Event
from fengqiao.portal.tokens import actions, ending, gate, queries, token_format
from fengqiao.portal.tokens.models import AccessToken
from fengqiao.portal.tokens.tests.conftest import NOW, House, asking

LATER = NOW + dt.timedelta(hours=1)


def test_a_token_stands_for_its_owner_in_its_role_alone(house: House) -> None:
    Role.objects.create(user=house.worker, kind="mediator", organisation=house.body, granted_at=NOW)
    made, text = house.issue()
    holder = gate.holder_of(asking(text), LATER)
    assert holder is not None and holder.token == made
    assert holder.acting.user == house.worker and holder.acting.role == made.role
    assert holder.acting.roles == (made.role,) and holder.acting.behalf is None
    assert holder.acting.stamp.address == "192.0.2.7" and holder.acting.stamp.name == house.worker.name
    holder.require("measurements.read")
    with pytest.raises(gate.MissingScope, match="读取期限") as refused:
        holder.require("deadlines.read")
    assert refused.value.status == 403


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer "])
def test_the_scheme_is_read_as_the_standard_says(house: House, scheme: str) -> None:
    assert gate.holder_of(asking(house.issue()[1], scheme=scheme), LATER) is not None


@pytest.mark.parametrize("scheme", ["Basic", "Token", ""])
def test_another_scheme_is_nobody_and_not_counted(house: House, scheme: str) -> None:
    assert gate.holder_of(asking(house.issue()[1], scheme=scheme), LATER) is None
    assert gate.holder_of(asking(None), LATER) is None
    assert standing(gate.WRONG_TOKENS, "192.0.2.7", LATER.timestamp()) == 0


def end_role(house: House, token: AccessToken) -> None:
    accounts.end_role(role=token.role, reason="离职", acting=acting_for(house.admin), now=LATER)


def end_role_later(house: House, token: AccessToken) -> None:
    Role.objects.filter(pk=token.role_id).update(ended_at=LATER)


def suspend(house: House, token: AccessToken) -> None:
    access.suspend(user=house.worker, reason="可能被盗用", acting=acting_for(house.admin), now=LATER)


def suspend_and_take_up(house: House, token: AccessToken) -> None:
    suspend(house, token)
    worker = User.objects.get(pk=house.worker.pk)
    access.take_up_again(user=worker, reason="已核对", acting=acting_for(house.admin), now=LATER)


def put_out(house: House, token: AccessToken) -> None:
    access.end_sessions(user=house.worker, reason="手机遗失", acting=acting_for(house.admin), now=LATER)


def body_at_rest(house: House, token: AccessToken) -> None:
    Organisation.objects.filter(pk=house.body.pk).update(is_active=False)


def revoke(house: House, token: AccessToken) -> None:
    actions.revoke(token=token, reason="不再使用", acting=house.acting, now=LATER)


def nothing(house: House, token: AccessToken) -> None:
    """It runs out by itself."""


E = AccessToken.Ending
ENDS: list[tuple[Callable[[House, AccessToken], None], str, dt.timedelta]] = [
    (end_role, E.ROLE, dt.timedelta(hours=1)), (end_role_later, E.ROLE, dt.timedelta(hours=1)),
    (suspend, E.ACCOUNT, dt.timedelta(hours=1)), (suspend_and_take_up, E.ACCESS, dt.timedelta(hours=1)),
    (put_out, E.ACCESS, dt.timedelta(hours=1)), (body_at_rest, E.ORGANISATION, dt.timedelta(hours=1)),
    (revoke, E.REVOKED, dt.timedelta(hours=1)), (nothing, E.EXPIRED, dt.timedelta(days=91)),
]  # fmt: skip


@pytest.mark.parametrize(("end", "why", "after"), ENDS, ids=[end.__name__ for end, _, _ in ENDS])
def test_everything_that_ends_a_token(
    house: House, end: Callable[[House, AccessToken], None], why: str, after: dt.timedelta
) -> None:
    made, text = house.issue()
    assert gate.holder_of(asking(text), NOW + dt.timedelta(minutes=1)) is not None
    end(house, made)
    now = NOW + after
    assert gate.holder_of(asking(text), now) is None
    held = queries.whole().get(pk=made.pk)
    assert held.why_over(now) == why
    assert not queries.live_ones(house.worker, now).exists()
    for token in list(ending.over(now)):
        actions.write_end_down(token=token, now=now)
    held = queries.whole().get(pk=made.pk)
    assert held.ended_at is not None and held.ending == why
    verb = "tokens.revoked" if end is revoke else "tokens.ended"
    assert Event.objects.filter(verb=verb, subject_id=str(made.pk)).count() == 1
    assert not list(ending.over(now))
    assert Event.objects.filter(verb="tokens.refused", subject_id=str(made.pk)).count() == 1


def test_the_last_moment_of_the_last_day(house: House) -> None:
    made, text = house.issue()
    assert gate.holder_of(asking(text), made.valid_until - dt.timedelta(microseconds=1)) is not None
    assert gate.holder_of(asking(text), made.valid_until) is None


def test_only_from_the_networks_it_names(house: House) -> None:
    _, text = house.issue(networks=["192.0.2.0/28", "2001:db8::/32", "198.51.100.9"])
    for address in ("192.0.2.15", "::ffff:192.0.2.1", "2001:db8:1::5", "198.51.100.9"):
        assert gate.holder_of(asking(text, address=address), LATER) is not None, address
    for address in ("192.0.2.16", "2001:db9::1", "198.51.100.8", "", "unknown"):
        assert gate.holder_of(asking(text, address=address), LATER) is None, address
    event = Event.objects.get(verb="tokens.refused")
    assert event.reason == "不在允许的网络" and event.channel == "system"


def test_a_wrong_secret_with_a_known_prefix_opens_nothing(house: House) -> None:
    made, text = house.issue()
    other, _ = token_format.make()
    body = f"fq_{made.prefix}_{other[12:-6]}"
    forged = body + token_format.checksum_of(body)
    assert token_format.read(forged) is not None
    assert gate.found_by(forged, "192.0.2.7", LATER) == (None, gate.UNKNOWN)
    assert gate.found_by(text[:-1], "192.0.2.7", LATER) == (None, gate.MALFORMED)
    assert not Event.objects.filter(verb="tokens.refused").exists()  # nobody can fill another's audit


def test_wrong_ones_are_counted_for_their_network_and_shut_nobody_else_out(house: House) -> None:
    _, text = house.issue()
    for _ in range(gate.WRONG_TOKENS.most):
        assert gate.holder_of(asking(token_format.make()[0]), LATER) is None
    with pytest.raises(gate.TooManyRequests, match="秒后再试") as refused:
        gate.holder_of(asking("fq_"), LATER)
    assert refused.value.status == 429 and 0 < refused.value.again_in <= 660
    assert gate.holder_of(asking(text), LATER) is not None
    assert gate.holder_of(asking(token_format.make()[0], address="192.0.2.8"), LATER) is None


def test_a_token_asks_so_often_and_no_oftener(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "REQUESTS", gate.Rate("token_request", 5, 60, "接口请求"))
    (_, text), (_, other) = house.issue(), house.issue()
    for _ in range(5):
        assert gate.holder_of(asking(text), LATER) is not None
    with pytest.raises(gate.TooManyRequests) as refused:
        gate.holder_of(asking(text), LATER)
    assert 0 < refused.value.again_in <= 66
    assert f"{refused.value.again_in} 秒" in refused.value.sentence
    assert gate.holder_of(asking(other), LATER) is not None
    wait = dt.timedelta(seconds=refused.value.again_in)
    assert gate.holder_of(asking(text), LATER + wait) is not None


def test_the_secret_stands_in_no_log_line(house: House, caplog: pytest.LogCaptureFixture) -> None:
    made, text = house.issue()
    revoke(house, made)
    with caplog.at_level(logging.DEBUG):
        assert gate.holder_of(asking(text), LATER) is None
        assert gate.holder_of(asking(text[:-1]), LATER) is None
    lines = [record for record in caplog.records if getattr(record, "event", "") == "token_refused"]
    assert [getattr(record, "why", None) for record in lines] == [None, "revoked", None, "malformed"]
    everything = " ".join(str(vars(record)) for record in caplog.records)
    assert text not in everything and text[12:54] not in everything


def test_last_use_is_written_once_a_minute(house: House, django_assert_num_queries: Callable[..., object]) -> None:
    made, text = house.issue()
    gate.holder_of(asking(text), LATER)
    gate.holder_of(asking(text, address="192.0.2.9"), LATER + dt.timedelta(seconds=59))
    made.refresh_from_db()
    assert (made.last_used_at, made.last_address) == (LATER, "192.0.2.7")
    gate.holder_of(asking(text, address="192.0.2.9"), LATER + dt.timedelta(seconds=61))
    made.refresh_from_db()
    assert made.last_address == "192.0.2.9"


def test_a_token_opens_no_page(house: House) -> None:
    _, text = house.issue()
    for name in ("accounts:me", "workbench:start", "deadlines:mine"):
        answer = Client(headers={"Authorization": f"Bearer {text}"}).get(reverse(name))
        assert house.worker.name not in answer.content.decode()
        assert answer.wsgi_request.acting is None
