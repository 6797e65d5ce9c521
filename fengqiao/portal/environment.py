"""What the operator sets from outside: read once, checked, explained in a sentence."""

from __future__ import annotations

import datetime as dt
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from fengqiao.engine.errors import InputError

KEY_FILE = "secret.key"
CIPHERS = ("aes-256-gcm", "sm4-gcm")
FILE_GATEWAY = "fengqiao.portal.accounts.sms.FileGateway"
HTTP_GATEWAY = "fengqiao.portal.accounts.sms_http.HttpGateway"
FILE_VOICE, HTTP_VOICE = "fengqiao.portal.accounts.voice.FileVoice", "fengqiao.portal.accounts.voice.HttpVoice"
DEVELOPMENT_HOSTS = ("127.0.0.1", "localhost", "[::1]")


@dataclass(frozen=True)
class Environment:
    """The operator's settings, as values."""

    home: Path
    """Where everything that belongs to this installation lies: database, files, keys, logs."""
    database_url: str
    secret_key: str
    public_url: str
    hosts: tuple[str, ...]
    debug: bool
    proxies: int
    """How many reverse proxies in front may be believed about where a request comes from."""
    keys: Path
    """The folder of the keys; better on another medium than the database and its backups."""
    cipher: str
    """What new keys for personal data encrypt with."""
    metrics_token: str
    """What Prometheus must bring; without one only this machine is answered."""
    sms_gateway: str
    """The class that sends short messages, as module.Class."""
    sms_url: str
    """Where a gateway reached by HTTP is."""
    sms_key: str
    """What the gateway knows us by."""
    sms_callback_key: str
    """What the gateway signs its reports of delivery with; without one none is believed."""
    smtp_url: str
    """The mail server, as smtp://user:password@host:587; without one, mails go to files."""
    mail_from: str
    """The sender of mails."""
    quiet_hours: tuple[dt.time, dt.time]
    """From when to when at night nobody's telephone rings for what can wait."""
    signing_service: str = ""
    """What makes signatures: an address, or module.Class; without one the built-in test authority."""
    voice_url: str = ""
    """Where a gateway is that calls people and reads codes out; without one nobody is called."""
    voice_key: str = ""
    """What that gateway knows us by."""
    voice_gateway: str = ""
    """The class that has codes read out, as module.Class; empty where nobody can be called."""
    signing_key: str = ""
    """What the signing service knows us by."""
    signing_roots: str = ""
    """A file with the root certificates (PEM) of the signing service and of the time-stamp authority."""
    tsa_url: str = ""
    """The time-stamp authority (RFC 3161); without one the built-in test authority."""
    clamd: str = ""
    """Where ClamAV's daemon listens: the path of its socket, or host:port. Without one nothing is scanned."""
    log_url: str = ""
    """Where lines of the log go besides standard error, as syslogs://logs.example:6514 (syslog over TLS)."""
    log_roots: str = ""
    """A file with the root certificates (PEM) of that machine; without one, those of the system."""
    measure_memory: int = 0
    """Bytes of memory that one measuring run may take; 0: no limit."""
    leaked_passwords: Path | None = None
    """A file of SHA-1 digests of leaked passwords, sorted; see accounts/known_passwords.py."""

    @property
    def secure(self) -> bool:
        """True when people reach the portal by https."""
        return self.public_url.startswith("https://")


def truth(name: str, text: str) -> bool:
    """A setting that is on or off."""
    known = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    if text.lower() not in known:
        raise InputError(f"{name} is {text!r}; give 1 or 0.")
    return known[text.lower()]


def hours(name: str, text: str) -> tuple[dt.time, dt.time]:
    """A stretch of the day, as 21:00-08:00; the same moment twice: none."""
    found = re.fullmatch(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})", text)
    try:
        parts = [int(part) for part in found.groups()] if found else []
        return dt.time(parts[0], parts[1]), dt.time(parts[2], parts[3])
    except (ValueError, IndexError):
        raise InputError(f"{name} is {text!r}; give two times of the day, as 21:00-08:00.") from None


