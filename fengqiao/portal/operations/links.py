"""`fengqiao check-deploy`, about connections: who talks to whom, whether others can listen, where the log goes, and how
long ago the components were held against published weaknesses."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings

from fengqiao.portal.environment import HTTP_GATEWAY, Environment
from fengqiao.portal.operations.matter import Grade, Matter
from fengqiao.portal.outbound import is_of_this_machine, places

CERTAIN = ("verify-full", "verify-ca")
COMPONENTS = Path(__file__).parent / "data" / "components.toml"
REVIEW_DAYS = 100
"""A quarter and a few days: by then components were to be looked at again (docs/security.md)."""


def database_link(environment: Environment) -> Iterator[Matter]:
    """PostgreSQL on another machine: encrypted, and its certificate is looked at."""
    place = urlsplit(environment.database_url)
    if not place.scheme.startswith("postgres"):
        return
    query = parse_qs(place.query)
    host = query.get("host", [place.hostname or ""])[0]
    mode = query.get("sslmode", ["prefer"])[0]
    if host.startswith("/") or is_of_this_machine(host):
        yield Matter(Grade.GOOD, "数据库在本机，连接不出这台机器")
    elif mode in CERTAIN:
        yield Matter(Grade.GOOD, f"与数据库 {host} 的连接加密并核对证书（sslmode={mode}）")
    else:
        yield Matter(
            Grade.LACKING, f"与数据库 {host} 的连接不保证加密，也不核对对方证书（sslmode={mode}）。",
            "在 DATABASE_URL 后加 ?sslmode=verify-full&sslrootcert=根证书文件，并在 PostgreSQL 上启用 ssl。",
        )  # fmt: skip


def http_links(environment: Environment) -> Iterator[Matter]:
    """Gateways and services reached by HTTP: by https, unless they are on this machine."""
    for name, url, setting in (
        ("短信网关", environment.sms_url, "FENGQIAO_SMS_URL"),
        ("语音网关", environment.voice_url, "FENGQIAO_VOICE_URL"),
        ("签名服务", environment.signing_service, "FENGQIAO_SIGNING_SERVICE"),
    ):
        place = urlsplit(url)
        if place.scheme == "https":
            yield Matter(Grade.GOOD, f"与{name} {place.hostname} 的连接加密并核对证书")
        elif place.scheme == "http" and not is_of_this_machine(place.hostname or ""):
            yield Matter(Grade.LACKING, f"与{name} {place.hostname} 的连接不加密。", f"把 {setting} 换成 https 地址。")
    if environment.sms_gateway != HTTP_GATEWAY and "accounts.sms." not in environment.sms_gateway:
        yield Matter(
            Grade.NOTE, f"短信由自己的类 {environment.sms_gateway} 发送，平台看不到它怎样连接。",
            "请自行核对它用 https、核对证书，且所连的主机已在防火墙放行。",
        )  # fmt: skip


def scanner_link(environment: Environment) -> Iterator[Matter]:
    """clamd speaks in the clear: on this machine only."""
    if not environment.clamd or environment.clamd.startswith("/"):
        return
    host = environment.clamd.rpartition(":")[0].strip("[]")
    if not is_of_this_machine(host):
        yield Matter(
            Grade.LACKING, f"上传的文件不加密地送到 {host} 上的 clamd。",
            "把 clamd 装在本机（用套接字），或者经 stunnel 之类的加密通道连接，再把 FENGQIAO_CLAMD 指向本机的一端。",
        )  # fmt: skip


def mail_link(environment: Environment) -> Iterator[Matter]:
    """Mail goes by TLS always: smtps, or smtp with STARTTLS; the certificate is looked at by Django's backend."""
    if environment.smtp_url:
        yield Matter(Grade.GOOD, f"与邮件服务器 {urlsplit(environment.smtp_url).hostname} 的连接加密并核对证书")


def log_link(environment: Environment) -> Iterator[Matter]:
    """The log is elsewhere, too: whoever takes this machine over cannot take back what it said."""
    if environment.log_url:
        yield Matter(Grade.GOOD, f"日志同时经 TLS 送到 {urlsplit(environment.log_url).hostname}")
    else:
        yield Matter(
            Grade.NOTE, "日志只在本机（标准错误）：有人控制这台机器，就能抹掉日志。",
            "设置 FENGQIAO_LOG_URL=syslogs://主机:6514 送到日志服务器，或者由 journald、容器平台转送到别的机器。",
        )  # fmt: skip


def allowed_places(environment: Environment) -> Iterator[Matter]:
    """The list that the program holds itself to."""
    hosts = sorted({host for host in places(environment).values() if not is_of_this_machine(host)})
    yield Matter(
        Grade.GOOD, f"程序只连接本机{'和 ' + '、'.join(hosts) if hosts else ''}，其他连接一律拒绝"
        "（防火墙或 systemd 的 IPAddressAllow 请用同一份名单）",
    )  # fmt: skip


def components(now: dt.datetime) -> Iterator[Matter]:
    """The components were held against published weaknesses not too long ago."""
    kept = tomllib.loads(COMPONENTS.read_text(encoding="utf-8"))
    yield advisories(kept.get("advisories"), now)
    reviewed: dt.date = kept["reviewed_on"]
    days = (now.date() - reviewed).days
    if days > REVIEW_DAYS:
        yield Matter(
            Grade.LACKING, f"这一版的第三方组件已有 {days} 天没有核对，超过每季度一次的时限。",
            "安装新的版本；没有新版本的，联网运行 make audit，按 docs/security.md 的时限修补。",
        )  # fmt: skip
    else:
        yield Matter(Grade.GOOD, f"第三方组件于 {reviewed:%Y年%m月%d日} 核对过")


def advisories(kept: dict[str, Any] | None, now: dt.datetime) -> Matter:
    """Whether anybody held the components against published weaknesses, when, and against what: the live database, or
    stored copies of advisories, which is said."""
    what_to_do = "在能上网的机器上取同一版源码，运行 make audit；查出的按 docs/security.md 的时限修补，装修补后的版本。"
    if kept is None:
        return Matter(Grade.LACKING, "这一版的第三方组件还没有与漏洞公告对照过。", what_to_do)
    reviewed: dt.date = kept["reviewed_on"]
    days = (now.date() - reviewed).days
    if days > REVIEW_DAYS:
        return Matter(Grade.LACKING, f"第三方组件已有 {days} 天没有与漏洞公告对照。", what_to_do)
    if kept["basis"] == "live":
        return Matter(Grade.GOOD, f"第三方组件于 {reviewed:%Y年%m月%d日} 与漏洞公告的实时数据库对照过")
    until: dt.date = kept["known_until"]
    return Matter(
        Grade.GOOD, f"第三方组件于 {reviewed:%Y年%m月%d日} 与漏洞公告的存档（至 {until:%Y年%m月%d日}）逐个对照过；"
        "没有查实时的数据库，此后的公告要联网运行 make audit 才知道（docs/components.md）",
    )  # fmt: skip


LINKS: tuple[Callable[[Environment], Iterator[Matter]], ...] = (
    database_link, http_links, scanner_link, mail_link, log_link, allowed_places,
)  # fmt: skip


def matters_of_links(now: dt.datetime) -> list[Matter]:
    """All of them."""
    found = [matter for check in LINKS for matter in check(settings.ENVIRONMENT)]
    return [*found, *components(now)]
