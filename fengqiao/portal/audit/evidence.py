"""Evidence that leaves the house: anchors, and the events of a case with the proof of their place, signed."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import os
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import transaction

from fengqiao.portal.audit import actions, digests, queries, rows
from fengqiao.portal.audit.evidence_check import ANCHOR, EVENTS, EXPORT, MANIFEST, SIGNATURE
from fengqiao.portal.audit.models import ALL, Event
from fengqiao.portal.audit.rows import Link
from fengqiao.portal.audit.stamp import Stamp
from fengqiao.portal.audit.summary import summary_page
from fengqiao.portal.keystore import KeyStoreError, Use, key_store

SUMMARY, PUBLIC_KEY = "summary.html", "public_key.pem"
BROKEN = "审计链在案件“{case}”的范围内不完整，没有导出。请先执行 fengqiao audit verify 查明。"


def sign(content: bytes) -> bytes:
    """The installation's signature (Ed25519)."""
    return _signing_key().sign(content)


def public_key() -> str:
    """The installation's public key, as others check its signatures with."""
    pem = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return _signing_key().public_key().public_bytes(*pem).decode()


def _signing_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(key_store().current(Use.SIGN).secret)


def shown_heads(heads: Mapping[int, Link]) -> list[dict[str, Any]]:
    """Heads as they stand in anchors and manifests."""
    return [
        {"chain": chain, "number": link.number, "sha256": link.sha256.hex(), "sm3": link.sm3.hex()}
        for chain, link in sorted(heads.items())
    ]


def anchor(now: dt.datetime) -> dict[str, Any]:
    """All heads of now, signed. Kept elsewhere, it shows later that nothing before it was cut off or written anew."""
    kept: dict[str, Any] = {
        "format": ANCHOR,
        "made_at": now.isoformat(),
        "heads": shown_heads({chain: link for chain, (link, _) in rows.heads().items()}),
        "public_key": public_key(),
    }
    return {**kept, "signature": base64.b64encode(sign(digests.canonical(kept))).decode()}


# -- events of a case


@dataclass
class Proof:
    """What leads from the first event of a case in one chain to the head of that chain."""

    chain: int
    first: int
    head: Link
    wanted: dict[int, bytes] = field(default_factory=dict)
    """Number in the chain -> digest of the content of an event of the case."""

    @property
    def name(self) -> str:
        """Its file in the evidence."""
        return f"chain-{self.chain}.txt"


@dataclass
class Written:
    """A file of the evidence, with what tells it from any other."""

    name: str
    sha256: Any = field(default_factory=hashlib.sha256)
    sm3: Any = field(default_factory=digests.sm3_stream)
    size: int = 0

    def write(self, file: IO[bytes], part: bytes) -> None:
        """Write a part."""
        self.sha256.update(part)
        self.sm3.update(part)
        self.size += len(part)
        file.write(part)

    def shown(self) -> dict[str, Any]:
        """As the manifest has it."""
        sha, sm = self.sha256.hexdigest(), self.sm3.digest().hex()
        return {"name": self.name, "bytes": self.size, "sha256": sha, "sm3": sm}


class Evidence:
    """One ZIP file being written."""

    def __init__(self, file: zipfile.ZipFile, now: dt.datetime) -> None:
        self.zip, self.date = file, now.astimezone(dt.UTC).timetuple()[:6]
        self.files: list[Written] = []

    def add(self, name: str, parts: Iterator[bytes]) -> None:
        """Write a file part by part."""
        written = Written(name)
        with self.zip.open(self._info(name), "w", force_zip64=True) as file:
            for part in parts:
                written.write(file, part)
        self.files.append(written)

    def add_outside_manifest(self, name: str, content: bytes) -> None:
        """Write what cannot be named in the manifest: the manifest itself and its signature."""
        self.zip.writestr(self._info(name), content)

    def _info(self, name: str) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(name, self.date)
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = 0o600 << 16
        return info


