"""`fengqiao check-deploy`: what an installation lacks before people may rely on it."""

from __future__ import annotations

import datetime as dt
import shutil
import stat
import time
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.core.checks import run_checks
from django.db import DatabaseError, connection
from django.utils import timezone

from fengqiao.portal.audit import triggers
from fengqiao.portal.deadlines.triggers import HISTORY
from fengqiao.portal.documents import clamav
from fengqiao.portal.environment import FILE_GATEWAY, FILE_VOICE
from fengqiao.portal.keystore import KeyStoreError, Use, key_store
from fengqiao.portal.operations import queries
from fengqiao.portal.operations.database import embedded
from fengqiao.portal.operations.links import matters_of_links
from fengqiao.portal.operations.matter import Grade, Matter
from fengqiao.portal.service.triggers import TRACES
from fengqiao.portal.signing import provider, trust
from fengqiao.portal.signing.triggers import EVIDENCE

LEAKED_DAYS = 400
"""How old the file of leaked passwords may be."""


def open_to_others(path: Path) -> bool:
    """True when other users of the machine can read it."""
    return path.exists() and bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


def address() -> Matter:
    """People reach it by https."""
    if settings.ENVIRONMENT.secure:
        return Matter(Grade.GOOD, f"对外地址 {settings.ENVIRONMENT.public_url}")
    return Matter(
        Grade.LACKING, "对外地址不是 https：密码和会话会以明文传输。",
        "在前面架设 nginx 并配置证书（见 docs/deploy.md），把 FENGQIAO_URL 设为 https 地址。",
    )  # fmt: skip


def debugging() -> Matter:
    """No details of errors for strangers."""
    if not settings.DEBUG:
        return Matter(Grade.GOOD, "调试方式已关闭")
    return Matter(Grade.LACKING, "调试方式开着：出错页面会泄露内部信息。", "去掉 FENGQIAO_DEBUG。")


def home_is_private() -> Matter:
    """Nobody else on the machine reads the data."""
    home = Path(settings.ENVIRONMENT.home)
    if not open_to_others(home):
        return Matter(Grade.GOOD, "数据目录只有运行账户可读")
    return Matter(Grade.LACKING, f"数据目录 {home} 其他用户也能读。", f"运行：chmod 700 {home}")


def keys_apart() -> Matter:
    """What opens the data does not lie beside them."""
    keys, home = Path(settings.KEY_FOLDER), Path(settings.ENVIRONMENT.home)
    if home not in keys.parents:
        return Matter(Grade.GOOD, f"密钥目录 {keys} 与数据分开存放")
    return Matter(
        Grade.NOTE, "密钥与数据在同一目录：拿到这个目录的人能解开个人信息。",
        "把 FENGQIAO_KEYS 指向另一块磁盘或加密卷，并单独备份密钥。",
    )  # fmt: skip


def keys_made() -> Matter:
    """There is a key for every use before the service starts, which may only read them; nobody else reads them."""
    folder = Path(settings.KEY_FOLDER)
    try:
        lacking = [use for use in Use if not key_store().all(use)]
    except (OSError, KeyStoreError) as error:
        return Matter(Grade.LACKING, f"密钥目录 {folder} 读不了（{error}）。", "检查目录的所有者和权限，或者恢复密钥。")
    if lacking:
        return Matter(
            Grade.LACKING, f"密钥目录 {folder} 里还缺少密钥：{'、'.join(lacking)}。",
            "新装的，请运行 fengqiao keys list 建立；原来有密钥的，从密钥的备份恢复。",
        )  # fmt: skip
    if open_to_others(folder):
        return Matter(Grade.LACKING, f"密钥目录 {folder} 其他用户也能读。", f"运行：chmod 700 {folder}")
    return Matter(Grade.GOOD, "四种用途的密钥都在，只有运行账户可读")


