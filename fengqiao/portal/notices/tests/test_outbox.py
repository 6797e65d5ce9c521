"""The outbox against a real gateway in a second process: away for an hour, slow, answering twice, workers killed."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from fengqiao.portal.accounts import sms as short_messages
from fengqiao.portal.accounts.models import Identity, Organisation, Role, User
from fengqiao.portal.deadlines.actions import open_deadline
from fengqiao.portal.deadlines.reminding import CHANNELS
from fengqiao.portal.notices import actions, callbacks, delivering, quiet, templates
from fengqiao.portal.notices.models import Attempt, Notice, OptOut
from fengqiao.portal.notices.reminders import remind
from fengqiao.portal.vault.sealed import open_sealed
from tests import second_process

NOON = dt.datetime(2026, 11, 20, 12, tzinfo=timezone.get_default_timezone())
SERVER = Path(__file__).with_name("gateway_server.py")
GATEWAY = "fengqiao.portal.accounts.sms_http.HttpGateway"
WORKER = """
from django.utils import timezone
from fengqiao.portal.notices.delivering import deliver_one
print("ready", flush=True)
while deliver_one(clock=timezone.now):
    pass
"""


@dataclasses.dataclass
class Gateway:
    """The other process."""

    folder: Path
    process: subprocess.Popen[bytes] | None = None
    port: int = 0

    def start(self) -> None:
        (self.folder / "port").unlink(missing_ok=True)
        self.process = subprocess.Popen([sys.executable, str(SERVER), str(self.folder), str(self.port)])
        while not (self.folder / "port").exists() or not (self.folder / "port").read_text():
            time.sleep(0.02)
        self.port = int((self.folder / "port").read_text())

    def stop(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()

    def mode(self, name: str) -> None:
        (self.folder / "mode").write_text(name)

    def lines(self, name: str) -> list[dict[str, str]]:
        path = self.folder / name
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@pytest.fixture
def gateway(tmp_path: Path, settings: Any) -> Iterator[Gateway]:
    made = Gateway(tmp_path)
    made.mode("good")
    made.start()
    settings.SMS_GATEWAY = GATEWAY
    settings.ENVIRONMENT = dataclasses.replace(
        settings.ENVIRONMENT, sms_url=f"http://127.0.0.1:{made.port}", sms_key="k", sms_callback_key="shared"
    )
    yield made
    made.stop()


def person(name: str = "投资者甲", mobile: str = "137" + "00000001") -> User:
    user = User.objects.create(username=f"u{mobile}", name=name, joined_at=NOON)
    Identity.objects.create(user=user, mobile=mobile)
    return user


def tell(user: User, key: str = "k1", **more: Any) -> Notice | None:
    given = {"template": "general.told", "values": {"what": "您的申请已经受理"}, "now": NOON, **more}
    return actions.send(to=user, subject=("x.y", "1"), once_key=key, **given)


def sms(key: str = "k1") -> Notice:
    return Notice.objects.get(once_key=key, channel="sms")


def run(now: dt.datetime) -> int:
    done = 0
    while delivering.deliver_one(clock=lambda: now):
        done += 1
    return done


@pytest.mark.django_db
def test_a_message_goes_once_and_leaves_its_trace(gateway: Gateway) -> None:
    user = person()
    first = tell(user)
    assert first and first.channel == "in_app" and first.state == "delivered"
    assert tell(user) == first and Notice.objects.count() == 2
    assert run(NOON) == 1 and run(NOON) == 0
    assert sms().state == "sent" and sms().gateway_number == "g1"
    assert [row["text"] for row in gateway.lines("sent")] == ["【枫桥】您的申请已经受理"]


@pytest.mark.django_db
def test_what_is_rolled_back_is_never_sent(gateway: Gateway) -> None:
    user = person()
    with pytest.raises(RuntimeError), transaction.atomic():
        tell(user)
        raise RuntimeError
    assert run(NOON) == 0 and not gateway.lines("asked")


@pytest.mark.django_db
def test_a_gateway_away_for_an_hour_loses_nothing_and_sends_nothing_twice(gateway: Gateway) -> None:
    users = [person(f"人{n}", f"137000001{n:02d}") for n in range(5)]
    for n, user in enumerate(users):
        tell(user, f"k{n}")
    gateway.stop()
    for minute in range(60):
        run(NOON + dt.timedelta(minutes=minute))
    assert not gateway.lines("sent")
    assert set(Notice.objects.filter(channel="sms").values_list("state", flat=True)) == {"queued"}
    assert Attempt.objects.filter(notice=sms("k0")).count() == 6
    assert set(Attempt.objects.values_list("outcome", flat=True)) == {"unreachable"}
    gateway.start()
    for minute in range(60, 100):
        run(NOON + dt.timedelta(minutes=minute))
    assert Counter(row["key"] for row in gateway.lines("sent")) == {sms(f"k{n}").key: 1 for n in range(5)}


@pytest.mark.django_db
@pytest.mark.parametrize("mode", ["slow", "error_after"])
def test_a_late_or_broken_answer_is_asked_about_before_it_is_sent_again(
    gateway: Gateway, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = person()
    tell(user)
    gateway.mode(mode)
    real = short_messages.gateway

    def impatient() -> Any:
        found = real()
        found.read = 0.5
        return found

    monkeypatch.setattr(short_messages, "gateway", impatient)
    run(NOON)
    assert sms().state == "queued" and sms().uncertain
    gateway.mode("good")
    run(NOON + dt.timedelta(minutes=1))
    assert sms().state == "sent" and len(gateway.lines("sent")) == 1
    assert [row["how"] for row in gateway.lines("asked")] == ["POST", "GET"]
    assert [row.outcome for row in Attempt.objects.order_by("id")] == ["uncertain", "found"]


@pytest.mark.django_db
def test_what_cannot_go_is_told_to_the_operator_and_the_sender(gateway: Gateway) -> None:
    user, sender, operator = person(), person("调解员甲", "137" + "00000002"), person("管理员", "137" + "00000003")
    body = Organisation.objects.create(name="平台", kind="platform")
    Role.objects.create(user=operator, organisation=body, kind="administrator", granted_at=NOON)
    tell(user, sender=sender)
    gateway.mode("refuse")
    run(NOON)
    assert sms().state == "failed"
    told = Notice.objects.filter(template="notices.failed", channel="in_app")
    assert {row.user_id for row in told} == {sender.pk, operator.pk}
    gateway.mode("error")
    tell(user, "k2", sender=sender)
    moment = NOON
    while moment < NOON + dt.timedelta(hours=30):
        run(moment)
        moment += dt.timedelta(minutes=10)
    assert sms("k2").state == "failed" and "一天内没有发出" in sms("k2").problem


@pytest.mark.django_db(transaction=True)
def test_workers_killed_while_sending_neither_lose_nor_double(gateway: Gateway) -> None:
    now = timezone.now()
    for n in range(4):
        tell(person(f"人{n}", f"137000002{n:02d}"), f"k{n}", template="service.arrived", now=now,
             values={"sender": "某调解组织", "titles": "调解协议书", "where": "https://x.example"})  # fmt: skip
    gateway.mode("slow")
    env = second_process.environment(FENGQIAO_SMS_URL=f"http://127.0.0.1:{gateway.port}", FENGQIAO_SMS_KEY="k")
    env |= {"FENGQIAO_SMS_GATEWAY": GATEWAY}
    for killed in range(2):
        worker = second_process.start(WORKER, env=env)
        assert worker.stdout and worker.stdout.readline().strip() == "ready"
        while len(gateway.lines("sent")) <= killed:  # the gateway has it, the worker has no answer
            time.sleep(0.02)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    assert Notice.objects.filter(channel="sms", state="sending").count() == 2
    gateway.mode("good")
    Notice.objects.filter(state="sending").update(lease_until=now - dt.timedelta(seconds=1))  # as after 90 s
    run(timezone.now())
    assert set(Notice.objects.filter(channel="sms").values_list("state", flat=True)) == {"sent"}
    assert Counter(row["key"] for row in gateway.lines("sent")) == {sms(f"k{n}").key: 1 for n in range(4)}
    assert Attempt.objects.filter(outcome="found").count() == 2


@pytest.mark.django_db(transaction=True)
def test_reports_of_the_gateway_are_signed_fresh_and_counted_once(gateway: Gateway, client: Client) -> None:
    tell(person())
    run(NOON)
    body = json.dumps({"key": sms().key, "delivered": True}).encode()

    def bring(moment: int, key: str = "shared") -> int:
        headers = {"X-Time": str(moment), "X-Signature": callbacks.signature_of(key, str(moment), body)}
        answer = client.post(reverse("notices:report"), body, "application/json", headers=headers)
        return answer.status_code

    moment = int(timezone.now().timestamp())
    assert bring(moment, "wrong") == 404 and bring(moment - 900) == 404 and sms().state == "sent"
    assert bring(moment) == 200 and sms().state == "delivered"
    assert bring(moment) == 200 and bring(moment + 1) == 200
    assert Attempt.objects.filter(outcome="reported").count() == 1


@pytest.mark.django_db
def test_at_night_it_waits_until_morning_but_for_what_may_not(gateway: Gateway) -> None:
    night = NOON.replace(hour=23)
    tell(person(), now=night)
    assert sms().due_at == NOON.replace(hour=8) + dt.timedelta(days=1)
    assert run(night) == 0
    assert quiet.due_after(NOON.replace(hour=7, minute=59), exempt=False) == NOON.replace(hour=8)
    assert quiet.due_after(NOON.replace(hour=20, minute=59), exempt=False) == NOON.replace(hour=20, minute=59)
    assert quiet.due_after(night, exempt=True) == night
    values = {"sender": "某调解组织", "titles": "调解协议书", "where": "https://x.example"}
    tell(person("乙", "137" + "00000009"), "k2", template="service.arrived", values=values, now=night)
    assert run(night) == 1


@pytest.mark.django_db(transaction=True)
def test_who_opted_out_gets_no_news_but_what_a_procedure_needs(gateway: Gateway, client: Client) -> None:
    user = person()
    tell(user, template="general.news", values={"what": "讲座"})
    link = open_sealed(sms().text).rpartition(" 退订：")[2].removeprefix(settings.ENVIRONMENT.public_url)
    page = client.get(link)["Location"]
    assert client.post(page).status_code == 200 and OptOut.objects.get().way == "link"
    assert tell(user, "k2", template="general.news", values={"what": "讲座"}) is None
    assert sms("k2").state == "suppressed"
    assert tell(user, "k3") is not None and sms("k3").state == "queued"


@pytest.mark.django_db
def test_without_a_mobile_a_mail_goes_under_a_number_of_its_own(mailoutbox: list[Any]) -> None:
    user = User.objects.create(username="m", name="乙", email="b@fengqiao.example", joined_at=NOON)
    tell(user)
    run(NOON)
    notice = Notice.objects.get(channel="email")
    assert notice.state == "sent" and mailoutbox[0].extra_headers["Message-ID"] == notice.gateway_number
    assert notice.key in notice.gateway_number


def test_templates_refuse_what_does_not_fit() -> None:
    chosen = templates.get("general.to_do")
    with pytest.raises(ValueError, match="until"):
        chosen.render("sms", {"what": "x"})
    with pytest.raises(ValueError, match="more"):
        chosen.render("sms", {"what": "x", "until": "y", "more": "z"})
    with pytest.raises(ValueError, match="No template"):
        templates.get("no.such")
    assert [templates.segments_of("字" * n) for n in (70, 71, 134, 135)] == [1, 2, 2, 3]


def test_a_later_version_stands_beside_the_one_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = "".join(
        f'[[template]]\nkey = "a.b"\nversion = {n}\ntitle = "t"\nprocedural = true\nin_app = "v{n}"\n' for n in (1, 2)
    )
    (tmp_path / "more.toml").write_text(rows)
    monkeypatch.setattr(templates, "FOLDERS", [templates.OWN])
    templates.register(tmp_path)
    assert templates.get("a.b").texts["in_app"] == "v2" and templates.get("a.b", 1).texts["in_app"] == "v1"
    templates.known.cache_clear()


@pytest.mark.django_db
def test_a_reminder_of_a_deadline_becomes_a_notice_once(gateway: Gateway) -> None:
    user = person()
    moment = NOON + dt.timedelta(days=3)
    deadline = open_deadline(
        rule=None, subject=("x.y", "1"), title="补充材料", acting=None, now=NOON, due_on=moment.date(), user=user
    )
    for _ in range(2):
        with transaction.atomic():
            remind(deadline, "warn", NOON)
    rows = Notice.objects.filter(template="deadlines.reminder")
    assert {row.channel for row in rows} == {"in_app", "sms"} and rows.count() == 2
    assert remind in CHANNELS
