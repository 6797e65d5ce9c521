"""Encryption of single values: what goes into a sealed column, and the keyed index beside it."""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.views.decorators.debug import sensitive_variables

from fengqiao.portal.keystore import SECRET_BYTES, Key, KeyStoreError, Use, key_store
from fengqiao.portal.refusal import Refusal
from fengqiao.portal.vault.kinds import Kind, normal

VERSION = b"\x01"
KEY_ID, NONCE, TAG = 4, 12, 16
PREFIX = len(VERSION) + KEY_ID
OVERHEAD = PREFIX + NONCE + TAG
INDEX_BYTES = 16
"""How much of the HMAC is kept: by chance two of 2**64 values would meet; half the room of the whole."""
INDEX_LENGTH = 2 * (KEY_ID + INDEX_BYTES)


class SealBrokenError(Refusal, KeyStoreError):
    """A sealed value was changed, cut, or moved from another column or row."""


@lru_cache(maxsize=512)
def derived(key: Key, purpose: str) -> bytes:
    """The key for one purpose. Keys of different purposes say nothing about each other."""
    length = SECRET_BYTES[key.algorithm]
    info = f"fengqiao.vault/1\0{key.use}\0{purpose}".encode()
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=None, info=info).derive(key.secret)


@sensitive_variables()
def seal(text: str, *, purpose: str, row: bytes) -> bytes:
    """Encrypt a value for one column (purpose) of one row with the current key.

    Version (1 byte), number of the key (4), nonce (12), ciphertext, tag (16).
    """
    key = key_store().current(Use.SEAL)
    head, nonce = VERSION + bytes.fromhex(key.id), os.urandom(NONCE)
    return head + nonce + ENCRYPT[key.algorithm](derived(key, purpose), nonce, text.encode(), bound(head, purpose, row))


@sensitive_variables()
def unseal(blob: bytes, *, purpose: str, row: bytes) -> str:
    """The value; SealBrokenError when anything about it is not as it was sealed."""
    if len(blob) < OVERHEAD or blob[:1] != VERSION:
        raise SealBrokenError("密文不完整，拒绝读取。请联系管理员核查这条记录是否被改动。")
    head, nonce, rest = blob[:PREFIX], blob[PREFIX : PREFIX + NONCE], blob[PREFIX + NONCE :]
    key = key_store().get(key_id_of(blob))
    try:
        text = DECRYPT[key.algorithm](derived(key, purpose), nonce, rest, bound(head, purpose, row))
    except InvalidTag:
        raise SealBrokenError(
            "密文未通过校验，拒绝读取：内容被改动，或从别的栏目、别的记录移来。请联系管理员核查这条记录。"
        ) from None
    return text.decode()


def bound(head: bytes, purpose: str, row: bytes) -> bytes:
    """What a ciphertext is bound to besides its key: version, key, column, row. It opens nowhere else."""
    return b"\0".join((head, purpose.encode(), row))


def key_id_of(blob: bytes) -> str:
    """The number of the key a value was sealed with."""
    return blob[len(VERSION) : PREFIX].hex()


def aes_encrypt(key: bytes, nonce: bytes, data: bytes, associated: bytes) -> bytes:
    """AES-256-GCM."""
    return AESGCM(key).encrypt(nonce, data, associated)


def aes_decrypt(key: bytes, nonce: bytes, data: bytes, associated: bytes) -> bytes:
    """AES-256-GCM."""
    return AESGCM(key).decrypt(nonce, data, associated)


def sm4_encrypt(key: bytes, nonce: bytes, data: bytes, associated: bytes) -> bytes:
    """SM4-GCM (GB/T 32907, GB/T 36624; RFC 8998)."""
    encryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(associated)
    return encryptor.update(data) + encryptor.finalize() + encryptor.tag


def sm4_decrypt(key: bytes, nonce: bytes, data: bytes, associated: bytes) -> bytes:
    """SM4-GCM; InvalidTag when anything was changed."""
    decryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce, data[-TAG:])).decryptor()
    decryptor.authenticate_additional_data(associated)
    return decryptor.update(data[:-TAG]) + decryptor.finalize()


Aead = Callable[[bytes, bytes, bytes, bytes], bytes]
ENCRYPT: dict[str, Aead] = {"aes-256-gcm": aes_encrypt, "sm4-gcm": sm4_encrypt}
DECRYPT: dict[str, Aead] = {"aes-256-gcm": aes_decrypt, "sm4-gcm": sm4_decrypt}


@sensitive_variables()
def index_of(text: str, *, kind: Kind, purpose: str, key: Key | None = None) -> str:
    """The blind index of a value: number of the key, then a keyed digest of the value as everybody writes it."""
    value = normal(kind, text)
    if not value:
        return ""
    key = key or key_store().current(Use.INDEX)
    digest = hmac.new(derived(key, purpose), value.encode(), "sha256").hexdigest()
    return key.id + digest[: 2 * INDEX_BYTES]


@sensitive_variables()
def indexes_of(text: str, *, kind: Kind, purpose: str) -> list[str]:
    """The blind index of a value under every key in use: while the index key changes, rows have either."""
    return [
        found for key in key_store().known(Use.INDEX) if (found := index_of(text, kind=kind, purpose=purpose, key=key))
    ]
