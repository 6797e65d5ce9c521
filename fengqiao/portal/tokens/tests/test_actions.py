"""Making and ending tokens: who may, how many, for how long; what is told, kept and let go."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import IntegrityError, connection, transaction
from django.http import Http404

from fengqiao.portal.accounts.acting import acting_for
from fengqiao.portal.accounts.models import Role, User
from fengqiao.portal.audit.models import Event
from fengqiao.portal.notices.models import Notice
from fengqiao.portal.parties import jobs as parties_jobs
from fengqiao.portal.parties import own_data
from fengqiao.portal.parties.models import LegalHold, Party
from fengqiao.portal.refusal import Conflict, Refusal
from fengqiao.portal.tokens import actions, ending, gate, jobs, queries, scopes
from fengqiao.portal.tokens.models import AccessToken
from fengqiao.portal.tokens.tests.conftest import NOW, House, asking, somebody
from fengqiao.portal.vault.sealed import open_sealed

TODAY = dt.date(2026, 11, 20)


def test_what_is_kept_of_a_token_opens_nothing(house: House) -> None:
    made, text = house.issue(networks=["192.0.2.1/24", " ", "192.0.2.0/24"])
    row = AccessToken.objects.filter(pk=made.pk).values().get()
    assert not [value for value in row.values() if text[12:54] in str(value)]
    assert row["networks"] == ["192.0.2.0/24"] and row["prefix"] == text[3:11]
    assert row["valid_until"] == dt.datetime(2027, 2, 18, 16, tzinfo=dt.UTC)  # the day ends at midnight in Beijing
    event = Event.objects.get(verb="tokens.issued")
    assert (event.user_id, event.subject_id) == (house.worker.pk, str(made.pk))
    told = Notice.objects.get(template="tokens.issued", channel="in_app")
    assert told.user == house.worker and "2027年2月18日" in open_sealed(told.text)
    assert text[12:54] not in open_sealed(told.text)


BAD: list[tuple[dict[str, Any], str]] = [
    ({"scopes": []}, "范围"), ({"scopes": ["everything"]}, "范围"), ({"scopes": ["deadlines.read", "x"]}, "范围"),
    ({"last_day": TODAY}, "366"), ({"last_day": TODAY + dt.timedelta(days=367)}, "366"),
    ({"networks": ["192.0.2.300"]}, "192.0.2.300"), ({"networks": ["example.com"]}, "网络地址"),
    ({"networks": [f"192.0.2.{number}" for number in range(21)]}, "最多 20"), ({"name": "  "}, "用途"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "said"), BAD)
def test_what_does_not_fit_is_refused_in_a_sentence(house: House, given: dict[str, Any], said: str) -> None:
    with pytest.raises(Refusal, match=said):
        house.issue(**given)
    assert not AccessToken.objects.exists()


def test_the_longest_and_the_shortest(house: House) -> None:
    assert house.issue(last_day=TODAY + dt.timedelta(days=366))[0].days == 366
    assert house.issue(last_day=TODAY + dt.timedelta(days=1))[0].last_day == TODAY + dt.timedelta(days=1)


def test_who_may_make_one(house: House) -> None:
    investor = somebody("investor", "investor", None)
    with pytest.raises(Http404):
        house.issue(acting=acting_for(investor))
    with pytest.raises(Http404):
        house.issue(acting=replace(house.acting, behalf=(1, "投资者甲")))
    with pytest.raises(Refusal, match="第二道验证"):
        house.issue(acting=acting_for(somebody("without", "measurer", house.body, factor=False)))
    Authenticator.objects.filter(user=house.worker).delete()
    with pytest.raises(Refusal, match="第二道验证"):
        house.issue()


def test_so_many_at_a_time_and_one_more_when_one_is_over(house: House) -> None:
    made = [house.issue()[0] for _ in range(actions.MOST_LIVE)]
    with pytest.raises(Refusal, match="10 个"):
        house.issue()
    actions.revoke(token=made[0], reason="不再使用", acting=house.acting, now=NOW)
    house.issue()
    with pytest.raises(Refusal, match="10 个"):
        house.issue()
    later = NOW + dt.timedelta(days=100)
    house.issue(now=later, last_day=TODAY + dt.timedelta(days=200))


def revokers(house: House) -> dict[str, User]:
    other = somebody("other", "administrator", Role.objects.get(user=house.platform).organisation)
    Role.objects.filter(user=other).update(organisation=make_body())
    return {"owner": house.worker, "admin": house.admin, "platform": house.platform, "other": other}


def make_body() -> Any:
    from fengqiao.portal.accounts.models import Organisation

    return Organisation.objects.create(kind="mediation", name="演示第二调解中心")


@pytest.mark.parametrize("who", ["owner", "admin", "platform"])
def test_who_may_end_one(house: House, who: str) -> None:
    made, text = house.issue()
    by = revokers(house)[who]
    actions.revoke(token=made, reason="不再使用", acting=acting_for(by), now=NOW)
    made.refresh_from_db()
    assert (made.ending, made.revoked_by, made.end_reason) == ("revoked", by, "不再使用")
    assert gate.holder_of(asking(text), NOW) is None
    told = Notice.objects.filter(template="tokens.revoked", user=house.worker).exists()
    assert told == (who != "owner")
    with pytest.raises(Conflict):
        actions.revoke(token=made, reason="再来", acting=acting_for(by), now=NOW)


def test_nobody_else_may_end_one_or_see_it(house: House) -> None:
    made, _ = house.issue()
    colleague = somebody("colleague", "measurer", house.body)
    for user in (revokers(house)["other"], colleague, somebody("investor", "investor", None)):
        with pytest.raises(Http404):
            actions.revoke(token=made, reason="不再使用", acting=acting_for(user), now=NOW)
        assert not queries.visible_to(acting_for(user)).exists()
    assert not queries.visible_to(replace(house.acting, behalf=(1, "投资者甲"))).exists()
    with pytest.raises(Refusal, match="原因"):
        actions.revoke(token=made, reason=" ", acting=house.acting, now=NOW)


def test_the_owner_ends_one_in_whichever_role(house: House) -> None:
    made, _ = house.issue()
    investor = Role.objects.create(user=house.worker, kind="investor", granted_at=NOW)
    actions.revoke(token=made, reason="x", acting=acting_for(house.worker, role_id=investor.pk), now=NOW)


def test_told_fourteen_and_three_days_ahead_once_each(house: House) -> None:
    made, _ = house.issue()
    short, _ = house.issue(last_day=TODAY + dt.timedelta(days=10))

    def told(token: AccessToken) -> int:
        return Notice.objects.filter(
            template="tokens.expiring", subject_id=str(token.pk), channel="in_app"
        ).count()  # fmt: skip

    for moment, of_made, of_short in (
        (NOW + dt.timedelta(days=1), 0, 0),  # ten days long: fourteen days ahead is no news
        (short.valid_until - dt.timedelta(days=3), 0, 1),
        (made.valid_until - dt.timedelta(days=14, seconds=1), 0, 1),
        (made.valid_until - dt.timedelta(days=14), 1, 1),
        (made.valid_until - dt.timedelta(days=14), 1, 1),
        (made.valid_until - dt.timedelta(days=3), 2, 1),
        (made.valid_until - dt.timedelta(days=1), 2, 1),
    ):
        ending.tell_ahead(moment)
        assert (told(made), told(short)) == (of_made, of_short), moment


def test_the_job_writes_the_end_down_once_and_tells(house: House) -> None:
    made, _ = house.issue()

    class Now:
        @staticmethod
        def now() -> dt.datetime:
            return made.valid_until

    first, second = jobs.look_after(Now()), jobs.look_after(Now())  # type: ignore[arg-type] - only the clock is asked
    assert (first.result["ended"], second.result["ended"]) == (1, 0)
    made.refresh_from_db()
    assert (made.ending, made.ended_at) == ("expired", made.valid_until)
    assert Event.objects.filter(verb="tokens.ended").count() == 1
    assert Notice.objects.filter(template="tokens.ended", user=house.worker, channel="in_app").count() == 1


WRONG: list[dict[str, Any]] = [
    {"days": 367}, {"days": 0}, {"valid_until": NOW - dt.timedelta(days=1)}, {"ended_at": NOW}, {"ending": "expired"},
    {"ended_at": NOW, "ending": "revoked"},
]  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG)
def test_the_database_refuses_what_cannot_be(house: House, wrong: dict[str, Any]) -> None:
    made, _ = house.issue()
    with pytest.raises(IntegrityError), transaction.atomic():
        AccessToken.objects.filter(pk=made.pk).update(**wrong)


def test_a_scope_is_one_thing_only() -> None:
    scopes.register(scopes.SCOPES["deadlines.read"])
    with pytest.raises(ValueError, match=r"deadlines\.read"):
        scopes.register(scopes.Scope("deadlines.read", "别的", "别的"))
    assert scopes.titles(["deadlines.read", "gone.read"]) == ["读取期限", "gone.read"]


def test_what_is_kept_goes_after_its_years_unless_held(house: House) -> None:
    made, _ = house.issue(networks=["192.0.2.0/24"])
    live, text = house.issue()
    actions.revoke(token=made, reason="不再使用", acting=house.acting, now=NOW)
    party = Party.objects.create(user=house.worker, name="测算员甲", created_at=NOW, last_act_at=NOW)
    own = {section.key: section for section in own_data.kept_of(party)}["access_tokens"]
    assert [row[0] for row in own.rows] == ["测算结果归档系统"] * 2 and text[12:54] not in str(own.rows)
    hold = LegalHold.objects.create(party=party, reason="法院来函", placed_by=house.admin, placed_at=NOW)
    late = NOW.replace(year=NOW.year + 5) + dt.timedelta(days=1)
    parties_jobs.dispose_due(None, late)
    made.refresh_from_db()
    assert made.name == "测算结果归档系统"
    LegalHold.objects.filter(pk=hold.pk).update(lifted_at=NOW)
    parties_jobs.dispose_due(None, late)
    made.refresh_from_db()
    live.refresh_from_db()
    assert (made.name, made.networks, made.end_reason, made.disposed_at) == ("", [], "", late)
    assert made.prefix and made.ending == "revoked" and live.name  # the end of the other is not written down


@pytest.mark.django_db(transaction=True)
def test_many_at_once_make_no_more_than_there_may_be(house: House) -> None:
    for _ in range(actions.MOST_LIVE - 2):
        house.issue()
    acting, came = house.acting, in_threads(6, lambda: house.issue(acting=house.acting))
    assert sorted(came) == ["Refusal"] * 4 + ["tuple"] * 2
    assert queries.live_ones(acting.user, NOW).count() == actions.MOST_LIVE


@pytest.mark.django_db(transaction=True)
def test_used_ended_and_written_down_at_once(house: House) -> None:
    made, text = house.issue()
    steps: list[Callable[[], Any]] = [
        lambda: gate.holder_of(asking(text), NOW),
        lambda: actions.revoke(token=made, reason="x", acting=house.acting, now=NOW),
        lambda: actions.write_end_down(token=made, now=made.valid_until + dt.timedelta(days=1)),
    ]

    def step() -> Any:
        return steps[int(threading.current_thread().name) % 3]()

    came = in_threads(9, step)
    assert set(came) <= {"Holder", "NoneType", "Conflict", "bool"}
    assert Event.objects.filter(verb__in=("tokens.revoked", "tokens.ended"), subject_id=str(made.pk)).count() == 1
    assert gate.holder_of(asking(text), NOW) is None


def in_threads(many: int, step: Callable[[], Any]) -> list[str]:
    """The kinds of what so many at once came to."""
    came: list[str] = []
    ready = threading.Barrier(many)

    def one() -> None:
        try:
            ready.wait()
            came.append(type(step()).__name__)
        except (Refusal, Http404) as error:
            came.append(type(error).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, name=str(number)) for number in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(came) == many
    return came
