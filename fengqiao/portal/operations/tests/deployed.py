"""What docs/deploy.md makes, in a folder of its own: the installation, its database, its server with one browser."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import Cookie, CookieJar
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

from fengqiao.portal.operations.tests.test_serving import HERE, wait_for
from fengqiao.portal.operations.tests.tls import certificate
from tests.postgresql import Cluster, free_port

DEPLOY = (HERE / "docs" / "deploy.md").read_text(encoding="utf-8")
PROGRAM = [sys.executable, "-m", "fengqiao.cli.main"]
REVIEWED = (
    "import pathlib, sys; import fengqiao.portal.operations.links as links; from fengqiao.cli.main import entry;"
    "links.COMPONENTS = pathlib.Path({file!r}); entry()"
)
"""The same program, with components that were held against the advisories today: see `check-deploy`."""
PASSWORD = "for-tests-only-2026"


def block(kind: str, holds: str) -> str:
    """A block of the document, by a word in it."""
    return next(text for text in re.findall(rf"```{kind}\n(.*?)```", DEPLOY, re.S) if holds in text)


class Installation:
    """What the document makes, in a folder of its own."""

    def __init__(self, place: Path, database: str, clamd: Path) -> None:
        self.home, self.keys, self.etc = place / "home", place / "keys", place / "etc"
        for folder in (self.home, self.keys, self.etc):
            folder.mkdir(parents=True, mode=0o700)
        (self.etc / "roots.pem").write_bytes(certificate(self.etc)[0].read_bytes())
        (self.etc / "leaked.txt").write_text("0" * 40 + ":1\n")
        text = block("sh", "# /etc/fengqiao/environment")
        here = {
            "/var/lib/fengqiao": self.home, "/etc/fengqiao/keys": self.keys, "/run/clamav/clamd.ctl": clamd,
            "/etc/fengqiao/leaked-passwords.txt": self.etc / "leaked.txt",
            "/etc/fengqiao/signing-roots.pem": self.etc / "roots.pem",
            "'postgresql://fengqiao:……@127.0.0.1/fengqiao'": f"'{database}'",
        }  # fmt: skip
        for written, meant in here.items():
            assert written in text, written
            text = text.replace(written, str(meant))
        reviewed = self.etc / "components.toml"
        today = dt.datetime.now(dt.UTC).date()
        reviewed.write_text(f'reviewed_on = {today}\n[advisories]\nreviewed_on = {today}\nbasis = "live"\n')
        self.program = [sys.executable, "-c", REVIEWED.format(file=str(reviewed))]
        self.file = self.etc / "environment"
        self.file.write_text(text.replace("……", "secret-of-tests"), encoding="utf-8")
        path = str(Path(sys.executable).parent)
        self.outside = {"PATH": f"{path}:{os.environ['PATH']}", "PYTHONPATH": str(HERE), "LANG": "C.UTF-8"}

    def run(
        self, *words: str | Path, program: list[str] | None = None, **more: str
    ) -> subprocess.CompletedProcess[str]:
        """`as-fengqiao WORDS`: the document's script without its change of user. more: settings, "" for none."""
        script = block("sh", "setpriv").splitlines()
        line = script[2].partition("exec setpriv")[0] + "exec " + shlex.join(program or self.program) + ' "$@"'
        begin = script[1].replace("/etc/fengqiao/environment", str(self.file))
        outside = {**self.outside, **{key: value for key, value in more.items() if key == "PATH"}}
        changed = "\n".join(f"export {key}={shlex.quote(value)}" for key, value in more.items() if key != "PATH")
        return subprocess.run(
            ["/bin/sh", "-c", f"{begin}\n{changed}\n{line}", "as-fengqiao", *map(str, words)], env=outside,
            text=True, capture_output=True, check=False, timeout=900,
        )  # fmt: skip

    def without(self, name: str) -> None:
        """Take a setting out of the file."""
        text = self.file.read_text(encoding="utf-8")
        self.file.write_text(re.sub(rf"^{name}=.*\n", "", text, flags=re.M), encoding="utf-8")

    def settings(self) -> dict[str, str]:
        """The environment file as systemd reads it."""
        rows = [line for line in self.file.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
        read = dict(line.split("=", 1) for line in rows)
        return {**self.outside, **{key: value.strip("'") for key, value in read.items()}}


def created(server: Cluster, name: str) -> str:
    """A database as the document's SQL makes it; the address of its owner."""
    sql = block("sql", "CREATE DATABASE").replace("……", "secret").replace("DATABASE fengqiao", f"DATABASE {name}")
    rows = [row for row in sql.split(";") if row.strip()]
    rows[0] = rows[0].replace("ROLE fengqiao", "ROLE portal")  # the cluster's own user has the name
    rows[-1] = rows[-1].replace("OWNER fengqiao", "OWNER portal")
    psql = [shutil.which("psql") or "psql", "-q", "-v", "ON_ERROR_STOP=1", server.url]
    there = subprocess.run(
        [*psql, "-At", "-c", "SELECT rolname FROM pg_roles"], text=True, capture_output=True, check=True
    )
    for row in rows[1:] if "portal" in there.stdout.split() else rows:
        subprocess.run([*psql, "-c", row], check=True)
    return f"postgresql://portal:secret@127.0.0.1:{server.port}/{name}"


class Running:
    """`fengqiao serve` in an installation, with one browser."""

    def __init__(self, at: Installation, **more: str) -> None:
        self.at, self.port = at, free_port()
        words = [*PROGRAM, "serve", "--port", str(self.port), "--processes", "1"]
        self.process = subprocess.Popen(
            words, cwd=at.home, env={**at.settings(), **more}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        self.cookies, self.address = CookieJar(), "198.51.100.1"
        wait_for(lambda: self.page("/operations/ready/")[0] == 200)

    def page(self, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        """Status and content of an address, asked as a proxy with https asks."""
        headers = {
            "X-Forwarded-Proto": "https", "X-Forwarded-For": self.address, "Host": "fengqiao.example",
            "Referer": "https://fengqiao.example/",
            "Cookie": "; ".join(f"{one.name}={one.value}" for one in self.cookies),
        }  # fmt: skip
        data = urllib.parse.urlencode(form).encode() if form is not None else None
        asked = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data=data, headers=headers)
        opener = urllib.request.build_opener(Quiet)
        try:
            with opener.open(asked, timeout=60) as answer:
                self.keep(answer.headers)
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            self.keep(error.headers)
            return error.code, error.read().decode(errors="replace")
        except OSError:
            return 0, ""

    def keep(self, headers: Any) -> None:
        """Cookies of an answer, secure ones too: the proxy in front speaks https."""
        for line in headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(line).items():
                self.cookies.set_cookie(cookie(name, morsel.value))

    def log_in(self, name: str = "visitor", password: str = PASSWORD) -> int:
        """As people do: the page, its token, name and password."""
        page = self.page("/login/")[1]
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert token, page[:500]
        given = {"csrfmiddlewaretoken": token.group(1), "login": name, "password": password}
        return self.page("/login/", given)[0]

    def give_code(self) -> int:
        """The code that came by short message, as the gateway of an installation without one keeps it."""
        lines = (self.at.home / "outbox" / "sms.jsonl").read_text(encoding="utf-8").splitlines()
        code = re.search(r"\d{6}", json.loads(lines[-1])["text"])
        page = self.page("/login/code/confirm/")[1]
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert code and token, page[:500]
        given = {"csrfmiddlewaretoken": token.group(1), "code": code.group(0)}
        return self.page("/login/code/confirm/", given)[0]

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(60)


class Quiet(urllib.request.HTTPRedirectHandler):
    """Redirects are answers."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def cookie(name: str, value: str) -> Any:
    """A cookie for every address."""
    return Cookie(0, name, value, None, False, "127.0.0.1", False, False, "/", True, False, None, False, None, None, {})


def moved(at: Installation, place: Path, database: str, clamd: Path) -> Installation:
    """A second place with the keys of the first, as the document says."""
    made = Installation(place, database, clamd)
    shutil.rmtree(made.keys)
    shutil.copytree(at.keys, made.keys)
    return made