def own_database() -> Matter:
    """For many people at once: a database server."""
    if embedded():
        return Matter(
            Grade.NOTE, "使用内置数据库（SQLite）：适合一台机器、几十人同时使用。",
            "用户多或需要主备时，改用 PostgreSQL：设置 DATABASE_URL。",
        )  # fmt: skip
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT datcollate FROM pg_database WHERE datname = current_database()")
            collation = cursor.fetchone()[0]
    except DatabaseError:
        return Matter(Grade.NOTE, "还不能查看 PostgreSQL 的排序规则：数据库没有应答。", "先恢复数据库，再检查一次。")
    if collation in ("C", "C.UTF-8", "POSIX"):
        return Matter(Grade.GOOD, "使用 PostgreSQL，排序规则适合按开头查找")
    return Matter(
        Grade.NOTE, f"PostgreSQL 的排序规则是 {collation}：按名称开头查找用不上索引。",
        "新建数据库时指定：CREATE DATABASE fengqiao TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'。",
    )  # fmt: skip


def short_messages() -> Matter:
    """Codes reach people."""
    if settings.SMS_GATEWAY != FILE_GATEWAY:
        return Matter(Grade.GOOD, "已配置短信网关")
    return Matter(
        Grade.LACKING, "没有短信网关：验证码只写进文件，投资者收不到。",
        "按 docs/deploy.md 接入短信网关，设置 FENGQIAO_SMS_URL 和 FENGQIAO_SMS_KEY。",
    )  # fmt: skip


def voice_calls() -> Matter:
    """Codes reach those who cannot read a message."""
    if settings.VOICE_GATEWAY not in ("", FILE_VOICE):
        return Matter(Grade.GOOD, "已配置语音网关")
    return Matter(
        Grade.NOTE, "没有语音网关：看不见短信的人听不到验证码，只能用读屏或者带证件到现场办理。",
        "按 docs/deploy.md 接入语音网关，设置 FENGQIAO_VOICE_URL 和 FENGQIAO_VOICE_KEY。",
    )  # fmt: skip


def mails() -> Matter:
    """Mails reach people."""
    if settings.ENVIRONMENT.smtp_url:
        return Matter(Grade.GOOD, "已配置邮件服务器")
    return Matter(
        Grade.NOTE, "没有邮件服务器：没有手机号码的人收不到站外通知，邮件只写进文件。",
        "设置 FENGQIAO_SMTP_URL 和 FENGQIAO_MAIL_FROM。",
    )  # fmt: skip


def figures() -> Matter:
    """Somebody watches."""
    if settings.ENVIRONMENT.metrics_token:
        return Matter(Grade.GOOD, "监控指标需要令牌")
    return Matter(
        Grade.NOTE, "没有设置监控令牌：只有本机能读取 /operations/metrics/。",
        "从别的机器监控时，设置 FENGQIAO_METRICS_TOKEN。",
    )  # fmt: skip


def copying() -> Matter:
    """A backup can be made."""
    if embedded() or (shutil.which("pg_dump") and shutil.which("pg_restore")):
        return Matter(Grade.GOOD, "备份所需的程序齐全（请定时运行 fengqiao backup，并把备份存到别的机器）")
    return Matter(Grade.LACKING, "没有 pg_dump、pg_restore，无法备份。", "安装 postgresql-client。")


def scanning() -> Matter:
    """Uploads are scanned."""
    if clamav.configured():
        return Matter(Grade.GOOD, f"上传的文件由 ClamAV 检查（{settings.ENVIRONMENT.clamd}）")
    return Matter(
        Grade.NOTE, "没有配置杀毒程序：上传的文件只检查格式，不查病毒。",
        "安装 clamd，设置 FENGQIAO_CLAMD（套接字的路径，或 主机:端口）。",
    )  # fmt: skip


