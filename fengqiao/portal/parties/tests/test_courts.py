"""What people of a court see of those who were handed over to it: to serve and meet them, nothing to change."""

from __future__ import annotations

import pytest
from django.http import Http404

from fengqiao.portal.accounts.models import Organisation, Role
from fengqiao.portal.parties import actions, noting, queries
from fengqiao.portal.parties.models import Party
from fengqiao.portal.parties.tests.people import NOW, TODAY, house, person, taken_in
from fengqiao.portal.parties.tests.test_people import logged_in

pytestmark = pytest.mark.django_db


def test_a_clerk_reads_and_reaches_who_was_handed_over_and_changes_nothing() -> None:
    mediator = person("调解员丙", Role.Kind.MEDIATOR, house())
    court = house(Organisation.Kind.COURT, "测试法院")
    clerk, judge = person("书记员甲", Role.Kind.CLERK, court), person("法官甲", Role.Kind.JUDGE, court)
    elsewhere = person("书记员乙", Role.Kind.CLERK, house(Organisation.Kind.COURT, "别的法院"))
    party = taken_in(mediator, kinds=("hearing",))
    for acting in (clerk, judge, elsewhere):
        assert not queries.visible_to(acting).exists()
    actions.hand_over(
        party=party, organisation=court, matter="委派调解", basis="个人信息保护法第十三条", acting=mediator, now=NOW
    )
    assert "人民法院不在这里登记" in logged_in(elsewhere).get("/parties/people/").content.decode()
    for acting in (clerk, judge):
        client = logged_in(acting)
        people = client.get("/parties/people/").content.decode()
        assert party.name in people and "优先办理" in people and "people/new" not in people
        page = client.get(f"/parties/people/{party.pk}/").content.decode()
        assert "不打电话，也不要求用电话答复" in page, "how to treat the person"
        assert "听力残疾" not in page and "记录特殊需要" not in page and "修改联系信息" not in page
        shown = actions.reveal(party=party, field="address", reason="邮寄送达", acting=acting, now=NOW)
        assert shown == "北京市测试路1号"
        assert logged_in(elsewhere).get(f"/parties/people/{party.pk}/").status_code == 404
        with pytest.raises(Http404):
            noting.note_need(party=party, kind="sight", since=TODAY, evidence="", acting=acting, now=NOW)
        with pytest.raises(Http404):
            actions.change_contact(
                party=party, address="x", bank_account=None, mobile=None, acting=acting, now=NOW
            )  # fmt: skip
        assert not queries.assistable_by(acting).exists() and queries.assisted_by(acting, party.pk) is None
        assert client.get("/parties/people/new/").status_code == 404
    party.handlings.update(ended_at=NOW)
    assert logged_in(clerk).get(f"/parties/people/{party.pk}/").status_code == 404
    assert Party.objects.get(pk=party.pk).address
