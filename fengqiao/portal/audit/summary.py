"""The events of a case on a page that anybody can open and print."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from zoneinfo import ZoneInfo

from fengqiao.portal.audit.labels import field_labels, subject_label, verb_label
from fengqiao.portal.audit.models import Event
from fengqiao.portal.audit.rows import Link
from fengqiao.portal.audit.verification import chain_name

CHINA = ZoneInfo("Asia/Shanghai")
STYLE = """
body { font-family: "Noto Serif CJK SC", "Songti SC", SimSun, serif; margin: 2rem auto; max-width: 60rem; }
body { line-height: 1.6; }
h1 { font-size: 1.4rem; } table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { border: 1px solid #999; padding: .3rem .5rem; text-align: left; vertical-align: top; }

th { background: #eee; } th, td:last-child { white-space: nowrap; } code { font-size: .75rem; word-break: break-all; }
@media print { body { margin: 0; } tr { break-inside: avoid; } }
"""
PROVES = (
    "能够证明的：这些事件自写入审计链以后没有改动，清单由持有本系统签名密钥的人签署。"
    "不能单独证明的：事件写入之前的情形；签署时间（须有第三方的时间戳或事先留存的锚点）；没有别的事件未记入本案。"
    "签名密钥由本系统自行生成，不是依法设立的电子认证服务提供者签发。"
)
CHANNELS = {"web": "网页", "api": "接口", "worker": "后台任务", "command": "命令", "system": "系统"}


def local(at: dt.datetime) -> str:
    """A time as people in China read it."""
    return at.astimezone(CHINA).strftime("%Y年%m月%d日 %H:%M:%S")


def row(event: Event) -> str:
    """One event."""
    subject = subject_label(event.subject_kind, event.subject_id)
    changed = "、".join(field_labels(event.subject_kind, event.changed_names))
    cells = (
        event.number, local(event.at), event.actor, verb_label(event.verb), subject, changed, event.reason,
        " ".join(part for part in (CHANNELS.get(event.channel, event.channel), event.address) if part),
    )  # fmt: skip
    return "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in cells) + "</tr>\n"


def summary_page(
    *, case: str, events: Iterable[Event], count: int, heads: Mapping[int, Link], now: dt.datetime, made_by: str
) -> Iterator[bytes]:
    """The page, part by part."""
    title = f"案件“{escape(case)}”的审计事件"
    columns = ("序号", "时间", "行为人", "行为", "对象", "变更的栏目", "理由", "途径")
    yield (
        f'<!DOCTYPE html>\n<html lang="zh-Hans"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{STYLE}</style></head><body>\n<h1>{title}</h1>\n"
        f"<p>共 {count} 个事件，{local(now)}（北京时间）由{escape(made_by)}导出。"
        "本页供阅读；据以核验的是同一压缩包中的 events.jsonl、chain-*.txt 和 manifest.json。核验方法：安装本系统后执行 "
        "<code>fengqiao audit check-export 文件.zip</code>。</p>\n"
        f"<p>{PROVES}</p>\n"
        f"<table><thead><tr>{''.join(f'<th>{name}</th>' for name in columns)}</tr></thead><tbody>\n"
    ).encode()
    for event in events:
        yield row(event).encode()
    yield "</tbody></table>\n<h2>导出时的链头</h2>\n<table><tbody>\n".encode()
    for chain, link in sorted(heads.items()):
        digests = f"SHA-256 <code>{link.sha256.hex()}</code><br>SM3 <code>{link.sm3.hex()}</code>"
        yield f"<tr><td>{chain_name(chain)}</td><td>第 {link.number} 号</td><td>{digests}</td></tr>\n".encode()
    yield b"</tbody></table></body></html>\n"