def leaked_passwords() -> Matter:
    """New passwords are held against what leaked elsewhere, and the file is not an old one."""
    path = settings.ENVIRONMENT.leaked_passwords
    if path is None:
        return Matter(
            Grade.NOTE, "没有泄露密码库：设密码时只与自带的常用密码比对。",
            "下载按摘要排序的 SHA-1 泄露密码文件，设置 FENGQIAO_LEAKED_PASSWORDS；每年换新。",
        )  # fmt: skip
    days = int((time.time() - path.stat().st_mtime) // 86400)
    if days > LEAKED_DAYS:
        return Matter(Grade.NOTE, f"泄露密码库已有 {days} 天没有更新。", f"换上新的 {path}。")
    return Matter(Grade.GOOD, "设密码时与泄露密码库比对")


def signing_service() -> Matter:
    """Signatures stand in court."""
    chosen = provider.service()
    if not chosen.test:
        return Matter(Grade.GOOD, f"签名由接入的签名服务作出（{settings.ENVIRONMENT.signing_service}）")
    return Matter(
        Grade.LACKING, "签名由自带的测试机构签发，没有电子认证服务许可，不能用于真实的协议（电子签名法第16条）。",
        "接入依法设立的电子认证服务提供者（docs/methods/signing_service.md），设置 FENGQIAO_SIGNING_SERVICE、"
        "FENGQIAO_SIGNING_KEY 和 FENGQIAO_SIGNING_ROOTS；在此之前，真实的协议请在线下签署。",
    )  # fmt: skip


def time_stamps() -> Matter:
    """The time of a signature comes from somebody else."""
    if not provider.stamps_are_tests():
        return Matter(Grade.GOOD, f"签署时间由时间戳服务证明（{settings.ENVIRONMENT.tsa_url}）")
    return Matter(
        Grade.LACKING, "签署时间由自带的测试时间戳证明，不能用于真实的协议。",
        "设置 FENGQIAO_TSA_URL（RFC 3161 时间戳服务的地址），并把它的根证书放进 FENGQIAO_SIGNING_ROOTS。",
    )  # fmt: skip


def signing_roots() -> Matter:
    """What the service signs is believed."""
    if provider.service().test and provider.stamps_are_tests():
        return Matter(Grade.GOOD, "测试签名的根证书由平台自己保存")
    try:
        known = trust.roots(timezone.now())
    except (OSError, ValueError):
        known = ()
    if len(known) > 1:
        return Matter(Grade.GOOD, f"信任 {len(known) - 1} 个签名服务、时间戳服务的根证书")
    return Matter(
        Grade.LACKING, "没有可信的根证书：签好的文件通不过核验，签署一律不成功。",
        "把签名服务、时间戳服务的根证书（PEM）放进一个文件，设置 FENGQIAO_SIGNING_ROOTS。",
    )  # fmt: skip


def histories() -> Matter:
    """The database itself refuses to change what is only added to."""
    try:
        gone = [name for one in (triggers, HISTORY, TRACES, EVIDENCE) for name in one.missing(connection)]
    except DatabaseError:
        return Matter(Grade.NOTE, "还不能查看只增不改的触发器：数据库没有应答。", "先恢复数据库，再检查一次。")
    if not gone:
        return Matter(Grade.GOOD, "审计日志、期限历史、送达记录和签署证据由数据库的触发器保护，不能修改或者删除")
    return Matter(
        Grade.LACKING, f"数据库里缺少保护审计日志、期限历史、送达记录和签署证据的触发器：{'、'.join(gone)}。",
        "数据库是新的，请运行 fengqiao migrate；否则有人改动过数据库：运行 fengqiao audit verify，查明原因，"
        "从备份恢复。",
    )  # fmt: skip


CHECKS: tuple[Callable[[], Matter], ...] = (
    address, debugging, home_is_private, keys_apart, keys_made, own_database, histories, short_messages, voice_calls,
    mails, figures, copying, scanning, leaked_passwords, signing_service, time_stamps, signing_roots,
)  # fmt: skip


def matters(now: dt.datetime) -> list[Matter]:
    """Everything that was looked at: what is lacking first."""
    found = [check() for check in CHECKS] + matters_of_links(now)
    found += [
        Matter(Grade.GOOD if one.good else Grade.LACKING, one.sentence) for one in queries.all_findings(now)
    ]  # fmt: skip
    found += [
        Matter(Grade.NOTE, f"Django：{message.msg}", message.hint or "")
        for message in run_checks(include_deployment_checks=True)
        if message.is_serious()
    ]  # fmt: skip
    order = (Grade.LACKING, Grade.NOTE, Grade.GOOD)
    return sorted(found, key=lambda matter: order.index(matter.grade))