def content_lines(case: str, up_to: int, proofs: dict[int, Proof], heads: Mapping[int, Link]) -> Iterator[bytes]:
    """The canonical form of every event of a case; notes on the way what has to be proven."""
    for event in queries.of_case(case).filter(number__lte=up_to).iterator(rows.BATCH):
        content = digests.content_of([getattr(event, name) for name in digests.CONTENT])
        if digests.sha256(content) != bytes(event.content_sha256) or event.chain not in heads:
            raise KeyStoreError(BROKEN.format(case=case))
        proof = proofs.setdefault(event.chain, Proof(event.chain, event.chain_number, heads[event.chain]))
        proof.wanted[event.chain_number] = digests.sha256(content)
        yield content + b"\n"


def proof_lines(case: str, proof: Proof) -> Iterator[bytes]:
    """The link before the first event, then the content digests of every event of the chain up to its head.

    They say nothing about the other events; whoever has them can compute the chain up to its head.
    """
    at: Link | None = None
    for row in rows.rows_of_chain(proof.chain, proof.first - 1, proof.head.number):
        sha, sm, *_, previous_sha, previous_sm = (bytes(value) for value in row[rows.WIDTH :])
        if at is None:
            at = Link(proof.first - 1, previous_sha, previous_sm)
            yield f"{at.number} {at.sha256.hex()} {at.sm3.hex()}\n".encode()
        at = Link(at.number + 1, digests.link(at.sha256, sha, digests.sha256), digests.link(at.sm3, sm, digests.sm3))
        if proof.wanted.get(at.number, sha) != sha:
            raise KeyStoreError(BROKEN.format(case=case))
        yield f"{at.number} {sha.hex()} {sm.hex()}\n".encode()
    if at != proof.head:
        raise KeyStoreError(BROKEN.format(case=case))


def write_evidence(file: zipfile.ZipFile, *, case: str, stamp: Stamp, now: dt.datetime) -> int:
    """Events, proofs, summary, manifest, signature. The number of events."""
    heads = {chain: link for chain, (link, _) in rows.heads().items()}
    evidence, proofs = Evidence(file, now), dict[int, Proof]()
    up_to = heads[ALL].number if ALL in heads else 0
    evidence.add(EVENTS, content_lines(case, up_to, proofs, heads))
    if not proofs:
        raise KeyStoreError(f"没有案件“{case}”的事件。请核对案件编号，写法如 MC2026-0001。")
    for proof in proofs.values():
        evidence.add(proof.name, proof_lines(case, proof))
    count = sum(len(proof.wanted) for proof in proofs.values())
    events: Iterator[Event] = queries.of_case(case).filter(number__lte=up_to).iterator(rows.BATCH)
    evidence.add(SUMMARY, summary_page(case=case, events=events, count=count, heads=heads, now=now, made_by=stamp.name))
    manifest = {
        "format": EXPORT, "case": case, "events": count, "made_at": now.isoformat(), "made_by": stamp.name,
        "heads": shown_heads({chain: heads[chain] for chain in (ALL, *proofs)}),
        "files": [written.shown() for written in evidence.files], "public_key": public_key(),
    }  # fmt: skip
    content = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
    evidence.add_outside_manifest(MANIFEST, content)
    evidence.add_outside_manifest(SIGNATURE, base64.b64encode(sign(content)) + b"\n")
    evidence.add_outside_manifest(PUBLIC_KEY, public_key().encode())
    return count


def export_case(*, case: str, out: Path, stamp: Stamp, reason: str, now: dt.datetime) -> int:
    """Write the evidence of a case to a new file, and leave an event of that; all or nothing."""
    if out.exists():
        raise KeyStoreError(f"{out} 已存在，没有覆盖。请换一个文件名，或先移走它。")
    temporary = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        with zipfile.ZipFile(temporary, "x") as file:
            count = write_evidence(file, case=case, stamp=stamp, now=now)
        with temporary.open("rb") as written:
            digest = hashlib.file_digest(written, "sha256").hexdigest()
        with transaction.atomic():
            actions.record(
                stamp=stamp,
                verb="audit.exported",
                subject=None,
                after={"sha256": digest},
                reason=reason,
                case=case,
                now=now,
            )
            temporary.rename(out)
    finally:
        temporary.unlink(missing_ok=True)
    return count
