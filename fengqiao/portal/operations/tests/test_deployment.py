"""docs/deploy.md, followed: its own environment file, SQL, units and proxy; what check-deploy says, and what it names
when one thing is wrong; a backup under way while people work, taken up in a second place."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
import tomllib
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fengqiao.portal.operations.tests.deployed import (
    DEPLOY,
    PASSWORD,
    PROGRAM,
    Installation,
    Quiet,
    Running,
    block,
    created,
    moved,
)
from fengqiao.portal.operations.tests.test_serving import HERE, wait_for
from fengqiao.portal.operations.tests.tls import certificate
from tests.postgresql import Cluster, cluster, free_port

pytestmark = pytest.mark.long
PERSON = (
    "import django; django.setup(); from django.utils import timezone as t;"
    "from fengqiao.portal.accounts.models import *;"
    f"a, b = (User.objects.create_user(n, '{PASSWORD}', name=s, joined_at=t.now())"
    " for n, s in (('visitor', '投资者甲'), ('busy', '投资者乙')));"
    "[Role.objects.create(user=u, kind='investor', granted_at=t.now()) for u in (a, b)]"
    ";[Identity.objects.create(user=u, mobile='138' + n, mobile_verified_at=t.now())"
    " for u, n in ((a, '00000001'), (b, '00000002'))]"
)


@pytest.fixture(scope="module")
def server() -> Iterator[Cluster]:
    with cluster() as running:
        yield running


@pytest.fixture(scope="module")
def clamd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("clamd") / "clamd.ctl"
    script = HERE / "fengqiao/portal/documents/tests/clamd_server.py"
    running = subprocess.Popen([sys.executable, str(script), str(path), "1000000"])
    wait_for(path.exists)
    yield path
    running.kill()
    running.wait()


@pytest.fixture(scope="module")
def installed(server: Cluster, clamd: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    made = Installation(tmp_path_factory.mktemp("deployed"), created(server, "fengqiao"), clamd)
    for words in (("migrate",), ("keys", "list")):
        done = made.run(*words)
        assert done.returncode == 0, done.stderr
    return made


def grades(done: subprocess.CompletedProcess[str]) -> dict[str, list[str]]:
    """The sentences by their grade."""
    found: dict[str, list[str]] = {"好": [], "留意": [], "缺": []}
    for grade, sentence in re.findall(r"^\[(.+?)\] (.+)$", done.stdout, re.M):
        found[grade].append(sentence)
    return found


def test_as_documented_everything_is_green(installed: Installation) -> None:
    done = installed.run("check-deploy")
    assert done.returncode == 0, done.stdout + done.stderr
    found = grades(done)
    assert (found["缺"], found["留意"]) == ([], [])
    assert len(found["好"]) >= 20
    assert "可以投入使用" in done.stdout


def test_components_that_nobody_held_against_the_advisories_are_named(installed: Installation) -> None:
    own = tomllib.loads((HERE / "fengqiao/portal/operations/data/components.toml").read_text(encoding="utf-8"))
    done = installed.run("check-deploy", program=PROGRAM)
    lacking = [] if "advisories" in own else ["这一版的第三方组件还没有与漏洞公告对照过。"]
    assert grades(done)["缺"] == lacking
    assert done.returncode == len(lacking)


def test_every_setting_of_the_table_is_read_and_every_one_of_the_file_is_in_the_table() -> None:
    table = set(re.findall(r"^\| `([A-Z_]+)`", DEPLOY, re.M))
    written = set(re.findall(r"^([A-Z_]+)=", block("sh", "# /etc/fengqiao/environment"), re.M))
    code = "".join(
        (HERE / "fengqiao/portal" / name).read_text(encoding="utf-8") for name in ("environment.py", "settings.py")
    )
    assert written <= table
    assert {name for name in table if f'"{name}"' not in code} == set()
    assert set(re.findall(r'"(FENGQIAO_[A-Z_]+)"', code)) <= table


WRONG = (
    ({"FENGQIAO_URL": "http://fengqiao.example"}, 1, "缺", "不是 https"),
    ({"FENGQIAO_DEBUG": "1"}, 1, "缺", "调试方式开着"),
    ({"FENGQIAO_KEYS": "{home}/keys"}, 1, "缺", "还缺少密钥：seal、index、audit、sign"),
    ({"FENGQIAO_SMS_URL": ""}, 1, "缺", "没有短信网关"),
    ({"FENGQIAO_SMS_URL": "http://sms.example/v1"}, 1, "缺", "短信网关 sms.example 的连接不加密"),
    ({"FENGQIAO_SMTP_URL": ""}, 0, "留意", "没有邮件服务器"),
    ({"FENGQIAO_METRICS_TOKEN": ""}, 0, "留意", "没有设置监控令牌"),
    ({"FENGQIAO_CLAMD": ""}, 0, "留意", "没有配置杀毒程序"),
    ({"FENGQIAO_CLAMD": "/nowhere/clamd.ctl"}, 1, "缺", "没有应答，现在不能上传文件"),
    ({"FENGQIAO_LEAKED_PASSWORDS": ""}, 0, "留意", "没有泄露密码库"),
    ({"FENGQIAO_SIGNING_SERVICE": ""}, 1, "缺", "自带的测试机构"),
    ({"FENGQIAO_TSA_URL": ""}, 1, "缺", "自带的测试时间戳"),
    ({"FENGQIAO_SIGNING_ROOTS": ""}, 1, "缺", "没有可信的根证书"),
    ({"FENGQIAO_LOG_URL": ""}, 0, "留意", "日志只在本机"),
    ({"PATH": "/nowhere"}, 1, "缺", "没有 pg_dump、pg_restore"),
    ({"DATABASE_URL": ""}, 1, "缺", "数据库"),
    ({"DATABASE_URL": "postgresql://portal:secret@127.0.0.1:1/fengqiao"}, 1, "缺", "数据库没有应答"),
    ({"FENGQIAO_PROXIES": "one"}, 2, "", "FENGQIAO_PROXIES is 'one'"),
    ({"FENGQIAO_CIPHER": "rot13"}, 2, "", "FENGQIAO_CIPHER is 'rot13'"),
    ({"FENGQIAO_QUIET_HOURS": "night"}, 2, "", "FENGQIAO_QUIET_HOURS is 'night'"),
)
"""One setting that is wrong, the exit code, the grade, and words of the sentence."""


@pytest.mark.parametrize(("changed", "code", "grade", "said"), WRONG, ids=lambda value: str(value)[:40])
def test_one_wrong_setting_is_named(
    installed: Installation, changed: dict[str, str], code: int, grade: str, said: str
) -> None:
    done = installed.run(
        "check-deploy", **{key: value.format(home=installed.home) for key, value in changed.items()}
    )  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    if grade:
        assert [one for one in grades(done)[grade] if said in one], done.stdout
    else:
        assert said in done.stderr


def test_what_is_wrong_on_the_disk_and_in_the_database_is_named(installed: Installation, server: Cluster) -> None:
    def said(words: str) -> None:
        done = installed.run("check-deploy")
        assert done.returncode == 1, done.stdout
        assert [one for one in grades(done)["缺"] if words in one], done.stdout

    for folder in (installed.home, installed.keys):
        folder.chmod(0o755)
        said(f"{folder} 其他用户也能读")
        folder.chmod(0o700)
    key = next(path for path in installed.keys.glob("*.json") if path.name != "current.json")
    away = key.rename(installed.etc / key.name)
    said("密钥")
    away.rename(key)
    psql = [shutil.which("psql") or "psql", "-qAt", f"{server.url.rpartition('/')[0]}/fengqiao", "-c"]
    sql = "SELECT tgname, tgrelid::regclass, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal AND tgname"
    row = subprocess.run([*psql, f"{sql} LIKE '%audit%' LIMIT 1"], text=True, capture_output=True, check=True).stdout
    name, table, made = row.strip().split("|", 2)
    subprocess.run([*psql, f"DROP TRIGGER {name} ON {table}"], check=True)
    said(name)
    subprocess.run([*psql, made], check=True)
    old = time.time() - 500 * 86400
    os.utime(installed.etc / "leaked.txt", (old, old))
    done = installed.run("check-deploy")
    os.utime(installed.etc / "leaked.txt")
    assert "没有更新" in "".join(grades(done)["留意"])
    assert done.returncode == 0
    assert installed.run("check-deploy").returncode == 0, "all is as before"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd here")
def test_the_units_are_read_by_systemd(tmp_path: Path) -> None:
    service = block("ini", "[Unit]").replace("/opt/fengqiao/bin/fengqiao", "/bin/true")
    for name, text in (
        ("fengqiao.service", service),
        ("fengqiao-worker@.service", service.replace("serve --processes 4 --threads 8 --jobs 1", "worker --jobs 1")),
        ("fengqiao-backup.service", block("ini", "oneshot")),
        ("fengqiao-backup.timer", block("ini", "[Timer]")),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
    names = ["fengqiao.service", "fengqiao-worker@1.service", "fengqiao-backup.timer"]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / name) for name in names)], text=True,
        capture_output=True, check=False,
    )  # fmt: skip
    ours = [line for line in done.stderr.splitlines() if "fengqiao" in line and "Failed to" not in line]
    assert not ours, done.stderr


@pytest.mark.parametrize("kind", ["postgresql", "sqlite"])
def test_a_backup_while_people_work_is_taken_up_elsewhere_and_they_log_in_there(
    kind: str, server: Cluster, clamd: Path, tmp_path: Path
) -> None:
    first_url, second_url = (
        (created(server, "busy"), created(server, "second")) if kind == "postgresql"
        else (f"sqlite:///{tmp_path}/first/home/fengqiao.sqlite3", f"sqlite:///{tmp_path}/second/home/fengqiao.sqlite3")
    )  # fmt: skip
    first = Installation(tmp_path / "first", first_url, clamd)
    first.without("FENGQIAO_SMS_URL")
    for words in (("migrate",), ("keys", "list")):
        assert first.run(*words).returncode == 0
    settings = {**first.settings(), "DJANGO_SETTINGS_MODULE": "fengqiao.portal.settings"}
    subprocess.run([sys.executable, "-c", PERSON], env=settings, cwd=first.home, check=True)
    running, stop, answers = Running(first), threading.Event(), []

    def work() -> None:
        while not stop.is_set():
            running.cookies.clear()
            running.address = f"203.0.113.{len(answers) % 250 + 1}"  # many people, each at home
            answers.append(running.log_in("busy", "wrong"))
            answers.append(running.page("/")[0])

    people = threading.Thread(target=work)
    people.start()
    try:
        wait_for(lambda: len(answers) > 4)
        before = len(answers)
        archive = tmp_path / "busy.tar"
        done = first.run("backup", "--out", archive)
        assert done.returncode == 0, done.stderr
        assert len(answers) > before, "people worked meanwhile"
    finally:
        stop.set()
        people.join()
        running.stop()
    assert set(answers) <= {200, 429} and 200 in answers, answers
    second = moved(first, tmp_path / "second", second_url, clamd)
    second.without("FENGQIAO_SMS_URL")
    assert second.run("restore", archive, "--check").returncode == 0
    done = second.run("restore", archive)
    assert done.returncode == 0, done.stderr
    done = second.run("audit", "verify")
    assert done.returncode == 0, done.stdout + done.stderr
    there = Running(second)
    try:
        assert (there.log_in(), there.give_code()) == (302, 302)
        status, page = there.page("/")
        assert (status, "投资者甲" in page) == (200, True)
    finally:
        there.stop()


@pytest.mark.skipif(not shutil.which("nginx"), reason="no nginx here")
def test_the_proxy_of_the_document_in_front(installed: Installation, tmp_path: Path) -> None:
    running = Running(installed)
    tls, plain = free_port(), free_port()
    public, both = certificate(tmp_path)
    text = block("nginx", "ssl_certificate")
    for written, meant in (
        ("listen 443 ssl", f"listen 127.0.0.1:{tls} ssl"), ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("/etc/ssl/fengqiao/fullchain.pem", str(public)), ("/etc/ssl/fengqiao/key.pem", str(both)),
        ("http://127.0.0.1:8000", f"http://127.0.0.1:{running.port}"),
    ):  # fmt: skip
        assert written in text
        text = text.replace(written, meant)
    (tmp_path / "nginx.conf").write_text(
        f"daemon off; user root; pid {tmp_path}/nginx.pid; error_log {tmp_path}/error.log;\n"
        f"events {{}}\nhttp {{ access_log off; client_body_temp_path {tmp_path}/body;\n"
        f"proxy_temp_path {tmp_path}/proxy;\n"
        f"fastcgi_temp_path {tmp_path}/f; uwsgi_temp_path {tmp_path}/u; scgi_temp_path {tmp_path}/s;\n{text}\n}}\n"
    )
    line = ["nginx", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf"), "-e", str(tmp_path / "error.log")]
    checked = subprocess.run([*line, "-t"], text=True, capture_output=True, check=False)
    assert checked.returncode == 0, checked.stderr
    proxy = subprocess.Popen(line)
    trusting = ssl.create_default_context(cafile=str(public))
    trusting.check_hostname = False

    def asked(path: str, port: int = tls) -> Any:
        scheme, more = ("https", {"context": trusting}) if port == tls else ("http", {})
        request = urllib.request.Request(f"{scheme}://127.0.0.1:{port}{path}", headers={"Host": "fengqiao.example"})
        opener = urllib.request.build_opener(
            Quiet, *([urllib.request.HTTPSHandler(**more)] if more else [])
        )  # fmt: skip
        try:
            with opener.open(request, timeout=60) as answer:
                return answer.status, dict(answer.headers)
        except urllib.error.HTTPError as error:
            return error.code, dict(error.headers)

    def listens() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", tls)) == 0

    try:
        wait_for(listens)
        status, headers = asked("/login/")
        assert status == 200
        assert "max-age" in headers["Strict-Transport-Security"]
        assert asked("/operations/ready/")[0] == 403, "not for the world"
        status, headers = asked("/login/", plain)
        assert (status, headers["Location"]) == (301, "https://fengqiao.example/login/")
        assert json.loads(running.page("/operations/ready/")[1])
    finally:
        proxy.terminate()
        proxy.wait(30)
        running.stop()
