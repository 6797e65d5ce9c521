"""Checking evidence and anchors: needs the file and nothing else, neither database nor keys."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from fengqiao.portal.audit import digests
from fengqiao.portal.keystore import KeyStoreError

ANCHOR, EXPORT = "fengqiao.audit.anchor/1", "fengqiao.audit.export/1"
MANIFEST, SIGNATURE, EVENTS = "manifest.json", "manifest.sig", "events.jsonl"


@dataclass
class Checked:
    """What a file says, and what is wrong with it."""

    case: str = ""
    events: int = 0
    made_at: str = ""
    made_by: str = ""
    public_key: str = ""
    problems: list[str] = field(default_factory=list)

    @property
    def fingerprint(self) -> str:
        """By which people compare a public key on the telephone."""
        return fingerprint(self.public_key)


def fingerprint(pem: str) -> str:
    """The first half of the SHA-256 of a public key, in groups of four."""
    digest = hashlib.sha256("".join(pem.split()).encode()).hexdigest()[:32]
    return " ".join(digest[at : at + 4] for at in range(0, len(digest), 4))


def signature_holds(pem: str, signature: str, content: bytes) -> bool:
    """Whether the owner of a public key signed this."""
    try:
        key = load_pem_public_key(pem.encode())
        if not isinstance(key, Ed25519PublicKey):
            return False
        key.verify(base64.b64decode(signature, validate=True), content)
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return True


def read_anchor(path: Path) -> dict[str, Any]:
    """An anchor from its file; refused when its signature does not hold."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        kept = {name: value for name, value in found.items() if name != "signature"}
        sound = found["format"] == ANCHOR and signature_holds(
            found["public_key"], found["signature"], digests.canonical(kept)
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise KeyStoreError(f"{path} 不是 fengqiao audit anchor 写出的锚点文件。请核对文件。") from None
    if not sound:
        raise KeyStoreError(f"锚点 {path} 的签名不符，文件被改动过。请改用另行保存的锚点。")
    return dict(found)


def check_export(path: Path, *, known_key: str = "", anchors: tuple[Mapping[str, Any], ...] = ()) -> Checked:
    """Hold a file against its own signature, digests and chains, and against a key or anchors known before."""
    checked = Checked()
    try:
        with zipfile.ZipFile(path) as file:
            _check(file, checked, known_key, anchors)
    except FileNotFoundError:
        raise KeyStoreError(f"找不到文件 {path}。请核对路径。") from None
    except (zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError, AttributeError, EOFError) as error:
        checked.problems.append(f"文件的结构被破坏，无法读完（{type(error).__name__}）。")
    return checked


def _check(file: zipfile.ZipFile, checked: Checked, known_key: str, anchors: tuple[Mapping[str, Any], ...]) -> None:
    content = file.read(MANIFEST)
    manifest = json.loads(content)
    if manifest.get("format") != EXPORT:
        checked.problems.append("不是 fengqiao audit export 写出的文件，或版本不同。")
        return
    checked.case, checked.events = manifest["case"], manifest["events"]
    checked.made_at, checked.made_by, checked.public_key = (
        manifest["made_at"], manifest["made_by"], manifest["public_key"],
    )  # fmt: skip
    if not signature_holds(checked.public_key, file.read(SIGNATURE).decode().strip(), content):
        checked.problems.append("清单的签名不符：清单或签名被改动过。")
    if known_key and fingerprint(known_key) != checked.fingerprint:
        checked.problems.append("签名所用的公钥不是所给的公钥：文件可能由他人重新制作。")
    for listed in manifest["files"]:
        if problem := _file_problem(file, listed):
            checked.problems.append(problem)
    heads = {head["chain"]: head for head in manifest["heads"]}
    contents = _contents(file, checked)
    found = sum(len(wanted) for wanted in contents.values())
    for chain, wanted in sorted(contents.items()):
        _check_chain(file, chain, wanted, heads[chain], checked, anchors)
    if found != checked.events:
        checked.problems.append(f"清单称有 {checked.events} 个事件，实有 {found} 个。")


def _file_problem(file: zipfile.ZipFile, listed: Mapping[str, Any]) -> str:
    sha, sm, size = hashlib.sha256(), digests.sm3_stream(), 0
    with file.open(listed["name"]) as stream:
        while part := stream.read(1 << 20):
            sha.update(part)
            sm.update(part)
            size += len(part)
    same = (size, sha.hexdigest(), sm.digest().hex()) == (listed["bytes"], listed["sha256"], listed["sm3"])
    return "" if same else f"{listed['name']} 与清单所列的摘要不符，被改动过。"


def _contents(file: zipfile.ZipFile, checked: Checked) -> dict[int, dict[int, tuple[str, str]]]:
    """Chain -> number in it -> digests of the content of an event of the case."""
    contents: dict[int, dict[int, tuple[str, str]]] = {}
    with file.open(EVENTS) as stream:
        for line in stream:
            content = line.rstrip(b"\n")
            event = json.loads(content)
            if event["case"] != checked.case:
                checked.problems.append(f"事件 {event['number']} 不属于本案。")
            digest = digests.sha256(content).hex(), digests.sm3(content).hex()
            contents.setdefault(event["chain"], {})[event["chain_number"]] = digest
    return contents


def _check_chain(
    file: zipfile.ZipFile, chain: int, wanted: dict[int, tuple[str, str]], head: Mapping[str, Any], checked: Checked,
    anchors: tuple[Mapping[str, Any], ...],
) -> None:  # fmt: skip
    name = f"chain-{chain}.txt"
    marks = {kept["number"]: kept for anchor in anchors for kept in anchor["heads"] if kept["chain"] == chain}
    with file.open(name) as stream:
        number, sha, sm = _line(next(iter(stream), b""))
        for line in stream:
            at, content_sha, content_sm = _line(line)
            if at != number + 1:
                checked.problems.append(f"{name} 在第 {number} 号之后缺少内容。")
                return
            number = at
            sha, sm = digests.link(sha, content_sha, digests.sha256), digests.link(sm, content_sm, digests.sm3)
            shown = content_sha.hex(), content_sm.hex()
            if wanted.pop(number, shown) != shown:
                checked.problems.append(f"链内第 {number} 号事件的内容与链中的摘要不符。")
            if (mark := marks.get(number)) and (mark["sha256"], mark["sm3"]) != (sha.hex(), sm.hex()):
                checked.problems.append(f"{name} 到第 {number} 号为止与锚点不符。")
    if wanted:
        checked.problems.append(f"{name} 中没有第 {'、'.join(map(str, sorted(wanted)))} 号事件。")
    if (number, sha.hex(), sm.hex()) != (head["number"], head["sha256"], head["sm3"]):
        checked.problems.append(f"{name} 走不到清单所列的链头。")


def _line(line: bytes) -> tuple[int, bytes, bytes]:
    number, sha, sm = line.decode("ascii").split()
    return int(number), bytes.fromhex(sha), bytes.fromhex(sm)