def secret_of(home: Path) -> str:
    """The installation's own secret: made at the first start, readable only by the user who runs the portal."""
    path = home / KEY_FILE
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:  # another process was quicker
            return path.read_text(encoding="ascii").strip()
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(64) + "\n")
    return path.read_text(encoding="ascii").strip()


def memory(name: str, text: str) -> int:
    """A limit on memory in bytes, as 4GiB; nothing: no limit."""
    if not text:
        return 0
    from fengqiao.engine.loss.spill.limit import parse_size, require_workable

    try:
        size = parse_size(text)
        require_workable(size)
    except InputError as error:
        raise InputError(f"{name} is {text!r}; {error}") from error
    return size


def database_of(url: str, home: Path) -> str:
    """The address of the database; without one the embedded one."""
    if url and urlsplit(url).scheme not in ("sqlite", "postgres", "postgresql"):
        raise InputError(
            "DATABASE_URL cannot be read; give it as postgresql://user:password@host/database, or leave it out for the "
            "embedded database."
        )
    return url or f"sqlite:///{home / 'fengqiao.sqlite3'}"


def signing_of(variables: Mapping[str, str]) -> dict[str, str]:
    """The settings of signing."""
    service, tsa = variables.get("FENGQIAO_SIGNING_SERVICE") or "", variables.get("FENGQIAO_TSA_URL") or ""
    roots = variables.get("FENGQIAO_SIGNING_ROOTS") or ""
    if service and not service.startswith(("https://", "http://")) and not re.fullmatch(r"\w+(\.\w+)+", service):
        raise InputError(f"FENGQIAO_SIGNING_SERVICE is {service!r}; give an https address, or module.Class.")
    if tsa and urlsplit(tsa).scheme not in ("http", "https"):
        raise InputError(f"FENGQIAO_TSA_URL is {tsa!r}; give the address of the authority, as https://tsa.example.")
    if roots and not Path(roots).is_file():
        raise InputError(f"FENGQIAO_SIGNING_ROOTS is {roots!r}, but no such file; give one with PEM certificates.")
    return {
        "signing_service": service, "signing_key": variables.get("FENGQIAO_SIGNING_KEY") or "",
        "signing_roots": roots, "tsa_url": tsa,
    }  # fmt: skip


def voice_of(variables: Mapping[str, str], sms_url: str) -> dict[str, str]:
    """Who reads codes out: a gateway; a file where messages go to a file, too; else nobody."""
    url = variables.get("FENGQIAO_VOICE_URL") or ""
    if url and urlsplit(url).scheme not in ("http", "https"):
        raise InputError(f"FENGQIAO_VOICE_URL is {url!r}; give the address, as https://voice.example/v1.")
    usual = HTTP_VOICE if url else "" if sms_url else FILE_VOICE
    return {
        "voice_url": url, "voice_key": variables.get("FENGQIAO_VOICE_KEY") or "",
        "voice_gateway": variables.get("FENGQIAO_VOICE_GATEWAY") or usual,
    }  # fmt: skip


