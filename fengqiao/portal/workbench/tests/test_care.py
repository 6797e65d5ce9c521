"""What special needs change in the other apps, need by need: the table is `parties/tests/needs.csv`."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import Organisation, Role
from fengqiao.portal.audit.models import Event
from fengqiao.portal.deadlines import actions as deadlines
from fengqiao.portal.notices import actions as notices
from fengqiao.portal.notices import delivering, resending
from fengqiao.portal.notices.models import Notice
from fengqiao.portal.parties import consenting
from fengqiao.portal.parties.models import Party
from fengqiao.portal.parties.tests.people import NOW, OLD, YOUNG, house, own, person, taken_in
from fengqiao.portal.parties.tests.test_needs import TABLE
from fengqiao.portal.parties.tests.test_people import logged_in
from fengqiao.portal.refusal import Conflict, Refusal
from fengqiao.portal.signing import actions as signing
from fengqiao.portal.signing import acts, identity
from fengqiao.portal.signing.models import Signatory
from fengqiao.portal.signing.tests import made_round
from fengqiao.portal.vault.sealed import open_sealed
from fengqiao.portal.workbench import parties as of_parties
from fengqiao.portal.workbench import services
from fengqiao.portal.workbench.asking import items_of

pytestmark = pytest.mark.django_db
Channel, State = Notice.Channel, Notice.State
each_need = pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row['kind']}-{row['detail']}")


@pytest.fixture
def mediator(db: Any) -> Acting:
    return person("调解员丙", Role.Kind.MEDIATOR, house())


def with_need(party: Party, acting: Acting, kind: str, detail: str = "", *, now: dt.datetime = NOW) -> Party:
    consenting.note_need_with_consent(
        party=party, on_paper="卷2", acting=acting, now=now, kind=kind, detail=detail,
        since=timezone.localtime(now).date(), evidence="",
    )  # fmt: skip
    return Party.objects.get(pk=party.pk)


def told(party: Party, key: str = "k", **more: Any) -> list[str]:
    """Send something that a procedure needs; the channels it took."""
    notices.send(
        to=party, template="general.to_do", values={"what": "请补充材料", "until": "2026年12月1日"},
        subject=("parties.party", str(party.pk)), once_key=key, now=NOW, **more,
    )  # fmt: skip
    return sorted(Notice.objects.filter(once_key=key).values_list("channel", flat=True))


@each_need
def test_messages_and_the_workbench(row: dict[str, str], mediator: Acting) -> None:
    party = with_need(taken_in(mediator), mediator, row["kind"], row["detail"])
    by_hand = row["call"] == "1" or row["paper"] == "1"
    assert told(party) == (["by_staff", "sms"] if by_hand else ["sms"])
    items = list(items_of(services.questions(mediator, NOW), mediator))
    assert len(items) == by_hand
    for item in items:
        assert ("打电话" in item.title) == (row["call"] == "1")
        assert ("纸质" in item.title) == (row["paper"] == "1")
        assert item.priority == party.priority > 0
        assert "优先办理" in logged_in(mediator).get("/").content.decode()
        page = logged_in(mediator).get(f"{item.url}letter/").content.decode()
        assert "请补充材料" in page
        assert ("letter-large" in page) == (row["large_print"] == "1")
    helped = row["social_aid"] == "1" or row["legal_aid"] == "1"
    assert (
        bool([item for item in items_of(of_parties.questions(mediator, NOW), mediator) if "告知社会救助" in item.title])
        == helped
    )


@each_need
def test_who_is_called_after_nothing_got_through(row: dict[str, str], mediator: Acting) -> None:
    party = with_need(taken_in(mediator), mediator, row["kind"], row["detail"])
    told(party, organisation=mediator.organisation)
    row_ = Notice.objects.get(channel=Channel.SMS)
    Notice.objects.filter(pk=row_.pk).update(state=State.SENDING, lease_until=NOW, attempts=1)
    row_.refresh_from_db()
    delivering.give_up(row_, "refused", "网关拒收", now=NOW)
    items = list(items_of(services.questions(mediator, NOW), mediator))
    assert len(items) == 1, "one task, whatever the way"
    assert ("不要打电话" in items[0].title) == (row["no_calls"] == "1")
    page = logged_in(mediator).get(items[0].url).content.decode()
    assert ("不打电话，也不要求用电话答复" in page) == (row["no_calls"] == "1")


@each_need
def test_deadlines_and_help_of_those_with_an_account(row: dict[str, str]) -> None:
    investor = person("投资者甲", Role.Kind.INVESTOR, number=YOUNG)
    party = with_need(own(investor), investor, row["kind"], row["detail"])
    deadline = deadlines.open_deadline(
        rule=None, due_on=dt.date(2026, 12, 31), subject=("parties.party", party.pk), title="补充材料",
        user=investor.user, acting=None, now=NOW,
    )  # fmt: skip
    assert deadline.warn_days == (7 if row["early"] == "1" else 3)
    helped = row["social_aid"] == "1" or row["legal_aid"] == "1"
    offers = Notice.objects.filter(template="parties.help")
    assert [one.channel for one in offers] == (["in_app"] if helped else [])
    for one in offers:
        answer = logged_in(investor).get(f"/notices/{one.pk}/")
        assert f"/parties/people/{party.pk}/notice/" in answer.content.decode()


@each_need
def test_signing(row: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    people = made_round.People()
    party, acting = people.parties[0], people.one
    party = with_need(party, acting, row["kind"], row["detail"], now=now)
    given = {"acting": people.mediator, "now": now}
    made = signing.create_round(
        title="协议", data=made_round.text_pdf(), name="协议.pdf", order="free", level="B-B",
        due_at=now + dt.timedelta(days=9), **given,
    )  # fmt: skip
    signing.add_signatory(round_=made, kind="party", role_title="申请人", party=party, **given)
    if row["capacity"] == "1":
        with pytest.raises(Refusal, match="法定代理人"):
            signing.open_round(round_=made, **given)
        assert not Signatory.objects.get().evidence.exists()
        return
    signing.open_round(round_=made, **given)
    place = made_round.places(made)[0]
    if row["representative"] == "1":
        with pytest.raises(Refusal, match="由法定代理人办理"):
            made_round.read_all(place, acting, now)
            acts.sign(signatory=place, person=acts.person_of(acting), now=now)
        assert Signatory.objects.get().state != "signed"
    check = identity.send_code(signatory=place, address="192.0.2.1", device="test", now=now)
    assert check.expires_at - now == dt.timedelta(minutes=30 if row["more_time"] == "1" else 10)
    token = identity.make_link(signatory=place, stamp=people.mediator.stamp, now=now)
    page = Client().get(f"/signing/link/{token}/", follow=True).content.decode()
    assert ('class="elder"' in page) == (row["elder_mode"] == "1")
    chosen = Client()
    chosen.cookies["fengqiao_elder"] = "0"
    assert 'class="elder"' not in chosen.get(f"/signing/link/{token}/", follow=True).content.decode(), (
        "their own choice counts"
    )


def test_a_task_for_the_staff_is_done_once_told_and_stays_when_nobody_was_reached(mediator: Acting) -> None:
    party = with_need(taken_in(mediator), mediator, "sight")
    told(party)
    notice = Notice.objects.get(channel=Channel.BY_STAFF)
    assert (notice.state, notice.organisation) == (State.TO_TELL, mediator.organisation)

    resending.note_call(notice=notice, said="没有人接", acting=mediator, now=NOW, reached=False)
    notice.refresh_from_db()
    assert (notice.to_call, notice.state) == (True, State.TO_TELL)
    resending.note_call(notice=notice, said="已念给本人听", acting=mediator, now=NOW)
    notice.refresh_from_db()
    assert (notice.to_call, notice.state, open_sealed(notice.call_note)) == (False, State.DELIVERED, "已念给本人听")
    assert not list(items_of(services.questions(mediator, NOW), mediator))
    assert Event.objects.filter(verb="notices.called").count() == 2
    with pytest.raises(Conflict):
        resending.note_call(notice=notice, said="又打了一次", acting=mediator, now=NOW)


def test_the_worker_leaves_it_to_the_staff_and_reading_ends_it(mediator: Acting) -> None:
    investor = person("投资者乙", Role.Kind.INVESTOR, number=YOUNG)
    party = with_need(own(investor), investor, "without_device")
    assert told(party) == ["in_app", "sms"], "nobody deals with the matter who could call"
    assert told(party, "second", organisation=mediator.organisation) == ["by_staff", "in_app", "sms"]
    taken = [delivering.take(now=NOW + dt.timedelta(days=1)) for _ in range(4)]
    assert Channel.BY_STAFF not in {one.channel for one in taken if one}
    notices.read(notice=Notice.objects.get(once_key="second", channel=Channel.IN_APP), acting=investor, now=NOW)
    row = Notice.objects.get(channel=Channel.BY_STAFF)
    assert (row.to_call, row.state, row.problem) == (False, State.CANCELLED, "本人已经在平台上阅读")


def test_somebody_with_a_need_whom_nothing_reaches_is_told_by_staff(mediator: Acting) -> None:
    plain = taken_in(mediator, name="投资者丙", mobile="")
    assert told(plain, "plain") == []
    party = with_need(taken_in(mediator, number="", mobile=""), mediator, "hearing")
    assert told(party) == ["by_staff"]
    assert "不要打电话" in next(iter(items_of(services.questions(mediator, NOW), mediator))).title


def test_only_who_is_to_tell_reads_the_text(mediator: Acting) -> None:
    party = with_need(taken_in(mediator), mediator, "sight")
    told(party)
    number = Notice.objects.get(channel=Channel.BY_STAFF).pk
    assert "请补充材料" in logged_in(mediator).get(f"/notices/sent/{number}/").content.decode()
    sms = Notice.objects.get(channel=Channel.SMS)
    Notice.objects.filter(pk=sms.pk).update(organisation=mediator.organisation)
    page = logged_in(mediator).get(f"/notices/sent/{sms.pk}/").content.decode()
    assert "请补充材料" not in page
    assert logged_in(mediator).get(f"/notices/sent/{sms.pk}/letter/").status_code == 404
    platform = person("管理员己", Role.Kind.ADMINISTRATOR, house("platform", "平台"))
    page = logged_in(platform).get(f"/notices/sent/{number}/")
    assert page.status_code == 200
    assert "请补充材料" not in page.content.decode()
    assert logged_in(platform).get(f"/notices/sent/{number}/letter/").status_code == 404
    stranger = person("调解员戊", Role.Kind.MEDIATOR, house(name="别的调解"))
    assert logged_in(stranger).get(f"/notices/sent/{number}/letter/").status_code == 404


def test_only_those_who_deal_with_somebody_are_asked_to_call(mediator: Acting) -> None:
    party = with_need(taken_in(mediator), mediator, "without_device")
    told(party, organisation=mediator.organisation)
    platform = person("平台管理员甲", Role.Kind.ADMINISTRATOR, house(Organisation.Kind.PLATFORM, "测试平台"))
    assert len(list(items_of(services.questions(mediator, NOW), mediator))) == 1
    assert list(items_of(services.questions(platform, NOW), platform)) == []


def test_staff_are_told_of_their_work_like_all_staff_whatever_their_age() -> None:
    old = person("调解员甲", Role.Kind.MEDIATOR, house(), number=OLD)
    notices.send(
        to=old.user, template="general.to_do", values={"what": "补充材料", "until": "2026年12月1日"},
        subject=("parties.party", "1"), once_key="staff", organisation=old.organisation, now=NOW,
    )  # fmt: skip
    assert Channel.BY_STAFF not in set(Notice.objects.values_list("channel", flat=True))


def test_all_that_one_person_is_to_be_told_is_one_line(mediator: Acting) -> None:
    party = with_need(taken_in(mediator), mediator, "without_device")
    for key in "abc":
        told(party, key, organisation=mediator.organisation)
    (item,) = items_of(services.questions(mediator, NOW), mediator)
    assert item.title.endswith("等 3 项")
