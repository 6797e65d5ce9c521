"""What the operator sets from outside: read once, checked, explained in a sentence."""

from __future__ import annotations

import datetime as dt
import os
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from fengqiao.engine.errors import InputError

KEY_FILE = "secret.key"
WEB, MAIL, DATABASES = ("http", "https"), ("smtp", "smtps"), ("sqlite", "postgres", "postgresql")
LAST_PORT = 65535
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
        raise InputError(f"{name} is {text!r} (设置不能用); give 1 or 0.")
    return known[text.lower()]


def hours(name: str, text: str) -> tuple[dt.time, dt.time]:
    """A stretch of the day, as 21:00-08:00; the same moment twice: none."""
    found = re.fullmatch(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})", text)
    try:
        parts = [int(part) for part in found.groups()] if found else []
        return dt.time(parts[0], parts[1]), dt.time(parts[2], parts[3])
    except (ValueError, IndexError):
        raise InputError(f"{name} is {text!r} (设置不能用); give two times of the day, as 21:00-08:00.") from None


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
        raise InputError(f"{name} is {text!r} (设置不能用); {error}") from error
    return size


def database_of(url: str, home: Path) -> str:
    """The address of the database; without one the embedded one."""
    if not url:
        return f"sqlite:///{home / 'fengqiao.sqlite3'}"
    address = split(url)
    in_memory = bool(address and address.scheme == "sqlite" and address.path in ("", "/", "/:memory:"))
    if not address or address.scheme not in DATABASES or in_memory or len(address.path) < 2:
        raise InputError(
            "DATABASE_URL cannot be read (设置不能用); give it as postgresql://user:password@host/database, "
            "or leave it out for the "
            "embedded database."
        )
    return url


def split(url: str) -> SplitResult | None:
    """The parts of an address; None for what has no parts, or a port that is none."""
    try:
        address = urlsplit(url)
        return address if address.port != 0 else None
    except ValueError:
        return None


def address_of(variables: Mapping[str, str], name: str, schemes: Sequence[str], example: str) -> str:
    """A setting that is the address of a service; empty where it is not given."""
    url = variables.get(name) or ""
    address = split(url)
    if url and not (address and address.scheme in schemes and address.hostname):
        shown = repr(url) if "@" not in url else "no address of that kind"  # there may be a password in it
        raise InputError(f"{name} is {shown} (设置不能用); give it as {example}.")
    return url


def certificates_of(variables: Mapping[str, str], name: str) -> str:
    """A setting that is a file with certificates; empty where it is not given."""
    path = variables.get(name) or ""
    if path and not Path(path).is_file():
        raise InputError(f"{name} is {path!r}, but no such file (没有这个文件); give one with PEM certificates.")
    return path


def clamd_of(text: str) -> str:
    """Where clamd listens: the path of its socket, or host:port."""
    host, _, port = text.rpartition(":")
    if text and not text.startswith("/") and not (host and port.isdecimal() and 0 < int(port) <= LAST_PORT):
        raise InputError(f"FENGQIAO_CLAMD is {text!r} (设置不能用); give the path of clamd's socket, or host:port.")
    return text


def signing_of(variables: Mapping[str, str]) -> dict[str, str]:
    """The settings of signing."""
    service = variables.get("FENGQIAO_SIGNING_SERVICE") or ""
    if not re.fullmatch(r"\w+(\.\w+)+", service):
        address_of(variables, "FENGQIAO_SIGNING_SERVICE", WEB, "https://sign.example/v1, or as module.Class")
    return {
        "signing_service": service, "signing_key": variables.get("FENGQIAO_SIGNING_KEY") or "",
        "signing_roots": certificates_of(variables, "FENGQIAO_SIGNING_ROOTS"),
        "tsa_url": address_of(variables, "FENGQIAO_TSA_URL", WEB, "https://tsa.example"),
    }  # fmt: skip