def read_environment(variables: Mapping[str, str]) -> Environment:
    """Read the operator's settings; anything unusable is refused with the name of the setting."""
    home = Path(variables.get("FENGQIAO_HOME") or "fengqiao-data").absolute()
    public_url = (variables.get("FENGQIAO_URL") or "http://127.0.0.1:8000").rstrip("/")
    address = urlsplit(public_url)
    if address.scheme not in ("http", "https") or not address.hostname:
        raise InputError(f"FENGQIAO_URL is {public_url!r}; give the address people type, as https://fengqiao.example.")
    proxies = variables.get("FENGQIAO_PROXIES") or "0"
    if not proxies.isdecimal():
        raise InputError(f"FENGQIAO_PROXIES is {proxies!r}; give the number of reverse proxies in front.")
    cipher = (variables.get("FENGQIAO_CIPHER") or CIPHERS[0]).lower()
    if cipher not in CIPHERS:
        raise InputError(f"FENGQIAO_CIPHER is {cipher!r}; give one of {', '.join(CIPHERS)}.")
    sms_url, smtp_url = variables.get("FENGQIAO_SMS_URL") or "", variables.get("FENGQIAO_SMTP_URL") or ""
    if sms_url and urlsplit(sms_url).scheme not in ("http", "https"):
        raise InputError(f"FENGQIAO_SMS_URL is {sms_url!r}; give the gateway's address, as https://sms.example/v1.")
    if smtp_url and (urlsplit(smtp_url).scheme not in ("smtp", "smtps") or not urlsplit(smtp_url).hostname):
        raise InputError("FENGQIAO_SMTP_URL cannot be read; give it as smtp://user:password@mail.example:587.")
    signing = signing_of(variables)
    log_url, log_roots = variables.get("FENGQIAO_LOG_URL") or "", variables.get("FENGQIAO_LOG_ROOTS") or ""
    if log_url and (urlsplit(log_url).scheme != "syslogs" or not urlsplit(log_url).hostname):
        raise InputError(f"FENGQIAO_LOG_URL is {log_url!r}; give it as syslogs://logs.example:6514.")
    if log_roots and not Path(log_roots).is_file():
        raise InputError(f"FENGQIAO_LOG_ROOTS is {log_roots!r}, but no such file; give one with PEM certificates.")
    clamd = variables.get("FENGQIAO_CLAMD") or ""
    if clamd and not clamd.startswith("/") and not clamd.rpartition(":")[2].isdecimal():
        raise InputError(f"FENGQIAO_CLAMD is {clamd!r}; give the path of clamd's socket, or host:port.")
    leaked = Path(named).absolute() if (named := variables.get("FENGQIAO_LEAKED_PASSWORDS")) else None
    if leaked and not (leaked.is_file() and os.access(leaked, os.R_OK)):
        raise InputError(
            f"FENGQIAO_LEAKED_PASSWORDS is {str(leaked)!r}, which cannot be read; give a file, or leave it out."
        )
    return Environment(
        home=home,
        database_url=database_of(variables.get("DATABASE_URL") or "", home),
        secret_key=variables.get("FENGQIAO_SECRET_KEY") or secret_of(home),
        public_url=public_url,
        hosts=tuple(dict.fromkeys((address.hostname, *DEVELOPMENT_HOSTS))),
        debug=truth("FENGQIAO_DEBUG", variables.get("FENGQIAO_DEBUG") or "0"),
        proxies=int(proxies),
        keys=Path(variables.get("FENGQIAO_KEYS") or home / "keys").absolute(),
        cipher=cipher,
        metrics_token=variables.get("FENGQIAO_METRICS_TOKEN") or "",
        sms_gateway=variables.get("FENGQIAO_SMS_GATEWAY") or (HTTP_GATEWAY if sms_url else FILE_GATEWAY),
        sms_url=sms_url,
        sms_key=variables.get("FENGQIAO_SMS_KEY") or "",
        sms_callback_key=variables.get("FENGQIAO_SMS_CALLBACK_KEY") or "",
        smtp_url=smtp_url,
        mail_from=variables.get("FENGQIAO_MAIL_FROM") or f"no-reply@{address.hostname}",
        quiet_hours=hours("FENGQIAO_QUIET_HOURS", variables.get("FENGQIAO_QUIET_HOURS") or "21:00-08:00"),
        clamd=clamd,
        measure_memory=memory("FENGQIAO_MEASURE_MEMORY", variables.get("FENGQIAO_MEASURE_MEMORY") or ""),
        leaked_passwords=leaked,
        log_url=log_url,
        log_roots=log_roots,
        **signing,
        **voice_of(variables, sms_url),
    )
