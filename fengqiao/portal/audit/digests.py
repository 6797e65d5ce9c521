"""What is digested, and how links are made of it. Rules for outsiders: docs/methods/audit.md."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import uuid
from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Any

from cryptography.hazmat.primitives import hashes

from fengqiao.portal.keystore import Key

EMPTY = bytes(32)
LINK = b"fengqiao.audit.link/1\0"
NUMBERS = ("chain", "chain_number", "number", "organisation_id", "on_behalf_of_id", "user_id")
DIGESTS = ("after_sha256", "after_sm3", "before_sha256", "before_sm3")
TEXTS = (
    "address", "case", "changed", "channel", "name", "on_behalf_of_name", "organisation_name", "reason", "role",
    "role_label", "salt_key", "subject_id", "subject_kind", "verb",
)  # fmt: skip
CONTENT = tuple(sorted((*NUMBERS, *DIGESTS, *TEXTS, "at")))
"""The columns that make up the content of an event, in the order of its canonical form."""
_HEX_PLACES = tuple(CONTENT.index(name) for name in DIGESTS)
_AT = CONTENT.index("at")


class PackagedSm3:
    """SM3 of the cryptography package, which always has it; in the shape of hashlib."""

    def __init__(self, inner: hashes.Hash | None = None) -> None:
        self.inner = inner or hashes.Hash(hashes.SM3())

    def update(self, data: bytes) -> None:
        """Add data."""
        self.inner.update(data)

    def copy(self) -> PackagedSm3:
        """One that goes on from here."""
        return PackagedSm3(self.inner.copy())

    def digest(self) -> bytes:
        """The digest so far."""
        return self.inner.copy().finalize()


def sm3_stream() -> Any:
    """SM3 in parts: of the system's OpenSSL where that has it."""
    try:
        return hashlib.new("sm3")
    except ValueError:
        return PackagedSm3()


def _choose_sm3() -> Callable[[bytes], bytes]:
    empty = sm3_stream()

    def sm3(data: bytes) -> bytes:
        digest = empty.copy()  # cheaper than asking for the algorithm by its name each time
        digest.update(data)
        return bytes(digest.digest())

    return sm3


sm3: Callable[[bytes], bytes] = _choose_sm3()


def sha256(data: bytes) -> bytes:
    """SHA-256."""
    return hashlib.sha256(data).digest()


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


def instant(value: dt.datetime | str) -> str:
    """A point in time as it stands in the content: UTC, to the microsecond."""
    if isinstance(value, str):  # as SQLite keeps it
        return value if len(value) == 26 else f"{value}.000000"
    value = value.astimezone(dt.UTC) if value.tzinfo else value
    return value.isoformat(" ", "microseconds")[:26]


def content_of(values: list[Any]) -> bytes:
    """The canonical form of an event, from its columns in the order of CONTENT: what is digested and exported."""
    values[_AT] = instant(values[_AT])
    for place in _HEX_PLACES:
        values[place] = bytes(values[place]).hex()
    return _encode(dict(zip(CONTENT, values, strict=True))).encode()


def link(previous: bytes, content: bytes, digest: Callable[[bytes], bytes]) -> bytes:
    """The digest of a chain up to and including an event: of the link before it and of its content's digest."""
    return digest(LINK + previous + content)


def head_seal(key: Key, chain: int, number: int, sha: bytes, sm: bytes) -> str:
    """What proves that a head was written by somebody who holds the key."""
    text = f"fengqiao.audit.head/1\0{chain}\0{number}\0".encode()
    return f"{key.id}:{hmac.new(key.secret, text + sha + sm, 'sha256').hexdigest()}"


def salt(key: Key, number: int) -> bytes:
    """What is digested before the values of an event, so that short values cannot be guessed from their digests."""
    return hmac.new(key.secret, f"fengqiao.audit.salt/1\0{number}".encode(), "sha256").digest()


def plain(value: Any) -> Any:
    """A value of a field in a form that JSON can hold, always the same for the same value."""
    if isinstance(value, Enum):
        return plain(value.value)
    if value is None or isinstance(value, bool | int | str):
        return value
    if hasattr(value, "for_audit"):  # sealed values: a keyed digest, never the text
        return value.for_audit()
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    if isinstance(value, dt.date | dt.time | dt.timedelta | Decimal | Fraction | uuid.UUID):
        return str(value)
    if isinstance(value, bytes | memoryview):
        return sha256(bytes(value)).hex()
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, set | frozenset):
        return sorted((plain(inner) for inner in value), key=str)
    if hasattr(value, "pk"):
        return value.pk if isinstance(value.pk, int | str | None) else str(value.pk)
    raise TypeError(f"A {type(value).__name__} cannot stand in an audit event; hand over a number, a text or a date.")


def canonical(values: Mapping[str, Any]) -> bytes:
    """Values before or after a change: JSON, keys sorted, without spaces."""
    return json.dumps(plain(values), ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
