"""The installation's keys: files that only the portal's user can read, several of them, one current for each use.

Knows nobody; `audit` signs and `vault` seals with it. Other processes may add keys: a running portal notices.
"""

from __future__ import annotations

import base64
import datetime as dt
import fcntl
import json
import os
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path

from django.conf import settings

from fengqiao.engine.errors import InputError
from fengqiao.portal.environment import CIPHERS

CURRENT = "current.json"
RETIRED = "retired"
LOCK = ".lock"
SECRET_BYTES = {"aes-256-gcm": 32, "sm4-gcm": 16, "hmac-sha-256": 32, "ed25519": 32}


class Use(StrEnum):
    """What a key is for."""

    SEAL = "seal"
    """Personal data in the database."""
    INDEX = "index"
    """Looking sealed values up."""
    AUDIT = "audit"
    """Seals of the chain heads, salts of the content digests."""
    SIGN = "sign"
    """Evidence and anchors that leave the installation."""


ALGORITHM = {Use.INDEX: "hmac-sha-256", Use.AUDIT: "hmac-sha-256", Use.SIGN: "ed25519"}


@dataclass(frozen=True)
class Key:
    """One key. Its secret is shown nowhere."""

    id: str
    use: Use
    algorithm: str
    made_at: dt.datetime
    secret: bytes = field(repr=False)

    def __str__(self) -> str:
        return f"{self.id} ({self.use}, {self.algorithm})"


