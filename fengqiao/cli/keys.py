"""`fengqiao keys`: the keys of this installation; sealing everything anew with new ones."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from typing import Any

from fengqiao.cli.audit import database_errors
from fengqiao.cli.portal_setup import set_up

USES = ("seal", "index", "audit", "sign")
CIPHERS = ("aes-256-gcm", "sm4-gcm")
SHOWN = {"seal": "加密", "index": "盲索引", "audit": "审计", "sign": "签名"}
BROKEN = 1
BROKEN_SHOWN = 20


def add_to(groups: Any) -> None:
    """Add the `keys` commands to the command line."""
    keys = groups.add_parser("keys", help="keys for personal data (密钥)", description="Keys for personal data (密钥).")
    commands = keys.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=type(keys))

    listing = commands.add_parser("list", help="keys and how many values use each (列出)")
    listing.set_defaults(run=run_list)

    new = commands.add_parser("new", help="make a new key that is current from now on (新建)")
    new.add_argument("--use", choices=USES, default="seal", help="what it is for")
    new.add_argument("--cipher", choices=CIPHERS, help="for seal; otherwise FENGQIAO_CIPHER decides")
    new.set_defaults(run=run_new)

    about = "seal all values anew with the current keys; may be stopped and started again, the portal goes on (轮换)"
    rotate = commands.add_parser("rotate", help="seal everything with the current keys (轮换)", description=about)
    rotate.set_defaults(run=run_rotate)

    retire = commands.add_parser("retire", help="put a key aside that no value uses any more (停用)")
    retire.add_argument("key", metavar="ID")
    retire.set_defaults(run=run_retire)


def run_list(arguments: argparse.Namespace) -> int:
    """Print the keys; never their secrets."""
    set_up()
    from fengqiao.portal.keystore import Use, key_store
    from fengqiao.portal.vault.rotation import usage

    store = key_store()
    current = {store.current(use).id for use in Use}
    with database_errors():
        used = usage()
    known = store.all()
    print("编号      用途    算法          生成时间          使用数")
    for key in known:
        count = f"{used.get(key.id, 0):,}" if key.use in (Use.SEAL, Use.INDEX) else "—"
        name = SHOWN[key.use] + "　" * (3 - len(SHOWN[key.use]))
        made = key.made_at.astimezone(dt.timezone(dt.timedelta(hours=8)))
        print(
            f"{key.id}  {name}  {key.algorithm:12}  {made:%Y-%m-%d %H:%M}  {count:>6}{'  当前' * (key.id in current)}"
        )
    for lost in sorted(used.keys() - {key.id for key in known}):
        print(f"{lost}  密钥不在 {store.folder} 中，{used[lost]:,} 个值无法读取。")
    return 0


def run_new(arguments: argparse.Namespace) -> int:
    """Make a key."""
    set_up()
    from fengqiao.portal.audit.stamp import system_stamp
    from fengqiao.portal.keystore import Use
    from fengqiao.portal.vault.rotation import make_key

    with database_errors():
        key = make_key(
            use=Use(arguments.use),
            algorithm=arguments.cipher,
            stamp=system_stamp("command"),
            now=dt.datetime.now(dt.UTC),
        )
    print(f"新密钥 {key.id}（{SHOWN[key.use]}，{key.algorithm}）即时启用。请备份密钥文件夹，与数据库备份分开保存。")
    if key.use in (Use.SEAL, Use.INDEX):
        print("已有的值仍用旧密钥，执行 fengqiao keys rotate 后改用新密钥。")
    return 0


def run_rotate(arguments: argparse.Namespace) -> int:
    """Seal everything anew."""
    set_up()
    from fengqiao.portal.audit.stamp import system_stamp
    from fengqiao.portal.vault.rotation import rotate

    def progress(name: str, count: int) -> None:
        seen[name] = seen.get(name, 0) + count
        print(f"{name}：{seen[name]:,}", file=sys.stderr, flush=True)

    seen: dict[str, int] = {}
    with database_errors():
        done = rotate(stamp=system_stamp("command"), now=dt.datetime.now(dt.UTC), progress=progress)
    print(f"改用当前密钥的值：{done.values:,}。" if done.values else "所有的值都已使用当前密钥。")
    if done.broken:
        print(f"{len(done.broken):,} 个值无法读取，保持原样。请核查这些记录：")
        print("\n".join(done.broken[:BROKEN_SHOWN]))
    return BROKEN if done.broken else 0


def run_retire(arguments: argparse.Namespace) -> int:
    """Put a key aside."""
    set_up()
    from fengqiao.portal.audit.stamp import system_stamp
    from fengqiao.portal.vault.rotation import retire_key

    with database_errors():
        key = retire_key(key_id=arguments.key, stamp=system_stamp("command"), now=dt.datetime.now(dt.UTC))
    print(f"密钥 {key.id} 已停用，文件移到 retired 文件夹。此前的数据库备份仍需要它，请勿删除。")
    return 0