def voice_of(variables: Mapping[str, str], sms_url: str) -> dict[str, str]:
    """Who reads codes out: a gateway; a file where messages go to a file, too; else nobody."""
    url = address_of(variables, "FENGQIAO_VOICE_URL", WEB, "https://voice.example/v1")
    usual = HTTP_VOICE if url else "" if sms_url else FILE_VOICE
    return {
        "voice_url": url, "voice_key": variables.get("FENGQIAO_VOICE_KEY") or "",
        "voice_gateway": variables.get("FENGQIAO_VOICE_GATEWAY") or usual,
    }  # fmt: skip


def read_environment(variables: Mapping[str, str]) -> Environment:
    """Read the operator's settings; anything unusable is refused with the name of the setting."""

    def text(name: str, default: str = "") -> str:
        return variables.get(name) or default

    home = Path(text("FENGQIAO_HOME", "fengqiao-data")).absolute()
    public_url = address_of(variables, "FENGQIAO_URL", WEB, "people type it, https://fengqiao.example").rstrip("/")
    public_url = public_url or "http://127.0.0.1:8000"
    host = urlsplit(public_url).hostname or ""
    proxies = text("FENGQIAO_PROXIES", "0")
    if not proxies.isdecimal():
        raise InputError(f"FENGQIAO_PROXIES is {proxies!r} (设置不能用); give the number of reverse proxies in front.")
    cipher = text("FENGQIAO_CIPHER", CIPHERS[0]).lower()
    if cipher not in CIPHERS:
        raise InputError(f"FENGQIAO_CIPHER is {cipher!r} (设置不能用); give one of {', '.join(CIPHERS)}.")
    sms_url = address_of(variables, "FENGQIAO_SMS_URL", WEB, "https://sms.example/v1")
    leaked = Path(named).absolute() if (named := variables.get("FENGQIAO_LEAKED_PASSWORDS")) else None
    if leaked and not (leaked.is_file() and os.access(leaked, os.R_OK)):
        raise InputError(
            f"FENGQIAO_LEAKED_PASSWORDS is {str(leaked)!r}, which cannot be read (文件读不出); "
            "give a file, or leave it out."
        )
    return Environment(
        home=home,
        database_url=database_of(text("DATABASE_URL"), home),
        secret_key=variables.get("FENGQIAO_SECRET_KEY") or secret_of(home),
        public_url=public_url,
        hosts=tuple(dict.fromkeys((host, *DEVELOPMENT_HOSTS))),
        debug=truth("FENGQIAO_DEBUG", text("FENGQIAO_DEBUG", "0")),
        proxies=int(proxies),
        keys=Path(text("FENGQIAO_KEYS") or home / "keys").absolute(),
        cipher=cipher,
        metrics_token=text("FENGQIAO_METRICS_TOKEN"),
        sms_gateway=text("FENGQIAO_SMS_GATEWAY", HTTP_GATEWAY if sms_url else FILE_GATEWAY),
        sms_url=sms_url,
        sms_key=text("FENGQIAO_SMS_KEY"),
        sms_callback_key=text("FENGQIAO_SMS_CALLBACK_KEY"),
        smtp_url=address_of(variables, "FENGQIAO_SMTP_URL", MAIL, "smtp://user:password@mail.example:587"),
        mail_from=text("FENGQIAO_MAIL_FROM", f"no-reply@{host}"),
        quiet_hours=hours("FENGQIAO_QUIET_HOURS", text("FENGQIAO_QUIET_HOURS", "21:00-08:00")),
        clamd=clamd_of(text("FENGQIAO_CLAMD")),
        measure_memory=memory("FENGQIAO_MEASURE_MEMORY", text("FENGQIAO_MEASURE_MEMORY")),
        leaked_passwords=leaked,
        log_url=address_of(variables, "FENGQIAO_LOG_URL", ("syslogs",), "syslogs://logs.example:6514"),
        log_roots=certificates_of(variables, "FENGQIAO_LOG_ROOTS"),
        **signing_of(variables),
        **voice_of(variables, sms_url),
    )
