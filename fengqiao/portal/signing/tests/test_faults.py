"""Real processes that are killed, and that sign at the same moment: nothing is lost, nothing is signed twice."""

from __future__ import annotations

import datetime as dt
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from fengqiao.portal.documents.queries import place_of
from fengqiao.portal.jobs.models import Job
from fengqiao.portal.signing import actions, queries, trust, verification
from fengqiao.portal.signing.models import Evidence, Signatory, SigningRound
from fengqiao.portal.signing.tests.licensed_server import Server
from fengqiao.portal.signing.tests.made_round import People, places, read_all, sign
from fengqiao.portal.signing.verifying.look import look
from tests import second_process

pytestmark = pytest.mark.django_db(transaction=True)

WORKER = (
    "import datetime as dt; from fengqiao.portal.jobs.worker import Worker;"
    "Worker(slots=1, lease=dt.timedelta(seconds=4)).run()"
)
SIGN = """
import os, signal, sys
from django.utils import timezone
from fengqiao.portal.accounts.acting import acting_for
from fengqiao.portal.accounts.models import User
from fengqiao.portal.refusal import Refusal
from fengqiao.portal.signing import acts, cms, stamping
from fengqiao.portal.signing.models import Signatory
number, name, *die = sys.argv[1:]
place = Signatory.objects.select_related("round").get(pk=number)
person = acts.person_of(acting_for(User.objects.get(username=name), address="192.0.2.9"), "a process")
if die:
    keep = acts.keep_made
    def keep_and_die(**given):
        keep(**given)
        os.kill(os.getpid(), signal.SIGKILL)
    acts.keep_made = keep_and_die
print("ready", flush=True)
sys.stdin.readline()
try:
    print("signed" if acts.sign(signatory=place, person=person, now=timezone.now()) else "kept")
except Refusal as error:
    print(error.sentence)
"""


@pytest.fixture
def people() -> People:
    return People()


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[str]]]:
    """Processes that are gone at the end."""
    found: list[subprocess.Popen[str]] = []
    yield found
    for one in found:
        one.kill()
        one.communicate()


@pytest.fixture
def stamps() -> Iterator[Server]:
    """An authority whose answers take a second each."""
    server = Server()
    server.held.always = "slow"
    yield server
    server.shutdown()
    server.server_close()
    shutil.rmtree(server.held.folder)


def wait_for(what: Callable[[], Any], seconds: float = 120) -> Any:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = what()
        if found:
            return found
        time.sleep(0.05)
    pytest.fail("it never came to be so")


def signer(started: list[Any], place: Signatory, name: str, *die: str) -> subprocess.Popen[str]:
    """A process that is about to sign, and waits for the word."""
    one = second_process.start(SIGN, str(place.pk), f"test-{name}", *die)
    started.append(one)
    return one


def together(*signers: subprocess.Popen[str]) -> list[str]:
    """Let them all begin at one moment; what each came to."""
    for one in signers:
        assert one.stdout.readline() == "ready\n", one.stderr.read()
    for one in signers:
        one.stdin.write("go\n")
        one.stdin.flush()
    return [one.communicate(timeout=120)[0].strip() for one in signers]


def data_of(round_: SigningRound) -> bytes:
    return place_of(SigningRound.objects.select_related("current").get(pk=round_.pk).current).read_bytes()


def due() -> dt.datetime:
    return timezone.now() + dt.timedelta(days=9)


def children_of(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_a_worker_killed_while_it_signs_a_batch(people: People, started: list[Any], stamps: Server) -> None:
    rounds = [people.round_of(due=due()) for _ in range(4)]
    for round_ in rounds:
        read_all(places(round_)[2], people.mediator, timezone.now())
    chosen = [row.pk for row in queries.batchable(people.mediator, timezone.now())]
    assert len(chosen) == len(rounds)
    made = actions.start_batch(
        chosen=chosen, once="x", acting=people.mediator, device="desk", now=timezone.now()
    )  # fmt: skip
    environment = second_process.environment(
        FENGQIAO_TSA_URL=f"{stamps.url}/tsa", FENGQIAO_SIGNING_ROOTS=str(stamps.roots_file())
    )
    first = second_process.start(WORKER, env=environment)
    started.append(first)
    wait_for(lambda: Evidence.objects.filter(what="signed").count() >= 1)
    asked = len(stamps.held.asked)
    wait_for(lambda: len(stamps.held.asked) > asked)  # the next one is being signed right now
    children = children_of(first.pid)
    first.send_signal(signal.SIGKILL)
    first.wait()
    wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children))
    before = Evidence.objects.filter(what="signed").count()
    assert 1 <= before < len(rounds), "killed in the middle"
    started.append(second_process.start(WORKER, env=environment))
    wait_for(lambda: Job.objects.get(pk=made.job_id).state == "done")
    job = Job.objects.get(pk=made.job_id)
    assert (job.attempt, job.result) == (2, {"signed": len(rounds), "kept": [], "refused": []})
    signed = Counter(Evidence.objects.filter(what="signed").values_list("signatory_id", flat=True))
    assert signed == Counter(chosen), "each once"
    believed = verification.believed(timezone.now())
    believed.roots += trust.operator_roots(str(stamps.roots_file()))
    for round_ in rounds:
        found = look(data_of(round_), believed, timezone.now())
        assert found["word"] == "完整"
        assert [one["who"] for one in found["signatures"]] == ["调解员甲"]
        assert not queries.untrue(round_)


def test_two_processes_sign_one_round_at_the_same_moment(people: People, started: list[Any]) -> None:
    round_ = people.round_of(due=due())
    first, second, staff, seal = places(round_)
    for place, acting in ((first, people.one), (second, people.other), (staff, people.mediator)):
        read_all(place, acting, timezone.now())
    said = together(
        signer(started, first, "投资者甲"), signer(started, second, "投资者乙"), signer(started, staff, "调解员甲"),
    )  # fmt: skip
    assert said == ["signed"] * 3
    said = together(signer(started, seal, "调解管理员甲"), signer(started, seal, "调解管理员甲"))
    assert sorted(word == "signed" for word in said) == [False, True], said
    assert any("没有重复签署" in word or "全部签署" in word for word in said), said
    found = verification.verify_own(data_of(round_), now=timezone.now())
    assert found.word == "完整", found
    names = ["投资者甲", "投资者乙", "调解员甲", "测试调解中心"]
    assert sorted(one.who for one in found.signatures) == sorted(names)
    assert Counter(Evidence.objects.filter(what="signed").values_list("signatory__name", flat=True)) == Counter(names)
    assert Evidence.objects.filter(what="effective").count() == Evidence.objects.filter(what="completed").count() == 1
    assert SigningRound.objects.get(pk=round_.pk).state == "complete"
    assert not queries.untrue(round_)


def test_a_process_killed_after_the_file_and_before_the_row(people: People, started: list[Any]) -> None:
    round_ = people.round_of(due=due())
    place, before = places(round_)[0], data_of(round_)
    read_all(place, people.one, timezone.now())
    one = signer(started, place, "投资者甲", "die")
    together(one)
    assert one.returncode == -signal.SIGKILL
    assert Signatory.objects.get(pk=place.pk).state == "read" and data_of(round_) == before
    assert not Evidence.objects.filter(what="signed").exists()
    sign(place, people.one, timezone.now())
    found = verification.verify_own(data_of(round_), now=timezone.now())
    assert (found.word, len(found.signatures)) == ("完整", 1)