class KeyStoreError(InputError):
    """A sentence for the operator and for whoever sees the page: what happened, and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)

    def __str__(self) -> str:
        return self.what


class KeyMissingError(KeyStoreError):
    """A value needs a key that is not in the folder."""


class KeyStore:
    """The keys of one folder."""

    def __init__(self, folder: Path, cipher: str = CIPHERS[0]) -> None:
        self.folder, self.cipher = folder, cipher
        self._seen: tuple[int, int] | None = None
        self._keys: dict[str, Key] = {}
        self._current: dict[Use, str] = {}

    def current(self, use: Use) -> Key:
        """The key that new values are made with; the first one is made when there is none."""
        self._notice()
        if use not in self._current:
            with self._locked():
                self._read()
                if use not in self._current:
                    self._add(use, self._algorithm(use, None), dt.datetime.now(dt.UTC))
        return self._keys[self._current[use]]

    def get(self, key_id: str) -> Key:
        """The key of that number; KeyMissingError with its number when it is not there."""
        self._notice()
        if key_id not in self._keys:
            self._read()
        if key_id in self._keys:
            return self._keys[key_id]
        if (self.folder / RETIRED / f"{key_id}.json").exists():
            raise KeyMissingError(f"密钥 {key_id} 已停用。如确需读取旧数据，请把它的文件从 {RETIRED} 移回密钥文件夹。")
        raise KeyMissingError(f"找不到密钥 {key_id}。请从密钥备份中恢复，并核对 FENGQIAO_KEYS 的设置。")

    def all(self, use: Use | None = None) -> tuple[Key, ...]:
        """Every key in use, oldest first."""
        self._read()
        found = [key for key in self._keys.values() if use in (None, key.use)]
        return tuple(sorted(found, key=lambda key: (key.made_at, key.id)))

    def known(self, use: Use) -> tuple[Key, ...]:
        """Every key of that use, as last read; the current one first."""
        current = self.current(use)
        return (current, *(key for key in self._keys.values() if key.use is use and key.id != current.id))

    def new(self, use: Use, *, algorithm: str | None = None, now: dt.datetime) -> Key:
        """A new key that is the current one from now on."""
        with self._locked():
            self._read()
            return self._add(use, self._algorithm(use, algorithm), now)

    def retire(self, key_id: str) -> Key:
        """Put a key aside: nothing is made or read with it any more. The file is kept, in a folder of its own."""
        with self._locked():
            self._read()
            key = self.get(key_id)
            if self._current.get(key.use) == key_id:
                raise KeyStoreError(f"{key_id} 是当前密钥，不能停用。请先用 fengqiao keys new 生成新的密钥。")
            aside = self.folder / RETIRED
            aside.mkdir(mode=0o700, exist_ok=True)
            (self.folder / f"{key_id}.json").rename(aside / f"{key_id}.json")
            self._write(CURRENT, self._named())  # other processes notice by this
            self._read()
            return key

    # -- files

    def _algorithm(self, use: Use, wanted: str | None) -> str:
        if use is not Use.SEAL:
            return ALGORITHM[use]
        if (wanted or self.cipher) not in CIPHERS:
            raise KeyStoreError(f"不支持加密算法 {wanted or self.cipher}。请改用 {'、'.join(CIPHERS)} 之一。")
        return wanted or self.cipher

    def _add(self, use: Use, algorithm: str, now: dt.datetime) -> Key:
        key = Key(secrets.token_hex(4), use, algorithm, now, secrets.token_bytes(SECRET_BYTES[algorithm]))
        self._write(
            f"{key.id}.json",
            {"id": key.id, "use": key.use, "algorithm": algorithm, "made_at": now.isoformat(),
             "secret": base64.b64encode(key.secret).decode()},
        )  # fmt: skip
        self._write(CURRENT, {**self._named(), str(use): key.id})
        self._read()
        return key

    def _named(self) -> dict[str, str]:
        return {str(use): key_id for use, key_id in self._current.items()}

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.folder / LOCK).open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _write(self, name: str, content: Mapping[str, str]) -> None:
        """Write a file so that it is whole or not there at all, and is there after a power cut."""
        handle, temporary = tempfile.mkstemp(dir=self.folder, prefix=".new-")  # mode 0600
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(content, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).rename(self.folder / name)
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _notice(self) -> None:
        try:
            found = (self.folder / CURRENT).stat()
        except FileNotFoundError:
            self._keys, self._current, self._seen = {}, {}, None
            return
        if (found.st_mtime_ns, found.st_ino) != self._seen:
            self._read()

    def _read(self) -> None:
        try:
            found = (self.folder / CURRENT).stat()
        except FileNotFoundError:
            self._keys, self._current, self._seen = {}, {}, None
            return
        try:
            current = json.loads((self.folder / CURRENT).read_text(encoding="utf-8"))
        except ValueError:
            raise KeyStoreError(f"{self.folder / CURRENT} 已损坏。请从密钥备份中恢复。") from None
        keys = [read_key(path) for path in self.folder.glob("*.json") if path.name != CURRENT]
        self._keys = {key.id: key for key in keys}
        self._current = {Use(use): key_id for use, key_id in current.items()}
        self._seen = (found.st_mtime_ns, found.st_ino)
        if lost := sorted(set(self._current.values()) - self._keys.keys()):
            raise KeyMissingError(f"当前密钥 {'、'.join(lost)} 的文件不在 {self.folder} 中。请从密钥备份中恢复。")


def read_key(path: Path) -> Key:
    """A key from its file; refused when others could read it."""
    if path.stat().st_mode & 0o077:
        raise KeyStoreError(f"密钥文件 {path} 可被其他用户读取，拒绝使用。请执行 chmod 600 {path}。")
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        secret = base64.b64decode(found["secret"], validate=True)
        key = Key(
            found["id"], Use(found["use"]), found["algorithm"], dt.datetime.fromisoformat(found["made_at"]), secret
        )
    except (ValueError, KeyError, TypeError):
        raise KeyStoreError(f"密钥文件 {path} 已损坏。请从密钥备份中恢复。") from None
    if SECRET_BYTES.get(key.algorithm) != len(secret) or path.stem != key.id:
        raise KeyStoreError(f"密钥文件 {path} 的内容与其名称或算法不符。请从密钥备份中恢复。")
    return key


@cache
def _store(folder: Path, cipher: str) -> KeyStore:
    return KeyStore(folder, cipher)


def key_store() -> KeyStore:
    """The keys of this installation."""
    return _store(settings.KEY_FOLDER, settings.SEAL_CIPHER)
